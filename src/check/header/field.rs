//! Fields whose size, sign, bit order or address another machine takes otherwise.

use super::super::code::Code;
use super::{Finding, Layouts, Survey, Within, by_abi, bytes, listed, names};
use crate::schema::RecordDef;
use crate::schema::{Abi, ByteOrder, CType, Field, FieldDef, IntKind, Layout, Shape};

/// A member with its place on each ABI.
struct Member<'a> {
    declared: &'a FieldDef,
    path: String,
    /// From the start of the message on the default ABI, bytes.
    offset: u64,
    on: Vec<(Abi, &'a Field)>,
}

impl Survey<'_, '_> {
    /// What is to be said of the members of one struct or union.
    pub(super) fn fields(&mut self, record: &RecordDef, layouts: &Layouts, within: &Within<'_>) {
        let packed = within.packed || record.packed || record.pragma_pack.is_some();
        let members = members(record, layouts, within);
        for member in &members {
            self.field(member, packed, within);
        }
        self.bit_fields(&members);
        let lone = |it: &&Member<'_>| packed || it.declared.packed;
        self.unaligned(members.iter().filter(lone));
    }

    fn field(&mut self, member: &Member<'_>, packed: bool, within: &Within<'_>) {
        let declared = member.declared;
        let base = base(&declared.ctype);
        if declared.bits.is_some() {
            return;
        }
        match base {
            CType::Pointer => self.pointer(member),
            CType::Enum(_) => self.enumeration(member),
            CType::Record(nested) if !self.place.header.is_built_in(nested.span) => {
                let path = match &declared.name {
                    Some(_) => format!("{}.", member.path),
                    None => within.path.to_owned(),
                };
                let layouts = member
                    .on
                    .iter()
                    .filter_map(|(abi, field)| Some((*abi, field.shape.record()?.clone().into())));
                let within = Within { path: &path, offset: member.offset, packed };
                self.record(nested, &layouts.collect(), &within);
            }
            CType::Int { kind: IntKind::Char, .. } => self.character(member),
            _ => self.width(member),
        }
    }

    fn pointer(&mut self, member: &Member<'_>) {
        let text =
            format!("`{}` is a pointer: an address means nothing to the receiver", member.path);
        let note = sizes(member);
        let mut finding = self.of_field(Code::Pointer, text, member);
        finding.notes = vec![note];
        finding.help = Some("send what it points at".to_owned());
        self.findings.push(finding);
    }

    fn enumeration(&mut self, member: &Member<'_>) {
        let text = format!("`{}` is an enum, whose width the compiler chooses", member.path);
        let note = sizes(member);
        let mut finding = self.of_field(Code::EnumWidth, text, member);
        finding.notes = vec![note, "with -fshort-enums, the smallest that holds it".to_owned()];
        finding.help = Some("declare it with a type of fixed width, such as `uint32_t`".to_owned());
        self.findings.push(finding);
    }

    /// Plain `char` by itself is a number, in an array text, unless the profile says otherwise.
    fn character(&mut self, member: &Member<'_>) {
        let protocol = self.message.protocol;
        let rules = protocol.and_then(|it| it.fields.get(&member.path));
        let in_array = matches!(member.declared.ctype, CType::Array(..));
        if rules.and_then(|it| it.text).unwrap_or(in_array) {
            return;
        }
        let text = format!("`{}` is a plain `char`, whose sign the ABI chooses", member.path);
        let signed: Vec<_> = Abi::ALL.into_iter().filter(|it| it.char_signed()).collect();
        let unsigned: Vec<_> = Abi::ALL.into_iter().filter(|it| !it.char_signed()).collect();
        let note = format!("signed on {}, unsigned on {}", names(&signed), names(&unsigned));
        let mut finding = self.of_field(Code::CharSign, text, member);
        finding.notes = vec![note];
        finding.help = Some("declare it `int8_t` or `uint8_t`".to_owned());
        self.findings.push(finding);
    }

    /// A type that is not as wide everywhere, or that some ABI does not have.
    fn width(&mut self, member: &Member<'_>) {
        let widths = by_abi(member.on.iter().map(|(abi, field)| (*abi, one(&field.shape))));
        if widths.len() < 2 {
            return;
        }
        let base = base(&member.declared.ctype);
        let told = widths.iter().enumerate().map(|(index, (size, abis))| {
            let size = if index == 0 { bytes(*size) } else { size.to_string() };
            format!("{size} on {}", names(abis))
        });
        let told: Vec<_> = told.collect();
        let text = format!("`{}` is `{}`: {}", member.path, base.declare(""), told.join("; "));
        let signed = member.on.iter().any(|(_, field)| is_signed(&field.shape));
        let mut finding = self.of_field(Code::PlatformWidth, text, member);
        finding.help = Some(match base {
            CType::Record(_) => "send its members one by one, in types of fixed width".to_owned(),
            CType::Float(_) => "declare it `double`".to_owned(),
            _ => {
                let widest = widths.iter().map(|it| it.0).max().unwrap_or(8).saturating_mul(8);
                format!("declare it `{}int{widest}_t`", if signed { "" } else { "u" })
            }
        });
        self.findings.push(finding);
    }

    /// One finding for all bit-fields of a struct or union.
    fn bit_fields(&mut self, members: &[Member<'_>]) {
        let bits: Vec<_> = members.iter().filter(|it| it.declared.bits.is_some()).collect();
        let Some(first) = bits.first() else { return };
        let text = match bits.as_slice() {
            [one] => format!("`{}` is a bit-field, whose place the compiler chooses", one.path),
            _ => {
                let paths: Vec<_> = bits.iter().map(|it| format!("`{}`", it.path)).collect();
                format!("{} are bit-fields, whose places the compiler chooses", listed(&paths))
            }
        };
        let notes = bit_places(first);
        let mut finding = self.of_field(Code::BitField, text, first);
        finding.notes = notes;
        finding.help =
            Some("declare the whole unit, such as `uint16_t`, and use shifts and masks".to_owned());
        self.findings.push(finding);
    }

    /// One finding for all fields of a packed struct that are not aligned.
    fn unaligned<'m>(&mut self, members: impl Iterator<Item = &'m Member<'m>>) {
        let is_odd = |member: &&Member<'_>| {
            let field = member.on.first().map(|(_, field)| field).filter(|it| it.bits.is_none());
            field.is_some_and(|it| !member.offset.is_multiple_of(alignment(&it.shape)))
        };
        let odd: Vec<_> = members.filter(is_odd).collect();
        let Some(first) = odd.first() else { return };
        let paths = odd.iter().map(|it| format!("`{}` at offset {}", it.path, it.offset));
        let paths: Vec<_> = paths.collect();
        let verb = if odd.len() == 1 { "is" } else { "are" };
        let text = format!("{} {verb} not aligned", listed(&paths));
        let mut finding = self.of_field(Code::Unaligned, text, first);
        finding.help = Some("copy it with `memcpy`: do not take its address".to_owned());
        self.findings.push(finding);
    }

    fn of_field(&self, code: Code, text: String, member: &Member<'_>) -> Finding {
        Finding {
            field: Some(member.path.clone()),
            offset: member.on.first().map(|_| member.offset),
            len: member.on.first().map(|(_, field)| field.len()),
            ..self.finding(code, text, member.declared.span)
        }
    }
}

/// The members that layouts have, under their paths.
fn members<'a>(
    record: &'a RecordDef,
    layouts: &'a Layouts,
    within: &Within<'_>,
) -> Vec<Member<'a>> {
    let shown = record.fields.iter().filter(|it| it.bits.is_none() || it.name.is_some());
    let member = |(index, declared): (usize, &'a FieldDef)| {
        let of = |layout: &'a Layout| layout.fields.get(index);
        let on = layouts.iter().filter_map(|(abi, layout)| Some((*abi, of(layout)?)));
        let on: Vec<_> = on.collect();
        let name = declared.name.as_deref().unwrap_or_default();
        let offset = on.first().map_or(0, |(_, field)| field.offset);
        let offset = within.offset.saturating_add(offset);
        Member { declared, path: format!("{}{name}", within.path), offset, on }
    };
    shown.enumerate().map(member).collect()
}

/// What an array is of, and what a typedef aligns.
fn base(ctype: &CType) -> &CType {
    match ctype {
        CType::Array(inner, _) | CType::Aligned(inner, _) => base(inner),
        _ => ctype,
    }
}

/// The bytes of one element.
fn one(shape: &Shape) -> u64 {
    match shape {
        Shape::Array { element, .. } | Shape::Tail { element, .. } => one(element),
        _ => shape.size(),
    }
}

fn is_signed(shape: &Shape) -> bool {
    match shape {
        Shape::Array { element, .. } | Shape::Tail { element, .. } => is_signed(element),
        Shape::Integer { signed, .. } => *signed,
        Shape::Float { .. } | Shape::Record(_) => true,
    }
}

/// What a processor would have the address be a multiple of, bytes.
fn alignment(shape: &Shape) -> u64 {
    match shape {
        Shape::Array { element, .. } | Shape::Tail { element, .. } => alignment(element),
        Shape::Integer { size, .. } | Shape::Float { size, .. } if size.is_power_of_two() => *size,
        Shape::Integer { .. } | Shape::Float { .. } => 4,
        Shape::Record(_) => 1,
    }
}

/// The first bit of a bit-field on each ABI, with the end that its bits are counted from.
fn bit_places(member: &Member<'_>) -> Vec<String> {
    let first = |field: &Field| field.bits.map_or(0, |(first, _)| first);
    let places = member.on.iter().map(|(abi, field)| (*abi, (abi.byte_order(), first(field))));
    let groups = by_abi(places).into_iter();
    let note = |((order, bit), abis): ((ByteOrder, u64), Vec<Abi>)| {
        let end = match order {
            ByteOrder::Little => "least",
            ByteOrder::Big => "most",
        };
        let abis = names(&abis);
        format!("`{}` begins at bit {bit} from the {end} significant one on {abis}", member.path)
    };
    groups.map(note).collect()
}

/// `8 bytes on x86_64, …; 4 bytes on …`.
fn sizes(member: &Member<'_>) -> String {
    let groups = by_abi(member.on.iter().map(|(abi, field)| (*abi, one(&field.shape))));
    let text = groups.iter().map(|(size, abis)| format!("{} on {}", bytes(*size), names(abis)));
    text.collect::<Vec<_>>().join("; ")
}
