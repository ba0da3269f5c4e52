//! Where a message in a stream of bytes ends, before all of it is there.

use super::Codec;
use super::error::CodecError;
use super::measure::{Extent, Measure, unknown};
use super::plan::{RootId, StepId};
use super::tag::{Selected, find};

/// How messages of a codec follow one another in a stream.
#[derive(Clone, Debug)]
pub struct Framing {
    /// The step that counts the tail's elements, for each of the plan's roots.
    lengths: Vec<Option<StepId>>,
    /// Bytes, where all messages have as many.
    fixed: Option<usize>,
}

impl Framing {
    /// Bytes, where all messages have as many.
    pub fn fixed(&self) -> Option<usize> {
        self.fixed
    }
}

impl Codec {
    /// How messages follow one another; `length` is the path of the field that counts the
    /// elements of the variable tail.
    ///
    /// # Errors
    ///
    /// No such field, or none of integers.
    pub fn framing(&self, length: Option<&str>) -> Result<Framing, CodecError> {
        let plan = &self.plan;
        let roots = plan.roots.ids();
        let lengths: Vec<_> =
            roots.map(|root| length.and_then(|path| find(plan, root, path))).collect();
        if let Some(path) = length {
            let step = lengths.iter().flatten().next().ok_or_else(|| plan.unknown_field(path))?;
            if !plan.steps[*step].is_integer() {
                let message = self.name().to_owned();
                return Err(CodecError::LengthKind { message, path: path.to_owned() });
            }
        }
        let mut framing = Framing { lengths, fixed: None };
        framing.fixed = self.fixed(&framing);
        Ok(framing)
    }

    /// The size that all cases have in common.
    fn fixed(&self, framing: &Framing) -> Option<usize> {
        let cases = self.tag.iter().flat_map(|tag| {
            tag.values().filter_map(|value| Some((tag.root(value, self.root)?, Some(value))))
        });
        let mut selected: Vec<_> = cases.collect();
        if selected.is_empty() {
            selected.push((self.root, None));
        }
        let mut sizes = selected
            .into_iter()
            .map(|(root, tag)| self.measure(framing, root, tag, &[]).root(root).ok());
        let first = sizes.next().flatten()?;
        sizes.all(|size| size == Some(first)).then_some(first)
    }

    fn measure<'b>(
        &self,
        framing: &Framing,
        root: RootId,
        tag: Option<i128>,
        bytes: &'b [u8],
    ) -> Measure<'_, 'b> {
        let length = framing.lengths.get(root.index()).copied().flatten();
        let tag = self.tag.as_ref().and_then(|it| Some((it.step, tag?)));
        Measure::new(&self.plan, bytes, tag, length)
    }

    /// How far the message at the start of `bytes` reaches. What it says of some bytes holds
    /// whatever follows them.
    pub fn extent(&self, framing: &Framing, bytes: &[u8]) -> Extent<'_> {
        if let Some(size) = framing.fixed {
            return Extent::Bytes(size);
        }
        let (mut root, mut value) = (self.root, None);
        if let Some(tag) = &self.tag {
            let needed = self.plan.steps[tag.step].stop();
            match tag.select(&self.plan, self.root, bytes) {
                Selected::Absent => return Extent::Needs(needed),
                Selected::Unknown => return unknown(&self.plan, tag.step, 0, needed, true),
                Selected::Root(it) => (root, value) = (it, tag.value(&self.plan, bytes)),
            }
        }
        match self.measure(framing, root, value, bytes).root(root) {
            Ok(len) => Extent::Bytes(len),
            Err(extent) => extent,
        }
    }
}
