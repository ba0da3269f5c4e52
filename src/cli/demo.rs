//! `wirereel demo`: the bundled captures, decoded.

use std::io::{self, Cursor, Write};

use anyhow::Result;
use clap::Args;
use wirereel::{
    capture::Reader,
    decode::{Captured, Dissector, FieldRef, Found, Summary},
    output::{FieldsWriter, JsonWriter, TextWriter, TreeWriter},
    profile::{Options, Protocols},
};

use super::{Cli, Verdict, args::ResultFormat, session::while_ok, terminal::stdout};

/// One bundled capture.
struct Scene {
    title: &'static str,
    file: &'static str,
    capture: &'static [u8],
    view: View,
}

/// How the messages of a scene are shown.
enum View {
    /// A line each.
    Lines,
    /// As a field tree, with bytes.
    Tree,
    /// These fields alone.
    Fields(&'static [&'static str]),
}

/// A capture for each lesson.
const SCENES: [Scene; 8] = [
    Scene {
        title: "dgram-basic: a packed struct of fixed size",
        file: "ok_dgram_basic.pcap",
        capture: include_bytes!("../../captures/ok_dgram_basic.pcap"),
        view: View::Lines,
    },
    Scene {
        title: "dgram-var: a struct with a variable tail",
        file: "ok_dgram_var.pcap",
        capture: include_bytes!("../../captures/ok_dgram_var.pcap"),
        view: View::Lines,
    },
    Scene {
        title: "dgram-bcast: sent to everybody on the link",
        file: "ok_dgram_bcast.pcap",
        capture: include_bytes!("../../captures/ok_dgram_bcast.pcap"),
        view: View::Lines,
    },
    Scene {
        title: "dgram-mcast: sent to a group",
        file: "ok_dgram_mcast.pcap",
        capture: include_bytes!("../../captures/ok_dgram_mcast.pcap"),
        view: View::Lines,
    },
    Scene {
        title: "dgram-basic over IPv6, byte by byte: decode -V",
        file: "ok_dgram_basic_ipv6.pcap",
        capture: include_bytes!("../../captures/ok_dgram_basic_ipv6.pcap"),
        view: View::Tree,
    },
    Scene {
        title: "stream-stamp: a line of text over TCP",
        file: "ok_stream_basic.pcap",
        capture: include_bytes!("../../captures/ok_stream_basic.pcap"),
        view: View::Lines,
    },
    Scene {
        title: "webdl: a file over HTTP/0.9, from Apache",
        file: "ok_webdl_apache.pcap",
        capture: include_bytes!("../../captures/ok_webdl_apache.pcap"),
        view: View::Lines,
    },
    Scene {
        title: "a page and its image, fetched by Chromium: decode -T fields -e frame.number ...",
        file: "ok_http_chromium.pcap",
        capture: include_bytes!("../../captures/ok_http_chromium.pcap"),
        view: View::Fields(&[
            "frame.number",
            "http.request.method",
            "http.request.target",
            "http.response.status",
            "http.content_type",
            "http.body.len",
        ]),
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
        let summary = match self.view {
            View::Lines => {
                let mut writer = TextWriter::new(palette);
                self.play(protocols, &mut |message| writer.write(message, out))?
            }
            View::Tree => {
                let (mut writer, mut trees) = (TreeWriter::new(palette), Vec::new());
                let mut print = |message: &Captured<'_>| writer.write(message, &mut trees);
                let summary = self.play(protocols, &mut print)?;
                // The last tree's empty line stands between scenes already.
                out.write_all(trees.trim_ascii_end())?;
                writeln!(out)?;
                summary
            }
            View::Fields(names) => {
                let dissector = Dissector::new(protocols, false)?;
                let known = dissector.known();
                let fields = names.iter().map(|name| FieldRef::parse(name, &known));
                let mut writer = FieldsWriter::new(fields.collect::<Result<_, _>>()?);
                self.play(protocols, &mut |message| writer.write(message, out))?
            }
        };
        Ok(summary)
    }

    fn play(
        &self,
        protocols: &Protocols,
        print: &mut dyn FnMut(&Captured<'_>) -> io::Result<()>,
    ) -> Result<Summary> {
        let mut reader = Reader::new(Cursor::new(self.capture))?;
        let mut dissector = Dissector::new(protocols, true)?;
        let mut take = |found: Found<'_>| match found {
            Found::Message { captured, .. } => print(captured),
            Found::Stream { .. } | Found::Packet { .. } | Found::Joined { .. } => Ok(()),
        };
        let mut written = Ok(());
        while let Some(frame) = reader.next_frame()? {
            dissector.push(&frame, Some(self.file), &mut while_ok(&mut written, &mut take));
        }
        let summary = dissector.finish(&mut while_ok(&mut written, &mut take));
        written?;
        Ok(summary)
    }
}
