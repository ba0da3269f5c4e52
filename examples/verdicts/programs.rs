//! The messages of programs, a line each: what a member is, and what it holds.
//!
//! Two sets, of other fields of use. Models and weights may be looked at with the first; the second is for
//! the figures that are told, and nothing is ever changed by it.

use anyhow::{Context, Result};

use crate::content::Content;

/// Those to work with.
pub const FITTED: &[&str] = &[
    "telemetry: u16 device id 3; u32 seq counter; f32 temperature near 21.5 2; u16 millivolts walk 3700 8; u8 state choice 4",
    "chat: u16 room ids 2; u32 user ids 5; u64 sent millis; u16 len length; tail text text",
    "note: u8 kind choice 5; u32 author ids 4; u32 written seconds; tail text text",
    "chunk: u32 file id 6; u64 offset offset 1024; u16 size always 1024; u32 crc any",
    "position: u32 vehicle id 5; f64 lat walk 48.137 0.0002; f64 lon walk 11.575 0.0002; f32 speed near 13 4; u16 heading below 360",
    "quote: u64 instrument ids 7; u64 at nanos; i64 price walk 1024550 35; u32 size multiple 100; u8 side choice 2",
    "join: u32 player id 5; char16 name text; u16 level below 60; u32 score below 90000; u8 team choice 2",
    "state: u32 tick counter; u16 player ids 3; f32 x walk 120 2; f32 y walk 64 2; f32 z walk 10 0.5; u8 flags flags 6",
    "heartbeat: u32 node id 4; u64 uptime uptime; u16 load below 400; bool leader below 2",
    "meter: u64 serial id 9; u32 read seconds; u32 watthours walk 5312345 200; i16 power near 420 90; u16 status flags 9",
    "motor: u8 axis choice 3; i32 target near 0 9000; i32 actual near 0 9000; u16 current near 850 60; enum mode choice 4",
    "grades: char11 name text; u32 math below 101; u32 chinese below 101",
    "lookup: u16 query any; u16 kind choice 16; u32 ttl multiple 60; u32 address address",
    "session: u32 id any; u32 client address; u16 port port; u64 bytes below 90000000; u32 packets below 60000",
    "spectrum: u32 seq counter; u16x8 bins near 900 200; f32 gain near 4 0.3",
    "alarm: u16 zone below 64; enum severity choice 5; u32 raised seconds; char24 what text; bool acked below 2",
    "pressure: u64 at micros; i32 pascal near 101325 60; i16 centigrade near 2150 40; u8 battery near 80 3",
    "frame: u32 number counter; u64 pts micros; u32 bytes near 14000 3000; u16 width always 1920; u16 height always 1080",
];

/// Those that are only measured.
pub const HELD_OUT: &[&str] = &[
    "lift: u8 car choice 6; u16 floor below 40; i16 load near 310 120; u32 trips counter; enum door choice 3",
    "order: u64 client ids 8; u32 number counter; u32 amount multiple 25; f64 price walk 187.4 0.3; u8 kind choice 3",
    "mail: u32 from ids 4; u32 to ids 4; u32 when seconds; u16 bytes length; tail body text",
    "log: u64 at nanos; u8 level choice 7; u16 process ids 4; tail line text",
    "drone: u32 ms uptime; f32 roll near 0 4; f32 pitch near 0 4; f32 yaw near 180 60; i32 altitude walk 12000 150; u16 flags flags 8",
    "patient: u32 bed id 3; u16 pulse near 72 6; u16 systolic near 121 7; u16 diastolic near 79 5; f32 celsius near 36.8 0.3; bool alarm below 2",
    "lap: char8 driver text; u16 lap counter; u32 ms near 83500 900; u32 best near 82000 300; u8 tyre choice 3",
    "sample: u16 sensor ids 2; u64 at millis; f64 value near 0.0043 0.0006; u32 quality below 1000",
    "switch: u32 uplink any; u16 vlan below 4094; u64 octets below 7000000000; u32 errors below 12; u16 mtu always 1500",
    "weather: u16 station id 4; i16 temperature near 154 60; u16 humidity near 610 120; u32 pressure near 101100 300; u16 wind near 42 20; u16 direction below 3600",
    "sonar: u32 ping counter; f32 depth walk 38 0.6; f32 bearing near 90 30; u16x4 echoes below 4000",
    "seat: u32 flight id 5; u16 row below 45; char4 place text; u32 price multiple 500; enum class choice 3",
    "torque: u64 t micros; i32 torque near 45000 3000; i32 angle walk 10000 700; u32 cycles counter; u8 ok choice 2",
    "stock: u32 article ids 6; i32 change near 0 40; u32 left below 4000; u64 when seconds; u16 shelf below 300",
    "token: u64 key any; u32 issued seconds; u32 lifetime multiple 3600; u16 scope flags 12",
    "audio: u16 stream id 2; u16 seq counter; u32 stamp offset 960; u16 size near 320 40; f32 level near 0.2 0.05",
    "valve: u16 valve below 200; f32 opening near 55 20; u32 moved below 100000; bool manual below 2; u32 serviced always 1700000000",
    "vote: u32 term counter; u32 candidate id 3; u64 last counter; u16 peers always 5; bool granted below 2",
];

/// A member of a message.
#[derive(Clone, Debug, PartialEq)]
pub struct Member {
    pub kind: Kind,
    /// Elements, where it is an array.
    pub count: Option<u64>,
    pub name: String,
    pub content: Content,
}

/// A type of C, with the bytes of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Unsigned(u64),
    Signed(u64),
    Float(u64),
    Enum,
    Bool,
    Text,
    /// Text to the end of the message.
    Tail,
}

/// A program that sends one kind of message.
#[derive(Clone, Debug)]
pub struct Program {
    pub name: &'static str,
    pub members: Vec<Member>,
}

impl Program {
    pub fn parse(line: &'static str) -> Result<Self> {
        let (name, members) = line.split_once(": ").context("a program has a name")?;
        let members = members.split("; ").map(Member::parse).collect::<Result<_>>();
        Ok(Self { name, members: members.with_context(|| line.to_owned())? })
    }
}

impl Member {
    fn parse(text: &str) -> Result<Self> {
        let words: Vec<_> = text.split(' ').collect();
        let [kind, name, content @ ..] = words.as_slice() else {
            anyhow::bail!("no member: {text}")
        };
        let content = Content::parse(content)?;
        let (base, count) = match kind.split_once('x') {
            Some((base, count)) => (base, Some(count.parse()?)),
            None => (*kind, None),
        };
        let (letters, digits) =
            base.split_at(base.find(|it: char| it.is_ascii_digit()).unwrap_or(base.len()));
        let number = || digits.parse::<u64>().context("a width");
        let (kind, count) = match letters {
            "u" => (Kind::Unsigned(number()? / 8), count),
            "i" => (Kind::Signed(number()? / 8), count),
            "f" => (Kind::Float(number()? / 8), count),
            "enum" => (Kind::Enum, count),
            "bool" => (Kind::Bool, count),
            "char" => (Kind::Text, Some(number()?)),
            "tail" => (Kind::Tail, None),
            other => anyhow::bail!("no type {other:?}"),
        };
        Ok(Self { kind, count, name: (*name).to_owned(), content })
    }

    /// As C declares it, in a struct of a number.
    pub fn declaration(&self, index: usize) -> String {
        let name = &self.name;
        let base = match self.kind {
            Kind::Unsigned(bytes) => format!("uint{}_t", 8 * bytes),
            Kind::Signed(bytes) => format!("int{}_t", 8 * bytes),
            Kind::Float(4) => "float".to_owned(),
            Kind::Float(_) => "double".to_owned(),
            Kind::Enum => format!("enum {name}_{index}"),
            Kind::Bool => "_Bool".to_owned(),
            Kind::Text => "char".to_owned(),
            Kind::Tail => return format!("char {name}[]"),
        };
        let count = self.count.map_or_else(String::new, |it| format!("[{it}]"));
        format!("{base} {name}{count}")
    }

    /// The enum that it is of, as C declares it.
    pub fn names(&self, index: usize) -> Option<String> {
        let Content::Choice(count) = self.content else { return None };
        let name = &self.name;
        let each: Vec<_> = (1..=count).map(|it| format!("{name}_{index}_{it} = {it}")).collect();
        (self.kind == Kind::Enum)
            .then(|| format!("enum {name}_{index} {{ {} }};\n", each.join(", ")))
    }

    /// Bytes of one element; 0 of a tail.
    pub fn size(&self) -> u64 {
        match self.kind {
            Kind::Unsigned(bytes) | Kind::Signed(bytes) | Kind::Float(bytes) => bytes,
            Kind::Enum => 4,
            Kind::Bool | Kind::Text => 1,
            Kind::Tail => 0,
        }
    }

    /// Whether it has a byte order.
    pub fn is_ordered(&self) -> bool {
        self.size() > 1
    }
}
