//! Several captures as one, in the order of time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{CaptureError, Frame, Reader, Timestamp};

/// Merges captures by time. Each keeps its own order where its times do not tell: a frame without
/// a time stays behind the one before it. Frames of the same time come in the order of the files.
///
/// A frame keeps the number that it has in its own file. An error ends its file; the others go on.
pub struct Merge {
    sources: Vec<Option<Source>>,
    /// Time and index of each source that has a frame ready, earliest on top.
    ready: BinaryHeap<Reverse<(Timestamp, usize)>>,
    /// The source whose frame was lent last.
    lent: Option<usize>,
    errors: Vec<CaptureError>,
}

struct Source {
    reader: Reader,
    /// Where its frame is put in the order of time.
    time: Timestamp,
}

impl Merge {
    /// Merges what was opened. What could not be opened counts as a file that ended with an error.
    pub fn new(readers: impl IntoIterator<Item = Result<Reader, CaptureError>>) -> Self {
        let mut merge =
            Self { sources: Vec::new(), ready: BinaryHeap::new(), lent: None, errors: Vec::new() };
        for reader in readers {
            let source = match reader {
                Ok(reader) => Some(Source { reader, time: Timestamp(i64::MIN) }),
                Err(error) => {
                    merge.errors.push(error);
                    None
                }
            };
            merge.sources.push(source);
        }
        (0..merge.sources.len()).for_each(|index| merge.advance(index));
        merge
    }

    /// Lends the next frame, with the index of its file as given to [`Merge::new`]. `None` when
    /// every file has ended; [`Merge::errors`] then tells which ended before their time.
    pub fn next_frame(&mut self) -> Option<(usize, Frame<'_>)> {
        if let Some(index) = self.lent.take() {
            self.advance(index);
        }
        let Reverse((_, index)) = self.ready.pop()?;
        self.lent = Some(index);
        let frame = self.sources.get(index)?.as_ref()?.reader.current()?;
        Some((index, frame))
    }

    /// What went wrong so far, a file at most once.
    pub fn errors(&self) -> &[CaptureError] {
        &self.errors
    }

    /// As [`Merge::errors`], given away.
    pub fn into_errors(self) -> Vec<CaptureError> {
        self.errors
    }

    /// Makes a source's next frame ready; closes the source if there is none.
    fn advance(&mut self, index: usize) {
        let Some(slot) = self.sources.get_mut(index) else { return };
        let Some(source) = slot else { return };
        match source.reader.advance() {
            Ok(true) => {
                source.time = source.reader.time().unwrap_or(source.time);
                self.ready.push(Reverse((source.time, index)));
            }
            Ok(false) => *slot = None,
            Err(error) => {
                *slot = None;
                self.errors.push(error);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::sample::{self, Sample};

    fn reader(bytes: Vec<u8>) -> Result<Reader, CaptureError> {
        Reader::new(std::io::Cursor::new(bytes))
    }

    fn order(merge: &mut Merge) -> Vec<(usize, u64)> {
        std::iter::from_fn(|| merge.next_frame().map(|(file, frame)| (file, frame.number)))
            .collect()
    }

    fn at(secs: &[u32]) -> Vec<u8> {
        let mut file = Sample::little().pcap(sample::MICROS, 1);
        secs.iter().for_each(|&secs| file.pcap_record(secs, 0, b"data", 4));
        file.bytes
    }

    #[test]
    fn frames_come_by_time_then_by_file() {
        let mut merge = Merge::new([reader(at(&[1, 5, 9])), reader(at(&[1, 2, 2, 9, 12]))]);
        let expected = [(0, 1), (1, 1), (1, 2), (1, 3), (0, 2), (0, 3), (1, 4), (1, 5)];
        assert_eq!(order(&mut merge), expected);
        assert!(merge.errors().is_empty());
    }

    #[test]
    fn a_file_that_runs_back_in_time_keeps_its_order() {
        let mut merge = Merge::new([reader(at(&[5, 3, 8])), reader(at(&[4, 6]))]);
        assert_eq!(order(&mut merge), [(1, 1), (0, 1), (0, 2), (1, 2), (0, 3)]);
    }

    #[test]
    fn frames_without_a_time_stay_behind_the_one_before() {
        let mut file = Sample::little().section();
        file.interface(1, 0, &[]);
        file.enhanced(0, 3_000_000, b"timed", 5, &[]);
        file.simple(b"bare", 4);
        let mut merge = Merge::new([reader(at(&[2, 4])), reader(file.bytes)]);
        assert_eq!(order(&mut merge), [(0, 1), (1, 1), (1, 2), (0, 2)]);
    }

    #[test]
    fn an_error_ends_its_file_alone() {
        let mut cut = at(&[1, 2]);
        cut.pop();
        let missing = Reader::open("does/not/exist".as_ref());
        let mut merge = Merge::new([missing, reader(cut), reader(at(&[3]))]);
        assert_eq!(order(&mut merge), [(1, 1), (2, 1)]);
        let errors = merge.into_errors();
        assert!(matches!(
            errors[..],
            [CaptureError::Open { .. }, CaptureError::Truncated { frame: 1, offset: 44, .. }]
        ));
    }
}
