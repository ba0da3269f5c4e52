//! A capture as a sequence of frames: finds out compression and format, then lends one frame
//! after the other out of its buffer, without allocating.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use super::byte_order::ByteOrder;
use super::error::Flaw;
use super::format::describe;
use super::input::Input;
use super::pcap::PcapRecords;
use super::pcapng::PcapngRecords;
use super::record::Record;
use super::{CaptureError, Compression, Format, Frame, Interface, Timestamp};

/// A compressed file may itself have been compressed again, once.
const MAX_LAYERS: usize = 2;

/// Reads a capture.
///
/// ```no_run
/// use wirereel::capture::{CaptureError, Reader};
///
/// let mut reader = Reader::open("web.pcapng.gz".as_ref())?;
/// while let Some(frame) = reader.next_frame()? {
///     println!("{}: {} bytes", frame.number, frame.data.len());
/// }
/// # Ok::<(), CaptureError>(())
/// ```
pub struct Reader {
    file: String,
    input: Input,
    compression: Vec<Compression>,
    format: Format,
    records: Records,
    /// What [`Reader::advance`] found last.
    record: Option<Record>,
    /// The number of the last frame that was found.
    frame: u64,
    /// Nothing more comes, be it for the end of the file or for an error.
    ended: bool,
}

enum Records {
    Pcap(PcapRecords),
    Pcapng(PcapngRecords),
}

impl Reader {
    /// Opens a capture file.
    ///
    /// # Errors
    /// The file cannot be read, is no capture, or is cut short within its header.
    pub fn open(path: &Path) -> Result<Self, CaptureError> {
        let name = path.display().to_string();
        let opened = File::open(path).and_then(|file| Ok((file.metadata()?, file)));
        match opened {
            Ok((facts, _)) if facts.is_dir() => Err(CaptureError::Directory { file: name }),
            Ok((_, file)) => Self::named(name, file),
            Err(cause) => Err(CaptureError::Open { file: name, cause }),
        }
    }

    /// Reads a capture from standard input, as it comes in.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn stdin() -> Result<Self, CaptureError> {
        Self::named("standard input", io::stdin())
    }

    /// Reads a capture from any stream.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn new(stream: impl Read + Send + 'static) -> Result<Self, CaptureError> {
        Self::named("the capture", stream)
    }

    /// As [`Reader::new`]; errors call the stream by `name`.
    ///
    /// # Errors
    /// As [`Reader::open`].
    pub fn named(
        name: impl Into<String>,
        stream: impl Read + Send + 'static,
    ) -> Result<Self, CaptureError> {
        let file = name.into();
        let mut compression = Vec::new();
        let mut input = Input::new(Box::new(stream));
        let format = detect(&file, &mut input, &mut compression)?;
        let records = match format {
            Format::Pcapng => PcapngRecords::open(&mut input).map(Records::Pcapng),
            pcap => PcapRecords::open(&mut input, pcap).map(Records::Pcap),
        };
        let records =
            records.map_err(|fault| located(fault, &file, 0, &input, !compression.is_empty()))?;
        let (record, frame, ended) = (None, 0, false);
        Ok(Self { file, input, compression, format, records, record, frame, ended })
    }

    /// Lends the next frame, or `None` at the end of the capture.
    ///
    /// # Errors
    /// The capture is damaged here or cannot be read on; [`CaptureError::Truncated`] where it ends
    /// within a record. All frames before were given out, and `None` follows.
    #[inline]
    pub fn next_frame(&mut self) -> Result<Option<Frame<'_>>, CaptureError> {
        // The record is not put by: it would have to be read back at once.
        let record = self.next_record()?;
        Ok(record.map(|record| self.frame(&record)))
    }

    /// As [`Reader::next_frame`], with the place of the frame's data in the file, bytes; `None`
    /// where the file is compressed.
    ///
    /// # Errors
    /// As [`Reader::next_frame`].
    pub fn next_located(&mut self) -> Result<Option<(Frame<'_>, Option<u64>)>, CaptureError> {
        self.advance()?;
        let record = self.record.as_ref().filter(|_| self.compression.is_empty());
        let offset = record.map(|record| self.input.offset_of(record.data.start));
        Ok(self.current().map(|frame| (frame, offset)))
    }

    /// The path, or what the stream is called.
    pub fn name(&self) -> &str {
        &self.file
    }

    /// The format of the file.
    pub fn format(&self) -> Format {
        self.format
    }

    /// How the file is compressed, from the outside in; empty if it is not.
    pub fn compression(&self) -> &[Compression] {
        &self.compression
    }

    /// `"big"` or `"little"`; for pcapng, of the current section.
    pub fn byte_order(&self) -> &'static str {
        let order: ByteOrder = match &self.records {
            Records::Pcap(records) => records.byte_order(),
            Records::Pcapng(records) => records.byte_order(),
        };
        order.as_str()
    }

    /// The interfaces that the file has described up to here, at most 256 of them. One for pcap.
    pub fn interfaces(&self) -> Vec<Interface> {
        match &self.records {
            Records::Pcap(records) => vec![records.interface()],
            Records::Pcapng(records) => records.described().to_vec(),
        }
    }

    /// How many interfaces the file has described up to here.
    pub fn interface_count(&self) -> u64 {
        match &self.records {
            Records::Pcap(_) => 1,
            Records::Pcapng(records) => records.interface_count(),
        }
    }

    /// Finds the next frame, which [`Reader::current`] then lends. `false` at the end.
    pub(super) fn advance(&mut self) -> Result<bool, CaptureError> {
        self.record = None;
        self.record = self.next_record()?;
        Ok(self.record.is_some())
    }

    #[inline]
    fn next_record(&mut self) -> Result<Option<Record>, CaptureError> {
        if self.ended {
            return Ok(None);
        }
        let found = match &mut self.records {
            Records::Pcap(records) => records.next_record(&mut self.input),
            Records::Pcapng(records) => records.next_record(&mut self.input),
        };
        match found {
            Ok(Some(record)) => {
                self.frame = self.frame.saturating_add(1);
                Ok(Some(record))
            }
            Ok(None) => self.end(None),
            Err(fault) => self.end(Some(fault)),
        }
    }

    /// Nothing more comes, for `fault` or for the end of the file.
    #[cold]
    fn end(&mut self, fault: Option<Flaw>) -> Result<Option<Record>, CaptureError> {
        self.ended = true;
        let Some(fault) = fault else { return Ok(None) };
        let compressed = !self.compression.is_empty();
        Err(located(fault, &self.file, self.frame, &self.input, compressed))
    }

    /// The time of the frame that [`Reader::advance`] found last.
    pub(super) fn time(&self) -> Option<Timestamp> {
        self.record.as_ref()?.time
    }

    /// The frame that [`Reader::advance`] found last.
    pub(super) fn current(&self) -> Option<Frame<'_>> {
        self.record.as_ref().map(|record| self.frame(record))
    }

    #[inline]
    fn frame(&self, record: &Record) -> Frame<'_> {
        Frame {
            number: self.frame,
            time: record.time,
            interface: record.interface,
            link_type: record.link_type,
            data: self.input.slice(record.data.clone()),
            orig_len: record.orig_len,
        }
    }
}

/// Undoes compression until a capture's magic number is there.
fn detect(
    file: &str,
    input: &mut Input,
    layers: &mut Vec<Compression>,
) -> Result<Format, CaptureError> {
    loop {
        let compressed = !layers.is_empty();
        if let Err(cause) = input.read_to(8) {
            return Err(located(Flaw::Io(cause), file, 0, input, compressed));
        }
        let start = input.unused();
        if let Some(format) = Format::detect(start) {
            return Ok(format);
        }
        let Some(layer) = Compression::detect(start) else {
            return Err(no_capture(file, input, compressed));
        };
        if layers.len() == MAX_LAYERS {
            return Err(CaptureError::Nested { file: file.to_owned() });
        }
        layers.push(layer);
        let inner = std::mem::replace(input, Input::new(Box::new(io::empty())));
        *input = match layer.decode(inner) {
            Ok(decoded) => Input::new(decoded),
            Err(cause) => return Err(located(Flaw::Io(cause), file, 0, input, true)),
        };
    }
}

fn no_capture(file: &str, input: &Input, compressed: bool) -> CaptureError {
    let file = file.to_owned();
    match input.unused() {
        [] if !compressed => CaptureError::Empty { file },
        [] => CaptureError::NotACapture { file, begins: "nothing, once decompressed".to_owned() },
        start if Format::may_begin(start) => {
            CaptureError::Truncated { file, frame: 0, offset: input.offset() }
        }
        start => CaptureError::NotACapture { file, begins: describe(start) },
    }
}

/// The fault as the user is told it.
fn located(fault: Flaw, file: &str, frame: u64, input: &Input, compressed: bool) -> CaptureError {
    let file = file.to_owned();
    let offset = input.offset();
    match fault {
        Flaw::Truncated => CaptureError::Truncated { file, frame, offset },
        Flaw::TooLong(len) => CaptureError::TooLong { file, frame, offset, len },
        Flaw::Corrupt(what) => CaptureError::Corrupt { file, frame, offset, what },
        Flaw::Version { format, major, minor } => {
            CaptureError::Version { file, format, major, minor, offset }
        }
        // The system's own errors have a number; the decompressors' have none.
        Flaw::Io(cause) if !compressed || cause.raw_os_error().is_some() => {
            CaptureError::Read { file, frame, offset, cause }
        }
        Flaw::Io(cause) if cause.kind() == io::ErrorKind::UnexpectedEof => {
            CaptureError::Truncated { file, frame, offset }
        }
        Flaw::Io(cause) => CaptureError::Decompress { file, frame, offset, cause },
    }
}
