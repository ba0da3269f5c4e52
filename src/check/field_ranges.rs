//! Fields whose values are outside the range that a profile gives them, wherever they lie: at a fixed place,
//! behind what varies, in an element of a list, in a case.

use std::ops::{Range, RangeInclusive};
use std::sync::Arc;

use super::code::Code;
use super::senders::Sender;
use super::sight::{Detail, Occurrence, Sight, evidence};
use crate::decode::codec::gather;
use crate::message::{FieldKind, FieldTable, Item, Message, Scalar, Span};
use crate::profile::{Format, Protocol};
use crate::schema::{ByteOrder, Notation, Scale};

/// The fields of one protocol that have a range; `None` before its first message.
#[derive(Default)]
pub(super) struct FieldRanges(Option<Fields>);

#[derive(Default)]
struct Fields {
    list: Vec<Ranged>,
    /// By node: which of the list it is.
    of_node: Vec<Option<usize>>,
}

/// A field that has a range.
struct Ranged {
    path: String,
    /// Of values, as the profile says it.
    values: RangeInclusive<f64>,
    /// Of the numbers that say them.
    numbers: RangeInclusive<f64>,
    scale: Option<Arc<Scale>>,
    /// Its numbers are bytes in an order: those of a text have none.
    has_order: bool,
}

/// A value of a message that is outside.
struct Stray {
    value: Scalar,
    span: Option<Range<usize>>,
    /// It would be within with its bytes the other way round.
    is_swapped: bool,
}

/// A value outside its range, as the first message has it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Outside {
    pub path: String,
    value: String,
    range: String,
    /// All would be within it with their bytes the other way round.
    is_swapped: bool,
}

impl FieldRanges {
    /// Looks at the values of a message of a protocol.
    pub fn check(
        &mut self,
        protocol: &Protocol,
        sender: &mut Sender,
        place: Occurrence,
        message: &Message<'_>,
    ) {
        let fields = self.0.get_or_insert_with(|| Fields::of(protocol, message.table));
        // Which struct it is has to be known first.
        if fields.list.is_empty() || !message.candidates.is_empty() {
            return;
        }
        // A message is counted once, whatever the number of its elements.
        let mut found: Vec<(usize, Stray)> = Vec::new();
        for item in message.items {
            let index = fields.of_node.get(item.node as usize).copied().flatten();
            let field = index.and_then(|index| Some((index, fields.list.get(index)?)));
            let Some((index, field)) = field else { continue };
            let kind = message.table.nodes.get(item.node as usize).map(|it| &it.kind);
            let stray = match kind {
                Some(FieldKind::Bytes) => field.among(item, message.bytes),
                _ => field.outside(item, message.bytes),
            };
            let Some(stray) = stray else { continue };
            match found.iter_mut().find(|it| it.0 == index) {
                Some((_, first)) => first.is_swapped &= stray.is_swapped,
                None => found.push((index, stray)),
            }
        }
        for (index, stray) in found {
            if let Some(field) = fields.list.get(index) {
                note(sender, place, field, &stray, message);
            }
        }
    }
}

fn note(
    sender: &mut Sender,
    place: Occurrence,
    field: &Ranged,
    stray: &Stray,
    message: &Message<'_>,
) {
    let first = || {
        let (path, value) = (field.path.clone(), field.shown(stray.value));
        let range = format!("{} to {}", field.values.start(), field.values.end());
        let is_swapped = stray.is_swapped;
        let detail = Detail::Outside(Outside { path, value, range, is_swapped });
        let span = stray.span.as_ref();
        let shown = span.and_then(|it| evidence(message.bytes, place.frame, it.start, it.len()));
        Sight::new(Code::Range, place, detail, shown)
    };
    let is_it = |it: &Sight| matches!(&it.detail, Detail::Outside(it) if it.path == field.path);
    let sight = sender.sight(place.frame, is_it, first);
    if let Some(Detail::Outside(outside)) = sight.map(|it| &mut it.detail) {
        outside.is_swapped &= stray.is_swapped;
    }
}

impl Fields {
    fn of(protocol: &Protocol, table: &FieldTable) -> Self {
        let mut fields = Self { list: Vec::new(), of_node: vec![None; table.nodes.len()] };
        let has_order = matches!(protocol.format, Format::Record(_));
        for (path, rules) in &protocol.fields {
            let Some(values) = rules.range.clone() else { continue };
            let declared =
                protocol.layouts().find_map(|it| match &it.element(it.find(path)?.0)?.1.notation {
                    Some(Notation::Scale(scale)) => Some(scale.clone()),
                    _ => None,
                });
            let scale = declared.or_else(|| rules.measured.clone());
            let numbers = scale.as_ref().map_or_else(|| values.clone(), |it| it.raw_range(&values));
            for node in table.named(path) {
                if let Some(field) = fields.of_node.get_mut(node as usize) {
                    *field = Some(fields.list.len());
                }
            }
            fields.list.push(Ranged { path: path.clone(), values, numbers, scale, has_order });
        }
        fields
    }
}

impl Ranged {
    /// The value of an item, where it is outside.
    fn outside(&self, item: &Item, bytes: &[u8]) -> Option<Stray> {
        let number = number(item.scalar).filter(|it| !self.is_within(*it))?;
        let span = match item.span() {
            Span::Bytes(span) => Some(span),
            _ => None,
        };
        let own = span.clone().and_then(|it| bytes.get(it));
        let own = own.filter(|it| self.has_order && matches!(it.len(), 2..=8));
        let is_swapped = own.is_some_and(|own| {
            let [big, little] = [ByteOrder::Big, ByteOrder::Little]
                .map(|order| reading(gather(own, order) as u64, own.len(), item.scalar));
            // Bits that are less than whole bytes read as neither.
            let other = match [big, little] {
                [it, other] if it == Some(number) => other,
                [other, it] if it == Some(number) => other,
                _ => None,
            };
            other.is_some_and(|it| self.is_within(it))
        });
        Some(Stray { value: item.scalar, span, is_swapped })
    }

    /// The first of the bytes of an item that is outside.
    fn among(&self, item: &Item, bytes: &[u8]) -> Option<Stray> {
        let Span::Bytes(span) = item.span() else { return None };
        let own = bytes.get(span.clone())?;
        let at = own.iter().position(|it| !self.is_within((*it).into()))?;
        let (value, start) = (Scalar::Unsigned((*own.get(at)?).into()), span.start + at);
        Some(Stray { value, span: Some(start..start + 1), is_swapped: false })
    }

    fn is_within(&self, number: f64) -> bool {
        let is_none = self.scale.iter().flat_map(|it| it.none()).any(|it| *it as f64 == number);
        self.numbers.contains(&number) || is_none
    }

    fn shown(&self, value: Scalar) -> String {
        let raw = match value {
            Scalar::Unsigned(it) => i128::from(it),
            Scalar::Signed(it) => i128::from(it),
            Scalar::Float(it) => return it.to_string(),
            _ => return String::new(),
        };
        let Some(scale) = &self.scale else { return raw.to_string() };
        let unit = scale.unit().map_or_else(String::new, |it| format!(" {it}"));
        format!("{}{unit}", scale.quantity(raw))
    }
}

fn number(scalar: Scalar) -> Option<f64> {
    match scalar {
        Scalar::Unsigned(it) => Some(it as f64),
        Scalar::Signed(it) => Some(it as f64),
        Scalar::Float(it) => Some(it),
        Scalar::Span | Scalar::Nested | Scalar::Null => None,
    }
}

/// `len` bytes as a number of the kind of another one.
fn reading(bits: u64, len: usize, like: Scalar) -> Option<f64> {
    let unused = 64_usize.checked_sub(len.checked_mul(8)?)?;
    match (like, len) {
        (Scalar::Unsigned(_), _) => Some(bits as f64),
        (Scalar::Signed(_), _) => Some(((bits << unused) as i64 >> unused) as f64),
        (Scalar::Float(_), 4) => Some(f64::from(f32::from_bits(bits as u32))),
        (Scalar::Float(_), 8) => Some(f64::from_bits(bits)),
        _ => None,
    }
}

impl Outside {
    /// The text, and what to do.
    pub fn words(&self) -> (String, String) {
        let Self { path, value, range, .. } = self;
        let text = format!("`{path}` is {value}, outside {range}");
        let help = match self.is_swapped {
            true => format!(
                "its bytes in the other order are within: turn them around at the sender, or correct the range \
                 of `{path}` in the profile"
            ),
            false => "correct the sender, or the range in the profile".to_owned(),
        };
        (text, help)
    }

    /// Whether it follows from another byte order than the declared one.
    pub fn is_swapped(&self) -> bool {
        self.is_swapped
    }
}
