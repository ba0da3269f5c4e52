//! The colours of text output. Whether there are any is the caller's to say.

use anstyle::{AnsiColor, Style};

/// One style for each part of speech; all of them empty where there is no colour.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Palette {
    /// Names of fields, and what stands between.
    pub dim: Style,
    /// What the eye should find first: protocols, headings.
    pub strong: Style,
    /// What is doubtful: ambiguity, holes, bytes left over.
    pub doubt: Style,
    /// What is wrong.
    pub error: Style,
    /// Bytes of who opened a conversation.
    pub client: Style,
    /// Bytes of who answered.
    pub server: Style,
}

impl Palette {
    /// No colour.
    pub fn plain() -> Self {
        Self::default()
    }

    /// The colours of a terminal.
    pub fn coloured() -> Self {
        Self {
            dim: Style::new().dimmed(),
            strong: Style::new().bold(),
            doubt: AnsiColor::Yellow.on_default(),
            error: AnsiColor::Red.on_default().bold(),
            client: AnsiColor::Cyan.on_default(),
            server: AnsiColor::Green.on_default(),
        }
    }

    /// Colours, or none.
    pub fn new(colour: bool) -> Self {
        if colour { Self::coloured() } else { Self::plain() }
    }
}
