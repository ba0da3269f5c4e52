//! Messages that are alike but for some values: their bytes are encoded once, and of each message
//! only these values are written.
//!
//! Where a value lies is found by trial: the codec encodes the message with other values, and
//! the bytes that differ are the field's. So nothing here knows a layout, and what is not as plain as
//! an integer of whole bytes, or text in an array of fixed length, is left to the codec.

use rand::SeedableRng;
use rand::rngs::ChaCha8Rng;

use super::encoder::Encoder;
use super::tree::Tree;
use crate::capture::Timestamp;
use crate::decode::codec::FieldValue;

/// Bytes of the longest integer.
const MAX_INTEGER: usize = 8;
/// Messages that must be as the codec writes them, before any is sent.
const TRIALS: i64 = 16;

/// Values that are looked for: each takes some ten messages to be found.
const MAX_PLACES: usize = 64;

/// A message whose changing values lie at fixed places.
#[derive(Clone, Debug)]
pub(super) struct Stamp {
    bytes: Vec<u8>,
    /// In the order of the tree's slots.
    places: Vec<Place>,
}

/// Where a value lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Integer {
        /// The lowest byte in memory.
        offset: usize,
        len: usize,
        is_big: bool,
        is_signed: bool,
    },
    /// What is shorter is followed by zeros.
    Span { offset: usize, len: usize },
}

impl Stamp {
    /// Of the messages of a tree; `None` where one of its values has no fixed place, or
    /// there are more than [`MAX_PLACES`].
    pub fn new(tree: &Tree, encoder: &Encoder) -> Option<Self> {
        if tree.slots() > MAX_PLACES {
            return None;
        }
        let mut empty = tree.clone();
        for slot in 0..tree.slots() {
            let value = match tree.slot(slot)? {
                FieldValue::Integer(_) => FieldValue::Integer(0),
                FieldValue::Text(_) => FieldValue::Text(String::new()),
                FieldValue::Bytes(bytes) => FieldValue::Bytes(vec![0; bytes.len()]),
                _ => return None,
            };
            empty.put(slot, value);
        }
        let bytes = encoded(&empty, encoder)?;
        let trial = Trial { empty: &empty, bytes: &bytes, encoder };
        let place = |slot| match tree.slot(slot)? {
            FieldValue::Integer(_) => trial.integer(slot),
            FieldValue::Text(text) => {
                trial.span(slot, FieldValue::Text("A".repeat(text.len())), text.len())
            }
            FieldValue::Bytes(bytes) => {
                trial.span(slot, FieldValue::Bytes(vec![b'A'; bytes.len()]), bytes.len())
            }
            _ => None,
        };
        let places = (0..tree.slots()).map(place).collect::<Option<_>>()?;
        let stamp = Self { bytes, places };
        stamp.is_right(tree.clone(), encoder).then_some(stamp)
    }

    /// Appends the message whose values the tree has. `false`, and nothing is appended, where one
    /// does not fit its place.
    pub fn write(&self, tree: &Tree, out: &mut Vec<u8>) -> bool {
        let begin = out.len();
        out.extend_from_slice(&self.bytes);
        let Some(message) = out.get_mut(begin..) else { return false };
        for (slot, place) in self.places.iter().enumerate() {
            if tree.slot(slot).and_then(|value| place.put(value, message)).is_none() {
                out.truncate(begin);
                return false;
            }
        }
        true
    }

    /// Whether some messages are as the codec writes them.
    fn is_right(&self, mut tree: Tree, encoder: &Encoder) -> bool {
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let mut stamped = Vec::new();
        (0..TRIALS).all(|step| {
            stamped.clear();
            tree.next(&mut rng, Timestamp(step.saturating_mul(1_000_000_007)));
            self.write(&tree, &mut stamped)
                && encoded(&tree, encoder).is_some_and(|bytes| bytes == stamped)
        })
    }
}

impl Place {
    #[inline]
    fn put(self, value: &FieldValue, message: &mut [u8]) -> Option<()> {
        match (self, value) {
            (Self::Integer { offset, len, is_big, is_signed }, FieldValue::Integer(value)) => {
                let low = if is_signed {
                    i64::try_from(*value).ok().map(|it| it as u64)
                } else {
                    u64::try_from(*value).ok()
                }?;
                let unused = u32::try_from(64_usize.checked_sub(len.checked_mul(8)?)?).ok()?;
                let kept = low.checked_shl(unused)?;
                let again =
                    if is_signed { ((kept as i64) >> unused) as u64 } else { kept >> unused };
                let to = message.get_mut(offset..offset.checked_add(len)?)?;
                if is_big {
                    to.copy_from_slice(kept.to_be_bytes().get(..len)?);
                } else {
                    to.copy_from_slice(low.to_le_bytes().get(..len)?);
                }
                (again == low).then_some(())
            }
            (Self::Span { offset, len }, FieldValue::Text(text)) if text.len() <= len => {
                put_span(text.as_bytes(), offset, message)
            }
            (Self::Span { offset, len }, FieldValue::Bytes(bytes)) if bytes.len() <= len => {
                put_span(bytes, offset, message)
            }
            _ => None,
        }
    }
}

fn put_span(bytes: &[u8], offset: usize, message: &mut [u8]) -> Option<()> {
    message.get_mut(offset..offset.checked_add(bytes.len())?)?.copy_from_slice(bytes);
    Some(())
}

/// Looks for places.
struct Trial<'t> {
    empty: &'t Tree,
    /// It, encoded.
    bytes: &'t [u8],
    encoder: &'t Encoder,
}

impl Trial<'_> {
    fn with(&self, slot: usize, value: FieldValue) -> Option<Vec<u8>> {
        let mut tree = self.empty.clone();
        tree.put(slot, value);
        encoded(&tree, self.encoder).filter(|it| it.len() == self.bytes.len())
    }

    fn integer(&self, slot: usize) -> Option<Place> {
        let offsets: Vec<usize> = (0..MAX_INTEGER)
            .map_while(|byte| self.only_difference(slot, 1_i128 << (8 * byte)))
            .collect();
        let (first, len) = (*offsets.first()?, offsets.len());
        let is_run = |step: isize| {
            offsets.iter().zip(0..).all(|(it, n)| first.checked_add_signed(step * n) == Some(*it))
        };
        let (offset, is_big) = match (is_run(1), is_run(-1)) {
            (true, _) => (first, false),
            (_, true) => (*offsets.last()?, true),
            _ => return None,
        };
        // All its bits, and no others, are those of these bytes: a bit-field has fewer.
        let is_signed = self.with(slot, FieldValue::Integer(-1)).is_some();
        let full = if is_signed { -1 } else { (1_i128 << (8 * len)) - 1 };
        let full = self.with(slot, FieldValue::Integer(full))?;
        let mut expected = self.bytes.to_vec();
        expected.get_mut(offset..offset.checked_add(len)?)?.fill(0xff);
        (full == expected).then_some(Place::Integer { offset, len, is_big, is_signed })
    }

    /// Where the only byte lies that a value makes 1.
    fn only_difference(&self, slot: usize, value: i128) -> Option<usize> {
        let other = self.with(slot, FieldValue::Integer(value))?;
        let mut differing = (0..).zip(self.bytes.iter().zip(&other)).filter(|(_, (a, b))| a != b);
        let (offset, (before, after)) = differing.next()?;
        (differing.next().is_none() && *before == 0 && *after == 1).then_some(offset)
    }

    fn span(&self, slot: usize, value: FieldValue, len: usize) -> Option<Place> {
        let other = self.with(slot, value)?;
        let offset = self.bytes.iter().zip(&other).position(|(a, b)| a != b);
        let Some(offset) = offset else {
            return (len == 0).then_some(Place::Span { offset: 0, len });
        };
        let mut expected = self.bytes.to_vec();
        let span = expected.get_mut(offset..offset.checked_add(len)?)?;
        let is_empty = span.iter().all(|it| *it == 0);
        span.fill(b'A');
        (is_empty && expected == other).then_some(Place::Span { offset, len })
    }
}

fn encoded(tree: &Tree, encoder: &Encoder) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut rng = ChaCha8Rng::seed_from_u64(0);
    encoder.write(tree.value(), &mut rng, &mut out).ok().map(|()| out)
}

#[cfg(test)]
mod tests {
    use super::super::recipe::setting;
    use super::super::{MessageRecipe, message::Message};
    use super::*;
    use crate::profile::{Options, Protocols};

    const HEADER: &str = "#include <stdint.h>\n\
        struct plain { uint8_t a; int16_t b; uint32_t c; uint64_t d; char name[11]; uint8_t raw[4];\n\
        struct { int32_t x; } at[3]; } __attribute__((packed));\n\
        struct bits { unsigned a : 5; unsigned b : 11; uint16_t c; } __attribute__((packed));\n\
        struct many { uint8_t n; uint16_t all[65]; } __attribute__((packed));\n\
        struct tail { uint32_t n; char text[1]; } __attribute__((packed));\n";

    fn protocols(order: &str) -> Protocols {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("h.h"), HEADER).unwrap();
        let mut text = String::new();
        for name in ["plain", "bits", "tail", "many"] {
            text.push_str(&format!(
                "[[protocol]]\nname = \"{name}\"\nheader = \"h.h\"\nmessage = \"{name}\"\n\
                 byte_order = \"{order}\"\n"
            ));
        }
        let profile = folder.path().join("p.toml");
        std::fs::write(&profile, text).unwrap();
        let options = Options { profile: Some(profile), ..Options::default() };
        Protocols::load(&options).unwrap()
    }

    fn message(protocols: &Protocols, name: &str, settings: &[&str]) -> Message {
        let fields = settings.iter().map(|it| setting(it).unwrap()).collect();
        let recipe = MessageRecipe { fields, ..MessageRecipe::new(name) };
        Message::new(protocols, &recipe).unwrap()
    }

    #[test]
    fn stamped_messages_are_as_the_codec_writes_them() {
        let settings = [
            "a=0..255",
            "b=-5..5",
            "c=counter(4294967290)",
            "d=now(us)",
            "name=text(0..11)",
            "raw=bytes(4)",
            "at[1].x=choice(-7, 9)",
            "at[2].x=5",
        ];
        for order in ["big", "little"] {
            let protocols = protocols(order);
            let mut stamped = message(&protocols, "plain", &settings);
            let mut plain = stamped.clone();
            assert!(stamped.is_stamped(), "{order}");
            plain.forget_stamp();
            let mut rngs = [ChaCha8Rng::seed_from_u64(9), ChaCha8Rng::seed_from_u64(9)];
            for step in 0..1000 {
                let now = Timestamp(step * 1_234_567_890_123);
                let mut out = [vec![1], vec![1]];
                stamped.next(&mut rngs[0], now, &mut out[0]).unwrap();
                plain.next(&mut rngs[1], now, &mut out[1]).unwrap();
                assert_eq!(out[0], out[1], "{order} {step}");
            }
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_codec() {
        let protocols = protocols("big");
        for (name, settings, is_stamped) in [
            ("bits", &["c=counter"][..], true),
            ("bits", &["b=counter"], false),
            ("bits", &["a=0..31", "c=counter"], false),
            ("tail", &["n=counter", "text=Alan"], true),
            ("tail", &["n=counter", "text=text(3..9)"], false),
            ("plain", &[], true),
            ("many", &["all=0..9"], false),
        ] {
            let message = message(&protocols, name, settings);
            assert_eq!(message.is_stamped(), is_stamped, "{name} {settings:?}");
        }
    }

    #[test]
    fn a_time_that_no_longer_fits_is_refused_as_by_the_codec() {
        let protocols = protocols("big");
        let mut message = message(&protocols, "plain", &["c=now(s)"]);
        assert!(message.is_stamped());
        let mut rng = ChaCha8Rng::seed_from_u64(0);
        let mut out = vec![7];
        let late = Timestamp::from_parts(1 << 32, 0);
        let error = message.next(&mut rng, late, &mut out).unwrap_err().to_string();
        assert!(error.contains("4294967296"), "{error}");
        assert_eq!(out, [7]);
    }
}
