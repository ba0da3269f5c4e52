//! How messages are printed: by the writer that the arguments ask for.

use std::io::{self, Write};

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};
use wirereel::message::{Captured, FieldRef, Known};
use wirereel::output::{CsvWriter, FieldsWriter, JsonWriter, TextWriter, TreeWriter};
use wirereel::profile::Standard;

use super::{args::ProtocolArgs, globals::Globals};

/// How messages are printed.
#[derive(Debug, Args)]
pub struct PrintArgs {
    /// How messages are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: MessageFormat,

    /// With -T fields: a field to print, such as math, msg_st.point.x or http.host; repeatable.
    /// Of any message there are frame.number (also frame), frame.time (also time),
    /// frame.time_epoch, file, src, dst, ip.src, ip.dst, ip.addr, the same behind ipv6,
    /// udp.srcport, udp.dstport, udp.port, udp.stream, the same behind tcp, stream, transport,
    /// protocol, message, len, candidates, trailing, pair and error
    #[arg(short = 'e', long = "field", value_name = "NAME", value_delimiter = ',')]
    pub fields: Vec<String>,

    /// Show the field tree and the bytes of each field
    #[arg(short = 'V', long)]
    pub tree: bool,
}

/// How messages are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum MessageFormat {
    /// For people.
    #[default]
    Text,
    /// One object a line.
    Json,
    /// A header line, then a line a message; a column for each field of each message.
    Csv,
    /// The fields that -e names, separated by tabs.
    Fields,
}

/// The writer that the arguments ask for.
pub enum Printer {
    Nothing,
    Text(Box<TextWriter>),
    Tree(Box<TreeWriter>),
    Json(Box<JsonWriter>),
    Csv(Box<CsvWriter>),
    Fields(Box<FieldsWriter>),
}

impl Printer {
    /// The writer that the arguments ask for, of messages that may be of several files.
    ///
    /// # Errors
    ///
    /// A field that no message has.
    pub fn new(
        args: &PrintArgs,
        protocols: &ProtocolArgs,
        cli: &Globals,
        known: &[Known<'_>],
        is_several: bool,
    ) -> Result<Self> {
        let fields = args
            .fields
            .iter()
            .map(|name| FieldRef::column(name, known))
            .collect::<Result<Vec<_>, _>>()?;
        if cli.quiet {
            return Ok(Self::Nothing);
        }
        Ok(match args.format {
            MessageFormat::Text if args.tree => {
                Self::Tree(Box::new(TreeWriter::new(cli.palette())))
            }
            MessageFormat::Text => Self::Text(Box::new(TextWriter::new(cli.palette()))),
            MessageFormat::Json => Self::Json(Box::default()),
            MessageFormat::Csv => {
                let columns = known.iter().filter(|it| has_columns(protocols, it)).copied();
                Self::Csv(Box::new(CsvWriter::new(&columns.collect::<Vec<_>>(), is_several)))
            }
            MessageFormat::Fields => Self::Fields(Box::new(FieldsWriter::new(fields))),
        })
    }

    /// Writes what stands before the first message.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if let Self::Csv(writer) = self { writer.header(out) } else { Ok(()) }
    }

    /// Writes a message.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn print(&mut self, message: &Captured<'_>, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::Text(writer) => writer.write(message, out),
            Self::Tree(writer) => writer.write(message, out),
            Self::Json(writer) => writer.write(message, out),
            Self::Csv(writer) => writer.write(message, out),
            Self::Fields(writer) => writer.write(message, out),
        }
    }
}

impl PrintArgs {
    /// Refuses what does not go together.
    ///
    /// # Errors
    ///
    /// It.
    pub fn validate(&self) -> Result<()> {
        let by_field = self.format == MessageFormat::Fields;
        ensure!(!by_field || !self.fields.is_empty(), "-T fields prints nothing without -e NAME");
        ensure!(by_field || self.fields.is_empty(), "-e NAME goes only with -T fields");
        ensure!(
            !self.tree || self.format == MessageFormat::Text,
            "-V shows a tree of text: it goes only with -T text"
        );
        Ok(())
    }
}

/// Whether CSV has columns for a message. Those of HTTP, RESP and lines, which may come on any
/// port, would only be in the way of messages that the user names.
fn has_columns(protocols: &ProtocolArgs, known: &Known<'_>) -> bool {
    let ProtocolArgs { headers, rules, profile, no_builtin, .. } = protocols;
    let names_none = headers.is_empty() && rules.is_empty() && profile.is_none() && !no_builtin;
    let is_named = rules.iter().any(|rule| rule.trim_end().ends_with(known.protocol));
    Standard::by_name(known.protocol).is_none() || names_none || is_named
}
