//! `wirereel.toml`: what a C header cannot say about its protocols, as written.
//!
//! Unknown keys are errors, so that a misspelt one is never ignored. Every value that refers to
//! something outside the file keeps its place in the text, for the error that it may deserve.

use std::path::Path;

use serde::{Deserialize, de::DeserializeOwned};

use super::entry::ProtocolEntry;
use super::settings::{CheckEntry, ReplayEntry};
use super::{ProfileError, line::ProfileLine};
use crate::schema::nearest;

/// A profile, as its file says it; keys that it does not know are errors.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProfileFile {
    /// Each `[[protocol]]`, in the order of the file.
    #[serde(default, rename = "protocol")]
    pub protocols: Vec<ProtocolEntry>,
    /// What `[check]` says.
    #[serde(default)]
    pub check: CheckEntry,
    /// What `[replay]` says.
    #[serde(default)]
    pub replay: ReplayEntry,
}

impl ProfileFile {
    /// Reads a profile's text; `path` is for its errors.
    ///
    /// # Errors
    ///
    /// Where it is not TOML, or has keys or values that a profile does not have.
    pub fn parse(path: &Path, text: &str) -> Result<Self, ProfileError> {
        parse_toml(path, text)
    }
}

/// Reads a file of TOML; `path` is for its errors, which have one line.
pub(crate) fn parse_toml<T: DeserializeOwned>(path: &Path, text: &str) -> Result<T, ProfileError> {
    toml::from_str(text).map_err(|error| ProfileError::Toml {
        place: ProfileLine::of(path, text, error.span().map_or(0, |span| span.start)),
        text: hinted(&error.message().replace('\n', "; ")),
    })
}

/// With the name that may be meant, where the text says which names there are.
fn hinted(text: &str) -> String {
    let Some((before, listed)) = text.split_once(", expected ") else { return text.to_owned() };
    let is_name = before.starts_with("unknown field") || before.starts_with("unknown variant");
    let quoted = |text: &str| text.split('`').skip(1).step_by(2).map(str::to_owned).collect();
    let (named, known): (Vec<_>, Vec<_>) = (quoted(before), quoted(listed));
    let meant = named.first().and_then(|it| nearest(it, known.iter().map(String::as_str)));
    match meant.filter(|_| is_name) {
        Some(meant) => format!("{text}; did you mean `{meant}`?"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{CounterScope, FieldRules, Number, OrderName, TimeUnit};

    const WHOLE: &str = r#"
[[protocol]]
name = "grades"
header = "proto.h"            # relative to the profile
message = "msg_st"
decode_as = ["udp.port==1989"]
byte_order = "big"            # big | little | host
abi = "x86_64"
max_len = 504                 # the receiver's buffer, bytes
tag = "type"                  # a leading field tells what the message is
cases = { 1 = "path_st", 2 = "data_st" }   # union members, or structs
length = "datalen"            # the bytes of the whole message
[protocol.fields.math]
range = [0, 100]              # also: byte_order, text = true|false
[protocol.fields.point.x]
range = [-1.5, 2]
byte_order = "little"
counter = "flow"
echo = true
[protocol.fields."point.y"]
text = false
time = "us"
[check]
strict = false                # warnings fail
allow = ["uninitialised"]
[replay]
ignore = ["value"]
"#;

    fn parse(text: &str) -> Result<ProfileFile, String> {
        ProfileFile::parse(Path::new("p.toml"), text).map_err(|error| error.to_string())
    }

    #[test]
    fn every_key_is_read() {
        let file = parse(WHOLE).unwrap();
        let [entry] = file.protocols.as_slice() else { panic!("{:?}", file.protocols) };
        assert_eq!(entry.name.get_ref(), "grades");
        assert_eq!(entry.header.get_ref(), "proto.h");
        assert_eq!(entry.message.get_ref(), "msg_st");
        assert_eq!(entry.decode_as[0].get_ref(), "udp.port==1989");
        assert_eq!(entry.byte_order, Some(OrderName::Big));
        assert_eq!(entry.abi.as_ref().unwrap().get_ref(), "x86_64");
        assert_eq!(entry.max_len, Some(504));
        let text = |it: &str| Number::Text(it.to_owned());
        assert_eq!(entry.tag.as_ref().unwrap().get_ref().0, [text("type")]);
        let cases: Vec<_> =
            entry.cases.0.iter().map(|(k, v)| (k.get_ref().as_str(), &*v.get_ref().is)).collect();
        assert_eq!(cases, [("1", "path_st"), ("2", "data_st")]);
        assert_eq!(*entry.length.as_ref().unwrap().get_ref(), text("datalen"));
        assert!(!file.check.strict);
        assert_eq!(file.check.allow[0].get_ref(), "uninitialised");
        assert_eq!(file.replay.ignore[0].get_ref(), "value");

        let rules: Vec<_> =
            entry.fields.rules.iter().map(|(path, (rules, _))| (path.as_str(), rules)).collect();
        let expected = [
            ("math", FieldRules { range: Some(0.0..=100.0), ..Default::default() }),
            (
                "point.x",
                FieldRules {
                    range: Some(-1.5..=2.0),
                    byte_order: Some(OrderName::Little),
                    counter: Some(CounterScope::Flow),
                    echo: true,
                    ..Default::default()
                },
            ),
            (
                "point.y",
                FieldRules { text: Some(false), time: Some(TimeUnit::Us), ..Default::default() },
            ),
        ];
        assert_eq!(rules, expected.iter().map(|(path, it)| (*path, it)).collect::<Vec<_>>());
        let line =
            ProfileLine::of(Path::new("p.toml"), WHOLE, entry.fields.rules["point.y"].1).line;
        assert_eq!(line, 20, "where the path is named");
    }

    #[test]
    fn a_bad_profile_names_file_line_and_key() {
        let entry = "[[protocol]]\nname = \"a\"\nheader = \"p.h\"\nmessage = \"m\"\n";
        for (text, expected) in [
            ("[[protocol]\n", "p.toml:1:12: `[[protocol]`: "),
            (
                "[[protocol]]\nname = \"a\"\nheader = \"p.h\"\n",
                "p.toml:1:1: `[[protocol]]`: missing field `message`",
            ),
            (
                "[protocols]\n",
                "p.toml:1:2: `[protocols]`: unknown field `protocols`, expected one of `protocol`",
            ),
            (
                &format!("{entry}max_length = 5\n"),
                "p.toml:5:1: `max_length = 5`: unknown field `max_length`",
            ),
            (
                &format!("{entry}max_len = -1\n"),
                "p.toml:5:11: `max_len = -1`: invalid value: integer `-1`",
            ),
            (
                &format!("{entry}max_len = \"5\"\n"),
                "p.toml:5:11: `max_len = \"5\"`: invalid type: string",
            ),
            (
                &format!("{entry}byte_order = \"network\"\n"),
                "p.toml:5:14: `byte_order = \"network\"`: unknown variant `network`",
            ),
            (&format!("{entry}name = \"b\"\n"), "p.toml:5:1: `name = \"b\"`: duplicate key"),
            (
                &format!("{entry}[protocol.fields]\nx = 5\n"),
                "p.toml:6:5: `x = 5`: invalid type: integer `5`, expected the table of a field",
            ),
            (&format!("{entry}[protocol.fields.x]\nrange = [9, 1]\n"), "range [9, 1] is empty"),
            (
                &format!("{entry}[protocol.fields.x]\nrange = [9]\n"),
                "p.toml:6:9: `range = [9]`: invalid length 1",
            ),
            (
                &format!("{entry}[protocol.fields.x]\ntime = \"m\"\n"),
                "p.toml:6:8: `time = \"m\"`: unknown variant `m`",
            ),
            (
                &format!("{entry}[protocol.fields.x]\ncounter = \"host\"\n"),
                "p.toml:6:11: `counter = \"host\"`: invalid value: string \"host\", expected true, ",
            ),
            ("[check]\nstrikt = true\n", "p.toml:2:1: `strikt = true`: unknown field `strikt`"),
            ("[replay]\nignore = \"a\"\n", "p.toml:2:10: `ignore = \"a\"`: invalid type: string"),
        ] {
            let error = parse(text).unwrap_err();
            assert!(error.contains(expected), "{text}\n{error}\n{expected}");
            assert!(!error.contains('\n'), "one line: {error}");
        }
    }
}
