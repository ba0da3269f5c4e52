//! A protocol: one message of a header, and what a profile adds to it.

use std::{collections::BTreeMap, sync::Arc};

use super::standard::Standard;
use super::{ChecksumRule, FieldRules};
use crate::schema::{Abi, ByteOrder, Layout, LayoutError, PartKind, Reading, ResolvedLayout, Span};

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
    /// Path of the field that tells what the message is; empty cases go with none.
    pub tag: Option<String>,
    /// What the values of the tag mean.
    pub cases: Vec<Case>,
    /// Path of the field that counts the tail, elements.
    pub length: Option<String>,
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
}

/// One value of the tag.
#[derive(Clone, Debug)]
pub struct Case {
    /// The value of the tag that chooses it.
    pub value: i128,
    /// A member of a union in the message, or its struct; or a struct of the header.
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

/// A place in a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Declared {
    /// Index into the schemas that were loaded with the protocols.
    pub schema: usize,
    /// The name that is declared, in one of its files.
    pub span: Span,
}

impl Protocol {
    /// Another layout of its message or of a case, its fields read as the profile says.
    ///
    /// # Errors
    ///
    /// Those of [`Layout::resolve`].
    pub fn resolve(&self, layout: &Layout) -> Result<ResolvedLayout, LayoutError> {
        let host = self.abi.byte_order();
        let of = |path: &str| self.fields.get(path).map(|it| it.reading(host)).unwrap_or_default();
        layout.resolve(&Reading { order: self.order, host, of: &of })
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
        let cases = self.cases.iter().filter_map(|it| it.layout.as_ref());
        let own = self.format.layout().into_iter().chain(cases);
        let integers = own.filter_map(|it| match it.element(it.find(path)?.0)?.1.kind {
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
            Self::Text(_) | Self::Standard(_) => None,
        }
    }
}
