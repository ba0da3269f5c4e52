//! Random declarations, both as the library's types and as C text.

use std::fmt::Write as _;
use std::sync::Arc;

use wirereel::schema::{
    ArrayLen, ByteOrder, CType, EnumDef, Enumerator, FieldDef, FloatKind, IntKind, RecordDef,
    RecordKind, Span,
};

use super::random::Random;

/// Random declarations that every compiler accepts.
pub struct Header {
    /// `m0`, `m1` …, each a message.
    pub records: Vec<Arc<RecordDef>>,
    /// The same in C, with what they refer to; without the platform's typedefs.
    pub text: String,
}

/// Every integer type that every ABI has, with its spelling and the bits that it has at least.
const INTEGERS: [(&str, IntKind, u32); 29] = [
    ("_Bool", IntKind::Bool, 1),
    ("char", IntKind::Char, 8),
    ("signed char", IntKind::SignedChar, 8),
    ("unsigned char", IntKind::UnsignedChar, 8),
    ("int8_t", IntKind::SignedChar, 8),
    ("uint8_t", IntKind::UnsignedChar, 8),
    ("short", IntKind::Short, 16),
    ("unsigned short", IntKind::UnsignedShort, 16),
    ("int", IntKind::Int, 32),
    ("unsigned int", IntKind::UnsignedInt, 32),
    ("long", IntKind::Long, 32),
    ("unsigned long", IntKind::UnsignedLong, 32),
    ("long long", IntKind::LongLong, 64),
    ("unsigned long long", IntKind::UnsignedLongLong, 64),
    ("int16_t", IntKind::Fixed { bits: 16, signed: true }, 16),
    ("uint16_t", IntKind::Fixed { bits: 16, signed: false }, 16),
    ("int32_t", IntKind::Fixed { bits: 32, signed: true }, 32),
    ("uint32_t", IntKind::Fixed { bits: 32, signed: false }, 32),
    ("int64_t", IntKind::Fixed { bits: 64, signed: true }, 64),
    ("uint64_t", IntKind::Fixed { bits: 64, signed: false }, 64),
    ("size_t", IntKind::Size, 32),
    ("ssize_t", IntKind::SignedSize, 32),
    ("ptrdiff_t", IntKind::PtrDiff, 32),
    ("uintptr_t", IntKind::UnsignedPtr, 32),
    ("time_t", IntKind::Time, 32),
    ("off_t", IntKind::Off, 32),
    ("wchar_t", IntKind::WideChar, 16),
    ("int64_t", IntKind::Fixed { bits: 64, signed: true }, 64),
    ("uint32_t", IntKind::Fixed { bits: 32, signed: false }, 32),
];

/// The types that fix their byte order; no bit-fields of these.
const ORDERED: [(&str, u8, ByteOrder); 6] = [
    ("__be16", 16, ByteOrder::Big),
    ("__be32", 32, ByteOrder::Big),
    ("__be64", 64, ByteOrder::Big),
    ("__le16", 16, ByteOrder::Little),
    ("__le32", 32, ByteOrder::Little),
    ("__le64", 64, ByteOrder::Little),
];

const FLOATS: [(&str, FloatKind); 3] = [
    ("float", FloatKind::Float),
    ("double", FloatKind::Double),
    ("long double", FloatKind::LongDouble),
];

/// `count` messages; with `wide`, types that only 64-bit ABIs have are among them.
pub fn header(random: &mut Random, count: usize, wide: bool) -> Header {
    let mut writer = Writer { random, wide, text: String::new(), used: 0, types: Vec::new() };
    let records = (0..count).map(|index| writer.message(index)).collect();
    Header { records, text: writer.text }
}

struct Writer<'a> {
    random: &'a mut Random,
    wide: bool,
    text: String,
    /// Names given so far.
    used: usize,
    /// Declared types that members may have: spelling, type, whether an array may hold it.
    types: Vec<(String, CType, bool)>,
}

/// A type and how C spells it.
struct Spelled {
    ctype: CType,
    text: String,
    in_array: bool,
}

impl Writer<'_> {
    /// A message, with the declarations that it needs before it.
    fn message(&mut self, index: usize) -> Arc<RecordDef> {
        for _ in 0..self.random.below(3) {
            self.declare_type();
        }
        let tag = format!("m{index}");
        let def = self.top_level(tag.clone());
        let keyword = keyword(def.kind);
        // Nothing of variable size within another record.
        if !matches!(
            def.fields.last(),
            Some(FieldDef { ctype: CType::Array(_, ArrayLen::Flexible), .. })
        ) {
            self.types.push((format!("{keyword} {tag}"), CType::Record(Arc::clone(&def)), true));
        }
        def
    }

    fn declare_type(&mut self) {
        let name = self.name('t');
        match self.random.below(3) {
            0 => {
                let def = self.enumeration(&name);
                self.types.push((format!("enum {name}"), CType::Enum(def), true));
            }
            1 => {
                let base = self.scalar();
                let align = *self.random.pick(&[1, 2, 4, 8, 16, 32]);
                let _ = writeln!(
                    self.text,
                    "typedef {} {name} __attribute__((aligned({align})));",
                    base.text
                );
                self.types.push((name, CType::Aligned(Box::new(base.ctype), align), false));
            }
            _ => {
                let base = self.scalar();
                let (dims, ctype) = self.dimensions(base.ctype);
                let _ = writeln!(self.text, "typedef {} {name}{dims};", base.text);
                self.types.push((name, ctype, true));
            }
        }
    }

    fn enumeration(&mut self, tag: &str) -> Arc<EnumDef> {
        let packed = self.random.chance(30);
        let pool = [
            0,
            1,
            -1,
            5,
            127,
            128,
            255,
            256,
            -129,
            65535,
            65536,
            i64::from(i32::MAX),
            i64::from(i32::MIN),
            i64::from(u32::MAX),
            1 << 40,
        ];
        let common = if self.random.chance(85) { 13 } else { pool.len() };
        let _ = write!(self.text, "enum {}{tag} {{", attribute(packed, "packed"));
        let enumerators = (0..1 + self.random.below(4)).map(|index| {
            let value = pool[self.random.below(common)];
            let name = format!("{tag}_{index}");
            let _ = write!(self.text, " {name} = {value},");
            Enumerator { name, value: i128::from(value) }
        });
        let enumerators = enumerators.collect();
        self.text.push_str(" };\n");
        Arc::new(EnumDef {
            tag: Some(tag.to_owned()),
            enumerators,
            packed,
            underlying: None,
            span: Span::default(),
        })
    }

    fn top_level(&mut self, tag: String) -> Arc<RecordDef> {
        let pack = self.random.chance(25).then(|| *self.random.pick(&[1, 2, 4, 8, 16]));
        let (mut def, mut body) = self.record(Some(tag), pack, 0);
        let has_name = def.fields.iter().any(|it| it.name.is_some());
        if def.kind == RecordKind::Struct && has_name && self.random.chance(15) {
            let (field, text) = self.flexible();
            def.fields.push(field);
            body.insert_str(body.rfind('}').expect("a body"), &text);
        }
        match pack {
            Some(pack) => {
                let _ =
                    writeln!(self.text, "#pragma pack(push, {pack})\n{body};\n#pragma pack(pop)\n");
            }
            None => {
                let _ = writeln!(self.text, "{body};\n");
            }
        }
        Arc::new(def)
    }

    fn flexible(&mut self) -> (FieldDef, String) {
        let name = self.name('f');
        let element = self.scalar();
        let text = format!("    {} {name}[];\n", element.text);
        let ctype = CType::Array(Box::new(element.ctype), ArrayLen::Flexible);
        (FieldDef::new(Some(name), ctype), text)
    }

    /// A record and its text, from keyword to closing brace and attributes.
    fn record(
        &mut self,
        tag: Option<String>,
        pragma_pack: Option<u32>,
        depth: usize,
    ) -> (RecordDef, String) {
        let kind = if self.random.chance(20) { RecordKind::Union } else { RecordKind::Struct };
        let packed = self.random.chance(35);
        let aligned = self.random.chance(12).then(|| *self.random.pick(&[1, 2, 4, 8, 16]));
        let count = 1 + self.random.below(if depth == 0 { 7 } else { 4 });
        let members: Vec<_> = (0..count).map(|_| self.member(pragma_pack, depth)).collect();
        let attributes = format!("{}{}", attribute(packed, "packed"), aligned_attribute(aligned));
        let before = self.random.chance(40);
        let name = tag.as_deref().unwrap_or_default();
        let (front, back) = if before { (&*attributes, "") } else { ("", &*attributes) };
        let lines: String = members.iter().map(|(_, text)| text.as_str()).collect();
        let text = format!("{} {front}{name} {{\n{lines}}} {back}", keyword(kind));
        let fields = members.into_iter().map(|(field, _)| field).collect();
        let span = Span::default();
        let description = None;
        let record = RecordDef {
            kind,
            tag,
            typedef: false,
            fields,
            packed,
            pragma_pack,
            aligned,
            description,
            span,
        };
        (record, text)
    }

    fn member(&mut self, pack: Option<u32>, depth: usize) -> (FieldDef, String) {
        if self.random.chance(28) {
            return self.bit_field(pack);
        }
        let name = self.name('f');
        if depth < 3 && self.random.chance(15) {
            return self.nested(name, pack, depth);
        }
        if self.random.chance(4) {
            let (dims, ctype) = self.maybe_array(CType::Pointer, true);
            let text = format!("void *{name}{dims}");
            return self.attributed(FieldDef::new(Some(name), ctype), text);
        }
        let base = self.any_type();
        let (dims, ctype) = self.maybe_array(base.ctype, base.in_array);
        let text = format!("{} {name}{dims}", base.text);
        self.attributed(FieldDef::new(Some(name), ctype), text)
    }

    /// A record declared in place: anonymous, or with a name of its own.
    fn nested(&mut self, name: String, pack: Option<u32>, depth: usize) -> (FieldDef, String) {
        let (def, text) = self.record(None, pack, depth + 1);
        let ctype = CType::Record(Arc::new(def));
        if self.random.chance(50) {
            // Attributes behind its brace would be the record's.
            return (FieldDef::new(None, ctype), format!("    {text};\n"));
        }
        let (dims, ctype) = self.maybe_array(ctype, true);
        self.attributed(FieldDef::new(Some(name.clone()), ctype), format!("{text} {name}{dims}"))
    }

    fn bit_field(&mut self, pack: Option<u32>) -> (FieldDef, String) {
        let (text, ctype, limit) = self.bit_field_type();
        let name = self.random.chance(80).then(|| self.name('f'));
        let width = match name {
            None if self.random.chance(50) => 0,
            _ if self.random.chance(15) => limit,
            _ => 1 + self.random.below(limit as usize) as u32,
        };
        let spelled = name.as_deref().unwrap_or_default();
        let text = format!("{text} {spelled} : {width}");
        let member = FieldDef { bits: Some(width), ..FieldDef::new(name, ctype) };
        if member.name.is_none() {
            return (member, format!("    {text};\n"));
        }
        let (member, text) = self.attributed(member, text);
        // Where it is aligned to less than its type, or `#pragma pack` to less than that, compilers
        // differ: gcc begins it at a byte, clang does not.
        let least = pack.map_or(8, |pack| if pack < 16 { u32::MAX } else { 8 });
        let disputed = member.aligned.is_some_and(|aligned| aligned < least);
        if disputed { self.bit_field(pack) } else { (member, text) }
    }

    fn bit_field_type(&mut self) -> (String, CType, u32) {
        let enums: Vec<_> =
            self.types.iter().filter(|(_, ctype, _)| matches!(ctype, CType::Enum(_))).collect();
        if !enums.is_empty() && self.random.chance(10) {
            let (text, ctype, _) = self.random.pick(&enums);
            let CType::Enum(def) = ctype else { unreachable!() };
            return (text.clone(), ctype.clone(), if def.packed { 8 } else { 32 });
        }
        let &(text, kind, limit) = self.random.pick(&INTEGERS);
        (text.to_owned(), CType::Int { kind, order: None }, limit)
    }

    fn attributed(&mut self, field: FieldDef, text: String) -> (FieldDef, String) {
        let packed = self.random.chance(6);
        let aligned = self.random.chance(6).then(|| *self.random.pick(&[1, 2, 4, 8, 16]));
        let text =
            format!("    {text} {}{};\n", attribute(packed, "packed"), aligned_attribute(aligned));
        (FieldDef { packed, aligned, ..field }, text)
    }

    fn any_type(&mut self) -> Spelled {
        if !self.types.is_empty() && self.random.chance(30) {
            // The newest, so that records do not grow without end.
            let recent = self.types.len().saturating_sub(8);
            let (text, ctype, in_array) = self.random.pick(&self.types[recent..]);
            if flat_len(ctype) < 40 {
                return Spelled { ctype: ctype.clone(), text: text.clone(), in_array: *in_array };
            }
        }
        self.scalar()
    }

    fn scalar(&mut self) -> Spelled {
        let spelled = |text: &str, ctype| Spelled { ctype, text: text.to_owned(), in_array: true };
        let fixed = |bits, signed| IntKind::Fixed { bits, signed };
        match self.random.below(20) {
            0 | 1 => {
                let &(text, kind) = self.random.pick(&FLOATS);
                spelled(text, CType::Float(kind))
            }
            2 => {
                let &(text, bits, order) = self.random.pick(&ORDERED);
                spelled(text, CType::Int { kind: fixed(bits, false), order: Some(order) })
            }
            3 | 4 if self.wide => {
                let wide =
                    [("__int128", IntKind::Int128), ("unsigned __int128", IntKind::UnsignedInt128)];
                let &(text, kind) = self.random.pick(&wide);
                spelled(text, CType::Int { kind, order: None })
            }
            _ => {
                let &(text, kind, _) = self.random.pick(&INTEGERS);
                spelled(text, CType::Int { kind, order: None })
            }
        }
    }

    fn maybe_array(&mut self, ctype: CType, allowed: bool) -> (String, CType) {
        if allowed && self.random.chance(30) {
            self.dimensions(ctype)
        } else {
            (String::new(), ctype)
        }
    }

    /// One to three dimensions of 0 to 4 elements; mostly more than none.
    fn dimensions(&mut self, element: CType) -> (String, CType) {
        let count = *self.random.pick(&[1, 1, 1, 1, 2, 2, 3]);
        let lens: Vec<u64> = (0..count)
            .map(|_| if self.random.chance(6) { 0 } else { 1 + self.random.below(4) as u64 })
            .collect();
        let text = lens.iter().map(|len| format!("[{len}]")).collect();
        let array = |inner, &len: &u64| CType::Array(Box::new(inner), ArrayLen::Fixed(len));
        (text, lens.iter().rev().fold(element, array))
    }

    fn name(&mut self, letter: char) -> String {
        self.used += 1;
        format!("{letter}{}", self.used)
    }
}

fn keyword(kind: RecordKind) -> &'static str {
    match kind {
        RecordKind::Struct => "struct",
        RecordKind::Union => "union",
    }
}

fn attribute(on: bool, name: &str) -> String {
    if on { format!("__attribute__(({name})) ") } else { String::new() }
}

fn aligned_attribute(aligned: Option<u32>) -> String {
    aligned.map_or_else(String::new, |align| format!("__attribute__((aligned({align}))) "))
}

/// How many values a type holds.
fn flat_len(ctype: &CType) -> u64 {
    match ctype {
        CType::Record(def) => def.fields.iter().map(|it| flat_len(&it.ctype)).sum(),
        CType::Array(element, ArrayLen::Fixed(len)) => len * flat_len(element),
        CType::Aligned(inner, _) => flat_len(inner),
        _ => 1,
    }
}
