//! `wirereel profile --new`: a profile drafted from a header, or from a program in its place.

use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::{env, fs};

use anyhow::{Result, bail};
use clap::Args;
use wirereel::output::diagnostics;
use wirereel::profile::{DraftOptions, OrderName, ProfileError, Rule, draft};
use wirereel::schema::{self, Abi, Schema};

use super::args::{IncludeArgs, abi_parser, order_parser};
use super::{globals::Globals, terminal::stdout, verdict::Verdict};

/// Draft a profile, wirereel.toml, from a header or a program
///
/// It has an entry for each message. What names and types suggest beside that stands there commented
/// out: the field that tells messages apart, counts, text, counters, times. As it is, it decodes as the
/// header alone does.
#[derive(Debug, Args)]
#[command(after_help = "Examples:
  wirereel profile --new proto.h
  wirereel profile --new proto.h -o wirereel.toml
  wirereel profile --new proto.h msg_st -d udp.port==1989,msg_st
  wirereel profile --new a.out -o traffic/wirereel.toml --force")]
pub struct ProfileArgs {
    /// Draft one from this C header, or this program that was compiled with -g
    #[arg(long, value_name = "HEADER-OR-ELF", required = true)]
    pub new: PathBuf,

    /// A struct, union or text record of it; without one, all that may be a message
    #[arg(value_name = "MESSAGE")]
    pub message: Option<String>,

    /// Write it there; the header is named relative to it [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,

    /// Write over a file that is there
    #[arg(long, requires = "output")]
    pub force: bool,

    /// Where the traffic of a message is: udp.port==1989,msg_st
    #[arg(short = 'd', long = "decode-as", value_name = "RULE")]
    pub rules: Vec<Rule>,

    #[command(flatten)]
    pub include: IncludeArgs,

    /// The ABI of the programs that send the traffic; a program has its own [default: x86_64]
    #[arg(long, value_name = "NAME", value_parser = abi_parser())]
    pub abi: Option<Abi>,

    /// The byte order of integers whose type does not fix it [default: big]
    #[arg(long, value_name = "ORDER", value_parser = order_parser())]
    pub byte_order: Option<OrderName>,
}

/// Writes a drafted profile.
///
/// # Errors
///
/// A header that cannot be read or that declares no message; a message that it does not declare; a file
/// that is there, unless it may be written over; I/O.
pub fn run(args: &ProfileArgs, cli: &Globals) -> Result<Verdict> {
    let schema = args.load()?;
    let header = args.header();
    let options = DraftOptions {
        header: &header,
        message: args.message.as_deref(),
        rules: &args.rules,
        likely: &[],
        abi: args.abi,
        order: args.byte_order,
    };
    let drafted = match draft(&schema, &options) {
        Ok(drafted) => drafted,
        Err(error) => {
            // What is wrong in the header may be why.
            let mut stderr = io::stderr().lock();
            let is_coloured = cli.is_coloured(&stderr);
            diagnostics(&schema.diagnostics, &schema.files, is_coloured, &mut stderr)?;
            return Err(error.into());
        }
    };
    match &args.output {
        None => {
            let mut out = stdout();
            out.write_all(drafted.text.as_bytes())?;
            out.flush()?;
        }
        Some(path) => {
            args.write(path, &drafted.text)?;
            if !cli.quiet {
                let (path, messages) = (path.display(), drafted.messages.join(", "));
                writeln!(io::stderr().lock(), "wirereel: wrote {path}, a draft for {messages}")?;
            }
        }
    }
    Ok(Verdict::Clean)
}

impl ProfileArgs {
    fn load(&self) -> Result<Schema> {
        let schema = schema::load(&self.new, &self.include.options(self.abi.unwrap_or_default()))?;
        match (schema.abi, self.abi) {
            (Some(abi), Some(asked)) if abi != asked => {
                let program = self.new.display().to_string();
                Err(ProfileError::ProgramAbi { program, abi, asked }.into())
            }
            _ => Ok(schema),
        }
    }

    /// The header as the profile names it: relative to the folder that it will lie in.
    fn header(&self) -> String {
        let folder = self.output.as_deref().and_then(Path::parent).unwrap_or(Path::new(""));
        let header = if folder == Path::new("") {
            Some(self.new.clone())
        } else {
            relative(&self.new, folder)
        };
        header.unwrap_or_else(|| self.new.clone()).to_string_lossy().into_owned()
    }

    fn write(&self, path: &Path, text: &str) -> Result<()> {
        let mut options = fs::OpenOptions::new();
        options.write(true);
        let opened = match self.force {
            true => options.create(true).truncate(true).open(path),
            false => options.create_new(true).open(path),
        };
        match opened.and_then(|mut it| it.write_all(text.as_bytes())) {
            Ok(()) => Ok(()),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                bail!("{} is there: --force writes over it", path.display())
            }
            Err(error) => bail!("cannot write {}: {error}", path.display()),
        }
    }
}

/// A file as a folder names it; `None` where one of both is not there.
fn relative(file: &Path, folder: &Path) -> Option<PathBuf> {
    if file.is_absolute() {
        return Some(file.to_owned());
    }
    let here = env::current_dir().ok()?;
    let (file, folder) = (here.join(file).canonicalize().ok()?, folder.canonicalize().ok()?);
    let shared =
        file.components().zip(folder.components()).take_while(|(one, other)| one == other).count();
    let up = folder.components().skip(shared).map(|_| Component::ParentDir);
    Some(up.chain(file.components().skip(shared)).collect())
}
