//! Plays the clients of a capture to a live server, and prints what it answers differently.
//!
//!     cargo run -- serve captures/ok_http_keepalive.pcap --listen 127.0.0.1:8080
//!     cargo run --example replay -- captures/ok_http_keepalive.pcap 127.0.0.1:8080

use std::error::Error;
use std::fs::File;
use std::io;
use std::net::SocketAddr;
use std::path::Path;

use wirereel::capture::Reader;
use wirereel::output::{Palette, outcome_text};
use wirereel::profile::{self, Protocols};
use wirereel::replay::{self, Destinations, Options, Outcome, Plan, Stop};

fn main() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let [capture, to] = args.as_slice() else {
        return Err("usage: replay CAPTURE ADDRESS:PORT".into());
    };
    let outcome = play(capture.as_ref(), to.parse()?)?;
    Ok(outcome_text(&outcome, Palette::plain(), &mut io::stdout().lock())?)
}

/// Plays every conversation to one server, as fast as it was recorded.
pub fn play(capture: &Path, to: SocketAddr) -> Result<Outcome, Box<dyn Error>> {
    let protocols = Protocols::load(&profile::Options::default())?;
    // The file is read again for each payload when that is due.
    let again = File::open(capture)?;
    let plan = Plan::read(Reader::open(capture)?, Some(again), &mut |_| {})?;
    let destinations = Destinations { to: Some(to), ..Destinations::default() };
    let options = Options { destinations, ..Options::default() };
    Ok(replay::play(&plan, &protocols, &options, &Stop::default(), &|_| {})?)
}
