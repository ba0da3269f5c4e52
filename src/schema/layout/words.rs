//! What C cannot say of a field: how much of it there is, which, and whether.
//!
//! Generic over what expressions name: as written in a profile an [`Operand`], in a resolved layout
//! a [`Reference`].

use std::ops::RangeInclusive;
use std::sync::Arc;

use super::super::expression::{Expression, Operand};
use super::layout::Layout;
use super::resolved::PartId;

/// What is said of one field, as it is written.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words {
    /// How much of an array there is, or of what a record frames.
    pub amount: Option<Amount<Operand>>,
    /// The bytes of a record, or of each in a list.
    pub length: Option<Expression>,
    /// It is there where this is not zero.
    pub present: Option<Expression>,
    /// Which member of a union it is, or which struct its bytes are.
    pub choice: Option<Choice>,
    /// What an array of bytes is.
    pub form: Option<BytesForm>,
    /// Each element takes a multiple of so many bytes.
    pub pad: u64,
    /// What is missing at its end reads as zeros.
    pub zeros: bool,
}

/// How much of an array there is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Amount<N> {
    /// So many elements.
    Count(Expression<N>),
    /// So many bytes.
    Bytes(Expression<N>),
    /// Up to the end of the message, or of the record around that has a length.
    End,
    /// Up to the first element that has this value.
    Value(i128),
    /// Up to the first element for which this holds.
    Until(Expression<N>),
    /// As long as this holds before an element.
    While(Expression<N>),
}

/// Which of several things something is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    /// What is looked at: one to four.
    pub tags: Vec<Expression>,
    /// What their values mean; the first that fits holds.
    pub cases: Vec<ChoiceCase>,
}

/// One of the things that something can be.
#[derive(Clone, Debug, PartialEq)]
pub struct ChoiceCase {
    /// The values of each tag.
    pub values: Vec<RangeInclusive<i128>>,
    /// It holds only where this is not zero.
    pub when: Option<Expression>,
    /// What it is then.
    pub is: ChoiceTarget,
}

/// What a case names.
#[derive(Clone, Debug, PartialEq)]
pub enum ChoiceTarget {
    /// Nothing is there.
    Nothing,
    /// Bytes without further meaning.
    Bytes,
    /// A member of the union, or the struct of one.
    Member {
        /// Its name.
        name: String,
        /// The struct of the header that is called most like it.
        like: Option<String>,
    },
    /// A struct or union of the header.
    Record(String, Arc<Layout>),
}

/// What an array of bytes is, where it is neither text nor bytes.
#[derive(Clone, Debug, PartialEq)]
pub enum BytesForm {
    /// An integer in groups of seven bits, the least first (LEB128).
    Varint,
    /// Elements that say how long they are.
    List(ElementForm),
}

/// How the elements of a list of type, length and value lie.
#[derive(Clone, Debug, PartialEq)]
pub struct ElementForm {
    /// Bytes of the type; `None` where there is none.
    pub tag: Option<u64>,
    /// Bytes of the length.
    pub length: u64,
    /// The length counts type and length too.
    pub counts_all: bool,
    /// Bytes that the length counts in.
    pub unit: u64,
    /// Each element takes a multiple of so many bytes.
    pub pad: u64,
    /// The type behind which nothing follows, without length and value.
    pub end: Option<i128>,
    /// Types without length and value.
    pub single: Vec<i128>,
}

/// What an expression of a resolved layout names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reference {
    /// An integer.
    Part(PartId),
    /// The bytes of the message, or of the nearest record around that has a length.
    Len,
    /// The bytes that are left of these, from where the field begins.
    Rest,
    /// 1 of what goes to the port of the rule, 0 of what comes from it.
    ToServer,
}

/// What is said of a part, its names found.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartWords {
    /// How much of it there is; of a list without, as much as `until` says, or all that follows.
    pub amount: Option<PartAmount>,
    /// Up to the first element for which it holds; of bytes, up to this value.
    pub until: Option<Expression<Reference>>,
    /// The bytes of a record.
    pub length: Option<Expression<Reference>>,
    /// It is there where this is not zero.
    pub present: Option<Expression<Reference>>,
    /// Which of its members it is.
    pub choice: Option<PartChoice>,
    /// Each element takes a multiple of so many bytes; 1 or less says nothing.
    pub pad: u64,
    /// What is missing at its end reads as zeros.
    pub zeros: bool,
}

/// How much of a part there is.
#[derive(Clone, Debug, PartialEq)]
pub enum PartAmount {
    /// So many elements.
    Count(Expression<Reference>),
    /// So many bytes.
    Bytes(Expression<Reference>),
    /// Up to the end of the message, or of the record around that has a length.
    End,
    /// As long as this holds before an element.
    While(Expression<Reference>),
}

/// Which of its members a union is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct PartChoice {
    /// What is looked at.
    pub tags: Vec<Expression<Reference>>,
    /// What their values mean; the first that fits holds.
    pub cases: Vec<PartCase>,
    /// The member that is read where there is no case.
    pub otherwise: Option<PartId>,
}

/// One of the members that a union can be.
#[derive(Clone, Debug, PartialEq)]
pub struct PartCase {
    /// The values of each tag.
    pub values: Vec<RangeInclusive<i128>>,
    /// It holds only where this is not zero.
    pub when: Option<Expression<Reference>>,
    /// The member; `None` where nothing is there.
    pub member: Option<PartId>,
}

/// What is wrong with a word of a field.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WordError {
    /// A name that is neither a field nor a constant.
    #[error("no field \"{name}\" stands before it, and the header has no constant of that name{}", hint(.nearest))]
    UnknownName {
        /// As it was written.
        name: String,
        /// The nearest field that there is, where one is near.
        nearest: Option<String>,
    },
    /// A field that is no integer.
    #[error("\"{name}\" is no integer")]
    NoInteger {
        /// As it was written.
        name: String,
    },
    /// A field that is read later.
    #[error("\"{name}\" stands behind it: it can go only by what stands before it")]
    Later {
        /// As it was written.
        name: String,
    },
    /// A field of the elements of a list, of which there are many.
    #[error("\"{name}\" is in a list, and which element is meant is not said")]
    InList {
        /// As it was written.
        name: String,
    },
    /// A case that names nothing.
    #[error("case \"{name}\" is no member of it{}", hint(.nearest))]
    UnknownCase {
        /// As it was written.
        name: String,
        /// The nearest member that there is, where one is near.
        nearest: Option<String>,
    },
    /// A case of bytes that is no struct of the header.
    #[error("case \"{name}\" is no struct of the header{}", hint(.nearest))]
    NoStruct {
        /// As it was written.
        name: String,
        /// The nearest struct that there is, where one is near.
        nearest: Option<String>,
    },
    /// A comment whose words make no sense.
    #[error("{0}")]
    Comment(String),
    /// A word that does not go with the field.
    #[error("it goes with {0}")]
    Unfit(&'static str),
    /// A word that would say nothing of the field.
    #[error("`{word}` goes with {goes_with}")]
    UnfitWord {
        /// As a profile has it.
        word: &'static str,
        /// What it goes with.
        goes_with: &'static str,
    },
}

fn hint(nearest: &Option<String>) -> String {
    nearest.as_ref().map_or_else(String::new, |it| format!("; did you mean \"{it}\"?"))
}

impl PartWords {
    /// Whether its bytes say how many they are.
    pub fn is_open(&self) -> bool {
        self.amount.is_some()
            || self.until.is_some()
            || self.length.is_some()
            || self.present.is_some()
            || self.choice.is_some()
    }
}
