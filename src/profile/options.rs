//! What a user gives: headers, rules, a profile, and how to read them.

use std::path::PathBuf;

use super::{OrderName, Rule};
use crate::schema::Abi;

/// What the user gave.
#[derive(Clone, Debug)]
pub struct Options {
    /// `-H`.
    pub headers: Vec<PathBuf>,
    /// `-I`.
    pub include_dirs: Vec<PathBuf>,
    /// `-D`: name and value.
    pub defines: Vec<(String, String)>,
    /// `--include`: read before each header.
    pub includes: Vec<PathBuf>,
    /// `-d`.
    pub rules: Vec<Rule>,
    /// The profile, if there is one.
    pub profile: Option<PathBuf>,
    /// `--abi`.
    pub abi: Option<Abi>,
    /// `--byte-order`.
    pub byte_order: Option<OrderName>,
    /// Whether built-ins are candidates on their ports.
    pub builtin: bool,
    /// Texts in which built-in protocols may be named, such as filters: what they name is read at once.
    pub mentions: Vec<String>,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            headers: Vec::new(),
            include_dirs: Vec::new(),
            defines: Vec::new(),
            includes: Vec::new(),
            rules: Vec::new(),
            profile: None,
            abi: None,
            byte_order: None,
            builtin: true,
            mentions: Vec::new(),
        }
    }
}
