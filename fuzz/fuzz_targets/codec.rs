//! The codec: the first bytes draw a layout, the rest is a message of it. What is read lies within
//! the message; what is written from it reads without error and, unions aside, is written again
//! the same.
#![no_main]

use std::sync::Arc;

use libfuzzer_sys::fuzz_target;
use wirereel::decode::codec::{Codec, FieldValue, MessageWords};
use wirereel::message::{DecodeError, Item};
use wirereel::schema::{
    Abi, ByteOrder, Field, Layout, Reading, RecordKind, Role, Shape, Span,
};

fuzz_target!(|data: &[u8]| {
    let mut draw = Draw { data, has_union: false };
    let layout = draw.record(0, true);
    let abi = if draw.byte() & 1 == 0 { Abi::X86_64 } else { Abi::S390x };
    let order = if draw.byte() & 1 == 0 { ByteOrder::Big } else { ByteOrder::Little };
    let Ok(resolved) = layout.resolve(&Reading::plain(order, abi.byte_order())) else { return };
    let Ok(codec) = Codec::new(&resolved, &MessageWords::default()) else { return };
    let snapped = usize::from(draw.byte() % 4);
    let wire = draw.data;
    let (_, first) = rewritten(&codec, wire, wire.len() + snapped);
    let Some(first) = first else { return assert!(draw.has_union, "{layout:?}") };
    let (error, second) = rewritten(&codec, &first, first.len());
    if !draw.has_union {
        assert_eq!(error, None, "{layout:?}");
        assert_eq!(second.as_ref(), Some(&first), "{layout:?}");
    }
});

/// Reads a message and writes what was read.
fn rewritten<'c>(
    codec: &'c Codec,
    wire: &[u8],
    wire_len: usize,
) -> (Option<DecodeError<'c>>, Option<Vec<u8>>) {
    let mut items: Vec<Item> = Vec::new();
    let decoded = codec.decode(wire, wire_len, &mut items);
    for (index, item) in items.iter().enumerate() {
        assert!(item.bytes_in(wire).is_some(), "{item:?} of {}", wire.len());
        assert!(index < item.end as usize && item.end as usize <= items.len(), "{item:?}");
    }
    let _ = codec.fit(wire, &decoded, &items);
    let message = codec.message(codec.name(), wire, &decoded, &items);
    let mut out = Vec::new();
    let is_written = codec.encode(&FieldValue::from(&message), &mut out).is_ok();
    (decoded.error, is_written.then_some(out))
}

/// Takes a layout from the front of the data.
struct Draw<'d> {
    data: &'d [u8],
    has_union: bool,
}

impl Draw<'_> {
    fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.data.split_first() else { return 0 };
        self.data = rest;
        first
    }

    fn record(&mut self, depth: u8, last: bool) -> Layout {
        let head = self.byte();
        let is_union = head & 0x80 != 0;
        self.has_union |= is_union;
        let count = head % 6;
        let (mut fields, mut size) = (Vec::new(), 0);
        for index in 0..count {
            let gap = u64::from(self.byte() % 3);
            let offset = if is_union { 0 } else { size + gap };
            let is_last = last && (is_union || index + 1 == count);
            let (bits, shape) = self.shape(depth, is_last, offset);
            let name = Some(format!("f{index}"));
            let len = match bits {
                Some((first, width)) => (first + u64::from(width)).div_ceil(8) - offset,
                None => shape.size(),
            };
            size = size.max(offset + len);
            let notes = Default::default();
            fields.push(Field { name, offset, bits, shape, notes, span: Span::default() });
        }
        let size = size + u64::from(head >> 4 & 3);
        let kind = if is_union { RecordKind::Union } else { RecordKind::Struct };
        Layout { name: "drawn".to_owned(), kind, size, align: 1, fields, span: Span::default() }
    }

    fn shape(&mut self, depth: u8, last: bool, offset: u64) -> (Option<(u64, u32)>, Shape) {
        let head = self.byte();
        let size = 1 << (head >> 4 & 3);
        let signed = head & 0x80 != 0;
        let number = Shape::Integer { size, signed, order: None, role: Role::Number };
        let character = Shape::Integer { size: 1, signed, order: None, role: Role::Character };
        let len = u64::from(head >> 4);
        let shape = match head & 0x0f {
            0 => Shape::Float { size: if signed { 4 } else { 8 }, significant: 4 },
            1 => Shape::Array { element: Box::new(character), len, stride: 1 },
            2 => Shape::Array { element: Box::new(number), len, stride: size + 1 },
            3 if depth < 4 => Shape::Record(Arc::new(self.record(depth + 1, last))),
            4 if depth < 4 => {
                let element = Shape::Record(Arc::new(self.record(depth + 1, false)));
                let stride = element.size();
                Shape::Array { element: Box::new(element), len: len % 4, stride }
            }
            5 if last => Shape::Tail { element: Box::new(character), stride: 1, counted: len & 1 },
            6 if last => Shape::Tail { element: Box::new(number), stride: size, counted: len & 1 },
            7 | 8 => {
                let width = u32::from(self.byte() % 64) + 1;
                return (Some((offset * 8 + len % 8, width)), number);
            }
            _ => number,
        };
        (None, shape)
    }
}
