//! Every member of a layout by the expression that reaches it in C, nested ones included.

use wirereel::schema::{Abi, ByteOrder, Layout, Role, Shape};

/// Where a member is.
#[derive(Debug, PartialEq)]
pub struct Place {
    /// `f1.f2[1]`.
    pub path: String,
    /// From the start of the outermost record, bytes.
    pub offset: u64,
    /// `sizeof`, bytes; `None` for a bit-field and for `name[]`.
    pub size: Option<u64>,
    /// An integer's; `None` for other things and for bit-fields.
    pub signed: Option<bool>,
    /// First bit from the start of the outermost record, and width.
    pub bits: Option<(u64, u32)>,
}

/// The members, in declared order; of an array, the array and its last element.
pub fn places(layout: &Layout) -> Vec<Place> {
    let mut found = Vec::new();
    record(layout, "", 0, &mut found);
    found
}

/// A record of `size` bytes in which all bits of one bit-field are set.
pub fn pattern(size: u64, (first, width): (u64, u32), abi: Abi) -> Vec<u8> {
    let mut bytes = vec![0_u8; size as usize];
    for bit in first..first + u64::from(width) {
        let mask = match abi.byte_order() {
            ByteOrder::Little => 1 << (bit % 8),
            ByteOrder::Big => 0x80 >> (bit % 8),
        };
        bytes[(bit / 8) as usize] |= mask;
    }
    bytes
}

fn record(layout: &Layout, prefix: &str, base: u64, found: &mut Vec<Place>) {
    for field in &layout.fields {
        let Some(name) = &field.name else {
            let Shape::Record(nested) = &field.shape else { panic!("no name: {field:?}") };
            record(nested, prefix, base + field.offset, found);
            continue;
        };
        let path = if prefix.is_empty() { name.clone() } else { format!("{prefix}.{name}") };
        let offset = base + field.offset;
        match field.bits {
            Some((first, width)) => {
                let bits = Some((base * 8 + first, width));
                found.push(Place { path, offset, size: None, signed: None, bits });
            }
            None => shape(&field.shape, path, offset, found),
        }
    }
}

fn shape(it: &Shape, path: String, offset: u64, found: &mut Vec<Place>) {
    let signed = match it {
        Shape::Integer { role: Role::Pointer, .. } => None,
        Shape::Integer { signed, .. } => Some(*signed),
        _ => None,
    };
    // `sizeof` refuses `name[]`; that of `name[0]` says nothing.
    let size = Some(it.size()).filter(|&size| size > 0);
    found.push(Place { path: path.clone(), offset, size, signed, bits: None });
    match it {
        Shape::Record(nested) => record(nested, &path, offset, found),
        Shape::Array { element, len, stride } if *len > 0 => {
            let last = len - 1;
            shape(element, format!("{path}[{last}]"), offset + last * stride, found);
        }
        Shape::Tail { element, counted: 1, .. } => {
            shape(element, format!("{path}[0]"), offset, found);
        }
        _ => {}
    }
}
