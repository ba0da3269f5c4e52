//! Anything that wirereel found, as text, JSON, CSV or columns, on a writer that the caller gives.
//!
//! Nothing here knows a protocol: all of it goes by a message's fields. Nothing is written but to
//! the writer, and colour is used only where the caller asks for it. Characters from the wire
//! that could command a terminal are escaped.
//!
//! ```
//! use wirereel::output::{LayoutReport, Palette};
//! use wirereel::schema::{Abi, LoadOptions, Schema};
//!
//! let text = "struct msg { char tag; int value; };";
//! let schema = Schema::parse("proto.h", text, &LoadOptions::default());
//! let msg = schema.record("msg").ok_or("no msg")?;
//! let mut out = Vec::new();
//! LayoutReport::new(msg, "msg", Abi::X86_64)?.write_text(Palette::plain(), &mut out)?;
//! assert!(String::from_utf8(out)?.contains("3 bytes"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod count;
mod diagnostic;
mod endpoint;
mod escape;
mod exchanges;
mod finding;
mod flows;
mod follow;
#[cfg(feature = "generate")]
mod generate;
mod info;
#[cfg(feature = "net")]
mod interfaces;
mod json_types;
mod layout;
#[cfg(feature = "generate")]
mod listen;
mod message;
mod objects;
#[cfg(any(feature = "replay", feature = "generate"))]
mod outcome_parts;
mod palette;
#[cfg(feature = "replay")]
mod replay;
mod summary;
mod table;
mod time;

pub use diagnostic::{diagnostics, unused_declarations};
#[cfg(feature = "fixture")]
pub(crate) use escape::printable;
pub use finding::{
    findings_json, findings_sarif, findings_summary, findings_summary_json, findings_text,
};
pub use flows::{flows_json, flows_text};
pub use follow::{FollowFormat, FollowWriter};
#[cfg(feature = "generate")]
pub use generate::{generated_json, generated_text, written_json, written_text};
pub use info::{write_info_json, write_info_text};
#[cfg(feature = "net")]
pub use interfaces::{interfaces_json, interfaces_text};
pub use layout::{Against, LayoutReport, LayoutTable, asserts};
#[cfg(feature = "generate")]
pub use listen::{heard_json, heard_text, rates_text};
pub use message::{
    CsvFieldsWriter, CsvWriter, DumpWriter, FieldsWriter, FrameTimes, JsonWriter, TextWriter,
    TimeFormat, Times, TreeWriter,
};
pub use objects::{ExportError, MAX_HOLES, MAX_MEMORY, MAX_NAME, Object, ObjectWriter};
pub use palette::Palette;
#[cfg(feature = "replay")]
pub use replay::{
    outcome_json, outcome_text, plan_json, plan_text, preflight_json, preflight_text, served_text,
};
pub use summary::{flow_summary_json, flow_summary_text, summary_json, summary_text};
