//! Which conversations of a capture a command is for: `--stream` and `-Y`.
//!
//! Numbers are known while the capture is read. What a filter lets pass is known only once all of
//! it was: it is read twice then.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use clap::Args;
use wirereel::decode::{Choice, Choosing, Dissector};
use wirereel::flow::{StreamCounts, StreamRange, StreamSet};
use wirereel::message::filter::Filter;
use wirereel::profile::Protocols;

use super::session::{Captures, Located, Reading, Session};

/// What conversations are chosen by.
#[derive(Debug, Args)]
#[command(next_help_heading = "Choice")]
pub struct ChoiceArgs {
    /// Only conversations of which a message passes a filter in Wireshark's syntax; where nothing
    /// decodes one, its packets' addresses, ports and numbers are asked
    #[arg(short = 'Y', long = "filter", value_name = "FILTER")]
    pub filter: Option<String>,

    #[command(flatten)]
    pub numbers: NumberArgs,
}

/// Conversations by number.
#[derive(Debug, Args)]
pub struct NumberArgs {
    /// Only conversations of these numbers in Wireshark and `wirereel flows`: 3 (of TCP and of
    /// UDP), tcp:3, udp:0, a range as 2..5 or tcp:2-5; repeatable
    #[arg(long = "stream", value_name = "N,M", value_delimiter = ',')]
    pub streams: Vec<StreamRange>,
}

impl NumberArgs {
    /// The streams of these numbers; all, where none is named.
    pub fn set(&self) -> StreamSet {
        StreamSet::new(self.streams.clone())
    }
}

impl ChoiceArgs {
    /// Opens captures for a command, once it is known which of their conversations it is for.
    ///
    /// # Errors
    ///
    /// What is no filter; as [`Session::open`].
    pub fn open(
        &self,
        paths: &[PathBuf],
        protocols: &Protocols,
        reading: &Reading,
    ) -> Result<(Choice, Session)> {
        let Some(filter) = &self.filter else {
            let choice = Choice::by_number(self.numbers.set());
            return Ok((choice, Session::open(paths, reading)?));
        };
        let first = Reading { shows_progress: true, ..reading.clone() };
        let (choice, captures) = self.pass(filter, paths, protocols, &first)?;
        Ok((choice, captures.reopen(reading)?))
    }

    /// As [`ChoiceArgs::open`], of one capture whose frames are to be found again by their place.
    ///
    /// # Errors
    ///
    /// As [`ChoiceArgs::open`].
    pub fn open_located(&self, path: &Path, protocols: &Protocols) -> Result<(Choice, Located)> {
        let Some(filter) = &self.filter else {
            return Ok((Choice::by_number(self.numbers.set()), Located::open(path)?));
        };
        let paths = [path.to_path_buf()];
        let (choice, captures) = self.pass(filter, &paths, protocols, &Reading::whole(true))?;
        Ok((choice, captures.locate(path)?))
    }

    /// Reads captures to find out which of their conversations the filter lets pass.
    fn pass<'p>(
        &self,
        filter: &str,
        paths: &'p [PathBuf],
        protocols: &Protocols,
        reading: &Reading,
    ) -> Result<(Choice, Captures<'p>)> {
        let dissector = Dissector::new(protocols, reads_digests(filter))?;
        let filter = Filter::parse(filter, &dissector.known())?;
        let captures = Captures::new(paths)?;
        let mut session = captures.open(reading)?;
        let mut choosing = Choosing::new(&filter);
        session.dissect(dissector, &mut |found| choosing.take(&found));
        session.give_way()?;
        Ok((choosing.finish(self.numbers.set()), captures))
    }
}

/// Whether a filter may ask for a digest, which is made only for those who do.
pub fn reads_digests(filter: &str) -> bool {
    filter.contains("body")
}

/// Refuses numbers that a capture does not have.
///
/// # Errors
///
/// The first of them, and how many there are.
pub fn require_streams(
    wanted: &StreamSet,
    counts: StreamCounts,
    captures: &[PathBuf],
) -> Result<()> {
    match wanted.missing(counts) {
        Some(missing) => bail!(no_stream(missing, counts, captures)),
        None => Ok(()),
    }
}

/// What is said of numbers that captures do not have.
pub fn no_stream(
    missing: impl std::fmt::Display,
    counts: StreamCounts,
    captures: &[PathBuf],
) -> String {
    let names: Vec<_> = captures.iter().map(|it| it.display().to_string()).collect();
    let (names, have) =
        (names.join(", "), if captures.len() == 1 { "it has" } else { "they have" });
    format!("no stream {missing} in {names}: {have} {counts}, numbered from 0")
}
