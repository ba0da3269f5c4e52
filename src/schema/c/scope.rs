//! What the declarations so far have named.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;
use std::sync::Arc;

use super::super::abi::Abi;
use super::super::ctype::{ArrayLen, CType, EnumDef, RecordDef, RecordKind};
use super::super::layout::{MAX_DEPTH, MAX_FIELDS, MAX_SIZE};
use super::super::meaning::Meaning;
use super::super::nearest;
use super::super::source::{Diagnostic, Span};
use super::builtin;
use super::preprocess::Preprocessor;

/// A type as far as it is known where it is named.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Type {
    Known(CType),
    /// A tag that is not defined yet: good enough behind a pointer.
    Incomplete(Rc<str>),
    /// A name that nothing declares, or a type that is not understood.
    Unknown(Rc<str>),
    Function,
}

/// What a tag names.
#[derive(Clone, Debug)]
pub(super) enum Tag {
    Record(Arc<RecordDef>),
    Enum(Arc<EnumDef>),
}

/// A record in the order in which the header declares it.
#[derive(Clone, Debug)]
pub(super) struct Declared {
    pub name: Rc<str>,
    pub record: Arc<RecordDef>,
    /// By the user's header, not by the system's.
    pub user: bool,
}

/// How far a type extends: the bounds that keep later stages from exploding.
#[derive(Clone, Copy, Debug, Default)]
struct Extent {
    /// Records and arrays within one another.
    depth: u32,
    /// Fields in all, an array's element counted once.
    fields: u64,
    /// Bytes at most, roughly.
    bytes: u64,
}

/// What the bytes of an [`Extent`] may be; the layout then judges exactly.
const MAX_BYTES: u64 = 16 * MAX_SIZE;

/// Names and their meaning; C keeps tags apart from the rest.
#[derive(Debug, Default)]
pub(super) struct Scope {
    /// Whose sizes `sizeof` gives.
    pub abi: Abi,
    /// Names are looked up as C++ does it.
    pub cplusplus: bool,
    /// The namespaces and classes that are open, the outermost first; without `inline` ones, whose
    /// names belong to what is around them.
    pub path: Vec<Rc<str>>,
    /// The names of those.
    pub inline: HashSet<Rc<str>>,
    /// Names that were needed and that nothing declares, with the place of what is said of each.
    pub lacking: RefCell<Vec<(String, Span)>>,
    /// Numbers that the platform's headers define, as far as the header has not included these.
    ambient: HashMap<Rc<str>, i128>,
    pub typedefs: HashMap<Rc<str>, Type>,
    /// What typedefs say of values, by their names without namespaces.
    pub meanings: HashMap<Rc<str>, Meaning>,
    pub tags: HashMap<Rc<str>, (Tag, bool)>,
    pub enumerators: HashMap<Rc<str>, i128>,
    /// Their names, as declared.
    pub enumerator_order: Vec<Rc<str>>,
    pub records: Vec<Declared>,
    /// Classes whose tail padding their heirs use.
    pub tails: HashSet<*const RecordDef>,
    extents: HashMap<*const RecordDef, (Arc<RecordDef>, Extent)>,
}

impl Scope {
    pub fn new(preprocessor: &Preprocessor) -> Self {
        let macros = preprocessor.macros.iter();
        let ambient = macros.filter_map(|(name, it)| Some((name.clone(), it.ambient_number()?)));
        Self { abi: preprocessor.abi, ambient: ambient.collect(), ..Self::default() }
    }

    /// The value that a name stands for.
    pub fn constant(&self, name: &str) -> Option<i128> {
        let declared = self.found(&self.enumerators, name).or_else(|| self.ambient.get(name));
        declared.copied().or(match name {
            "true" => Some(1),
            "false" => Some(0),
            _ => None,
        })
    }

    /// What the name of a type says of values.
    pub fn meaning(&self, name: &str) -> Option<Meaning> {
        let name = name.rsplit_once("::").map_or(name, |it| it.1);
        Meaning::of_typedef(name).or_else(|| self.meanings.get(name).copied())
    }

    /// The type that a name stands for; in C++ a tag is one.
    pub fn named(&self, name: &str) -> Option<Type> {
        if let Some(found) = self.found(&self.typedefs, name) {
            return Some(found.clone());
        }
        if self.cplusplus && self.found(&self.tags, name).is_some() {
            return Some(Type::Incomplete(name.into()));
        }
        builtin::named(name).map(Type::Known)
    }

    /// What a name means here: that of the innermost open namespace or class that has it.
    fn found<'m, T>(&self, map: &'m HashMap<Rc<str>, T>, name: &str) -> Option<&'m T> {
        if self.path.is_empty() && !self.cplusplus {
            return map.get(name);
        }
        let plain: Vec<_> = name.split("::").filter(|it| !self.inline.contains(*it)).collect();
        let name = plain.join("::");
        let name = name.as_str();
        let outer = (1..=self.path.len()).rev().filter_map(|len| {
            let path = self.path.get(..len)?;
            map.get(format!("{}::{name}", path.join("::")).as_str())
        });
        let found = { outer }.next().or_else(|| map.get(name));
        // `std::uint32_t`, or a namespace by another name.
        found.or_else(|| map.get(name.rsplit_once("::")?.1))
    }

    /// A name as it is known outside of what is open here.
    pub fn qualify(&self, name: &Rc<str>) -> Rc<str> {
        match self.path.as_slice() {
            [] => name.clone(),
            path => format!("{}::{name}", path.join("::")).into(),
        }
    }

    /// Declares a typedef. A name that stands for another type on each platform keeps that
    /// meaning, whatever `gcc -E` says it is on this machine.
    pub fn declare(&mut self, name: Rc<str>, declared: Type) {
        let own = builtin::exact(&name).or_else(|| {
            let own = builtin::platform(&name)?;
            let Type::Known(other) = &declared else { return None };
            alike(&own, other, self.abi).then_some(own)
        });
        let is_integer = matches!(declared, Type::Known(CType::Int { .. }));
        let meaning = own.filter(|_| is_integer).map_or(declared, Type::Known);
        self.typedefs.insert(name, meaning);
    }

    /// The definition behind an incomplete type, if it came meanwhile.
    pub fn complete(&self, found: Type) -> Type {
        let Type::Incomplete(tag) = &found else { return found };
        match self.found(&self.tags, tag) {
            Some((Tag::Record(record), _)) => Type::Known(CType::Record(record.clone())),
            Some((Tag::Enum(names), _)) => Type::Known(CType::Enum(names.clone())),
            None => found,
        }
    }

    /// Takes a finished record in.
    pub fn record(&mut self, record: &Arc<RecordDef>) -> Result<(), &'static str> {
        let mut extent = Extent::default();
        for field in &record.fields {
            let inner = self.extent(&field.ctype);
            extent.depth = extent.depth.max(inner.depth);
            extent.fields = extent.fields.saturating_add(inner.fields);
            let aligned = field.aligned.unwrap_or(0).max(16).into();
            extent.bytes = extent.bytes.saturating_add(inner.bytes).saturating_add(aligned);
        }
        extent.bytes = extent.bytes.saturating_add(record.aligned.unwrap_or(0).into());
        extent.depth = extent.depth.saturating_add(1);
        extent.check()?;
        self.extents.insert(Arc::as_ptr(record), (record.clone(), extent));
        Ok(())
    }

    /// An array of `len` elements.
    pub fn array(&self, element: CType, len: ArrayLen) -> Result<CType, &'static str> {
        let array = CType::Array(Box::new(element), len);
        self.extent(&array).check()?;
        Ok(array)
    }

    fn extent(&self, ctype: &CType) -> Extent {
        match ctype {
            CType::Record(record) => {
                self.extents.get(&Arc::as_ptr(record)).map(|it| it.1).unwrap_or_default()
            }
            CType::Array(element, len) => {
                let inner = self.extent(element);
                let len = if let ArrayLen::Fixed(len) = len { *len } else { 1 };
                let bytes = inner.bytes.saturating_mul(len);
                Extent { depth: inner.depth + 1, bytes, ..inner }
            }
            CType::Aligned(inner, align) => {
                let inner = self.extent(inner);
                let bytes = inner.bytes.max(u64::from(*align));
                Extent { depth: inner.depth + 1, bytes, ..inner }
            }
            _ => Extent { depth: 0, fields: 1, bytes: 16 },
        }
    }

    /// Says that nothing declares a type, and which name comes nearest.
    pub fn unknown_type(
        &self,
        kind: Option<RecordKind>,
        name: &str,
        span: Span,
    ) -> Box<Diagnostic> {
        self.lacking.borrow_mut().push((name.to_owned(), span));
        let Some(kind) = kind else {
            let known = self.typedefs.keys().map(|it| &**it).chain(CUSTOMARY);
            let error = Diagnostic::syntax(span, format!("unknown type name `{name}`"));
            if self.tags.contains_key(name) {
                return error.help(format!("write `struct {name}`"));
            }
            return suggest(error, name, known);
        };
        let word = if kind == RecordKind::Struct { "struct" } else { "union" };
        let error = Diagnostic::syntax(span, format!("`{word} {name}` is not defined here"));
        suggest(error, name, self.tags.keys().map(|it| &**it))
    }
}

/// Names worth a suggestion that no header declares.
const CUSTOMARY: [&str; 16] = [
    "uint8_t", "uint16_t", "uint32_t", "uint64_t", "int8_t", "int16_t", "int32_t", "int64_t",
    "size_t", "ssize_t", "time_t", "off_t", "char", "short", "int", "long",
];

impl Extent {
    fn check(self) -> Result<(), &'static str> {
        match self {
            Self { depth, .. } if depth > MAX_DEPTH => Err("the type nests too deeply"),
            Self { fields, .. } if fields > MAX_FIELDS => Err("the type has too many fields"),
            Self { bytes, .. } if bytes > MAX_BYTES => Err("the type is too large"),
            _ => Ok(()),
        }
    }
}

fn alike(own: &CType, other: &CType, abi: Abi) -> bool {
    let (CType::Int { kind: a, .. }, CType::Int { kind: b, .. }) = (own, other) else {
        return false;
    };
    builtin::is_signed(*a, abi) == builtin::is_signed(*b, abi)
        && builtin::size_of(own, abi) == builtin::size_of(other, abi)
}

fn suggest<'a>(
    error: Box<Diagnostic>,
    name: &str,
    known: impl Iterator<Item = &'a str>,
) -> Box<Diagnostic> {
    match nearest(name, known) {
        Some(nearest) => error.help(format!("did you mean `{nearest}`?")),
        None => error,
    }
}
