//! The sums of messages in which a value was put back: those that were right are made right again.

use super::Echo;
use crate::decode::codec::{FoundSums, Sums};
use crate::flow::Side;
use crate::message::Message;
use crate::profile::{FieldSum, Protocols};
use crate::replay::Conversation;

/// The fields of each protocol that are sums.
pub(super) struct DeclaredSums(Vec<(String, Vec<FieldSum>)>);

impl DeclaredSums {
    pub fn new(protocols: &Protocols) -> Self {
        let sums = protocols.list().iter().map(|it| (it.name.clone(), it.sums()));
        Self(sums.filter(|it| !it.1.is_empty()).collect())
    }

    /// Their names, as `--ignore` takes them, those of some protocols.
    pub fn names(&self, is_meant: impl Fn(&str) -> bool) -> impl Iterator<Item = String> {
        let named = |(name, sums): &(String, Vec<FieldSum>)| {
            sums.iter().map(|it| format!("{name}.{}", it.path)).collect::<Vec<_>>()
        };
        self.0.iter().filter(move |it| is_meant(&it.0)).flat_map(named)
    }

    /// Those of a message that are right; `None` where none is.
    pub fn right_in(&self, message: &Message<'_>) -> Option<FoundSums> {
        let mut right = None;
        self.of(message, &mut |mut found, bytes| {
            found.list.retain(|it| it.is_right(bytes));
            right = Some(found);
        });
        right.filter(|it| !it.list.is_empty())
    }

    /// Lends those of a message, with its bytes.
    fn of(&self, message: &Message<'_>, take: &mut dyn FnMut(FoundSums, &[u8])) {
        let declared = self.0.iter().find(|it| it.0 == message.protocol);
        let bytes = message.bytes.get(..message.len).filter(|_| message.error.is_none());
        if let (Some((_, rules)), Some(bytes)) = (declared, bytes) {
            let sums = Sums::new(message.table, rules.clone());
            take(sums.of(message.items, bytes), bytes);
        }
    }
}

impl Echo<'_> {
    /// Where the sums of a datagram lie that are right, bytes.
    pub(super) fn right_sums(
        &mut self,
        conversation: &Conversation,
        side: Side,
        bytes: &[u8],
    ) -> Vec<usize> {
        let mut right = Vec::new();
        self.sums_of(conversation, side, bytes, &mut |found, bytes| {
            let fits = found.list.iter().filter(|it| it.is_right(bytes));
            right.extend(fits.map(|it| it.span.start));
        });
        right
    }

    /// Makes these sums right again.
    pub(super) fn set_sums(
        &mut self,
        conversation: &Conversation,
        side: Side,
        bytes: &mut [u8],
        wanted: &[usize],
    ) {
        let mut summed = Vec::new();
        if !wanted.is_empty() {
            self.sums_of(conversation, side, bytes, &mut |found, bytes| {
                summed.extend_from_slice(bytes);
                found.write(&mut summed, |it| wanted.contains(&it.span.start));
            });
        }
        bytes.iter_mut().zip(summed).for_each(|(to, from)| *to = from);
    }

    /// Sets all sums of a datagram to zero.
    pub(super) fn blank_sums(&mut self, conversation: &Conversation, side: Side, bytes: &mut [u8]) {
        let mut spans = Vec::new();
        self.sums_of(conversation, side, bytes, &mut |found, _| {
            spans.extend(found.list.iter().map(|it| it.span.clone()));
        });
        for span in spans {
            if let Some(sum) = bytes.get_mut(span) {
                sum.fill(0);
            }
        }
    }

    fn sums_of(
        &mut self,
        conversation: &Conversation,
        side: Side,
        bytes: &[u8],
        take: &mut dyn FnMut(FoundSums, &[u8]),
    ) {
        if self.sums.0.is_empty() {
            return;
        }
        let Conversation { client, server, .. } = *conversation;
        let (src, dst) = if side == Side::Client { (client, server) } else { (server, client) };
        let sums = &self.sums;
        self.live.datagram(src, dst, bytes, &mut |message| sums.of(message, take));
    }
}
