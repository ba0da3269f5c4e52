//! Fields whose size, sign, bit order or address another machine takes otherwise.

use super::super::code::Code;
use super::{Finding, Layouts, Survey, Within, by_abi, bytes, listed, names};
use crate::schema::{
    Abi, ByteOrder, CType, FieldDef, IntKind, Part, PartId, PartKind, RecordDef, Repeat,
};

/// A member with its place on each ABI.
struct Member<'a> {
    declared: &'a FieldDef,
    path: String,
    on: Vec<On<'a>>,
}

/// What an ABI makes of a member.
struct On<'a> {
    abi: Abi,
    part: &'a Part,
    /// What it is of, where it is a list.
    element: (PartId, &'a Part),
    /// Its first bit, from the start of its struct; 0 where it is no bit-field.
    first_bit: u64,
}

impl Survey<'_, '_> {
    /// What is to be said of the members of one struct or union.
    pub(super) fn fields(&mut self, record: &RecordDef, within: &Within<'_>) {
        let packed = within.packed || record.packed || record.pragma_pack.is_some();
        let members = members(record, self.layouts, within);
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
            // Packed, an enum is as small as its values allow, whoever compiles it.
            CType::Enum(def) if def.underlying.is_none() && !def.packed => self.enumeration(member),
            CType::Record(nested) if !self.place.header.is_built_in(nested.span) => {
                let path = match &declared.name {
                    Some(_) => format!("{}.", member.path),
                    None => within.path.to_owned(),
                };
                let part = member.on.first().map(|it| it.element.0);
                self.record(nested, &Within { path: &path, part, packed });
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
        let widths = by_abi(member.on.iter().map(|it| (it.abi, it.one())));
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
        let signed = member.on.iter().any(On::is_signed);
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

    /// One finding for all bit-fields of a struct or union that machines place otherwise.
    fn bit_fields(&mut self, members: &[Member<'_>]) {
        let bits = members.iter().filter(|it| it.declared.bits.is_some());
        let bits: Vec<_> = bits.filter(|it| !self.lies_alike(it)).collect();
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

    /// Whether a bit-field has its place from the header and not from the compiler: it is whole bytes,
    /// and the same ones everywhere; or the header declares it anew for each byte order, and compilers
    /// of one order agree.
    fn lies_alike(&self, member: &Member<'_>) -> bool {
        let agree = |orders: &[ByteOrder]| {
            let on = member.on.iter().filter(|it| orders.contains(&it.abi.byte_order()));
            by_abi(on.map(|it| (it.abi, it.first_bit))).len() < 2
        };
        let is_whole = |it: &On<'_>| it.part.bits().is_some_and(|it| it.is_whole_bytes());
        let (little, big) = (ByteOrder::Little, ByteOrder::Big);
        let is_integer = member.on.iter().all(is_whole) && agree(&[little, big]);
        let by_byte_order = self.place.header.is_by_byte_order(member.declared.span);
        is_integer || by_byte_order && agree(&[little]) && agree(&[big])
    }

    /// One finding for all fields of a packed struct that are not aligned.
    fn unaligned<'m>(&mut self, members: impl Iterator<Item = &'m Member<'m>>) {
        let is_odd = |member: &&Member<'_>| {
            let on = member.on.first().filter(|it| it.part.bits().is_none());
            on.is_some_and(|it| !it.part.offset.is_multiple_of(it.alignment()))
        };
        let odd: Vec<_> = members.filter(is_odd).collect();
        let Some(first) = odd.first() else { return };
        let offset = |it: &Member<'_>| it.on.first().map_or(0, |it| it.part.offset);
        let paths = odd.iter().map(|it| format!("`{}` at offset {}", it.path, offset(it)));
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
            offset: member.on.first().map(|it| it.part.offset),
            len: member.on.first().map(|it| it.part.len),
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
    let first = layouts.first().zip(within.part);
    let ids = first.map(|((_, it), part)| it.members(part).map(|(id, _)| id).collect());
    let ids: Vec<_> = ids.unwrap_or_default();
    let member = |(index, declared): (usize, &'a FieldDef)| {
        let id = ids.get(index).copied();
        let on = layouts.iter().filter_map(|(abi, layout)| {
            let (id, part) = (id?, layout.part(id?)?);
            let bits = part.bits().zip(layout.part(part.parent));
            let first_bit = bits.map_or(0, |(it, record)| it.first - record.offset * 8);
            Some(On { abi: *abi, part, element: layout.element(id)?, first_bit })
        });
        let name = declared.name.as_deref().unwrap_or_default();
        Member { declared, path: format!("{}{name}", within.path), on: on.collect() }
    };
    record.placed().enumerate().map(member).collect()
}

impl On<'_> {
    /// The bytes of one element.
    fn one(&self) -> u64 {
        let (_, element) = self.element;
        match element.repeat {
            Repeat::Once => element.len,
            Repeat::Times { stride, .. }
            | Repeat::Said { stride, .. }
            | Repeat::ToEnd { stride, .. } => stride,
        }
    }

    fn is_signed(&self) -> bool {
        !matches!(self.element.1.kind, PartKind::Integer { signed: false, .. })
    }

    /// What a processor would have the address be a multiple of, bytes.
    fn alignment(&self) -> u64 {
        let (_, element) = self.element;
        match element.kind {
            PartKind::Integer { .. } | PartKind::Float { .. } if element.len.is_power_of_two() => {
                element.len
            }
            PartKind::Integer { .. } | PartKind::Float { .. } => 4,
            _ => 1,
        }
    }
}

/// What an array is of, and what a typedef aligns.
fn base(ctype: &CType) -> &CType {
    match ctype {
        CType::Array(inner, _) | CType::Aligned(inner, _) => base(inner),
        _ => ctype,
    }
}

/// The first bit of a bit-field on each ABI, with the end that its bits are counted from.
fn bit_places(member: &Member<'_>) -> Vec<String> {
    let places = member.on.iter().map(|it| (it.abi, (it.abi.byte_order(), it.first_bit)));
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
    let groups = by_abi(member.on.iter().map(|it| (it.abi, it.one())));
    let text = groups.iter().map(|(size, abis)| format!("{} on {}", bytes(*size), names(abis)));
    text.collect::<Vec<_>>().join("; ")
}
