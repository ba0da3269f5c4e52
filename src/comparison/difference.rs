//! What a comparison tells: counts, and the differences one by one.

/// Differences that are told of one answer.
pub const MAX_OF_ANSWER: usize = 20;

/// Differences that are told of one conversation.
pub const MAX_OF_CONVERSATION: usize = 100;

/// What a conversation came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// Answers that were as recorded.
    pub matched: u64,
    /// Answers that were not, or that the capture does not have.
    pub differed: u64,
    /// Answers that did not come.
    pub missing: u64,
    /// Answers that could not be compared: the capture lacks bytes before them.
    pub uncompared: u64,
    /// What the judged side sent, live. What nothing decodes is one message.
    pub received: Volume,
    /// The first [`MAX_OF_CONVERSATION`].
    pub differences: Vec<Difference>,
}

/// An answer that is not as recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The conversation's number in the capture; a live client's, from 0, where it asks a server
    /// what no conversation of the capture has.
    pub conversation: u32,
    /// Which of its answers, from 1.
    pub message: u64,
    /// The field, as `--ignore` takes it: `status`, `body`, `http.header.date`, `math`,
    /// `corners[1].x`; `bytes` where bytes are compared, `message` where it is another one, `error`
    /// where it cannot be read; empty for the whole message.
    pub field: String,
    /// What the capture has; `None` where nothing was expected.
    pub expected: Option<String>,
    /// What came; `None` where nothing did.
    pub actual: Option<String>,
}

/// Messages and their bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Volume {
    /// Datagrams, or messages of a stream.
    pub messages: u64,
    /// Bytes of payload.
    pub bytes: u64,
}

impl Volume {
    /// Adds one message.
    pub fn count(&mut self, bytes: usize) {
        self.add(Self { messages: 1, bytes: bytes as u64 });
    }

    /// Adds those of another.
    pub fn add(&mut self, other: Self) {
        self.messages = self.messages.saturating_add(other.messages);
        self.bytes = self.bytes.saturating_add(other.bytes);
    }
}
