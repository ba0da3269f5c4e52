//! `wirereel demo`: the bundled captures, decoded, checked, replayed to servers of its own and run as
//! tests; then traffic that it generates, and listens to.

mod changing;
mod checking;
mod decoding;
mod generating;
mod peer;
mod replaying;
mod stage;
mod testing;

use std::io::{self, Write};

use anyhow::Result;
use clap::Args;
use wirereel::profile::{Options, Protocols};

use self::stage::Stage;
use super::{args::ResultFormat, globals::Globals, terminal::stdout, verdict::Verdict};

/// Decode, check, replay and test the bundled captures, generate and listen; needs nothing
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel demo
  wirereel demo -T json")]
pub struct DemoArgs {
    /// How results are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ResultFormat,
}

/// Shows all scenes. What differs or is wrong in them is meant to be.
///
/// # Errors
///
/// I/O; no socket on loopback.
pub fn run(args: &DemoArgs, cli: &Globals) -> Result<Verdict> {
    let mentions = vec![decoding::BUNDLED.to_owned()];
    let mut stage = Stage {
        cli,
        format: args.format,
        protocols: Protocols::load(&Options { builtin: true, mentions, ..Options::default() })?,
        out: if cli.quiet { Box::new(io::sink()) } else { stdout() },
        scenes: 0,
    };
    let mut total = decoding::show(&mut stage)?;
    total.add(&checking::show(&mut stage)?);
    changing::show(&mut stage)?;
    replaying::show(&mut stage)?;
    testing::show(&mut stage)?;
    generating::show(&mut stage)?;
    stage.out.flush()?;
    cli.summarise(&total, args.format == ResultFormat::Json)?;
    Ok(Verdict::Clean)
}
