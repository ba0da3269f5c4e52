//! Decoding: a capture for each lesson, and one of a bundled profile.

use std::io::{self, Write};

use anyhow::Result;
use wirereel::decode::{Dissector, Found, Summary};
use wirereel::message::{Captured, FieldRef};
use wirereel::output::{FieldsWriter, JsonWriter, TextWriter, TreeWriter};
use wirereel::profile::Protocols;

use super::stage::{Bundled, Stage};
use crate::cli::args::ResultFormat;

/// One capture, and how it is shown.
struct Scene {
    title: &'static str,
    capture: Bundled,
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

/// The bundled protocol whose fields a scene names.
pub(super) const BUNDLED: &str = "ntp";

/// A capture for each lesson, and one of a protocol that nobody has to declare.
const SCENES: [Scene; 9] = [
    Scene {
        title: "dgram-basic: a packed struct of fixed size",
        capture: Bundled {
            file: "ok_dgram_basic.pcap",
            bytes: include_bytes!("../../../captures/ok_dgram_basic.pcap"),
        },
        view: View::Lines,
    },
    Scene {
        title: "dgram-var: a struct with a variable tail",
        capture: Bundled {
            file: "ok_dgram_var.pcap",
            bytes: include_bytes!("../../../captures/ok_dgram_var.pcap"),
        },
        view: View::Lines,
    },
    Scene {
        title: "dgram-bcast: sent to everybody on the link",
        capture: Bundled {
            file: "ok_dgram_bcast.pcap",
            bytes: include_bytes!("../../../captures/ok_dgram_bcast.pcap"),
        },
        view: View::Lines,
    },
    Scene {
        title: "dgram-mcast: sent to a group",
        capture: Bundled {
            file: "ok_dgram_mcast.pcap",
            bytes: include_bytes!("../../../captures/ok_dgram_mcast.pcap"),
        },
        view: View::Lines,
    },
    Scene {
        title: "dgram-basic over IPv6, byte by byte: decode -V",
        capture: Bundled {
            file: "ok_dgram_basic_ipv6.pcap",
            bytes: include_bytes!("../../../captures/ok_dgram_basic_ipv6.pcap"),
        },
        view: View::Tree,
    },
    Scene {
        title: "stream-stamp: a line of text over TCP",
        capture: Bundled {
            file: "ok_stream_basic.pcap",
            bytes: include_bytes!("../../../captures/ok_stream_basic.pcap"),
        },
        view: View::Lines,
    },
    Scene {
        title: "webdl: a file over HTTP/0.9, from Apache",
        capture: Bundled {
            file: "ok_webdl_apache.pcap",
            bytes: include_bytes!("../../../captures/ok_webdl_apache.pcap"),
        },
        view: View::Lines,
    },
    Scene {
        title: "a page and its image, fetched by Chromium: decode -T fields -e frame.number ...",
        capture: Bundled {
            file: "ok_http_chromium.pcap",
            bytes: include_bytes!("../../../captures/ok_http_chromium.pcap"),
        },
        view: View::Fields(&[
            "frame.number",
            "http.request.method",
            "http.request.target",
            "http.response.status",
            "http.content_type",
            "http.body.len",
        ]),
    },
    Scene {
        title: "ntp: a bundled profile, on its registered port: decode -T fields -e frame.number ...",
        capture: Bundled {
            file: "proto_ntp.pcap",
            bytes: include_bytes!("../../../captures/proto_ntp.pcap"),
        },
        view: View::Fields(&["frame.number", "ntp.flags.mode", "ntp.stratum", "ntp.xmt"]),
    },
];

/// Decodes each capture, and gives what was in them.
pub(super) fn show(stage: &mut Stage<'_>) -> Result<Summary> {
    let mut total = Summary::default();
    for scene in &SCENES {
        stage.begin(scene.title, scene.capture.file)?;
        let summary = match stage.format {
            ResultFormat::Json => {
                let mut writer = JsonWriter::new();
                let Stage { protocols, out, .. } = stage;
                scene.play(protocols, &mut |message| writer.write(message, out))?
            }
            ResultFormat::Text => scene.print(stage)?,
        };
        total.add(&summary);
    }
    Ok(total)
}

impl Scene {
    fn print(&self, stage: &mut Stage<'_>) -> Result<Summary> {
        let palette = stage.cli.palette();
        let Stage { protocols, out, .. } = stage;
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
        self.capture.dissect(protocols, &mut |found| match found {
            Found::Message { captured, .. } => print(captured),
            _ => Ok(()),
        })
    }
}
