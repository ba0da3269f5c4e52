//! A sender: a program, what its programmer did wrong, and the messages that come of it.

use wirereel::check::{Code, Finding};
use wirereel::packet::Endpoint;

use crate::content::{Content, NOW, Source, Value, words};
use crate::programs::{Kind, Member, Program};
use crate::random::Random;

macro_rules! mistakes {
    ($($name:ident $text:literal),* $(,)?) => {
        /// What a programmer did wrong.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Mistake { $($name),* }

        impl Mistake {
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            pub fn name(self) -> &'static str {
                match self { $(Self::$name => $text),* }
            }
        }
    };
}

mistakes! {
    Nothing "right",
    WholeBuffer "right, but the whole buffer is sent",
    AllSwapped "nothing swapped",
    OneSwapped "one field not swapped",
    ClassSwapped "the fields of one type not swapped",
    SomeSwapped "some fields not swapped",
    FloatSwapped "floats not swapped",
    DoubleSwapped "doubles not swapped",
    Halves "64 bits in two halves, the low one first",
    DoubleHalves "doubles in two halves, the low one first",
    Htons32 "htons on 32 bits",
    Htonl16 "htonl on 16 bits",
    Natural "natural layout",
    NaturalDirty "natural layout, its holes not cleared",
    Pack2 "packed to 2",
    Pack4 "packed to 4",
    Added "a member added",
    Removed "a member removed",
    Widened "a member widened",
    Narrowed "a member narrowed",
    EnumSmall "an enum of one byte",
    BoolWide "a bool of four bytes",
    Mixed "two programs on one host, one swaps nothing",
}

impl Mistake {
    pub fn is_drift(self) -> bool {
        use Mistake::{Added, BoolWide, EnumSmall, Narrowed, Removed, Widened};
        matches!(self, Added | Removed | Widened | Narrowed | EnumSmall | BoolWide)
    }
}

/// How a member's bytes stand on the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Order {
    Big,
    Little,
    /// Two big-endian halves, the low one first.
    LowFirst,
    /// The low 16 bits where the high ones belong.
    ShiftedUp,
    /// Zero.
    Lost,
}

/// A member as the sender has it.
#[derive(Clone, Debug)]
struct Sent {
    member: Member,
    order: Order,
    offset: u64,
}

/// The port of a sender's only program, or of the one that is right; the other has the next.
pub const PORT: u16 = 5000;

/// A sender.
#[derive(Clone, Debug)]
pub struct Sender {
    pub name: String,
    pub mistake: Mistake,
    index: usize,
    declared: Vec<Member>,
    sent: Vec<Sent>,
    size: u64,
    /// The names of members at which it drifts.
    places: Vec<String>,
}

impl Sender {
    /// `None` where the program has no place for the mistake.
    pub fn new(
        index: usize,
        program: &Program,
        mistake: Mistake,
        random: &mut Random,
    ) -> Option<Self> {
        let declared = program.members.clone();
        let (members, places) = drifted(&declared, mistake, random)?;
        let most = match mistake {
            Mistake::Natural | Mistake::NaturalDirty => 8,
            Mistake::Pack2 => 2,
            Mistake::Pack4 => 4,
            _ => 1,
        };
        let orders = orders(&members, mistake, random)?;
        let (sent, size) = laid(&members, &orders, most);
        let is_moved = size != laid(&members, &orders, 1).1;
        if most > 1 && !is_moved {
            return None;
        }
        let name = format!("{}{index}", program.name);
        Some(Self { name, mistake, index, declared, sent, size, places })
    }

    /// The receiver's header.
    pub fn declaration(&self) -> String {
        let enums: String = self.declared.iter().filter_map(|it| it.names(self.index)).collect();
        let members: Vec<_> = self.declared.iter().map(|it| it.declaration(self.index)).collect();
        let members = members.join("; ");
        format!("{enums}struct {} {{ {members}; }} __attribute__((packed));\n", self.name)
    }

    /// The fields that arrive otherwise than declared.
    pub fn swapped(&self) -> impl Iterator<Item = &str> {
        let wrong = self.sent.iter().filter(|it| it.order != Order::Big && it.member.is_ordered());
        wrong.map(|it| it.member.name.as_str())
    }

    /// Whether a finding is true of the sender.
    pub fn is_true(&self, code: Code, finding: &Finding) -> bool {
        let field = finding.field.as_deref().map(|it| it.split(['[', '.']).next().unwrap_or(it));
        let is_right_program = self.mistake != Mistake::Mixed
            || matches!(finding.src, Some(Endpoint::Ip(it)) if it.port() == PORT + 1);
        match code {
            Code::ByteOrder => is_right_program && self.swapped().any(|it| Some(it) == field),
            Code::Padding => {
                use Mistake::{Natural, NaturalDirty, Pack2, Pack4};
                matches!(self.mistake, Natural | NaturalDirty | Pack2 | Pack4)
            }
            // Which is said where no version fits as well.
            Code::Length => self.mistake.is_drift(),
            Code::Drift => self.mistake.is_drift() && (field.is_none() || self.has_moved(field)),
            _ => false,
        }
    }

    /// Whether a finding of drift names the very place.
    pub fn is_placed(&self, finding: &Finding) -> bool {
        self.places.iter().any(|it| Some(it.as_str()) == finding.field.as_deref())
    }

    /// Whether a field is at the place of the drift or behind it.
    fn has_moved(&self, field: Option<&str>) -> bool {
        let index =
            |name: Option<&str>| self.declared.iter().position(|it| Some(it.name.as_str()) == name);
        let first = self.places.iter().filter_map(|it| index(Some(it))).min();
        index(field) >= first
    }

    /// The datagrams with the port and the time of each, nanoseconds since 1970.
    pub fn messages(&self, count: usize, random: &mut Random) -> Vec<(u16, i64, Vec<u8>)> {
        let pace = *random.pick(&[20_000_000, 250_000_000, 1_000_000_000]);
        let ports: &[u16] =
            if self.mistake == Mistake::Mixed { &[PORT, PORT + 1] } else { &[PORT] };
        let new = |random: &mut Random| -> Vec<Vec<Source>> {
            let of = |it: &Sent, random: &mut Random| {
                let count =
                    if it.member.kind == Kind::Text { 1 } else { it.member.count.unwrap_or(1) };
                (0..count).map(|_| Source::new(&it.member.content, random)).collect()
            };
            self.sent.iter().map(|it| of(it, random)).collect()
        };
        let mut sources: Vec<_> = ports.iter().map(|_| new(random)).collect();
        let mut now = NOW * 1_000_000_000 + (random.next() % 1_000_000_000) as i64;
        // What was on the stack before: most often the same each time.
        let dirt: Vec<u8> = (0..self.size).map(|_| random.next() as u8).collect();
        let is_same = random.chance(70);
        let mut messages = Vec::new();
        for _ in 0..count {
            for (port, sources) in ports.iter().zip(&mut sources) {
                now += pace / 2 + (random.next() % pace as u64) as i64;
                let is_right = ports.len() > 1 && *port == PORT;
                let holes = match self.mistake {
                    Mistake::NaturalDirty if is_same => dirt.clone(),
                    Mistake::NaturalDirty => dirt.iter().map(|_| random.next() as u8).collect(),
                    _ => vec![0; self.size as usize],
                };
                messages.push((*port, now, self.message((is_right, holes), now, sources, random)));
            }
        }
        messages
    }

    fn message(
        &self,
        (is_right, holes): (bool, Vec<u8>),
        now: i64,
        sources: &mut [Vec<Source>],
        random: &mut Random,
    ) -> Vec<u8> {
        let mut bytes = holes;
        let is_counted = self.sent.iter().any(|it| it.member.content == Content::Length);
        let is_tail = |it: &Sent| it.member.kind == Kind::Tail;
        let mut tail = match self.sent.iter().any(is_tail) {
            true => words(60, random),
            false => Vec::new(),
        };
        let letters = tail.len();
        if self.sent.iter().any(is_tail) && !is_counted {
            tail.push(0);
        }
        for (sent, sources) in self.sent.iter().zip(sources) {
            let start = sent.offset as usize;
            if sent.member.kind == Kind::Text {
                let text = words(sent.member.count.unwrap_or(1) as usize - 1, random);
                bytes[start..start + text.len()].copy_from_slice(&text);
                bytes[start + text.len()..start + sent.member.count.unwrap_or(1) as usize].fill(0);
                continue;
            }
            let size = sent.member.size() as usize;
            for (element, source) in sources.iter_mut().enumerate() {
                if size == 0 {
                    continue;
                }
                let value = source.next(now, letters, random);
                let order = if is_right { Order::Big } else { sent.order };
                let at = start + element * size;
                bytes[at..at + size].copy_from_slice(&wire(sent.member.kind, value, order));
            }
        }
        if self.mistake == Mistake::WholeBuffer {
            bytes.resize(256, 0);
        }
        bytes.extend_from_slice(&tail);
        bytes
    }
}

/// The bytes of one element.
fn wire(kind: Kind, value: Value, order: Order) -> Vec<u8> {
    let (raw, size) = match kind {
        Kind::Float(4) => (u64::from((value.real() as f32).to_bits()), 4),
        Kind::Float(_) => (value.real().to_bits(), 8),
        Kind::Unsigned(size) | Kind::Signed(size) => (value.whole(), size as usize),
        Kind::Enum => (value.whole(), 4),
        Kind::Bool => (value.whole(), 1),
        Kind::Text | Kind::Tail => (0, 0),
    };
    let mut bytes = raw.to_be_bytes()[8 - size..].to_vec();
    match order {
        Order::Big => {}
        Order::Little => bytes.reverse(),
        Order::LowFirst => bytes.rotate_left(size / 2),
        Order::ShiftedUp => {
            bytes.rotate_left(size / 2);
            bytes[size / 2..].fill(0);
        }
        Order::Lost => bytes.fill(0),
    }
    bytes
}

/// The sender's members, and the names of those at which they are others.
fn drifted(
    declared: &[Member],
    mistake: Mistake,
    random: &mut Random,
) -> Option<(Vec<Member>, Vec<String>)> {
    let mut members = declared.to_vec();
    let end = declared.iter().position(|it| it.kind == Kind::Tail).unwrap_or(declared.len());
    let name = |at: usize| declared.get(at).map(|it| it.name.clone());
    let where_is = |of: &dyn Fn(&Member) -> bool, random: &mut Random| {
        let found: Vec<_> = (0..end).filter(|&it| declared.get(it).is_some_and(of)).collect();
        (!found.is_empty()).then(|| *random.pick(&found))
    };
    let is_single = |it: &Member| it.count.is_none();
    let wider = |kind: Kind| match kind {
        Kind::Unsigned(size) if size < 8 => Some(Kind::Unsigned(2 * size)),
        Kind::Signed(size) if size < 8 => Some(Kind::Signed(2 * size)),
        Kind::Float(4) => Some(Kind::Float(8)),
        _ => None,
    };
    let narrower = |kind: Kind| match kind {
        Kind::Unsigned(size) if size > 1 => Some(Kind::Unsigned(size / 2)),
        Kind::Signed(size) if size > 1 => Some(Kind::Signed(size / 2)),
        Kind::Float(8) => Some(Kind::Float(4)),
        _ => None,
    };
    let places = match mistake {
        Mistake::Added => {
            let at = random.below(end + 1);
            let (kind, content) = random.pick(&[
                (Kind::Unsigned(1), Content::Choice(5)),
                (Kind::Unsigned(2), Content::Counter),
                (Kind::Unsigned(2), Content::Flags(7)),
                (Kind::Unsigned(4), Content::Counter),
                (Kind::Unsigned(4), Content::Time(1_000_000_000)),
                (Kind::Unsigned(4), Content::Any),
                (Kind::Float(4), Content::Near(12.0, 3.0)),
                (Kind::Unsigned(8), Content::Time(1_000_000)),
            ]);
            let (count, name_of) = (None, "added".to_owned());
            members
                .insert(at, Member { kind: *kind, count, name: name_of, content: content.clone() });
            [at.checked_sub(1).and_then(name), name(at)].into_iter().flatten().collect()
        }
        Mistake::Removed => {
            let at = where_is(&|it| it.content != Content::Length, random)?;
            if end < 3 {
                return None;
            }
            members.remove(at);
            vec![name(at)?]
        }
        Mistake::Widened => {
            let at = where_is(&|it| is_single(it) && wider(it.kind).is_some(), random)?;
            members[at].kind = wider(members[at].kind)?;
            vec![name(at)?]
        }
        Mistake::Narrowed => {
            let fits = |it: &Member| !matches!(it.content, Content::Time(_) | Content::Any);
            let at =
                where_is(&|it| is_single(it) && narrower(it.kind).is_some() && fits(it), random)?;
            members[at].kind = narrower(members[at].kind)?;
            vec![name(at)?]
        }
        Mistake::EnumSmall => {
            let at = where_is(&|it| it.kind == Kind::Enum, random)?;
            members[at].kind = Kind::Unsigned(1);
            vec![name(at)?]
        }
        Mistake::BoolWide => {
            let at = where_is(&|it| it.kind == Kind::Bool, random)?;
            members[at].kind = Kind::Signed(4);
            vec![name(at)?]
        }
        _ => Vec::new(),
    };
    Some((members, places))
}

/// Of each member.
fn orders(members: &[Member], mistake: Mistake, random: &mut Random) -> Option<Vec<Order>> {
    let ordered: Vec<_> = (0..members.len()).filter(|&it| members[it].is_ordered()).collect();
    let mut orders = vec![Order::Big; members.len()];
    let those = |is: &dyn Fn(&Member) -> bool| -> Vec<usize> {
        ordered.iter().copied().filter(|&it| is(&members[it])).collect()
    };
    let whole = |size: u64| move |it: &Member| matches!(it.kind, Kind::Unsigned(own) | Kind::Signed(own) if own == size);
    let (which, order) = match mistake {
        Mistake::AllSwapped | Mistake::Mixed => (ordered.clone(), Order::Little),
        Mistake::OneSwapped if ordered.len() > 1 => (vec![*random.pick(&ordered)], Order::Little),
        Mistake::OneSwapped => (Vec::new(), Order::Little),
        Mistake::ClassSwapped => {
            let kind = members[*ordered.get(random.below(ordered.len().max(1)))?].kind;
            let which = those(&|it| it.kind == kind);
            (if which.len() < ordered.len() { which } else { Vec::new() }, Order::Little)
        }
        Mistake::SomeSwapped => {
            let which: Vec<_> = ordered.iter().copied().filter(|_| random.chance(50)).collect();
            let is_some = (2..ordered.len()).contains(&which.len());
            (if is_some { which } else { Vec::new() }, Order::Little)
        }
        Mistake::FloatSwapped => (those(&|it| it.kind == Kind::Float(4)), Order::Little),
        Mistake::DoubleSwapped => (those(&|it| it.kind == Kind::Float(8)), Order::Little),
        Mistake::Halves => (those(&whole(8)), Order::LowFirst),
        Mistake::DoubleHalves => (those(&|it| it.kind == Kind::Float(8)), Order::LowFirst),
        Mistake::Htons32 | Mistake::Htonl16 => {
            let size = if mistake == Mistake::Htons32 { 4 } else { 2 };
            let which = those(&whole(size));
            let order = if size == 4 { Order::ShiftedUp } else { Order::Lost };
            (which.first().map(|_| *random.pick(&which)).into_iter().collect(), order)
        }
        _ => return Some(orders),
    };
    which.iter().for_each(|&it| orders[it] = order);
    (!which.is_empty()).then_some(orders)
}

/// Members at their places where none is aligned to more than so many bytes, and the size of the struct.
fn laid(members: &[Member], orders: &[Order], most: u64) -> (Vec<Sent>, u64) {
    let (mut offset, mut widest) = (0_u64, 1);
    let sent = members.iter().zip(orders).map(|(member, &order)| {
        let align = member.size().clamp(1, most);
        widest = widest.max(align);
        let start = offset.next_multiple_of(align);
        offset = start + member.size() * member.count.unwrap_or(1);
        Sent { member: member.clone(), order, offset: start }
    });
    let sent: Vec<_> = sent.collect();
    let has_tail = members.iter().any(|it| it.kind == Kind::Tail);
    (sent, if has_tail { offset } else { offset.next_multiple_of(widest) })
}
