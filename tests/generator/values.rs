//! Random values for a layout, and the bytes that they are in memory.

use std::fmt::Write as _;

use wirereel::schema::{Abi, ByteOrder, Field, Layout, RecordKind, Role, Shape};

use super::compiler::{Compiler, from_hex};
use super::random::Random;

/// A message with a value in every field; of a union, in one member.
pub struct Sample {
    /// In declared order, those of nested records and of arrays one by one.
    pub leaves: Vec<Leaf>,
    /// Elements of the tail that ends it.
    pub tail_len: u64,
    /// Bytes of the message: `sizeof`, with the tail as long as it is. Behind characters stand their
    /// NUL and the padding that `sizeof` counts.
    pub len: u64,
}

/// A value and its place.
#[derive(Debug)]
pub struct Leaf {
    /// `f1.f2[1]`.
    pub path: String,
    /// First bit as in [`Field::bits`], from the start of the outermost record.
    pub first: u64,
    /// Bits.
    pub width: u32,
    pub value: Number,
    /// The same as the bits in memory, most significant first.
    pub raw: u128,
    /// Fixed by the type; else the host's.
    pub order: Option<ByteOrder>,
}

/// A number.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    Integer(i128),
    /// `__int128` above the range of `i128`.
    Wide(u128),
    Float(f64),
}

/// Random values for every field of `layout`.
pub fn sample(random: &mut Random, layout: &Layout) -> Sample {
    let size = layout.size;
    let mut filler = Filler { random, leaves: Vec::new(), tail_len: 0, size, len: size };
    filler.record(layout, "", 0, layout.kind == RecordKind::Struct);
    Sample { leaves: filler.leaves, tail_len: filler.tail_len, len: filler.len }
}

impl Sample {
    /// The message in memory under `abi`, its holes zero.
    pub fn bytes(&self, abi: Abi) -> Vec<u8> {
        let mut bytes = vec![0_u8; self.len as usize];
        for leaf in &self.leaves {
            for (bit, mask) in leaf.ones(abi) {
                bytes[bit as usize] |= mask;
            }
        }
        bytes
    }

    /// Statements that give the record behind `it` these values.
    fn assignments(&self, abi: Abi) -> String {
        let assign = |leaf: &Leaf| {
            let path = &leaf.path;
            if let Number::Float(value) = leaf.value {
                return format!("  it->{path} = {value:?};\n");
            }
            let bits = leaf.host_bits(abi);
            match ((bits >> 64) as u64, bits as u64) {
                (0, low) => format!("  it->{path} = {low:#x}ull;\n"),
                (high, low) => {
                    format!("  it->{path} = (unsigned __int128){high:#x}ull << 64 | {low:#x}ull;\n")
                }
            }
        };
        self.leaves.iter().map(assign).collect()
    }
}

impl Leaf {
    /// The bits as the host's own order has them: C stores a `__be32` as any `uint32_t`.
    pub fn host_bits(&self, abi: Abi) -> u128 {
        match self.order {
            Some(order) if order != abi.byte_order() => self.raw.swap_bytes() >> (128 - self.width),
            _ => self.raw,
        }
    }

    /// The bits that are set: byte and mask.
    fn ones(&self, abi: Abi) -> impl Iterator<Item = (u64, u8)> {
        let (bits, first, width) = (self.host_bits(abi), self.first, self.width);
        let set = (0..width).filter(move |bit| bits >> bit & 1 == 1);
        set.map(move |bit| match abi.byte_order() {
            ByteOrder::Little => {
                let at = first + u64::from(bit);
                (at / 8, 1 << (at % 8))
            }
            ByteOrder::Big => {
                let at = first + u64::from(width - 1 - bit);
                (at / 8, 0x80 >> (at % 8))
            }
        })
    }
}

/// The bytes that `compiler` stores for samples of the records named, such as `struct m0`.
pub fn stored(
    compiler: &Compiler,
    name: &str,
    header: &str,
    samples: &[(String, Sample)],
) -> Vec<Vec<u8>> {
    let room = samples.iter().map(|(_, sample)| sample.len).max().unwrap_or(0) + 1024;
    let mut body = format!("static _Alignas(64) unsigned char buffer[{room}];\n");
    for (index, (record, sample)) in samples.iter().enumerate() {
        let assignments = sample.assignments(compiler.abi);
        let _ = writeln!(
            body,
            "static void sample_{index}(void) {{\n  memset(buffer, 0, sizeof buffer);\n  \
             {record} *it = (void *)buffer;\n{assignments}  dump(buffer, {});\n}}",
            sample.len
        );
    }
    let calls: String = (0..samples.len()).map(|it| format!("  sample_{it}();\n")).collect();
    let _ = writeln!(body, "int main(void) {{\n{calls}}}");
    compiler.run(name, header, &body).lines().map(from_hex).collect()
}

struct Filler<'a> {
    random: &'a mut Random,
    leaves: Vec<Leaf>,
    tail_len: u64,
    /// `sizeof` of the whole.
    size: u64,
    len: u64,
}

impl Filler<'_> {
    /// `last`: it ends the message, so that a tail has as many elements as it likes.
    fn record(&mut self, layout: &Layout, prefix: &str, base: u64, last: bool) {
        let count = layout.fields.len();
        if layout.kind == RecordKind::Union {
            if count > 0 {
                let chosen = self.random.below(count);
                self.field(&layout.fields[chosen], prefix, base, false);
            }
            return;
        }
        for (index, field) in layout.fields.iter().enumerate() {
            self.field(field, prefix, base, last && index + 1 == count);
        }
    }

    fn field(&mut self, field: &Field, prefix: &str, base: u64, last: bool) {
        let path = match &field.name {
            None => prefix.to_owned(),
            Some(name) if prefix.is_empty() => name.clone(),
            Some(name) => format!("{prefix}.{name}"),
        };
        let offset = base + field.offset;
        match (field.bits, &field.shape) {
            (Some((first, width)), Shape::Integer { signed, order, .. }) => {
                self.integer(path, (base * 8 + first, width), *signed, *order);
            }
            _ => self.shape(&field.shape, path, offset, last),
        }
    }

    fn shape(&mut self, shape: &Shape, path: String, offset: u64, last: bool) {
        match shape {
            Shape::Integer { role: Role::Boolean, .. } => {
                let raw = u128::from(self.random.next() & 1);
                let value = Number::Integer(raw.cast_signed());
                self.leaves.push(Leaf {
                    path,
                    first: offset * 8,
                    width: 8,
                    value,
                    raw,
                    order: None,
                });
            }
            Shape::Integer { size, signed, order, .. } => {
                self.integer(path, (offset * 8, 8 * *size as u32), *signed, *order);
            }
            Shape::Float { size, significant } => self.float(path, offset, *size, *significant),
            Shape::Record(layout) => self.record(layout, &path, offset, last),
            Shape::Array { element, len, stride } => {
                for index in 0..*len {
                    let at = offset + index * stride;
                    self.shape(element, format!("{path}[{index}]"), at, false);
                }
            }
            Shape::Tail { element, stride, counted } => {
                let len = if last { self.random.below(5) as u64 } else { *counted };
                for index in 0..len {
                    let at = offset + index * stride;
                    self.shape(element, format!("{path}[{index}]"), at, false);
                }
                let text = matches!(**element, Shape::Integer { role: Role::Character, .. });
                if last {
                    self.tail_len = len;
                    self.len = offset + len * stride;
                }
                if last && text {
                    // It ends with its first NUL.
                    self.len += 1 + self.size - (offset + counted);
                }
            }
        }
    }

    fn integer(
        &mut self,
        path: String,
        (first, width): (u64, u32),
        signed: bool,
        order: Option<ByteOrder>,
    ) {
        let mask = u128::MAX >> (128 - width);
        let random = u128::from(self.random.next()) << 64 | u128::from(self.random.next());
        let raw = mask
            & match self.random.below(6) {
                0 => 1 << (width - 1),
                1 => mask,
                2 => (mask >> 1).max(1),
                _ => random | 1,
            };
        let negative = signed && raw >> (width - 1) & 1 == 1;
        let value = match i128::try_from(raw) {
            _ if negative => Number::Integer((raw | !mask).cast_signed()),
            Ok(value) => Number::Integer(value),
            Err(_) => Number::Wide(raw),
        };
        self.leaves.push(Leaf { path, first, width, value, raw, order });
    }

    fn float(&mut self, path: String, offset: u64, size: u64, significant: u64) {
        let value = (self.random.below(4000) as f64 - 2000.0) / 8.0;
        let raw = match (size, significant) {
            (4, _) => u128::from((value as f32).to_bits()),
            (8, _) => u128::from(value.to_bits()),
            (_, 10) => extended(value, 63, true),
            _ => extended(value, 112, false),
        };
        let width = 8 * significant as u32;
        let first = offset * 8;
        let order = None;
        self.leaves.push(Leaf { path, first, width, value: Number::Float(value), raw, order });
    }
}

/// A normal number or zero with 15 bits of exponent and `fraction` bits of fraction, the leading
/// one written out or not.
fn extended(value: f64, fraction: u32, explicit: bool) -> u128 {
    let bits = value.to_bits();
    let sign = u128::from(bits >> 63);
    let explicit = u32::from(explicit);
    if value == 0.0 {
        return sign << (fraction + explicit + 15);
    }
    let exponent = u128::from(bits >> 52 & 0x7ff) + 16383 - 1023;
    let mantissa = u128::from(bits & ((1 << 52) - 1)) << (fraction - 52);
    let one = u128::from(explicit) << fraction;
    sign << (fraction + explicit + 15) | exponent << (fraction + explicit) | one | mantissa
}
