//! What programs put into the members of their messages.

use anyhow::{Context, Result, bail};

use crate::random::Random;

/// When the messages are sent, seconds since 1970.
pub const NOW: i64 = 1_760_000_000;

/// What a member holds, as a program's description words it.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// One number of up to so many decimal digits for all messages of a sender.
    Id(u32),
    /// One of a few such numbers.
    Ids(u32),
    Counter,
    /// When it is sent, in units of so many nanoseconds.
    Time(i64),
    /// Since the sender was started, milliseconds; a second or so between messages.
    Uptime,
    /// Normal around a mean.
    Near(f64, f64),
    /// A random walk from a start.
    Walk(f64, f64),
    /// Any number below.
    Below(u64),
    /// From 1 on.
    Choice(u64),
    /// So many bits, each seldom set.
    Flags(u32),
    /// All bits alike: hashes, sums, keys.
    Any,
    /// An IPv4 address of one network.
    Address,
    Port,
    Always(u64),
    /// The bytes of the tail.
    Length,
    /// Of a file, so many bytes further with each message.
    Offset(u64),
    /// Of round amounts.
    Multiple(u64),
    /// Words.
    Text,
}

impl Content {
    /// Reads such as `near 21.5 2`.
    pub fn parse(words: &[&str]) -> Result<Self> {
        let (name, rest) = words.split_first().context("a member says what it holds")?;
        let number = |at: usize| -> Result<f64> {
            Ok(rest.get(at).context("a number is missing")?.parse()?)
        };
        let whole = |at: usize| number(at).map(|it| it as u64);
        Ok(match *name {
            "id" => Self::Id(whole(0)? as u32),
            "ids" => Self::Ids(whole(0)? as u32),
            "counter" => Self::Counter,
            "seconds" => Self::Time(1_000_000_000),
            "millis" => Self::Time(1_000_000),
            "micros" => Self::Time(1_000),
            "nanos" => Self::Time(1),
            "uptime" => Self::Uptime,
            "near" => Self::Near(number(0)?, number(1)?),
            "walk" => Self::Walk(number(0)?, number(1)?),
            "below" => Self::Below(whole(0)?),
            "choice" => Self::Choice(whole(0)?),
            "flags" => Self::Flags(whole(0)? as u32),
            "any" => Self::Any,
            "address" => Self::Address,
            "port" => Self::Port,
            "always" => Self::Always(whole(0)?),
            "length" => Self::Length,
            "offset" => Self::Offset(whole(0)?),
            "multiple" => Self::Multiple(whole(0)?),
            "text" => Self::Text,
            other => bail!("no content {other:?}"),
        })
    }
}

/// A number as a program has it, before it is put into a member.
#[derive(Clone, Copy, Debug)]
pub enum Value {
    Whole(i128),
    Real(f64),
}

impl Value {
    pub fn whole(self) -> u64 {
        match self {
            Self::Whole(value) => value as u64,
            Self::Real(value) => value.round() as i64 as u64,
        }
    }

    pub fn real(self) -> f64 {
        match self {
            Self::Whole(value) => value as f64,
            Self::Real(value) => value,
        }
    }
}

/// Where the values of one element come from.
#[derive(Clone, Debug)]
pub struct Source {
    content: Content,
    few: [u64; 4],
    state: f64,
    count: u64,
}

impl Source {
    pub fn new(content: &Content, random: &mut Random) -> Self {
        let digits = match content {
            Content::Id(digits) | Content::Ids(digits) => *digits,
            _ => 4,
        };
        let few = [(); 4].map(|()| 1 + random.next() % (10_u64.pow(digits) - 1));
        let state = match content {
            Content::Walk(start, _) => *start,
            Content::Uptime => 10.0_f64.powf(3.0 + 5.0 * unit(random)),
            _ => 0.0,
        };
        let count = match content {
            Content::Counter if random.chance(50) => 10_f64.powf(4.0 * unit(random)) as u64,
            _ => 0,
        };
        Self { content: content.clone(), few, state, count }
    }

    /// Of the message sent at a time, whose tail has so many bytes.
    pub fn next(&mut self, nanos: i64, tail: usize, random: &mut Random) -> Value {
        self.count += 1;
        let whole = |it: u64| Value::Whole(i128::from(it));
        match self.content {
            Content::Id(_) => whole(self.few[0]),
            Content::Ids(_) => whole(*random.pick(&self.few)),
            Content::Counter => whole(self.count),
            Content::Time(unit) => Value::Whole(i128::from(nanos / unit)),
            Content::Uptime => {
                self.state += 900.0 + 200.0 * unit(random);
                Value::Real(self.state.round())
            }
            Content::Near(mean, deviation) => Value::Real(mean + deviation * normal(random)),
            Content::Walk(_, step) => {
                self.state += step * normal(random);
                Value::Real(self.state)
            }
            Content::Below(end) => whole(random.next() % end),
            Content::Choice(count) => whole(1 + random.next() % count),
            Content::Flags(bits) => {
                let both = random.next() & random.next();
                whole(both & ((1 << bits) - 1))
            }
            Content::Any => whole(random.next()),
            Content::Address => {
                whole(0x0a00_0000 | (self.few[0] & 0xff) << 8 | (random.next() % 250))
            }
            Content::Port => whole(match random.below(3) {
                0 => 80,
                1 => 443,
                _ => 32_768 + random.next() % 28_000,
            }),
            Content::Always(value) => whole(value),
            Content::Length => whole(tail as u64),
            Content::Offset(step) => whole((self.count - 1) * step),
            Content::Multiple(of) => whole(of * (random.next() % 200)),
            Content::Text => whole(0),
        }
    }
}

/// Words as people write them, up to a number of bytes.
pub fn words(longest: usize, random: &mut Random) -> Vec<u8> {
    const WORDS: [&str; 24] = [
        "the", "north", "gate", "is", "open", "hello", "Anna", "please", "check", "unit", "7",
        "at", "noon", "OK", "report", "all", "clear", "pump", "two", "stopped", "Bob", "who",
        "took", "it",
    ];
    let mut text = String::new();
    for _ in 0..=random.below(8) {
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(WORDS[random.below(WORDS.len())]);
    }
    text.truncate(longest);
    text.into_bytes()
}

/// From 0 to 1.
fn unit(random: &mut Random) -> f64 {
    (random.next() >> 11) as f64 / (1_u64 << 53) as f64
}

/// About normal, deviation 1.
fn normal(random: &mut Random) -> f64 {
    (0..12).map(|_| unit(random)).sum::<f64>() - 6.0
}
