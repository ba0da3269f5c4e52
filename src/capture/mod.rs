//! Capture files to frames: pcap and pcapng, plain or compressed, from a path or standard input;
//! and frames back to files.
//!
//! A [`Reader`] lends each [`Frame`] out of its buffer; a [`Merge`] does so for several files in
//! the order of time. Whatever the input holds, memory stays bounded: a record is at most
//! [`MAX_RECORD_LEN`] bytes, and decompression streams.
//!
//! The only room that names `pcap-file`, `flate2` and `zstd`.
//!
//! ```
//! use wirereel::capture::{Compression, Format, Reader};
//!
//! let mut reader = Reader::open("captures/ok_dgram_basic.pcap.gz".as_ref())?;
//! assert_eq!((reader.format(), reader.compression()), (Format::Pcap, &[Compression::Gzip][..]));
//! let mut lens = Vec::new();
//! while let Some(frame) = reader.next_frame()? {
//!     lens.push(frame.data.len());
//! }
//! assert_eq!(lens, [61, 61, 61]);
//! # Ok::<(), wirereel::capture::CaptureError>(())
//! ```

#![cfg_attr(not(test), deny(clippy::arithmetic_side_effects))]

mod byte_order;
mod coding;
mod compression;
mod error;
mod format;
mod frame;
mod inflate;
mod info;
mod input;
mod interface;
mod link_type;
mod merge;
mod pcap;
mod pcapng;
mod reader;
mod record;
mod timestamp;
mod writer;

#[cfg(test)]
mod sample;
#[cfg(test)]
mod tests;

pub use coding::{Coding, is_window_too_large};
pub use compression::Compression;
pub use error::CaptureError;
pub use format::Format;
pub use frame::Frame;
pub use inflate::{Damaged, Inflate};
pub use info::{CaptureInfo, info};
pub use interface::Interface;
pub use link_type::LinkType;
pub use merge::Merge;
pub use reader::Reader;
pub use record::MAX_RECORD_LEN;
pub use timestamp::Timestamp;
pub use writer::{WriteFormat, Writer};
