//! One change of a header, on one ABI.

use crate::check::{Code, Level};
use crate::schema::Span;

/// Members that a change names of those that it moves.
const MAX_MOVED: usize = 6;

/// Something that is another thing in the new version.
#[derive(Clone, Debug)]
pub(super) struct Change {
    pub code: Code,
    pub level: Level,
    /// The message; empty where it is of no one.
    pub message: String,
    /// The member; empty for the message as a whole.
    pub path: String,
    /// One line, no final stop.
    pub text: String,
    /// What lies elsewhere because of it.
    pub moved: Vec<Moved>,
    /// First byte and bytes: in the new version, or the old one where it is there alone.
    pub place: Option<(u64, u64)>,
    pub span: Span,
    /// The place is in the new version.
    pub is_in_new: bool,
}

/// A member that lies elsewhere.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Moved {
    pub path: String,
    /// Bits from the start of the message.
    pub from: u64,
    pub to: u64,
}

impl Change {
    pub fn new(code: Code, message: &str, path: &str, text: impl Into<String>, span: Span) -> Self {
        Self {
            code,
            level: code.level(),
            message: message.to_owned(),
            path: path.to_owned(),
            text: text.into(),
            moved: Vec::new(),
            place: None,
            span,
            is_in_new: true,
        }
    }

    /// A message that the new version does not declare.
    pub fn gone(message: &str, span: Span) -> Self {
        let text = format!("`{message}` is no longer declared");
        let level = Level::Warning;
        Self { level, is_in_new: false, ..Self::new(Code::Removed, message, "", text, span) }
    }

    /// A text record of another format.
    pub fn format(message: &str, formats: [&[u8]; 2], span: Span) -> Self {
        let [old, new] = formats.map(|it| it.escape_ascii().to_string());
        let text = format!("the text of `{message}` was \"{old}\" and is \"{new}\"");
        Self::new(Code::Retyped, message, "", text, span)
    }

    /// Whether another one is the same on another ABI.
    pub fn is_of(&self, other: &Self) -> bool {
        (self.code, self.level, &self.message, &self.path)
            == (other.code, other.level, &other.message, &other.path)
    }

    /// All that an ABI may make of it otherwise than another.
    pub fn said(&self) -> String {
        let moved = self.moved();
        if moved.is_empty() { self.text.clone() } else { format!("{}; {moved}", self.text) }
    }

    /// Further lines.
    pub fn notes(&self) -> Vec<String> {
        Some(self.moved()).filter(|it| !it.is_empty()).into_iter().collect()
    }

    /// `` `up` moves from 4 to 6, `temp` from 8 to 10``.
    fn moved(&self) -> String {
        let mut text = String::new();
        for (index, it) in self.moved.iter().take(MAX_MOVED).enumerate() {
            let verb = if index == 0 { " moves" } else { "" };
            let between = if index == 0 { "" } else { ", " };
            text += &format!(
                "{between}`{}`{verb} from {} to {}",
                it.path,
                place(it.from),
                place(it.to)
            );
        }
        let more = self.moved.len().saturating_sub(MAX_MOVED);
        if more > 0 {
            text += &format!(", and {more} more");
        }
        text
    }

    /// What to do.
    pub fn help(&self) -> Option<&'static str> {
        if self.level == Level::Note {
            return None;
        }
        Some(match self.code {
            Code::Inserted => {
                "put it behind the last member, and have receivers go by the length; or give the \
                 message another version or type"
            }
            Code::Appended => {
                "receivers of the old version must let longer messages pass, and those of the new one \
                 shorter ones: over TCP only a length in the message can say where it ends"
            }
            Code::Removed => {
                "keep its bytes, as `reserved`, or give the message another version or type"
            }
            Code::EnumValues => "give what is new a value that no other had, and leave the others",
            Code::Renamed => return None,
            _ => "give the message another version or type, and have receivers look at that first",
        })
    }
}

/// Bytes, and the bit within where it is none of the first.
pub(super) fn place(bits: u64) -> String {
    match bits % 8 {
        0 => (bits / 8).to_string(),
        bit => format!("{} bit {bit}", bits / 8),
    }
}
