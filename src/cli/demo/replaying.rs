//! Replaying: the clients of captures, played through live sockets to servers on loopback.

use std::{io::Cursor, net::SocketAddr};

use anyhow::{Result, bail};
use wirereel::{
    capture::Reader,
    output::{outcome_json, served_text},
    profile::Protocols,
    replay::{self, Destinations, Expectation, Options, Outcome, Plan, Stop, Timing},
};

use super::{
    peer,
    stage::{Bundled, Stage},
};
use crate::cli::args::ResultFormat;

const STAMPS: Bundled = Bundled {
    file: "ok_stream_basic.pcap",
    bytes: include_bytes!("../../../captures/ok_stream_basic.pcap"),
};
const DATAGRAMS: Bundled = Bundled {
    file: "ok_dgram_basic.pcap",
    bytes: include_bytes!("../../../captures/ok_dgram_basic.pcap"),
};
const PAGES: Bundled = Bundled {
    file: "ok_http_keepalive.pcap",
    bytes: include_bytes!("../../../captures/ok_http_keepalive.pcap"),
};

/// A heading of the page in [`PAGES`], and one of the same length.
const CHANGE: [&[u8]; 2] = [b"<h1>Grades</h1>", b"<h1>Scores</h1>"];

/// Plays all captures to their servers.
pub(super) fn show(stage: &mut Stage<'_>) -> Result<()> {
    stamps(stage)?;
    datagrams(stage)?;
    pages(stage)
}

/// A server that is alive: its stamps are the time of day, not those of the capture.
fn stamps(stage: &mut Stage<'_>) -> Result<()> {
    let (plan, to) = (plan(STAMPS.bytes)?, peer::stamps()?);
    stage
        .begin("stream-stamp, to a live server that tells the time of day: replay", STAMPS.file)?;
    let outcome = play(&plan, &stage.protocols, to, &[])?;
    stage.show_outcome(&outcome)?;
    stage.begin("the same, where the stamp may differ: replay --ignore value", STAMPS.file)?;
    let outcome = play(&plan, &stage.protocols, to, &["value"])?;
    stage.show_outcome(&outcome)
}

/// Datagrams that nobody answers: it is their receiver that compares.
fn datagrams(stage: &mut Stage<'_>) -> Result<()> {
    let plan = plan(DATAGRAMS.bytes)?;
    stage.begin("dgram-basic, to a receiver that knows what should come: serve", DATAGRAMS.file)?;
    let visit = |to| play(&plan, &stage.protocols, to, &[]);
    let [_, served] = peer::served(&plan, &stage.protocols, visit)?;
    match stage.format {
        ResultFormat::Json => outcome_json(&served, &mut stage.out)?,
        ResultFormat::Text => served_text(&served, stage.cli.palette(), &mut stage.out)?,
    }
    Ok(())
}

/// The capture's own server, but for one page.
fn pages(stage: &mut Stage<'_>) -> Result<()> {
    let recorded = plan(PAGES.bytes)?;
    let changed = plan(&PAGES.changed(CHANGE)?)?;
    let title = "a page and its image, to a server on which the page has changed: replay, serve";
    stage.begin(title, PAGES.file)?;
    let visit = |to| play(&recorded, &stage.protocols, to, &[]);
    let [outcome, _] = peer::served(&changed, &stage.protocols, visit)?;
    stage.show_outcome(&outcome)
}

/// What is to be played. The capture is in memory, so that its payload is spooled.
fn plan(capture: &[u8]) -> Result<Plan> {
    let reader = Reader::new(Cursor::new(capture.to_vec()))?;
    Ok(Plan::read(reader, None, &mut |_| {})?)
}

/// Plays the clients of a plan to one address, each step as soon as its answer is there.
///
/// # Errors
///
/// Also where something keeps it from being played whole: loopback that is down.
fn play(plan: &Plan, protocols: &Protocols, to: SocketAddr, ignore: &[&str]) -> Result<Outcome> {
    let ignore = ignore.iter().map(ToString::to_string).collect();
    let options = Options {
        destinations: Destinations { to: Some(to), ..Destinations::default() },
        timing: Timing::Reply,
        expectation: Expectation { ignore, ..Expectation::default() },
        ..Options::default()
    };
    let outcome = replay::play(plan, protocols, &options, &Stop::default(), &|_| {})?;
    if let Some(skipped) = outcome.skipped.first() {
        bail!("cannot replay to {to}: {}", skipped.reason);
    }
    Ok(outcome)
}
