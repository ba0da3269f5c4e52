//! A protocol: one message of a header, and what a profile adds to it.

use std::ops::RangeInclusive;
use std::{collections::BTreeMap, sync::Arc};

use super::standard::Standard;
use super::{ChecksumRule, FieldRules};
use crate::schema::{
    Abi, ByteOrder, Expression, FieldReading, Layout, LayoutError, Operand, PartKind, Reading,
    ResolvedLayout, Span, TO_SERVER,
};

/// What a payload may be.
#[derive(Clone, Debug)]
pub struct Protocol {
    /// What output calls it: the profile's name, or the message's.
    pub name: String,
    /// The tag, typedef or macro that declares it; of what no header declares, its own name.
    pub message: String,
    /// How its bytes are read.
    pub format: Format,
    /// Of integers whose type and field do not fix it.
    pub order: ByteOrder,
    /// The ABI whose layout it has.
    pub abi: Abi,
    /// The receiver's buffer, bytes; longer messages get a finding.
    pub max_len: Option<u64>,
    /// What it says of the whole message.
    pub words: MessageWords,
    /// What comments of the header say of fields, by their texts.
    pub comments: BTreeMap<String, FieldReading>,
    /// What fields mean, by path: `point.x`.
    pub fields: BTreeMap<String, FieldRules>,
    /// Where it is declared; `None` for what no header declares.
    pub declared: Option<Declared>,
}

/// How the bytes of a message are read.
#[derive(Clone, Debug)]
pub enum Format {
    /// A struct or a union, its fields read as the profile says.
    Record(Arc<ResolvedLayout>),
    /// Text with conversions, such as `%lld\r\n`, its escapes undone; in whatever character set.
    Text(Vec<u8>),
    /// What needs no header.
    Standard(Standard),
    /// A bundled protocol that was not read yet.
    Unread,
}

/// Tags that are looked at together.
pub(crate) const MAX_TAGS: usize = 4;

/// What a profile says of the whole message.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct MessageWords {
    /// What tells which of `cases` it is: one to four, of fields at fixed places. Empty cases go with none.
    pub tags: Vec<Expression>,
    /// What the values of the tags mean; the first that has them holds.
    pub cases: Vec<Case>,
    /// The bytes of the message.
    pub length: Option<Expression>,
    /// What fields at fixed places have in every message.
    pub identity: Vec<(Expression, RangeInclusive<i128>)>,
    /// A datagram holds several, one behind another.
    pub several: bool,
    /// Bytes before each message that are not of it.
    pub skip: usize,
    /// Bytes that each message begins with; empty where nothing is said.
    pub sync: Vec<u8>,
    /// The fields that are sums, which are filled in.
    pub sums: Vec<FieldSum>,
}

/// One of the things that a message can be.
#[derive(Clone, Debug, PartialEq)]
pub struct Case {
    /// The values of each tag that choose it.
    pub values: Vec<RangeInclusive<i128>>,
    /// It holds only where this is not zero.
    pub when: Option<Expression>,
    /// A member of a union in the message, or its struct; or a struct of the header; or `none`.
    pub name: String,
    /// The struct that takes the message's place; `None` for a member of a union.
    pub layout: Option<Arc<ResolvedLayout>>,
}

/// A field that is a sum over bytes of its message.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldSum {
    /// Its path.
    pub path: String,
    /// Which sum.
    pub rule: ChecksumRule,
    /// In which its bytes are read.
    pub order: ByteOrder,
}

impl MessageWords {
    /// The path of the field that is the tag, where that is all there is to it.
    pub fn tag_path(&self) -> Option<&str> {
        match self.tags.as_slice() {
            [Expression::Name(Operand::Path { path, .. })] if path != TO_SERVER => Some(path),
            _ => None,
        }
    }
}

impl Case {
    /// A case of one value of one tag.
    pub fn of(value: i128, name: &str, layout: Option<Arc<ResolvedLayout>>) -> Self {
        Self { values: vec![value..=value], when: None, name: name.to_owned(), layout }
    }

    /// Nothing but what is in every message is there.
    pub fn is_nothing(&self) -> bool {
        self.name == "none" && self.layout.is_none()
    }

    /// The first value of the first tag that chooses it.
    pub fn value(&self) -> i128 {
        self.values.first().map_or(0, |it| *it.start())
    }
}

/// A place in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Index into the schemas that were loaded with the protocols.
    pub schema: usize,
    /// The name that is declared, in one of its files.
    pub span: Span,
}

impl Protocol {
    /// One of which only the name is known.
    pub(super) fn unread(name: &str, abi: Abi) -> Self {
        Self {
            name: name.to_owned(),
            message: name.to_owned(),
            format: Format::Unread,
            order: ByteOrder::Big,
            abi,
            max_len: None,
            words: MessageWords::default(),
            comments: BTreeMap::new(),
            fields: BTreeMap::new(),
            declared: None,
        }
    }

    /// Whether the messages say themselves how long they are, because the profile says so: then no length
    /// tells how a sender's struct lies.
    pub fn says_lengths(&self) -> bool {
        let words = &self.words;
        words.length.is_some()
            || words.several
            || self.layouts().any(|it| it.first_open().is_some())
    }

    /// The layouts of its message and of the structs that take its place.
    pub fn layouts(&self) -> impl Iterator<Item = &Arc<ResolvedLayout>> {
        let cases = self.words.cases.iter().filter_map(|it| it.layout.as_ref());
        self.format.layout().into_iter().chain(cases)
    }

    /// Another layout of its message or of a case, its fields read as the profile says.
    ///
    /// # Errors
    ///
    /// Those of [`Layout::resolve`].
    pub fn resolve(&self, layout: &Layout) -> Result<ResolvedLayout, LayoutError> {
        let host = self.abi.byte_order();
        let of = |path: &str| self.fields.get(path).map(|it| it.reading(host)).unwrap_or_default();
        let comment = |text: &str| Ok(self.comments.get(text).cloned().unwrap_or_default());
        layout.resolve(&Reading { order: self.order, host, of: &of, comment: &comment })
    }

    /// The fields that are sums, by path.
    pub fn sums(&self) -> Vec<FieldSum> {
        let sums = self.fields.iter().filter(|(_, it)| it.checksum.algorithm.is_some());
        let sum = |(path, rules): (&String, &FieldRules)| FieldSum {
            path: path.clone(),
            rule: rules.checksum.clone(),
            order: self.order_of(path, rules),
        };
        sums.map(sum).collect()
    }

    /// That of an integer is its layout's; bytes have none but what the profile says.
    fn order_of(&self, path: &str, rules: &FieldRules) -> ByteOrder {
        let integers = self.layouts().filter_map(|it| match it.element(it.find(path)?.0)?.1.kind {
            PartKind::Integer { order, .. } => Some(order),
            _ => None,
        });
        let said = rules.byte_order.map(|it| it.resolve(self.abi.byte_order()));
        integers.chain(said).next().unwrap_or(self.order)
    }
}

impl Format {
    /// The layout of a struct or union.
    pub fn layout(&self) -> Option<&Arc<ResolvedLayout>> {
        match self {
            Self::Record(layout) => Some(layout),
            Self::Text(_) | Self::Standard(_) | Self::Unread => None,
        }
    }
}
