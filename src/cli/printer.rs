//! How messages are printed: by the writer that the arguments ask for.

use std::io::{self, Write};

use anyhow::{Result, ensure};
use clap::{Args, ValueEnum};
use wirereel::message::{Captured, FieldRef, Known};
use wirereel::output::{
    CsvFieldsWriter, CsvWriter, DumpWriter, FieldsWriter, FrameTimes, JsonWriter, TextWriter,
    TimeFormat, Times, TreeWriter,
};
use wirereel::profile::Protocols;

use super::globals::Globals;

/// How messages are printed.
#[derive(Debug, Args)]
pub struct PrintArgs {
    /// How messages are printed
    #[arg(short = 'T', long, value_name = "FORMAT", value_enum, default_value_t)]
    pub format: MessageFormat,

    /// With -T fields or -T csv: a field to print, such as math, msg_st.point.x or http.host; repeatable.
    /// Of any message there are frame.number (also frame), frame.time (also time),
    /// frame.time_epoch, file, src, dst, ip.src, ip.dst, ip.addr, the same behind ipv6,
    /// udp.srcport, udp.dstport, udp.port, udp.stream, the same behind tcp, stream, transport,
    /// protocol, message, len, candidates, trailing, pair and error; docs/fields.md has all
    #[arg(short = 'e', long = "field", value_name = "NAME", value_delimiter = ',')]
    pub fields: Vec<String>,

    /// Show the field tree and the bytes of each field
    #[arg(short = 'V', long)]
    pub tree: bool,

    /// Show each message at once, also where a program reads it; without, output to a pipe is
    /// shown where input pauses
    #[arg(short = 'l', long = "line-buffered")]
    pub each: bool,

    /// Show the bytes of each message below it, in hex and as characters
    #[arg(short = 'x', long = "hex")]
    pub dump: bool,

    /// When messages were, as tshark has it: u time of day in UTC (the default), ud with the date,
    /// udoy with the day of the year; a, ad, adoy the same in the zone of this host; e seconds since
    /// 1970; r since the first frame; d since the frame before; dd since the message before
    #[arg(short = 't', long = "time-format", value_name = "FORMAT")]
    pub times: Option<TimeFormat>,
}

/// What is printed of.
#[derive(Default)]
pub struct Printed {
    /// Messages may be of several files.
    pub is_several: bool,
    /// Times may be finer than microseconds.
    pub is_fine: bool,
    /// The times of frames, where those are read that bring no message too.
    pub frames: Option<FrameTimes>,
}

/// How messages are printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum MessageFormat {
    /// For people.
    #[default]
    Text,
    /// One object a line.
    Json,
    /// A header line, then a line a message; a column for each field of each message that is asked
    /// for, or those that -e names.
    Csv,
    /// The fields that -e names, separated by tabs.
    Fields,
}

/// The writers that the arguments ask for.
pub struct Printer {
    writer: Writer,
    dump: Option<DumpWriter>,
}

enum Writer {
    Nothing,
    Text(Box<TextWriter>),
    Tree(Box<TreeWriter>),
    Json(Box<JsonWriter>),
    Csv(Box<CsvWriter>),
    CsvFields(Box<CsvFieldsWriter>),
    Fields(Box<FieldsWriter>),
}

impl Printer {
    /// The writers that the arguments ask for.
    ///
    /// # Errors
    ///
    /// A field that no message has.
    pub fn new(
        args: &PrintArgs,
        protocols: &Protocols,
        cli: &Globals,
        known: &[Known<'_>],
        printed: Printed,
    ) -> Result<Self> {
        let fields = args
            .fields
            .iter()
            .map(|name| FieldRef::column(name, known))
            .collect::<Result<Vec<_>, _>>()?;
        if cli.quiet {
            return Ok(Self { writer: Writer::Nothing, dump: None });
        }
        let Printed { is_several, is_fine, frames } = printed;
        let times = args.times.map(|format| Times::new(format, is_fine, frames));
        let writer = match args.format {
            MessageFormat::Text if args.tree => {
                let writer = TreeWriter::new(cli.palette());
                Writer::Tree(Box::new(match times {
                    Some(times) => writer.with_times(times),
                    None => writer,
                }))
            }
            MessageFormat::Text => {
                let times = times.unwrap_or_else(Times::of_day);
                Writer::Text(Box::new(TextWriter::new(cli.palette()).with_times(times)))
            }
            MessageFormat::Json => Writer::Json(Box::default()),
            MessageFormat::Csv if !fields.is_empty() => {
                let columns = args.fields.iter().cloned().zip(fields).collect();
                Writer::CsvFields(Box::new(CsvFieldsWriter::new(columns)))
            }
            MessageFormat::Csv => {
                // What may come on any port would only be in the way of what the user names.
                let asked = protocols.asked();
                let are_all = asked.is_empty() && protocols.recognises_text();
                let is_asked = |it: &&Known<'_>| are_all || asked.contains(it.protocol);
                let columns: Vec<_> = known.iter().filter(is_asked).copied().collect();
                Writer::Csv(Box::new(CsvWriter::new(&columns, is_several)))
            }
            MessageFormat::Fields => Writer::Fields(Box::new(FieldsWriter::new(fields))),
        };
        Ok(Self { writer, dump: args.dump.then(DumpWriter::default) })
    }

    /// Writes what stands before the first message.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        match &mut self.writer {
            Writer::Csv(writer) => writer.header(out),
            Writer::CsvFields(writer) => writer.header(out),
            _ => Ok(()),
        }
    }

    /// Writes a message.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn print(&mut self, message: &Captured<'_>, out: &mut dyn Write) -> io::Result<()> {
        match &mut self.writer {
            Writer::Nothing => Ok(()),
            Writer::Text(writer) => writer.write(message, out),
            Writer::Tree(writer) => writer.write(message, out),
            Writer::Json(writer) => writer.write(message, out),
            Writer::Csv(writer) => writer.write(message, out),
            Writer::CsvFields(writer) => writer.write(message, out),
            Writer::Fields(writer) => writer.write(message, out),
        }?;
        match &mut self.dump {
            Some(dump) => dump.write(&message.message, out),
            None => Ok(()),
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
        ensure!(
            by_field || self.format == MessageFormat::Csv || self.fields.is_empty(),
            "-e NAME goes only with -T fields or -T csv"
        );
        ensure!(
            !self.tree || self.format == MessageFormat::Text,
            "-V shows a tree of text: it goes only with -T text"
        );
        let is_text = self.format == MessageFormat::Text;
        ensure!(!self.dump || is_text, "-x shows bytes below text: it goes only with -T text");
        ensure!(
            self.times.is_none() || is_text,
            "-t says how text shows times: it goes only with -T text"
        );
        Ok(())
    }
}
