#![allow(missing_docs, unused)]
use super::*;
use crate::decode::stream::*;
use crate::profile::Protocols;
pub struct Plan {
    pub conversations: Vec<Conversation>,
    pub schedule: Schedule,
    pub payloads: Payloads,
}
pub struct Schedule;
pub struct Entries;
pub struct Datagram {
    pub conversation: u32,
    pub side: Side,
    pub span: Span,
}
impl Schedule {
    pub fn entries(&self) -> Entries {
        Entries
    }
}
impl Entries {
    pub fn next_entry(&mut self) -> Result<Option<Datagram>, ReplayError> {
        Ok(None)
    }
}
pub struct Comparator<'p>(&'p ());
pub struct Comparison;
pub struct Compared {
    pub matched: u64,
    pub differed: u64,
    pub missing: u64,
    pub received: Volume,
    pub differences: Vec<Difference>,
}
impl<'p> Comparator<'p> {
    pub fn new(protocols: &'p Protocols, expectation: &Expectation) -> Result<Self, ReplayError> {
        Ok(Self(&()))
    }
    pub fn begin(&mut self, conversation: &Conversation, judged: Side) -> Comparison {
        Comparison
    }
    pub fn recorded(&mut self, it: &mut Comparison, side: Side, input: Input<'_>) {}
    pub fn live(&mut self, it: &mut Comparison, side: Side, input: Input<'_>) {}
    pub fn finish(&mut self, it: Comparison) -> Compared {
        todo!()
    }
    pub fn datagram(
        &mut self,
        conversation: &Conversation,
        message: u64,
        expected: &[u8],
        actual: &[u8],
    ) -> Vec<Difference> {
        vec![]
    }
}
impl Comparison {
    pub fn has_caught_up(&self) -> bool {
        true
    }
}
