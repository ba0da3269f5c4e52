//! `wirereel demo`: the bundled captures, decoded.

use std::io::{self, Cursor, Write};

use anyhow::Result;
use clap::Args;
use wirereel::{
    capture::Reader,
    decode::{Captured, Dissector, Summary},
    output::{JsonWriter, TextWriter, TreeWriter},
    profile::{Options, Protocols},
};

use super::{Cli, Verdict, args::ResultFormat, terminal::stdout};

/// One bundled capture.
struct Scene {
    title: &'static str,
    file: &'static str,
    capture: &'static [u8],
    /// Show the field tree of its messages.
    shows_tree: bool,
}

/// A capture for each lesson.
const SCENES: [Scene; 5] = [
    Scene {
        title: "dgram-basic: a packed struct of fixed size",
        file: "ok_dgram_basic.pcap",
        capture: include_bytes!("../../captures/ok_dgram_basic.pcap"),
        shows_tree: false,
    },
    Scene {
        title: "dgram-var: a struct with a variable tail",
        file: "ok_dgram_var.pcap",
        capture: include_bytes!("../../captures/ok_dgram_var.pcap"),
        shows_tree: false,
    },
    Scene {
        title: "dgram-bcast: sent to everybody on the link",
        file: "ok_dgram_bcast.pcap",
        capture: include_bytes!("../../captures/ok_dgram_bcast.pcap"),
        shows_tree: false,
    },
    Scene {
        title: "dgram-mcast: sent to a group",
        file: "ok_dgram_mcast.pcap",
        capture: include_bytes!("../../captures/ok_dgram_mcast.pcap"),
        shows_tree: false,
    },
    Scene {
        title: "dgram-basic over IPv6, byte by byte: decode -V",
        file: "ok_dgram_basic_ipv6.pcap",
        capture: include_bytes!("../../captures/ok_dgram_basic_ipv6.pcap"),
        shows_tree: true,
    },
];

/// Decode the bundled captures of every lesson protocol; needs nothing
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel demo
  wirereel demo -T json")]
pub struct DemoArgs {
    /// How results are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: ResultFormat,
}

/// Decodes the bundled captures.
///
/// # Errors
///
/// I/O.
pub fn run(args: &DemoArgs, cli: &Cli) -> Result<Verdict> {
    let protocols = Protocols::load(&Options { builtin: true, ..Options::default() })?;
    let mut out = stdout();
    let mut total = Summary::default();
    for (index, scene) in SCENES.iter().enumerate() {
        let summary = match args.format {
            _ if cli.quiet => scene.play(&protocols, &mut |_| Ok(()))?,
            ResultFormat::Json => {
                let mut writer = JsonWriter::new();
                scene.play(&protocols, &mut |message| writer.write(message, &mut out))?
            }
            ResultFormat::Text => {
                if index > 0 {
                    writeln!(out)?;
                }
                scene.print(&protocols, cli, &mut out)?
            }
        };
        total.add(&summary);
    }
    out.flush()?;
    cli.summarise(&total, args.format == ResultFormat::Json)?;
    Ok(Verdict::Clean)
}

impl Scene {
    fn print(&self, protocols: &Protocols, cli: &Cli, out: &mut dyn Write) -> Result<Summary> {
        let palette = cli.palette();
        let strong = palette.strong;
        writeln!(out, "{strong}{}{strong:#}\n  captures/{}", self.title, self.file)?;
        let summary = if self.shows_tree {
            let (mut writer, mut trees) = (TreeWriter::new(palette), Vec::new());
            let summary = self.play(protocols, &mut |message| writer.write(message, &mut trees))?;
            // The last tree's empty line stands between scenes already.
            out.write_all(trees.trim_ascii_end())?;
            writeln!(out)?;
            summary
        } else {
            let mut writer = TextWriter::new(palette);
            self.play(protocols, &mut |message| writer.write(message, out))?
        };
        Ok(summary)
    }

    fn play(
        &self,
        protocols: &Protocols,
        print: &mut dyn FnMut(&Captured<'_>) -> io::Result<()>,
    ) -> Result<Summary> {
        let mut reader = Reader::new(Cursor::new(self.capture))?;
        let mut dissector = Dissector::new(protocols)?;
        while let Some(frame) = reader.next_frame()? {
            let mut written = Ok(());
            dissector.push(&frame, Some(self.file), &mut |message| written = print(message));
            written?;
        }
        Ok(dissector.finish())
    }
}
