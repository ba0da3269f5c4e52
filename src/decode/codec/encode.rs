//! A message from its fields by name.

use std::collections::HashSet;

use super::Codec;
use super::error::EncodeError;
#[cfg(feature = "generate")]
use super::plan::{Count, Form};
use super::plan::{Name, RootId, StepId};
use super::shown;
use super::tag::Tag;
use super::value::FieldValue;
use super::write::{Varints, Writer};
use crate::message::FieldKind;
use crate::profile::MAX_TAGS;
use crate::schema::Notation;

/// Where the sums of a message lie that are given, and stay as they are.
pub(crate) struct GivenSums {
    root: RootId,
    offsets: Vec<usize>,
}

/// How often a message is written whose varints say how long what is behind them is, or of which fields
/// behind others say that these are there: each is found by one more.
const MAX_TRIES: usize = 8;

impl Codec {
    /// Appends one message to `out`. `value` is a [`FieldValue::Group`] of the message's fields.
    ///
    /// Fields that are not given are zero, and so is padding; but those that say how many, how long
    /// or which case what is given is, say so, and those that are sums are what they should be. A
    /// character tail gets its NUL and the padding that `sizeof` counts behind it; given as bytes, it is written as it stands. Of a union one member
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
        let (mut items, name) = (Vec::new(), &self.plan.roots[given.root].name);
        // Which way it goes is not known; it is the struct that was written.
        for to_server in [true, false] {
            let decoded = self.decode_toward(to_server, message, message.len(), &mut items);
            let len = decoded.len;
            if decoded.name == name
                && let Some(bytes) = message.get_mut(..len)
            {
                let found = self.sums.of(&items, bytes);
                return found.write(bytes, |it| !given.offsets.contains(&it.span.start));
            }
        }
    }

    fn append(&self, value: &FieldValue, out: &mut Vec<u8>) -> Result<GivenSums, EncodeError> {
        let id = self.root_for(value)?;
        let root = &self.plan.roots[id];
        let start = out.len();
        let (mut wanted, mut given) = (Vec::new(), Vec::new());
        let mut needed = HashSet::new();
        for _ in 0..MAX_TRIES {
            out.truncate(start);
            let mut writer = Writer::new(&self.plan, root, out);
            writer.varints = Varints { wanted, written: Vec::new() };
            writer.optionals.needed = needed;
            writer.root(root, value)?;
            needed = std::mem::take(&mut writer.optionals.needed);
            if writer.optionals.is_short {
                // The varints are others.
                wanted = Vec::new();
                continue;
            }
            given = std::mem::take(&mut writer.given_sums);
            let Varints { wanted: before, written } = &writer.varints;
            let found: Vec<_> = written.iter().map(|it| it.1).collect();
            if found == *before || found.is_empty() {
                break;
            }
            wanted = found;
        }
        self.fill(id, value, out, start)?;
        Ok(GivenSums { root: id, offsets: given })
    }

    /// Fills in what fields at fixed places say of a whole message that begins at `start`, where they are
    /// not given. It was written by another codec, whose message is the struct of this one's `case`.
    ///
    /// # Errors
    ///
    /// A length that cannot say how long the message is.
    #[cfg(feature = "generate")]
    pub(crate) fn complete(
        &self,
        case: &str,
        value: &FieldValue,
        out: &mut Vec<u8>,
        start: usize,
    ) -> Result<(), EncodeError> {
        let Some(id) = self.plan.roots.ids().find(|it| self.plan.roots[*it].name == case) else {
            return Ok(());
        };
        self.fill(id, value, out, start)
    }

    /// Fills in what fields at fixed places say of the whole message that begins at `start`, where they are not
    /// given.
    fn fill(
        &self,
        root: RootId,
        value: &FieldValue,
        out: &mut Vec<u8>,
        start: usize,
    ) -> Result<(), EncodeError> {
        let mut writer = Writer::new(&self.plan, &self.plan.roots[root], out);
        writer.resume(start);
        let is_given = |step: StepId| {
            let node = self.plan.node(step);
            node.is_some_and(|node| self.given(root, step, value, &node.path))
        };
        if let Some(tag) = &self.tag
            && root != self.root
            && let Some(values) = tag.values_of(root).next()
        {
            for (term, values) in tag.term_ids().zip(values) {
                writer.settle_placed(term, &[*values.start()], &is_given)?;
            }
        }
        if let Some(length) = &self.length {
            let len = writer.message().len() as i128;
            if !writer.settle_placed(length.term, &[len], &is_given)? {
                let path = length.field().and_then(|it| self.plan.path(it));
                let path = path.unwrap_or(self.name()).to_owned();
                return Err(EncodeError::Untold { path, wanted: len });
            }
        }
        // A length, or what else is worked out, may lie in its range already.
        for (term, values) in &self.identity {
            let has = term.value(&self.plan, writer.message(), true);
            if has.is_none_or(|it| !values.contains(&it)) {
                writer.settle_placed(term.term, &[*values.start(), *values.end()], &is_given)?;
            }
        }
        Ok(())
    }

    /// Whether the field of a path says something of others.
    #[cfg(feature = "generate")]
    pub(crate) fn tells(&self, path: &str) -> bool {
        let mut fields = self.plan.operands.as_slice().iter().map(|it| it.field);
        fields.any(|it| self.plan.node(it).is_some_and(|node| node.path == path))
    }

    /// The paths of the fields that say how many or how long something is.
    #[cfg(feature = "generate")]
    pub(crate) fn amounts(&self) -> impl Iterator<Item = &str> {
        let plan = &self.plan;
        let terms = plan.steps.as_slice().iter().filter_map(|step| match step.form {
            Form::SpanTail { count: Some(term), .. }
            | Form::Repeat { count: Count::Said(term), .. }
            | Form::Framed { len: term, .. } => Some(term),
            _ => None,
        });
        let mut fields: Vec<_> =
            terms.flat_map(|it| plan.operands_of(it)).map(|it| plan.operands[it].field).collect();
        fields.sort();
        fields.dedup();
        fields.into_iter().filter_map(|it| plan.node(it)).map(|node| node.path.as_str())
    }

    /// Whether the user gives the field that lies where a step of the protocol's own struct does.
    fn given(&self, root: RootId, step: StepId, value: &FieldValue, path: &str) -> bool {
        if root == self.root {
            return value.at(path).is_some();
        }
        self.paths_at(root, step).into_iter().any(|it| value.at(it).is_some())
    }

    /// The struct that the value's tag chooses; where it is not given, the one that has all fields that are.
    fn root_for(&self, value: &FieldValue) -> Result<RootId, EncodeError> {
        let Some(tag) = &self.tag else { return Ok(self.root) };
        if let Some(values) = self.tag_values(tag, value) {
            let root = tag.root(&values, self.root, |_| true);
            return root.ok_or_else(|| {
                let path = tag.field().and_then(|it| self.plan.path(it));
                let path = path.unwrap_or(self.name()).to_owned();
                let value = values.first().copied().unwrap_or(0);
                EncodeError::NoCase { path, value }
            });
        }
        if let Some(preferred) = self.preferred {
            return Ok(preferred);
        }
        let mut roots = std::iter::once(self.root).chain(tag.roots(self.root).map(|it| it.0));
        Ok(roots.find(|root| self.has_all(*root, value, "")).unwrap_or(self.root))
    }

    /// Whether a struct has all fields that are given in its field at `path`.
    fn has_all(&self, root: RootId, value: &FieldValue, path: &str) -> bool {
        let nodes = &self.plan.roots[root].table.nodes;
        match value {
            FieldValue::Group(fields) => fields.iter().all(|(name, value)| {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                nodes.iter().any(|it| it.path == path) && self.has_all(root, value, &path)
            }),
            FieldValue::List(elements) => elements.iter().all(|it| self.has_all(root, it, path)),
            _ => true,
        }
    }

    /// The values of the tags, where all that they go by is given.
    fn tag_values(&self, tag: &Tag, value: &FieldValue) -> Option<[i128; MAX_TAGS]> {
        let mut values = [0; MAX_TAGS];
        for (it, term) in values.iter_mut().zip(tag.term_ids()) {
            let expression = &self.plan.terms[term].expression;
            *it = expression.evaluate(&mut |name| match name {
                Name::Field(operand) => self.integer_of(self.plan.operands[*operand].field, value),
                Name::Len | Name::Rest | Name::ToServer => None,
            })?;
        }
        Some(values)
    }

    fn integer_of(&self, step: StepId, value: &FieldValue) -> Option<i128> {
        let node = self.plan.node(step)?;
        let given = value.at(&node.path).or_else(|| {
            // In the struct of a case the field lies at the same place, under another path.
            let roots = self.plan.roots.ids().filter(|it| *it != self.root);
            let paths = roots.flat_map(|root| self.paths_at(root, step));
            paths.into_iter().find_map(|path| value.at(path))
        });
        match (given?, &node.kind) {
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

    /// The paths of the integers of a root that lie where a step of the protocol's own struct does.
    fn paths_at(&self, root: RootId, step: StepId) -> Vec<&str> {
        let own = &self.plan.steps[step];
        let placed = self.plan.placed(self.plan.roots[root].steps.clone());
        let same = placed.into_iter().filter(|id| {
            let it = &self.plan.steps[*id];
            it.offset == own.offset && it.len == own.len && it.is_integer()
        });
        same.filter_map(|it| self.plan.node(it)).map(|it| it.path.as_str()).collect()
    }
}
