//! Decode-as rules: `udp.port==1989,msg_st`, in Wireshark's notation.
//!
//! `udp.port` and `tcp.port` match either end; `.srcport` and `.dstport` only one. The message may
//! be qualified by the header that declares it: `proto.h:msg_st`. White space is free.

use crate::packet::Transport;
use std::{fmt, str::FromStr};

use nom::{
    Finish, IResult, Parser,
    branch::alt,
    bytes::complete::{tag, take_while1},
    character::complete::{char, digit1, multispace0},
    combinator::{all_consuming, map_opt, value},
    error::{ErrorKind, ParseError},
};

/// Which end's port a rule looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum End {
    /// `port`: source or destination.
    Either,
    /// `srcport`.
    Source,
    /// `dstport`.
    Destination,
}

/// The traffic of a port: `udp.port==1989`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Traffic {
    /// What carries it.
    pub transport: Transport,
    /// Which end has the port.
    pub end: End,
    /// The port, as it stands in the packet.
    pub port: u16,
}

/// Says what the traffic of a port is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// The payloads that it is about.
    pub traffic: Traffic,
    /// The message that they are.
    pub target: Target,
}

/// A message by its name, and where that is not enough by its header.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The header that declares it, where two do.
    pub header: Option<String>,
    /// A protocol of the profile, a tag, a typedef, a macro, or a built-in.
    pub name: String,
}

/// A rule that does not parse.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "rule \"{rule}\": expected {expected} at column {column}, found {found}; \
     a rule reads like udp.port==1989,msg_st"
)]
pub struct RuleError {
    /// The rule as it was given.
    pub rule: String,
    /// Where it stops making sense: characters, from 1.
    pub column: usize,
    /// What would make sense there: `a comma`.
    pub expected: &'static str,
    /// What stands there, quoted, or `the end`.
    pub found: String,
}

impl Traffic {
    /// Whether a packet between two ports is of it.
    pub fn has(&self, transport: Transport, source: u16, destination: u16) -> bool {
        let is_source = self.end != End::Destination && self.port == source;
        let is_destination = self.end != End::Source && self.port == destination;
        self.transport == transport && (is_source || is_destination)
    }
}

impl FromStr for Rule {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        parse(text, (traffic, token("a comma", char(',')), target))
            .map(|(traffic, _, target)| Self { traffic, target })
    }
}

impl FromStr for Traffic {
    type Err = RuleError;

    fn from_str(text: &str) -> Result<Self, RuleError> {
        parse(text, traffic)
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{},{}", self.traffic, self.target)
    }
}

impl fmt::Display for Traffic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = match self.end {
            End::Either => "port",
            End::Source => "srcport",
            End::Destination => "dstport",
        };
        write!(f, "{}.{end}=={}", self.transport.as_str(), self.port)
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.header {
            Some(header) => write!(f, "{header}:{}", self.name),
            None => f.write_str(&self.name),
        }
    }
}

/// Runs a parser over the whole of a rule.
fn parse<'a, P>(text: &'a str, parser: P) -> Result<P::Output, RuleError>
where
    P: Parser<&'a str, Error = Expected<'a>>,
{
    all_consuming(parser).parse(text).finish().map(|(_, output)| output).map_err(|error| {
        let offset = text.len().saturating_sub(error.rest.len());
        let found = error.rest.split([',', ' ']).next().unwrap_or_default();
        RuleError {
            rule: text.to_owned(),
            column: text.get(..offset).unwrap_or_default().chars().count().saturating_add(1),
            expected: error.expected,
            found: match (error.rest, found) {
                ("", _) => "the end".to_owned(),
                (rest, "") => format!("\"{rest}\""),
                (_, found) => format!("\"{found}\""),
            },
        }
    })
}

fn traffic(input: &str) -> IResult<&str, Traffic, Expected<'_>> {
    let end = alt((
        value(End::Either, tag("port")),
        value(End::Source, tag("srcport")),
        value(End::Destination, tag("dstport")),
    ));
    (
        token("udp or tcp", ported),
        token("a full stop", char('.')),
        token("port, srcport or dstport", end),
        token("==", tag("==")),
        token("a port from 0 to 65535", map_opt(digit1, |digits: &str| digits.parse().ok())),
    )
        .map(|(transport, _, end, _, port)| Traffic { transport, end, port })
        .parse(input)
}

/// A transport whose ends have ports.
fn ported(input: &str) -> IResult<&str, Transport, Expected<'_>> {
    let mut ported = Transport::ALL.into_iter().filter(|it| it.has_ports());
    let begins = |it: Transport| Some((input.strip_prefix(it.as_str())?, it));
    let none = nom::Err::Error(Expected { rest: input, expected: "a transport" });
    ported.find_map(begins).ok_or(none)
}

/// `[header:]name`. A header's path may hold colons, so that the last one counts.
fn target(input: &str) -> IResult<&str, Target, Expected<'_>> {
    let (header, name) = match input.rsplit_once(':') {
        Some((header, name)) if !header.contains(',') => (Some(header.trim().to_owned()), name),
        _ => (None, input),
    };
    let word = take_while1(|c: char| c.is_alphanumeric() || "_-.".contains(c));
    let (rest, name) = token("the name of a message", word).parse(name)?;
    if !rest.is_empty() {
        return Err(nom::Err::Error(Expected { rest, expected: "nothing more" }));
    }
    Ok((rest, Target { header, name: name.to_owned() }))
}

/// A parser with white space around it, and what to say where it does not match.
fn token<'a, P>(
    expected: &'static str,
    mut parser: P,
) -> impl Parser<&'a str, Output = P::Output, Error = Expected<'a>>
where
    P: Parser<&'a str, Error = Expected<'a>>,
{
    move |input| {
        let (input, _) = multispace0(input)?;
        let (input, output) =
            parser.parse(input).map_err(|_| nom::Err::Error(Expected { rest: input, expected }))?;
        let (input, _) = multispace0(input)?;
        Ok((input, output))
    }
}

/// Where the text differs from the grammar.
#[derive(Debug)]
struct Expected<'a> {
    rest: &'a str,
    expected: &'static str,
}

impl<'a> ParseError<&'a str> for Expected<'a> {
    fn from_error_kind(rest: &'a str, _: ErrorKind) -> Self {
        Self { rest, expected: "nothing more" }
    }

    fn append(_: &'a str, _: ErrorKind, other: Self) -> Self {
        other
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_read_as_wireshark_writes_them() {
        use {End::*, Transport::*};
        for (text, transport, end, port, header, name) in [
            ("udp.port==1989,msg_st", Udp, Either, 1989, None, "msg_st"),
            ("udp.srcport==0,a", Udp, Source, 0, None, "a"),
            ("udp.dstport==65535,dgram-var", Udp, Destination, 65535, None, "dgram-var"),
            ("tcp.port==8080,http", Tcp, Either, 8080, None, "http"),
            (" udp.port == 1989 , msg_st ", Udp, Either, 1989, None, "msg_st"),
            ("udp.port==1,proto.h:msg_st", Udp, Either, 1, Some("proto.h"), "msg_st"),
            ("udp.port==1,../a b/p.h : msg_st", Udp, Either, 1, Some("../a b/p.h"), "msg_st"),
            ("udp.port==1,C:/p.h:m", Udp, Either, 1, Some("C:/p.h"), "m"),
            ("udp.port==1,成绩", Udp, Either, 1, None, "成绩"),
        ] {
            let target = Target { header: header.map(str::to_owned), name: name.to_owned() };
            let expected = Rule { traffic: Traffic { transport, end, port }, target };
            assert_eq!(text.parse(), Ok(expected.clone()), "{text}");
            assert_eq!(expected.to_string().parse(), Ok(expected), "{text}, written again");
        }
    }

    #[test]
    fn a_bad_rule_says_where_and_what() {
        for (text, column, expected, found) in [
            ("", 1, "udp or tcp", "the end"),
            ("sctp.port==1,a", 1, "udp or tcp", "\"sctp.port==1\""),
            ("udp", 4, "a full stop", "the end"),
            ("udp.ports==1,a", 9, "==", "\"s==1\""),
            ("udp.prt==1,a", 5, "port, srcport or dstport", "\"prt==1\""),
            ("udp.port=1989,msg_st", 9, "==", "\"=1989\""),
            ("udp.port==,a", 11, "a port from 0 to 65535", "\",a\""),
            ("udp.port==65536,a", 11, "a port from 0 to 65535", "\"65536\""),
            ("udp.port==-1,a", 11, "a port from 0 to 65535", "\"-1\""),
            (
                "udp.port==99999999999999999999,a",
                11,
                "a port from 0 to 65535",
                "\"99999999999999999999\"",
            ),
            ("udp.port==1989", 15, "a comma", "the end"),
            ("udp.port==1989-1991,a", 15, "a comma", "\"-1991\""),
            ("udp.port==1989,", 16, "the name of a message", "the end"),
            ("udp.port==1989,p.h:", 20, "the name of a message", "the end"),
            ("udp.port==1989,a,b", 17, "nothing more", "\",b\""),
            ("udp.port==1989,a b", 18, "nothing more", "\"b\""),
            ("成 udp.port==1", 1, "udp or tcp", "\"成\""),
        ] {
            let error = text.parse::<Rule>().unwrap_err();
            assert_eq!(
                (error.column, error.expected, error.found.as_str()),
                (column, expected, found),
                "{text}"
            );
        }
        let error = "udp.port==1989,a".parse::<Traffic>().unwrap_err();
        assert_eq!((error.column, error.expected), (15, "nothing more"));
        let error = "udp.port=1989,msg_st".parse::<Rule>().unwrap_err();
        assert_eq!(
            error.to_string(),
            "rule \"udp.port=1989,msg_st\": expected == at column 9, found \"=1989\"; \
             a rule reads like udp.port==1989,msg_st"
        );
    }
}
