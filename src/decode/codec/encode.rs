//! A message from its fields by name.

use super::Codec;
use super::error::EncodeError;
use super::plan::RootId;
use super::shown;
use super::tag::Tag;
use super::value::FieldValue;
use super::write::Writer;
use crate::message::FieldKind;
use crate::schema::Notation;

impl Codec {
    /// Appends one message to `out`. `value` is a [`FieldValue::Group`] of the message's fields.
    ///
    /// Fields that are not given are zero, and so is padding; but those that say how many, how long
    /// or which case what is given is, say so. A character tail gets its NUL and the padding that
    /// `sizeof` counts behind it; given as bytes, it is written as it stands. Of a union one member
    /// is given; several must agree. At the end of the message a union is as long as the longest
    /// given member.
    ///
    /// # Errors
    ///
    /// A name that no field has, and a value that does not go into its field. `out` is then as it
    /// was.
    pub fn encode(&self, value: &FieldValue, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let start = out.len();
        let outcome = self.append(value, out);
        if outcome.is_err() {
            out.truncate(start);
        }
        outcome
    }

    fn append(&self, value: &FieldValue, out: &mut Vec<u8>) -> Result<(), EncodeError> {
        let root = &self.plan.roots[self.root_for(value)];
        Writer::new(&self.plan, root, out).root(root, value)
    }

    /// The struct that the value's tag chooses.
    fn root_for(&self, value: &FieldValue) -> RootId {
        let chosen = self.tag.as_ref().and_then(|tag| {
            let number = self.tag_value(tag, value)?;
            tag.root(number, self.root)
        });
        chosen.unwrap_or(self.root)
    }

    fn tag_value(&self, tag: &Tag, value: &FieldValue) -> Option<i128> {
        let node = self.plan.node(tag.step)?;
        match (value.at(&node.path)?, &node.kind) {
            (FieldValue::Integer(value), FieldKind::Shown(Notation::Scale(scale))) => {
                scale.raw_of_whole(*value)
            }
            (FieldValue::Integer(value), _) => Some(*value),
            (FieldValue::Text(name), FieldKind::Enum(names)) => {
                names.enumerators.iter().find(|it| it.name == *name).map(|it| it.value)
            }
            (FieldValue::Text(text), FieldKind::Shown(notation)) => shown::number(notation, text),
            _ => None,
        }
    }
}
