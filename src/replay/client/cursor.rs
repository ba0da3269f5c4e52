//! Where in the recording a conversation is.

use crate::replay::{Payloads, ReplayError, Span};

/// What is read or written at once, at most, bytes.
pub(super) const PIECE: usize = 64 * 1024;

/// A step, and how much of it has been read.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Cursor {
    step: usize,
    span: usize,
    /// In the span, bytes.
    offset: u32,
}

impl Cursor {
    /// The index of the step.
    pub fn step(&self) -> usize {
        self.step
    }

    /// Goes on with the step that follows.
    pub fn next_step(&mut self) {
        *self = Self { step: self.step.saturating_add(1), ..Self::default() };
    }

    /// Reads the next piece of a step that consists of `spans` into `piece`, at most [`PIECE`]
    /// bytes; false where there is none.
    ///
    /// # Errors
    ///
    /// The payload cannot be read again.
    pub fn read(
        &mut self,
        spans: &[Span],
        payloads: &Payloads,
        piece: &mut Vec<u8>,
    ) -> Result<bool, ReplayError> {
        while let Some(span) = spans.get(self.span)
            && piece.len() < PIECE
        {
            let room = u32::try_from(PIECE.saturating_sub(piece.len())).unwrap_or(u32::MAX);
            let len = span.len.saturating_sub(self.offset).min(room);
            let offset = span.offset.saturating_add(u64::from(self.offset));
            payloads.read(Span { offset, len, ..*span }, piece)?;
            self.offset = self.offset.saturating_add(len);
            if self.offset >= span.len {
                self.span = self.span.saturating_add(1);
                self.offset = 0;
            }
        }
        Ok(!piece.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_come_in_pieces_that_join_small_ones_and_split_large_ones() {
        let all: Vec<u8> = (0..PIECE * 3).map(|it| (it % 251) as u8).collect();
        let mut payloads = Payloads::new(None);
        let cuts = [0, 10, 10, PIECE * 2 + 5, PIECE * 3];
        let spans: Vec<Span> =
            cuts.windows(2).map(|it| payloads.keep(&all[it[0]..it[1]]).unwrap()).collect();
        payloads.seal().unwrap();
        let (mut cursor, mut read, mut lengths) = (Cursor::default(), Vec::new(), Vec::new());
        loop {
            let mut piece = Vec::new();
            if !cursor.read(&spans, &payloads, &mut piece).unwrap() {
                break;
            }
            lengths.push(piece.len());
            read.extend(piece);
        }
        assert_eq!(lengths, [PIECE; 3]);
        assert!(read == all);
    }
}
