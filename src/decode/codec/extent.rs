//! Where a message in a stream of bytes ends, before all of it is there.

use super::Codec;
use super::measure::{Extent, Measure};
use super::tag::Selected;

/// How messages of a codec follow one another in a stream.
#[derive(Clone, Debug)]
pub struct Framing {
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
    /// How messages follow one another.
    pub fn framing(&self) -> Framing {
        Framing { fixed: self.fixed() }
    }

    /// The size that all cases have in common.
    fn fixed(&self) -> Option<usize> {
        if self.length.is_some() {
            return None;
        }
        let own = (self.root, None);
        let cases = self.tag.iter().flat_map(|tag| tag.roots(self.root));
        let mut sizes = Vec::new();
        for (root, tag) in cases {
            sizes.push(Measure::new(&self.plan, &[], true, tag).root(root).ok());
        }
        if sizes.is_empty() {
            let (root, tag) = own;
            sizes.push(Measure::new(&self.plan, &[], true, tag).root(root).ok());
        }
        let mut sizes = sizes.into_iter();
        let first = sizes.next().flatten()?;
        sizes.all(|size| size == Some(first)).then_some(first)
    }

    /// How far the message at the start of `bytes` reaches. What it says of some bytes holds
    /// whatever follows them. `to_server`: it goes to the port of its rule.
    pub fn extent(&self, framing: &Framing, bytes: &[u8], to_server: bool) -> Extent<'_> {
        if let Some(size) = framing.fixed {
            return Extent::Bytes(size);
        }
        if let Some(length) = &self.length {
            return length.extent(&self.plan, bytes);
        }
        let (mut root, mut value) = (self.root, None);
        if let Some(tag) = &self.tag {
            match tag.select(&self.plan, self.root, bytes, to_server) {
                Selected::Absent => return Extent::Needs(tag.needed()),
                Selected::Unknown => return tag.unknown(&self.plan),
                Selected::Root(it) => {
                    let field = tag.single();
                    let known = field.and_then(|it| self.plan.number(it, 0, bytes));
                    (root, value) = (it, field.zip(known));
                }
            }
        }
        match Measure::new(&self.plan, bytes, to_server, value).root(root) {
            Ok(len) => Extent::Bytes(len),
            Err(extent) => extent,
        }
    }
}
