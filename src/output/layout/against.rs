//! Where a message lies otherwise in two files, a program and its header say: what differs of each member.

use std::io::{self, Write};

use serde::Serialize;

use crate::output::Palette;
use crate::output::count::counted;
use crate::output::json_types::write_line;
use crate::schema::{MemberDifference, MemberFacts};

/// One message as two files declare it.
#[derive(Clone, Copy, Debug)]
pub struct Against<'a> {
    /// Its name in both.
    pub message: &'a str,
    /// The first file, and the second.
    pub files: [&'a str; 2],
    /// What differs, by member.
    pub differences: &'a [MemberDifference],
}

/// `one` is what the first file says, `other` the second.
#[derive(Serialize)]
struct Object<'a> {
    message: &'a str,
    files: [&'a str; 2],
    differences: Vec<Member<'a>>,
}

#[derive(Serialize)]
struct Member<'a> {
    /// `null` for the message as a whole.
    field: Option<&'a str>,
    differs: Vec<&'static str>,
    one: Option<Facts<'a>>,
    other: Option<Facts<'a>>,
}

#[derive(Serialize)]
struct Facts<'a> {
    offset: u64,
    size: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    bits: Option<Bits>,
    r#type: &'a str,
}

#[derive(Serialize)]
struct Bits {
    first: u64,
    width: u32,
}

impl Against<'_> {
    /// Writes one line for the message, and one for each member that differs.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_text(&self, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
        let strong = palette.strong;
        let verdict = if self.differences.is_empty() { "the same" } else { "differs" };
        writeln!(out, "{strong}{}{strong:#}: {verdict}", self.message)?;
        let width = self.differences.iter().map(|it| name(it).chars().count()).max().unwrap_or(0);
        for it in self.differences {
            write!(out, "    {:width$}  ", name(it))?;
            self.write_difference(it, palette, out)?;
        }
        Ok(())
    }

    fn write_difference(
        &self,
        it: &MemberDifference,
        palette: Palette,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let doubt = palette.doubt;
        let [one, other] = self.files;
        match (&it.one, &it.other) {
            (Some(facts), None) => writeln!(out, "only in {one}: {}", told(facts)),
            (None, Some(facts)) => writeln!(out, "only in {other}: {}", told(facts)),
            (Some(facts), Some(others)) => {
                let aspects = it.aspects().join(", ");
                let (facts, others) = (told(facts), told(others));
                writeln!(out, "{one}: {facts}; {other}: {others}  {doubt}({aspects}){doubt:#}")
            }
            (None, None) => writeln!(out),
        }
    }

    /// Writes one object.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        let differences = self.differences.iter().map(member).collect();
        write_line(&Object { message: self.message, files: self.files, differences }, out)
    }
}

fn name(it: &MemberDifference) -> &str {
    if it.path.is_empty() { "(whole)" } else { &it.path }
}

fn member(it: &MemberDifference) -> Member<'_> {
    Member {
        field: (!it.path.is_empty()).then_some(it.path.as_str()),
        differs: it.aspects(),
        one: it.one.as_ref().map(facts),
        other: it.other.as_ref().map(facts),
    }
}

fn facts(it: &MemberFacts) -> Facts<'_> {
    let bits = it.bits.map(|(first, width)| Bits { first, width });
    Facts { offset: it.offset, size: it.size, bits, r#type: &it.kind }
}

/// `uint32_t at 12, 4 bytes`; `uint32_t at 12, bits 3 to 9`.
fn told(it: &MemberFacts) -> String {
    let MemberFacts { offset, size, kind, .. } = it;
    match it.bits {
        Some((first, width)) => {
            let last = first.saturating_add(u64::from(width)).saturating_sub(1);
            format!("{kind} at {offset}, bits {first} to {last}")
        }
        None => format!("{kind} at {offset}, {}", counted(*size, "byte")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(offset: u64, kind: &str) -> Option<MemberFacts> {
        Some(MemberFacts { offset, size: 4, bits: None, kind: kind.to_owned() })
    }

    #[test]
    fn each_member_says_what_either_file_has() {
        let difference =
            |path: &str, one, other| MemberDifference { path: path.to_owned(), one, other };
        let differences = [
            difference("math", facts(11, "uint32_t"), facts(12, "int32_t")),
            difference("tail", facts(16, "float"), None),
        ];
        let files = ["a.out", "proto.h"];
        let against = Against { message: "msg_st", files, differences: &differences };
        let mut out = Vec::new();
        against.write_text(Palette::plain(), &mut out).unwrap();
        against.write_json(&mut out).unwrap();
        let expected = "msg_st: differs
    math  a.out: uint32_t at 11, 4 bytes; proto.h: int32_t at 12, 4 bytes  (offset, type)
    tail  only in a.out: float at 16, 4 bytes
{\"message\":\"msg_st\",\"files\":[\"a.out\",\"proto.h\"],\"differences\":[\
{\"field\":\"math\",\"differs\":[\"offset\",\"type\"],\
\"one\":{\"offset\":11,\"size\":4,\"type\":\"uint32_t\"},\
\"other\":{\"offset\":12,\"size\":4,\"type\":\"int32_t\"}},\
{\"field\":\"tail\",\"differs\":[\"extra\"],\
\"one\":{\"offset\":16,\"size\":4,\"type\":\"float\"},\"other\":null}]}\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
