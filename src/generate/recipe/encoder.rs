//! The bytes of one message, from its fields by name.

use rand::rngs::ChaCha8Rng;

use super::error::{RecipeError, UnfitValue};
use super::named::Named;
use crate::decode::codec::{Codec, CodecOptions, FieldValue};
use crate::decode::text::TextFormat;
use crate::generate::GenerateError;
use crate::generate::mistake::Mistake;
use crate::message::FieldTable;
use crate::profile::{Format, Protocols};

/// Writes the messages of one name, with the mistakes that are asked for.
#[derive(Clone, Debug)]
pub struct Encoder {
    name: String,
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Record(Box<Codec>),
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
        Self::of(&Named::find(protocols, message)?, mistakes)
    }

    /// The same, of a message that is found.
    pub(super) fn of(named: &Named<'_>, mistakes: &[Mistake]) -> Result<Self, GenerateError> {
        let _ = mistakes;
        let name = named.name().to_owned();
        let protocol = named.protocol;
        let form = match (&protocol.format, named.layout()) {
            (Format::Text(format), _) => {
                let format = TextFormat::new(&protocol.name, &protocol.message, format);
                Form::Text(Box::new(format.map_err(RecipeError::from)?))
            }
            (_, Some(layout)) => {
                let whole =
                    CodecOptions { tag: protocol.tag.clone(), cases: protocol.cases.clone() };
                let takes_place = named.case.is_some_and(|it| it.layout.is_some());
                let options = if takes_place { CodecOptions::default() } else { whole };
                let codec = Codec::new(layout, &options).map_err(RecipeError::from)?;
                Form::Record(Box::new(codec))
            }
            _ => return Err(RecipeError::Standard { name }.into()),
        };
        Ok(Self { name, form })
    }

    /// The fields of a text record.
    pub(super) fn text(&self) -> Option<&FieldTable> {
        match &self.form {
            Form::Text(format) => Some(format.table()),
            Form::Record(_) => None,
        }
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
        _rng: &mut ChaCha8Rng,
        out: &mut Vec<u8>,
    ) -> Result<(), GenerateError> {
        let written = match &self.form {
            Form::Record(codec) => codec.encode(value, out).map_err(UnfitValue::from),
            Form::Text(format) => format.encode(value, out).map_err(UnfitValue::from),
        };
        written.map_err(|source| RecipeError::Message { message: self.name.clone(), source }.into())
    }
}
