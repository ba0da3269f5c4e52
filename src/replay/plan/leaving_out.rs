//! A plan without the conversations that are not to be played: what is left begins at once, and
//! what was left out is counted by reason.

use std::collections::HashSet;
use std::net::SocketAddr;

use super::conversation_id::ConversationId;
use super::plan::{Conversation, Plan};
use crate::replay::ReplayError;
use crate::replay::destinations::Destinations;
use crate::replay::reason::{Reason, Reasons, Skipped};

/// Servers that reasons name; those of others share one.
const MAX_NAMED: usize = 100;

impl Plan {
    /// Leaves out the conversations with servers that go nowhere.
    ///
    /// # Errors
    ///
    /// As [`Plan::leave_out`].
    pub fn leave_out_unnamed(&mut self, destinations: &Destinations) -> Result<(), ReplayError> {
        let mut named: HashSet<SocketAddr> = HashSet::new();
        self.leave_out(|_, it| {
            if destinations.of(it.server).is_some() {
                return None;
            }
            let is_named = named.len() < MAX_NAMED || named.contains(&it.server);
            if is_named {
                named.insert(it.server);
            }
            Some(Reason::NoDestination(it.transport, is_named.then_some(it.server)))
        })
    }

    /// Leaves out the conversations, given with their index, for which there is a reason. Times
    /// count from the first that is left.
    ///
    /// # Errors
    ///
    /// The temporary file of the datagrams' times cannot be read or written.
    pub fn leave_out(
        &mut self,
        mut reason: impl FnMut(ConversationId, &Conversation) -> Option<Reason>,
    ) -> Result<(), ReplayError> {
        let mut reasons = Reasons::default();
        let mut indices = Vec::with_capacity(self.conversations.len());
        let mut left = 0;
        for (index, conversation) in (0..).zip(&self.conversations) {
            let reason = reason(ConversationId(index), conversation);
            indices.push(reason.is_none().then_some(ConversationId(left)));
            match reason {
                None => left = left.saturating_add(1),
                Some(reason) => reasons.count(reason, 1),
            }
        }
        let reasons = reasons.into_list();
        if reasons.is_empty() {
            return Ok(());
        }
        self.keep(&indices)?;
        let skipped = &mut self.preflight.skipped;
        skipped.extend(reasons);
        skipped.sort_by_key(|it| std::cmp::Reverse(it.count));
        Ok(())
    }

    /// Keeps the conversations that have an index in what is left.
    fn keep(&mut self, indices: &[Option<ConversationId>]) -> Result<(), ReplayError> {
        let Self { conversations, schedule, preflight, .. } = self;
        retain(conversations, indices);
        retain(&mut preflight.traffic, indices);
        let begin = conversations.iter().map(|it| it.start).min().unwrap_or_default();
        conversations.iter_mut().for_each(|it| it.count_from(begin));
        preflight.traffic.iter_mut().for_each(|it| it.end = it.end.saturating_sub(begin));
        *schedule = schedule.renumbered(indices, begin)?;
        preflight.notes.retain(|it| it.reason != Reason::ServerGap);
        let missing = conversations.iter().map(Conversation::missing).fold(0, u64::saturating_add);
        if missing > 0 {
            preflight.notes.push(Skipped { reason: Reason::ServerGap, count: missing });
        }
        preflight.measure(schedule.len());
        Ok(())
    }
}

fn retain<T>(list: &mut Vec<T>, indices: &[Option<ConversationId>]) {
    let mut indices = indices.iter();
    list.retain(|_| indices.next().is_some_and(Option::is_some));
}
