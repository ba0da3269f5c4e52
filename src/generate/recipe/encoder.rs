//! The bytes of one message, from its fields by name.

use rand::rngs::ChaCha8Rng;

use super::error::{RecipeError, UnfitValue};
use super::named::Named;
use crate::decode::codec::FieldValue;
use crate::decode::text::TextFormat;
use crate::generate::GenerateError;
use crate::generate::mistake::{Mistake, MistakeError, MistakeKind, MistakenCodec};
use crate::message::FieldTable;
use crate::profile::{Format, Protocols};

/// Writes the messages of one name, with the mistakes that are asked for.
#[derive(Clone, Debug)]
pub struct Encoder {
    name: String,
    form: Form,
    /// Whether a mistake makes more of a message than it is.
    is_lengthened: bool,
}

#[derive(Clone, Debug)]
enum Form {
    Record(Box<MistakenCodec>),
    Text(Box<TextFormat>),
}

impl Encoder {
    /// Prepares the messages that [`Named::find`] finds. Of a case that is a struct of its own, the tag
    /// is a field like others.
    ///
    /// # Errors
    ///
    /// No such message, a layout that the codec refuses, and a mistake that it cannot have.
    pub fn new(
        protocols: &Protocols,
        message: &str,
        mistakes: &[Mistake],
    ) -> Result<Self, GenerateError> {
        Self::of(protocols, &Named::find(protocols, message)?, mistakes)
    }

    /// The same, of a message that is found.
    pub(super) fn of(
        protocols: &Protocols,
        named: &Named<'_>,
        mistakes: &[Mistake],
    ) -> Result<Self, GenerateError> {
        let name = named.name().to_owned();
        let protocol = named.protocol;
        let form = match (&protocol.format, named.layout()) {
            (Format::Text(_), _) if mistakes.iter().any(|it| !it.joins()) => {
                return Err(MistakeError::NoStruct { message: name }.into());
            }
            (Format::Text(format), _) => {
                let format = TextFormat::new(&protocol.name, &protocol.message, format);
                Form::Text(Box::new(format.map_err(RecipeError::from)?))
            }
            (_, Some(_)) => {
                let codec = MistakenCodec::new(protocols, protocol, named.case, mistakes)?;
                Form::Record(Box::new(codec))
            }
            _ => return Err(RecipeError::Standard { name }.into()),
        };
        let is_lengthened = mistakes.iter().any(|it| it.kind == MistakeKind::Trailing);
        Ok(Self { name, form, is_lengthened })
    }

    /// The fields of a text record.
    pub(super) fn text(&self) -> Option<&FieldTable> {
        match &self.form {
            Form::Text(format) => Some(format.table()),
            Form::Record(_) => None,
        }
    }

    /// Whether a message is longer than its fields are, so that the receiver's buffer does not bound it.
    pub(super) fn is_lengthened(&self) -> bool {
        self.is_lengthened
    }

    /// Appends one message to `out`. `value` is a [`FieldValue::Group`] of its fields; those that are not
    /// given are zero.
    ///
    /// # Errors
    ///
    /// A value that does not go into its field. `out` is then as it was.
    pub fn write(
        &self,
        value: &FieldValue,
        rng: &mut ChaCha8Rng,
        out: &mut Vec<u8>,
    ) -> Result<(), GenerateError> {
        let written = match &self.form {
            Form::Record(codec) => codec.write(value, rng, out).map_err(UnfitValue::from),
            Form::Text(format) => format.encode(value, out).map_err(UnfitValue::from),
        };
        written.map_err(|source| {
            let (message, source) = (self.name.clone(), Box::new(source));
            RecipeError::Message { message, source }.into()
        })
    }
}
