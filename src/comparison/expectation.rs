//! What answers must be, as a user asks for it.

/// What answers must be.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Expectation {
    /// How closely they are compared.
    pub expect: Expect,
    /// Fields that may differ: `value`, `fields.math`, `http.header.date`; where bytes are
    /// compared `bytes`, or a place of an answer, `bytes:4..8`.
    pub ignore: Vec<String>,
    /// Regular expressions: what they match in bytes and text may differ.
    pub ignore_patterns: Vec<String>,
    /// Header fields of HTTP that are compared beside status, Content-Type and body.
    pub headers: Vec<String>,
    /// By how much numbers may differ, by field.
    pub tolerance: Vec<(String, f64)>,
}

/// How closely answers are compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expect {
    /// By message and field. Of HTTP: status, Content-Type and the decoded body.
    #[default]
    Fields,
    /// Byte by byte.
    Exact,
    /// An answer must come; of HTTP with the same status.
    Status,
    /// No answer is waited for.
    None,
}
