//! A message from its fields by name.

use super::Codec;
use super::error::EncodeError;
use super::plan::RootId;
use super::shown;
use super::tag::Tag;
use super::value::FieldValue;
use super::write::Writer;
use crate::message::FieldKind;

/// Where the sums of a message lie that are given, and stay as they are.
pub(crate) struct GivenSums(Vec<usize>);

impl Codec {
    /// Appends one message to `out`. `value` is a [`FieldValue::Group`] of the message's fields.
    ///
    /// Fields that are not given are zero, and so is padding; but those that say how many, how long
    /// or which case what is given is, say so, and those that are sums are what they should be. A character tail gets its NUL and the padding that
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
        let given = self.encode_unsummed(value, out)?;
        self.sum(&given, out.get_mut(start..).unwrap_or_default());
        Ok(())
    }

    /// The same, without the sums, which [`sum`](Self::sum) adds once nothing changes any more.
    ///
    /// # Errors
    ///
    /// As [`encode`](Self::encode).
    pub(crate) fn encode_unsummed(
        &self,
        value: &FieldValue,
        out: &mut Vec<u8>,
    ) -> Result<GivenSums, EncodeError> {
        let start = out.len();
        let outcome = self.append(value, out);
        if outcome.is_err() {
            out.truncate(start);
        }
        outcome
    }

    /// Writes the sums of a message that are not given.
    pub(crate) fn sum(&self, given: &GivenSums, message: &mut [u8]) {
        if self.sums.is_empty() {
            return;
        }
        let mut items = Vec::new();
        let len = self.decode(message, message.len(), &mut items).len;
        let Some(bytes) = message.get_mut(..len) else { return };
        let found = self.sums.of(&items, bytes);
        found.write(bytes, |it| !given.0.contains(&it.span.start));
    }

    fn append(&self, value: &FieldValue, out: &mut Vec<u8>) -> Result<GivenSums, EncodeError> {
        let root = &self.plan.roots[self.root_for(value)];
        let mut writer = Writer::new(&self.plan, root, out);
        writer.root(root, value)?;
        Ok(GivenSums(writer.given_sums))
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
            (FieldValue::Integer(value), _) => Some(*value),
            (FieldValue::Text(name), FieldKind::Enum(names)) => {
                names.enumerators.iter().find(|it| it.name == *name).map(|it| it.value)
            }
            (FieldValue::Text(text), FieldKind::Shown(notation)) => shown::number(*notation, text),
            _ => None,
        }
    }
}
