//! Options that several commands share.

use std::path::PathBuf;

use anyhow::anyhow;
use clap::{
    Args, ValueEnum,
    builder::{PossibleValuesParser, TypedValueParser},
};
use wirereel::{
    profile::{Options, OrderName},
    schema::{Abi, LoadOptions},
};

/// How headers are read.
#[derive(Debug, Args)]
pub struct IncludeArgs {
    /// Where to look for the files that a header includes
    #[arg(short = 'I', long = "include-dir", value_name = "DIR")]
    pub include_dirs: Vec<PathBuf>,

    /// Define a macro, as for the compiler; NAME may have parameters: 'F(x)=x'
    #[arg(short = 'D', long = "define", value_name = "NAME[=VALUE]", value_parser = define)]
    pub defines: Vec<(String, String)>,

    /// Read a file before each header, as the compiler's -include does
    #[arg(long = "include", value_name = "FILE")]
    pub includes: Vec<PathBuf>,
}

/// Which traffic is which message.
#[derive(Debug, Args)]
#[command(next_help_heading = "Protocols")]
pub struct ProtocolArgs {
    /// A C header that declares messages
    #[arg(short = 'H', long = "header", value_name = "FILE")]
    pub headers: Vec<PathBuf>,

    #[command(flatten)]
    pub include: IncludeArgs,

    /// What the traffic of a port is: udp.port==1989,msg_st (also srcport, dstport, tcp)
    #[arg(short = 'd', long = "decode-as", value_name = "RULE")]
    pub rules: Vec<String>,

    /// The profile; without this option ./wirereel.toml, if there is one
    #[arg(long, value_name = "FILE")]
    pub profile: Option<PathBuf>,

    /// The ABI of the programs that sent the traffic [default: x86_64]
    #[arg(long, value_name = "NAME", value_parser = abi_parser())]
    pub abi: Option<Abi>,

    /// The byte order of integers whose type does not fix it [default: big]
    #[arg(long, value_name = "ORDER", value_parser = order_parser())]
    pub byte_order: Option<OrderName>,

    /// Leave out the built-in protocols
    #[arg(long)]
    pub no_builtin: bool,
}

/// How results are printed, where a command prints nothing but text and JSON.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ResultFormat {
    /// For people.
    #[default]
    Text,
    /// One object a line.
    Json,
}

impl IncludeArgs {
    /// What the schema room is asked for, to read a header as the compiler of that ABI does.
    pub fn options(&self, abi: Abi) -> LoadOptions {
        LoadOptions {
            include_dirs: self.include_dirs.clone(),
            defines: self.defines.clone(),
            includes: self.includes.clone(),
            abi,
        }
    }
}

impl ProtocolArgs {
    /// The first of these options that was given, where none is of use.
    pub fn first_given(&self) -> Option<&'static str> {
        let Self { headers, include, rules, profile, abi, byte_order, no_builtin } = self;
        let given = [
            ("-H", !headers.is_empty()),
            ("-I", !include.include_dirs.is_empty()),
            ("-D", !include.defines.is_empty()),
            ("-d", !rules.is_empty()),
            ("--profile", profile.is_some()),
            ("--abi", abi.is_some()),
            ("--byte-order", byte_order.is_some()),
            ("--no-builtin", *no_builtin),
        ];
        given.into_iter().find(|(_, is_given)| *is_given).map(|(name, _)| name)
    }

    /// What the profile room is asked for.
    ///
    /// # Errors
    ///
    /// Where a rule does not parse.
    pub fn options(&self) -> anyhow::Result<Options> {
        Ok(Options {
            headers: self.headers.clone(),
            include_dirs: self.include.include_dirs.clone(),
            defines: self.include.defines.clone(),
            includes: self.include.includes.clone(),
            rules: self.rules.iter().map(|rule| rule.parse()).collect::<Result<_, _>>()?,
            profile: self.profile.clone().or_else(default_profile),
            abi: self.abi,
            byte_order: self.byte_order,
            builtin: !self.no_builtin,
            // Wherever a bundled protocol is named: in a filter, a field, a rule, a message.
            mentions: std::env::args().skip(1).collect(),
        })
    }
}

/// The profile of the working directory, if there is one.
fn default_profile() -> Option<PathBuf> {
    let path = PathBuf::from("wirereel.toml");
    path.exists().then_some(path)
}

/// `NAME` stands for `NAME=1`, and `F(x)` for a function macro, as with a compiler.
fn define(text: &str) -> anyhow::Result<(String, String)> {
    let (name, value) = text.split_once('=').unwrap_or((text, "1"));
    let (plain, params) = match name.split_once('(') {
        Some((plain, rest)) => (plain, rest.strip_suffix(')')),
        None => (name, Some("")),
    };
    let is_word = |it: &str| {
        it.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && it.chars().all(|c| c.is_alphanumeric() || c == '_')
    };
    let is_param = |it: &str| it == "..." || is_word(it.strip_suffix("...").unwrap_or(it));
    let params_fit = params
        .is_some_and(|it| it.trim().is_empty() || it.split(',').all(|it| is_param(it.trim())));
    if !is_word(plain) || !params_fit {
        return Err(anyhow!("\"{name}\" is no name of a macro"));
    }
    Ok((name.to_owned(), value.to_owned()))
}

/// Reads the name of an ABI.
pub fn abi_parser() -> impl TypedValueParser<Value = Abi> {
    PossibleValuesParser::new(Abi::ALL.map(Abi::name)).try_map(|name| name.parse::<Abi>())
}

/// Reads the name of a byte order.
pub fn order_parser() -> impl TypedValueParser<Value = OrderName> {
    PossibleValuesParser::new(["big", "little", "host"]).map(|name| match name.as_str() {
        "little" => OrderName::Little,
        "host" => OrderName::Host,
        _ => OrderName::Big,
    })
}

#[cfg(test)]
mod tests {
    use super::define;

    #[test]
    fn defines_read_as_a_compiler_reads_them() {
        for (text, name, value) in [
            ("A=1", "A", "1"),
            ("A", "A", "1"),
            ("A=", "A", ""),
            (
                "PACKED=__attribute__((packed, aligned(1)))",
                "PACKED",
                "__attribute__((packed, aligned(1)))",
            ),
            ("A=b=c", "A", "b=c"),
            ("F(x)=x x", "F(x)", "x x"),
            ("F(x, more...)=", "F(x, more...)", ""),
            ("F()", "F()", "1"),
        ] {
            assert_eq!(define(text).unwrap(), (name.to_owned(), value.to_owned()), "{text}");
        }
        for text in ["", "=1", "1A=2", "A B=1", "A(x=x", "A(1)=x", "A(x y)="] {
            assert!(define(text).is_err(), "{text}");
        }
    }
}
