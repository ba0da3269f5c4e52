//! A format compiled into pieces, to be matched one after another.

use memchr::memmem::Finder;
use thiserror::Error;

use super::MAX_RECORD_LEN;
use super::conversion::{self, Directive, Flags, Kind, Set};
use crate::message::{Between, FieldKind, FieldTable, Node};

/// Digits that a number is written with at most: more than any has, and fewer than 2^16, beyond
/// which numbers cannot be formatted.
const MAX_PRECISION: usize = 32 << 10;

/// A compiled format, and the names of what it describes.
#[derive(Clone, Debug)]
pub struct TextFormat {
    pub(super) protocol: String,
    pub(super) message: String,
    pub(super) pieces: Vec<Piece>,
    /// The bytes that end a record; empty where the close does.
    pub(super) end: Vec<u8>,
    pub(super) end_finder: Finder<'static>,
    /// The end as it is shown; where there is none, the close.
    pub(super) end_shown: String,
    pub(super) table: FieldTable,
}

/// A format that describes no record.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum TextFormatError {
    /// Not a conversion of `printf` or `scanf` that can be read back.
    #[error("`{conversion}` at byte {offset} of the format is no conversion that can be read")]
    Conversion {
        /// From the percent sign on.
        conversion: String,
        /// Of the percent sign, bytes.
        offset: usize,
    },
    /// Nothing in it varies.
    #[error("the format has no conversion, such as `%d`")]
    NoConversion,
}

/// What is matched in one go.
#[derive(Clone, Debug)]
pub(super) enum Piece {
    /// Any white space, even none.
    Space {
        /// As the format has it; empty before a conversion that passes over white space.
        written: Vec<u8>,
        /// It may be part of an end of the record, and goes on behind it.
        passes_end: bool,
    },
    Literal {
        bytes: Vec<u8>,
        shown: String,
    },
    Conversion(Pattern),
}

/// A conversion, with what surrounds it taken into account.
#[derive(Clone, Debug)]
pub(super) struct Pattern {
    pub kind: Kind,
    /// Index into the table; `None` where it is suppressed.
    pub node: Option<u32>,
    /// The conversion as written, for what has no name.
    pub shown: String,
    /// The most bytes that it matches.
    pub max: usize,
    /// Blanks fill it up to so many bytes.
    pub filled: usize,
    /// A word ends where this literal, which follows it, begins.
    pub until: Vec<u8>,
    /// As written, for encoding.
    pub flags: Flags,
    pub width: usize,
    pub precision: Option<usize>,
}

impl TextFormat {
    /// Compiles `format`, the message `message` of `protocol`; the escapes in it are undone.
    ///
    /// # Errors
    ///
    /// A conversion that cannot be read, and a format without any.
    pub fn new(protocol: &str, message: &str, format: &[u8]) -> Result<Self, TextFormatError> {
        let (rest, directives) = conversion::directives(format).unwrap_or((format, Vec::new()));
        if !rest.is_empty() {
            let conversion = rest.get(..rest.len().min(8)).unwrap_or(rest);
            return Err(TextFormatError::Conversion {
                conversion: shown(conversion),
                offset: format.len().saturating_sub(rest.len()),
            });
        }
        let matching = |it: &Directive<'_>| matches!(it, Directive::Conversion(_, it) if it.kind != Kind::Count);
        let last = directives.iter().rposition(matching).ok_or(TextFormatError::NoConversion)?;
        let (varying, ending) = directives.split_at(last.saturating_add(1));
        let end: Vec<u8> = ending.iter().flat_map(|it| literal(it).iter().copied()).collect();
        let fields = varying.iter().filter(|it| is_field(it)).count();
        let mut compiler = Compiler { end: &end, pieces: Vec::new(), nodes: Vec::new(), fields };
        for (index, directive) in varying.iter().enumerate() {
            let next = varying.get(index.saturating_add(1));
            compiler.directive(directive, next);
        }
        Ok(Self {
            protocol: protocol.to_owned(),
            message: message.to_owned(),
            table: FieldTable { nodes: compiler.nodes, between: Between::Literals },
            pieces: compiler.pieces,
            end_finder: Finder::new(&end).into_owned(),
            end_shown: if end.is_empty() { "the close".to_owned() } else { shown(&end) },
            end,
        })
    }

    /// The fields: the conversions in order, `value` where there is one, else `value1` and so on.
    pub fn table(&self) -> &FieldTable {
        &self.table
    }

    /// The protocol's name.
    pub fn protocol(&self) -> &str {
        &self.protocol
    }

    /// The message's name.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// The literal that ends a record; empty where only the close does.
    pub fn end(&self) -> &[u8] {
        &self.end
    }

    /// The end as it is shown, its escapes written out; `the close` where there is none.
    pub fn end_shown(&self) -> &str {
        &self.end_shown
    }

    /// The name of what stands at an index of the pieces, one past the last being the end.
    pub(super) fn context(&self, piece: usize) -> &str {
        match self.pieces.get(piece) {
            None => &self.end_shown,
            Some(Piece::Space { .. }) => "white space",
            Some(Piece::Literal { shown, .. }) => shown,
            Some(Piece::Conversion(pattern)) => {
                let node = pattern.node.and_then(|it| self.table.nodes.get(it as usize));
                node.map_or(&pattern.shown, |node| &node.name)
            }
        }
    }
}

struct Compiler<'e> {
    end: &'e [u8],
    pieces: Vec<Piece>,
    nodes: Vec<Node>,
    /// Conversions that are fields.
    fields: usize,
}

impl Compiler<'_> {
    fn directive(&mut self, directive: &Directive<'_>, next: Option<&Directive<'_>>) {
        match directive {
            Directive::Space(written) => self.space(written),
            Directive::Literal(bytes) => {
                // `%%` and what stands beside it are one.
                if let Some(Piece::Literal { bytes: before, shown: text }) = self.pieces.last_mut()
                {
                    before.extend_from_slice(bytes);
                    *text = shown(before);
                    return;
                }
                self.pieces.push(Piece::Literal { bytes: bytes.to_vec(), shown: shown(bytes) });
            }
            Directive::Conversion(_, conversion) if conversion.kind == Kind::Count => {}
            Directive::Conversion(text, conversion) => {
                if !matches!(conversion.kind, Kind::Characters | Kind::Set(_)) {
                    self.space(b"");
                }
                let pattern = self.pattern(text, conversion, next);
                self.pieces.push(Piece::Conversion(pattern));
            }
        }
    }

    fn space(&mut self, written: &[u8]) {
        let has_end = |it: &[u8]| memchr::memmem::find(it, self.end).is_some();
        let is_blank = self.end.iter().all(|it| matches!(it, b' ' | b'\t'));
        if let Some(Piece::Space { .. }) = self.pieces.last() {
            return;
        }
        self.pieces.push(Piece::Space {
            written: written.to_vec(),
            passes_end: is_blank || has_end(written),
        });
    }

    fn pattern(
        &mut self,
        text: &[u8],
        conversion: &conversion::Conversion,
        next: Option<&Directive<'_>>,
    ) -> Pattern {
        let conversion::Conversion { kind, flags, width, precision, .. } = conversion;
        let given = width.filter(|&it| it > 0).map(|it| it.min(MAX_RECORD_LEN));
        let is_least = *flags != Flags::default() || precision.is_some();
        // Between two conversions nothing but the width parts them.
        let adjoins = matches!(next, Some(Directive::Conversion(..)));
        let max = match (kind, precision) {
            (Kind::Word, Some(precision)) => *precision,
            (Kind::Characters, _) => given.filter(|_| !is_least).or(Some(1)),
            _ => given.filter(|_| !is_least || adjoins),
        };
        let until = match (kind, next) {
            (Kind::Word, Some(Directive::Literal(bytes))) => bytes.to_vec(),
            _ => Vec::new(),
        };
        Pattern {
            kind: kind.clone(),
            node: (!conversion.suppressed).then(|| self.node(kind)),
            shown: shown(text),
            max: max.unwrap_or(MAX_RECORD_LEN).clamp(1, MAX_RECORD_LEN),
            filled: given.filter(|_| flags.left).unwrap_or(0),
            until,
            flags: *flags,
            width: given.filter(|_| *kind != Kind::Characters || is_least).unwrap_or(0),
            precision: precision.flatten().map(|it| it.min(MAX_PRECISION)),
        }
    }

    fn node(&mut self, kind: &Kind) -> u32 {
        let index = self.nodes.len();
        let name = match self.fields {
            1 => "value".to_owned(),
            _ => format!("value{}", index.saturating_add(1)),
        };
        let kind = match kind {
            Kind::Integer { .. } | Kind::Float(_) | Kind::Count => FieldKind::Number,
            Kind::Characters | Kind::Word | Kind::Set(_) => FieldKind::Text,
        };
        self.nodes.push(Node::new(name.clone(), name, kind));
        u32::try_from(index).unwrap_or(u32::MAX)
    }
}

impl Pattern {
    /// The set, where it is one.
    pub fn set(&self) -> Option<&Set> {
        match &self.kind {
            Kind::Set(set) => Some(set),
            _ => None,
        }
    }
}

fn literal<'f>(directive: &Directive<'f>) -> &'f [u8] {
    match directive {
        Directive::Space(bytes) | Directive::Literal(bytes) => bytes,
        Directive::Conversion(..) => &[],
    }
}

fn is_field(directive: &Directive<'_>) -> bool {
    let Directive::Conversion(_, conversion) = directive else { return false };
    !conversion.suppressed && conversion.kind != Kind::Count
}

/// Bytes as C would write them in a string.
fn shown(bytes: &[u8]) -> String {
    bytes.escape_ascii().to_string()
}
