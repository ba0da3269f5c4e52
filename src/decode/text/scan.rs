//! One record, matched piece by piece as its bytes arrive.
//!
//! What a scan finds never depends on how the bytes were cut: a piece that could go on in bytes
//! to come is left until they are there.

use super::MAX_RECORD_LEN;
use super::conversion::is_space;
use super::format::{Piece, TextFormat};
use super::token::{Token, token};
use crate::message::{DecodeError, ErrorKind, Item, Scalar};

/// Progress in one record.
#[derive(Clone, Debug, Default)]
pub(super) struct Scan {
    /// Of the format's pieces, the next to be matched.
    piece: usize,
    /// Where it begins.
    offset: usize,
    broken: Option<Broken>,
}

/// Where a record ceased to follow its format.
#[derive(Clone, Copy, Debug)]
struct Broken {
    offset: usize,
    kind: ErrorKind,
    /// No end of the record lies before.
    searched: usize,
}

/// A record, or as much of one as there is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Record<'f> {
    /// Bytes, its end included.
    pub len: usize,
    /// Bytes behind the last conversion of a record that only the close ends.
    pub trailing: usize,
    pub ended: Ended,
    pub error: Option<DecodeError<'f>>,
}

/// What ended a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Ended {
    /// The literal that does.
    Literal,
    /// No more bytes follow.
    Close,
    /// [`MAX_RECORD_LEN`].
    Limit,
}

enum Scanned {
    Matched(usize),
    /// So many bytes are matched, and it may go on in bytes to come.
    Incomplete(usize),
    /// At so many bytes from where the piece begins.
    Broken(usize, ErrorKind),
}

impl Scan {
    /// Goes on with the record at the start of `bytes`; `None` while it is not complete. `whole`:
    /// no more bytes will follow. `items` keeps what was found so far.
    pub fn advance<'f>(
        &mut self,
        format: &'f TextFormat,
        bytes: &[u8],
        whole: bool,
        items: &mut Vec<Item>,
    ) -> Option<Record<'f>> {
        let bytes = bytes.get(..MAX_RECORD_LEN).unwrap_or(bytes);
        let matched = self.broken.is_none() && self.pieces(format, bytes, whole, items);
        let len = if matched { self.end(format, bytes, whole) } else { None };
        let error = || {
            let broken = self.broken.as_ref()?;
            let context = format.context(self.piece);
            Some(DecodeError { offset: broken.offset, context, kind: broken.kind })
        };
        let error = error();
        let record = |len, ended, error| Record { len, trailing: 0, ended, error };
        if let Some(len) = len.or_else(|| self.recover(format, bytes)) {
            return Some(record(len, Ended::Literal, error));
        }
        if whole {
            let at_close = matched && format.end.is_empty();
            let trailing = if at_close { bytes.len().saturating_sub(self.offset) } else { 0 };
            return Some(Record { trailing, ..record(bytes.len(), Ended::Close, error) });
        }
        let context = format.context(self.piece);
        let limit = DecodeError { offset: self.offset, context, kind: ErrorKind::Limit };
        (bytes.len() >= MAX_RECORD_LEN)
            .then(|| record(bytes.len(), Ended::Limit, error.or(Some(limit))))
    }

    /// Matches pieces; `true` once all are.
    fn pieces(
        &mut self,
        format: &TextFormat,
        bytes: &[u8],
        whole: bool,
        items: &mut Vec<Item>,
    ) -> bool {
        while let Some(piece) = format.pieces.get(self.piece) {
            let rest = bytes.get(self.offset..).unwrap_or_default();
            let step = match piece {
                Piece::Space { passes_end: true, .. } => space(rest, b"", whole),
                Piece::Space { .. } => space(rest, &format.end, whole),
                Piece::Literal { bytes, .. } => literal(bytes, rest, whole),
                Piece::Conversion(pattern) => match token(pattern, rest, &format.end, whole) {
                    Token::Matched { len, blanks, scalar } => {
                        if let Some(node) = pattern.node {
                            push(items, node, self.offset, len, scalar);
                        }
                        Scanned::Matched(len.saturating_add(blanks))
                    }
                    Token::Incomplete => Scanned::Incomplete(0),
                    Token::Short => Scanned::Broken(rest.len(), ErrorKind::Short),
                    Token::Malformed => Scanned::Broken(0, ErrorKind::Malformed),
                },
            };
            if !self.take(step) {
                return false;
            }
            self.piece = self.piece.saturating_add(1);
        }
        true
    }

    /// Where the record ends, if its end stands behind the last conversion.
    fn end(&mut self, format: &TextFormat, bytes: &[u8], whole: bool) -> Option<usize> {
        if format.end.is_empty() {
            return None;
        }
        let rest = bytes.get(self.offset..).unwrap_or_default();
        match literal(&format.end, rest, whole) {
            Scanned::Matched(len) => Some(self.offset.saturating_add(len)),
            // An end that was begun is the close's.
            Scanned::Broken(_, ErrorKind::Short) => None,
            step => {
                self.take(step);
                None
            }
        }
    }

    fn take(&mut self, step: Scanned) -> bool {
        let (Scanned::Matched(len) | Scanned::Incomplete(len) | Scanned::Broken(len, _)) = step;
        let reached = self.offset.saturating_add(len);
        match step {
            Scanned::Matched(_) | Scanned::Incomplete(_) => self.offset = reached,
            Scanned::Broken(_, kind) => {
                self.broken = Some(Broken { offset: reached, kind, searched: self.offset });
            }
        }
        matches!(step, Scanned::Matched(_))
    }

    /// Where a broken record ends: behind the next end.
    fn recover(&mut self, format: &TextFormat, bytes: &[u8]) -> Option<usize> {
        let broken = self.broken.as_mut().filter(|_| !format.end.is_empty())?;
        let rest = bytes.get(broken.searched..).unwrap_or_default();
        if let Some(at) = format.end_finder.find(rest) {
            return Some(broken.searched.saturating_add(at).saturating_add(format.end.len()));
        }
        // An end may have begun.
        let begun = bytes.len().saturating_sub(format.end.len().saturating_sub(1));
        broken.searched = broken.searched.max(begun);
        None
    }
}

/// White space, up to where the record's end begins.
fn space(rest: &[u8], end: &[u8], whole: bool) -> Scanned {
    for (at, byte) in rest.iter().enumerate() {
        let from = rest.get(at..).unwrap_or_default();
        if !is_space(*byte) || !end.is_empty() && from.starts_with(end) {
            return Scanned::Matched(at);
        }
        if !whole && end.starts_with(from) {
            return Scanned::Incomplete(at);
        }
    }
    if whole { Scanned::Matched(rest.len()) } else { Scanned::Incomplete(rest.len()) }
}

fn literal(literal: &[u8], rest: &[u8], whole: bool) -> Scanned {
    let same = literal.iter().zip(rest).take_while(|(a, b)| a == b).count();
    if same == literal.len() {
        Scanned::Matched(same)
    } else if same < rest.len() {
        Scanned::Broken(same, ErrorKind::Malformed)
    } else if whole {
        Scanned::Broken(same, ErrorKind::Short)
    } else {
        Scanned::Incomplete(0)
    }
}

fn push(items: &mut Vec<Item>, node: u32, offset: usize, len: usize, scalar: Scalar) {
    let end = u32::try_from(items.len().saturating_add(1)).unwrap_or(u32::MAX);
    // A record is far shorter than 4 GiB.
    let narrow = |it: usize| u32::try_from(it).unwrap_or(u32::MAX);
    items.push(Item { node, offset: narrow(offset), len: narrow(len), end, scalar });
}
