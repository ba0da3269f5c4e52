//! Where scenes are shown, and the captures that they are of.

use std::io::{self, Write};

use anyhow::{Result, bail};
use wirereel::{
    decode::{Dissector, Found, Summary},
    output::{outcome_json, outcome_text},
    profile::Protocols,
    replay::Outcome,
};

use crate::cli::{args::ResultFormat, globals::Globals, session::Session};

/// A capture that the program carries.
#[derive(Clone, Copy)]
pub(super) struct Bundled {
    pub file: &'static str,
    pub bytes: &'static [u8],
}

/// Where scenes are shown.
pub(super) struct Stage<'a> {
    pub cli: &'a Globals,
    pub format: ResultFormat,
    pub protocols: Protocols,
    pub out: Box<dyn Write>,
    pub scenes: usize,
}

impl Stage<'_> {
    /// Begins a scene: for people with its title, and the capture that it is of.
    pub fn begin(&mut self, title: &str, file: &str) -> io::Result<()> {
        self.begin_live(title, &format!("captures/{file}"))
    }

    /// The same for what is of no capture, with what tells its traffic.
    pub fn begin_live(&mut self, title: &str, traffic: &str) -> io::Result<()> {
        if self.format == ResultFormat::Json {
            return Ok(());
        }
        if self.scenes > 0 {
            writeln!(self.out)?;
        }
        self.scenes += 1;
        let strong = self.cli.palette().strong;
        writeln!(self.out, "{strong}{title}{strong:#}\n  {traffic}")
    }

    /// What a replay came to.
    pub fn show_outcome(&mut self, outcome: &Outcome) -> Result<()> {
        match self.format {
            ResultFormat::Json => outcome_json(outcome, &mut self.out)?,
            ResultFormat::Text => outcome_text(outcome, self.cli.palette(), &mut self.out)?,
        }
        Ok(())
    }
}

impl Bundled {
    /// Decodes all of it, and lends what is found.
    pub fn dissect(
        self,
        protocols: &Protocols,
        take: &mut impl FnMut(Found<'_>) -> io::Result<()>,
    ) -> Result<Summary> {
        let mut session = Session::bundled(self.file, self.bytes)?;
        let summary = session.dissect(Dissector::new(protocols, true)?, take)?;
        session.finish()?;
        Ok(summary)
    }

    /// Its bytes, where the first of two pieces of one length has become the second.
    pub fn changed(self, [old, new]: [&[u8]; 2]) -> Result<Vec<u8>> {
        let mut capture = self.bytes.to_vec();
        let at = capture.windows(old.len()).position(|it| it == old);
        let piece = at.and_then(|at| capture.get_mut(at..)?.get_mut(..new.len()));
        let Some(piece) = piece else { bail!("{} does not hold what changes", self.file) };
        piece.copy_from_slice(new);
        Ok(capture)
    }
}
