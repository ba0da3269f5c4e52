//! A field by its place in a [`FieldTable`].

use super::message::{FieldTable, Node};

/// Which node of a [`FieldTable`]; the number that [`Item::node`](super::Item::node) holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(u32);

impl NodeId {
    /// As items have it.
    #[inline]
    pub fn number(self) -> u32 {
        self.0
    }
}

impl FieldTable {
    /// The node with an id that [`push`](Self::push) gave.
    pub(crate) fn node(&self, id: NodeId) -> Option<&Node> {
        self.nodes.get(id.0 as usize)
    }

    /// Adds a node.
    pub(crate) fn push(&mut self, node: Node) -> NodeId {
        let id = NodeId(u32::try_from(self.nodes.len()).unwrap_or(u32::MAX));
        self.nodes.push(node);
        id
    }
}
