//! How far a conversation is, in the capture and live.

/// How far the judged side is, live.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// What it had said in the capture has not come.
    Behind,
    /// Another answer has come than was recorded, in bytes that nothing decodes: it is over when
    /// nothing more comes.
    Uncertain,
    /// It has said what it had in the capture.
    Answered,
}

/// Where a message was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    Capture,
    Live,
}
