//! `wirereel redact`: a capture made fit to be shared.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use anyhow::{Result, ensure};
use clap::Args;
use wirereel::fixture::redact::{Key, RedactError, Redacted, Redaction};
use wirereel::profile::Protocols;

use super::{
    again::Again, args::ProtocolArgs, excerpt::is_same_file, globals::Globals, verdict::Verdict,
};

/// Replace what a capture tells of people and networks
///
/// Addresses become others, with common prefixes where they had them; text becomes text of the same
/// length, equal text equal text; of HTTP, credentials, cookies, queries, hosts and bodies are replaced.
/// Numbers stay, unless --field names them. Lengths, order, times and checksums stay as they were.
/// What decode and check say of the result is compared with what they say of the original; nothing is
/// written where it is not the same.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel redact capture.pcap -o shared.pcap -H proto.h -d udp.port==1989,msg_st
  wirereel redact capture.pcap -o shared.pcap -H proto.h --field math --keep name
  wirereel redact web.pcapng -o shared.pcapng --blank-unknown --keep http.request.target
  wirereel decode big.pcap --stream 3 --whole-streams -w part.pcap
  wirereel redact - -o - < capture.pcap | zstd > shared.pcap.zst
  wirereel redact one.pcap -o shared.pcap --key $(openssl rand -hex 32)")]
pub struct RedactArgs {
    /// pcap or pcapng, also compressed; - is standard input
    #[arg(value_name = "CAPTURE")]
    pub capture: PathBuf,

    /// Where to write the result, in the format of the capture, not compressed; - is standard output
    #[arg(short = 'o', long, value_name = "FILE")]
    pub output: PathBuf,

    /// What to replace by, 64 hexadecimal digits: captures redacted with one key have the same
    /// addresses and text where they had; who has the key can find out the addresses
    /// [default: random, and forgotten]
    #[arg(long, value_name = "HEX")]
    pub key: Option<Key>,

    /// A field to replace whatever it is, such as math, msg_st.math or grades.math; repeatable
    #[arg(long = "field", value_name = "NAME", value_delimiter = ',')]
    pub fields: Vec<String>,

    /// A field that stays, such as name, http.request.target, http.header.host or body; repeatable
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub keep: Vec<String>,

    /// Blank what nothing decodes: zeros stay, all else becomes 1 or x
    #[arg(long)]
    pub blank_unknown: bool,

    // Last, since its heading holds for whatever follows.
    #[command(flatten)]
    pub protocols: ProtocolArgs,
}

/// Writes a redacted capture.
///
/// # Errors
///
/// Bad arguments, I/O, bytes that nothing decodes, a capture cut short.
pub fn run(args: &RedactArgs, cli: &Globals) -> Result<Verdict> {
    ensure!(
        !is_same_file(&args.output, &args.capture),
        "-o {}: that is the capture to be read",
        args.output.display()
    );
    let protocols = Protocols::load(&args.protocols.options()?)?;
    cli.diagnose(&protocols)?;
    let redaction = Redaction {
        key: args.key.clone().map_or_else(Key::random, Ok)?,
        fields: args.fields.clone(),
        keep: args.keep.clone(),
        blank_unknown: args.blank_unknown,
    };
    let capture = Again::new(&args.capture)?;
    let open = || capture.open();
    let redacted = match args.output.as_os_str() == "-" {
        true => {
            redaction.write_to(&open, &protocols, ("standard output", &mut io::stdout().lock()))
        }
        false => redaction.run(&open, &protocols, &args.output),
    };
    match redacted {
        Ok(redacted) => summarise(redacted),
        Err(error @ RedactError::Differs { .. }) => {
            writeln!(io::stderr().lock(), "wirereel: {error}")?;
            Ok(Verdict::Findings)
        }
        Err(error) => Err(error.into()),
    }
}

fn summarise(redacted: Redacted) -> Result<Verdict> {
    let Redacted { frames, messages, findings, addresses, unknown, cut } = redacted;
    let mut err = io::stderr().lock();
    writeln!(
        err,
        "{frames} frames, {messages} messages, {findings} findings as before, {addresses} addresses \
         replaced"
    )?;
    if !unknown.is_empty() {
        writeln!(err, "blanked: {unknown}")?;
    }
    cut.map_or(Ok(Verdict::Clean), |cut| Err(cut.into()))
}
