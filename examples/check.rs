//! Prints what is wrong with the sender of a capture, by the header that its receiver has; fails
//! where something is.
//!
//!     cargo run --example check -- captures/bug_dgram_basic_nohtonl.pcap tests/peers/dgram-basic/proto.h udp.port==1989,msg_st

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use wirereel::capture::Reader;
use wirereel::check::{Checker, Finding};
use wirereel::decode::Dissector;
use wirereel::profile::{Options, Protocols};
use wirereel::schema::Level;

fn main() -> Result<ExitCode, Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [capture, header, rule] = args.as_slice() else {
        return Err("usage: check CAPTURE HEADER RULE".into());
    };
    let findings = check(capture.as_ref(), header.as_ref(), rule)?;
    for it in &findings {
        println!("{}: {}", it.code, it.text);
    }
    let is_wrong = findings.iter().any(|it| it.level == Level::Error);
    Ok(if is_wrong { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The findings on a capture, the gravest first.
pub fn check(capture: &Path, header: &Path, rule: &str) -> Result<Vec<Finding>, Box<dyn Error>> {
    let (headers, rules) = (vec![header.to_owned()], vec![rule.parse()?]);
    let protocols = Protocols::load(&Options { headers, rules, ..Options::default() })?;
    let mut dissector = Dissector::new(&protocols, false)?;
    let mut checker = Checker::new(&protocols);
    let mut reader = Reader::open(capture)?;
    while let Some(frame) = reader.next_frame()? {
        dissector.push(&frame, None, &mut |found| checker.found(&found));
    }
    let summary = dissector.finish(&mut |found| checker.found(&found));
    Ok(checker.finish(&summary))
}
