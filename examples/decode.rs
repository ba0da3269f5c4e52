//! Prints the messages of a capture as JSON, one a line. `--no-default-features` builds it.
//!
//!     cargo run --example decode -- captures/ok_dgram_basic.pcap tests/peers/dgram-basic/proto.h udp.port==1989,msg_st

use std::error::Error;
use std::io::{self, Write};
use std::path::Path;

use wirereel::capture::Reader;
use wirereel::decode::{Dissector, Found};
use wirereel::output::JsonWriter;
use wirereel::profile::{Options, Protocols};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [capture, header, rule] = args.as_slice() else {
        return Err("usage: decode CAPTURE HEADER RULE".into());
    };
    decode(capture.as_ref(), header.as_ref(), rule, &mut io::stdout().lock())
}

/// Writes what a capture holds; `rule` says which traffic is which message of the header.
pub fn decode(
    capture: &Path,
    header: &Path,
    rule: &str,
    out: &mut dyn Write,
) -> Result<(), Box<dyn Error>> {
    let (headers, rules) = (vec![header.to_owned()], vec![rule.parse()?]);
    let protocols = Protocols::load(&Options { headers, rules, ..Options::default() })?;
    let mut dissector = Dissector::new(&protocols, true)?;
    let mut reader = Reader::open(capture)?;
    let (mut writer, mut written) = (JsonWriter::new(), Ok(()));
    let mut print = |found: Found<'_>| match found {
        Found::Message { captured, .. } if written.is_ok() => written = writer.write(captured, out),
        _ => {}
    };
    while let Some(frame) = reader.next_frame()? {
        dissector.push(&frame, None, &mut print);
    }
    dissector.finish(&mut print);
    Ok(written?)
}
