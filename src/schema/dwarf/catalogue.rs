//! What a whole program declares: equal records once, each under the names by which it can be told.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use super::super::abi::Abi;
use super::super::c::{ProgramParts, Schema};
use super::super::constants::Constants;
use super::super::ctype::{CType, EnumDef, Enumerator, FieldDef, RecordDef, RecordKind};
use super::super::layout::Layout;
use super::super::source::{Code, Diagnostic, Diagnostics, Level, Span};
use super::attributes::explained;
use super::basic::integer;
use super::listing::{Listing, Spans};
use super::macro_values::Macros;
use super::measure::Measure;
use super::names::Names;
use super::placed::{PlacedRecord, SourceLine};

/// How a record is called somewhere.
pub(super) struct Naming {
    pub name: String,
    /// What it is in, outermost first.
    pub scope: Vec<String>,
    /// The number of the unit that says so.
    pub unit: u32,
    /// Of the program itself, not of its libraries.
    pub user: bool,
    /// Its own name, not another.
    pub listed: bool,
}

/// Every record of a program.
pub(super) struct Catalogue {
    pub measure: Measure,
    pub listing: Listing,
    /// By what they are; a nested record counts by its address, since that too is there once.
    records: HashMap<u64, Vec<Arc<RecordDef>>>,
    enums: HashMap<u64, Vec<Arc<EnumDef>>>,
    /// In the order in which they were made: what is nested before what it is in.
    order: Vec<Arc<RecordDef>>,
    names: Names,
    constants: Constants,
    macros: Macros,
    diagnostics: Diagnostics,
}

impl Catalogue {
    pub fn new(abi: Abi) -> Self {
        Self {
            measure: Measure::new(abi),
            listing: Listing::default(),
            records: HashMap::new(),
            enums: HashMap::new(),
            order: Vec::new(),
            names: Names::default(),
            constants: Constants::default(),
            macros: Macros::default(),
            diagnostics: Diagnostics::default(),
        }
    }

    /// The number of a unit, by the path of its source.
    pub fn unit(&mut self, path: &str) -> u32 {
        self.names.unit(path)
    }

    /// Takes in what an enum names; where two units differ, the first counts.
    pub fn constants(&mut self, enumerators: &[Enumerator]) {
        for it in enumerators {
            self.constants.add(it.name.clone(), it.value);
        }
    }

    /// Says what is wrong with the program.
    pub fn complain(&mut self, level: Level, text: String, help: Option<&str>) {
        let help = help.map(str::to_owned);
        let span = Span { file: u32::MAX, start: 0, end: 0 };
        let code = Code::Syntax;
        self.diagnostics.push(Box::new(Diagnostic { code, level, text, span, help }));
    }

    /// An enum of `size` bytes; its underlying type is told only where the source says it (`is_class`),
    /// or where nothing else makes it so wide. `None` where that does not either.
    pub fn enumeration(
        &mut self,
        def: EnumDef,
        size: u64,
        is_class: bool,
        line: Option<SourceLine>,
    ) -> Option<CType> {
        let abi = self.measure.abi;
        let is_signed = def.enumerators.iter().any(|it| it.value < 0);
        let own = def.underlying.or_else(|| match integer(size, is_signed)? {
            CType::Int { kind, .. } => Some(kind),
            _ => None,
        });
        let plain = EnumDef { underlying: None, ..def.clone() };
        let packed = EnumDef { packed: true, ..plain.clone() };
        let told = EnumDef { underlying: own, ..def };
        let fits = |it: &EnumDef| abi.enumeration(it).is_some_and(|it| it.size == size);
        let first = is_class.then(|| told.clone());
        let def = first.into_iter().chain([plain, packed, told]).find(fits)?;
        let mut hasher = DefaultHasher::new();
        (&def.tag, def.enumerators.len(), def.packed, def.underlying).hash(&mut hasher);
        let known = self.enums.entry(hasher.finish()).or_default();
        let whole = |it: &EnumDef| (it.tag.clone(), it.packed, it.underlying);
        let same =
            |it: &&Arc<EnumDef>| whole(it) == whole(&def) && it.enumerators == def.enumerators;
        if let Some(same) = known.iter().find(same) {
            return Some(CType::Enum(same.clone()));
        }
        let text = format!("enum {} {{", def.tag.as_deref().unwrap_or_default());
        let span = self.listing.add(line, text);
        let def = Arc::new(EnumDef { span, ..def });
        if let Some(tag) = &def.tag {
            self.constants.add_enum(tag.clone(), &def);
        }
        known.push(def.clone());
        Some(CType::Enum(def))
    }

    /// A record with what explains its places; the one that is already there, if it is the same.
    /// `None` where C cannot declare it.
    pub fn record(&mut self, placed: &PlacedRecord) -> Option<Arc<RecordDef>> {
        let mut def = explained(placed, &self.measure)?;
        let key = key(&def);
        let known = self.records.get(&key).into_iter().flatten();
        if let Some(same) = known.into_iter().find(|it| alike(it, &def)) {
            return Some(same.clone());
        }
        let align = Layout::of(&def, "", self.measure.abi).ok()?.align;
        def.span = self.listing.add(placed.line, format!("{} {{", opening(&def)));
        let mut lines = placed.members.iter().map(|it| it.line);
        for field in &mut def.fields {
            let is_placed = field.bits.is_none() || field.name.is_some();
            let line = if is_placed { lines.next().flatten() } else { None };
            let line = line.or(placed.line);
            field.span = self.listing.add(line, declaration(field));
        }
        let def = Arc::new(def);
        self.measure.add(&def, placed.size, align);
        self.records.entry(key).or_default().push(def.clone());
        self.order.push(def.clone());
        Some(def)
    }

    /// Gives a record a name.
    pub fn name(&mut self, naming: Naming, record: Arc<RecordDef>) {
        self.names.add(naming, record);
    }

    /// Takes in a macro that stands for a value; of one name the first.
    pub fn add_macro(&mut self, name: String, body: String, line: Option<SourceLine>) {
        self.macros.add(name, body, line, &mut self.listing);
    }

    /// Whether nothing was found.
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// What a header would have declared.
    pub fn finish(mut self) -> Schema {
        let (values, mut text_records) = self.macros.read();
        for (name, value) in values {
            self.constants.add(name, value);
        }
        let (files, spans) = self.listing.finish();
        let rebuilt = rebuilt(&self.order, &spans);
        text_records.iter_mut().for_each(|it| it.span = spans.of(it.span));
        let new = |it: &Arc<RecordDef>| rebuilt.get(&Arc::as_ptr(it)).cloned();
        let (records, names) = self.names.resolve();
        let place = |(name, record): (String, Arc<RecordDef>)| Some((name, new(&record)?));
        Schema::of_program(ProgramParts {
            abi: self.measure.abi,
            files,
            diagnostics: self.diagnostics.0,
            text_records,
            records: records.into_iter().filter_map(place).collect(),
            names: names.into_iter().filter_map(place).collect(),
            constants: self.constants,
        })
    }
}

/// Every record with the spans that its declarations came to have, by its old address.
fn rebuilt(order: &[Arc<RecordDef>], spans: &Spans) -> HashMap<*const RecordDef, Arc<RecordDef>> {
    let mut records = HashMap::with_capacity(order.len());
    let mut enums = HashMap::new();
    for old in order {
        let mut def = RecordDef::clone(old);
        def.span = spans.of(def.span);
        for field in &mut def.fields {
            field.span = spans.of(field.span);
            respan(&mut field.ctype, &records, &mut enums, spans);
        }
        records.insert(Arc::as_ptr(old), Arc::new(def));
    }
    records
}

fn respan(
    ctype: &mut CType,
    records: &HashMap<*const RecordDef, Arc<RecordDef>>,
    enums: &mut HashMap<*const EnumDef, Arc<EnumDef>>,
    spans: &Spans,
) {
    match ctype {
        CType::Record(record) => {
            if let Some(new) = records.get(&Arc::as_ptr(record)) {
                *record = new.clone();
            }
        }
        CType::Enum(def) => {
            let new = enums.entry(Arc::as_ptr(def)).or_insert_with(|| {
                Arc::new(EnumDef { span: spans.of(def.span), ..EnumDef::clone(def) })
            });
            *def = new.clone();
        }
        CType::Array(inner, _) | CType::Aligned(inner, _) => respan(inner, records, enums, spans),
        CType::Void | CType::Int { .. } | CType::Float(_) | CType::Pointer => {}
    }
}

/// Keyword and tag.
fn opening(def: &RecordDef) -> String {
    match (def.typedef, def.kind) {
        (false, _) => def.heading(),
        (true, RecordKind::Struct) => "struct".to_owned(),
        (true, RecordKind::Union) => "union".to_owned(),
    }
}

/// A member as a header declares it.
fn declaration(field: &FieldDef) -> String {
    let bits = field.bits.map_or_else(String::new, |it| format!(":{it}"));
    let name = field.name.as_deref().unwrap_or_default();
    let attributes = field.attributes();
    format!("    {}{bits}{attributes};", field.ctype.declare(name).trim_end())
}

/// Different for most records that are not [`alike`].
fn key(def: &RecordDef) -> u64 {
    let mut hasher = DefaultHasher::new();
    (def.kind, &def.tag, def.typedef, def.packed, def.fields.len()).hash(&mut hasher);
    for field in &def.fields {
        (&field.name, field.bits).hash(&mut hasher);
    }
    hasher.finish()
}

/// Whether two records are declared the same, wherever they are. What they nest is the same only if
/// it is the same one.
fn alike(one: &RecordDef, other: &RecordDef) -> bool {
    let whole = |it: &RecordDef| (it.kind, it.typedef, it.packed, it.pragma_pack, it.aligned);
    let field = |(one, other): (&FieldDef, &FieldDef)| {
        let own = |it: &FieldDef| (it.bits, it.packed, it.aligned);
        one.name == other.name && own(one) == own(other) && same_type(&one.ctype, &other.ctype)
    };
    whole(one) == whole(other)
        && one.tag == other.tag
        && one.fields.len() == other.fields.len()
        && one.fields.iter().zip(&other.fields).all(field)
}

fn same_type(one: &CType, other: &CType) -> bool {
    match (one, other) {
        (CType::Record(one), CType::Record(other)) => Arc::ptr_eq(one, other),
        (CType::Enum(one), CType::Enum(other)) => Arc::ptr_eq(one, other),
        (CType::Array(one, len), CType::Array(other, other_len)) => {
            len == other_len && same_type(one, other)
        }
        (CType::Aligned(one, align), CType::Aligned(other, other_align)) => {
            align == other_align && same_type(one, other)
        }
        (CType::Record(_) | CType::Enum(_), _) | (_, CType::Record(_) | CType::Enum(_)) => false,
        (one, other) => one == other,
    }
}
