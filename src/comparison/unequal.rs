//! One difference between two messages.

/// Text and bytes are cut behind this many characters.
pub(super) const MAX_TEXT: usize = 256;

/// What two messages differ in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unequal {
    pub field: String,
    pub expected: Option<String>,
    pub actual: Option<String>,
}

/// The beginning of a long text.
pub(super) fn cut(text: &str) -> String {
    match text.split_at(text.floor_char_boundary(MAX_TEXT)) {
        (all, "") => all.to_owned(),
        (shown, _) => format!("{shown}…"),
    }
}
