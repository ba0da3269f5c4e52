//! When the conversations of one thread begin: as they overlapped, or so many at once.

use std::time::Duration;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use tokio::sync::Barrier;
use tokio::time::{Instant, sleep_until};

use super::conversation;
use super::starts::{Agenda, Start, Starts};
use super::worker::Worker;
use crate::replay::ReplayError;
use crate::replay::patience::later;

/// Conversations of one thread at once, at most. Those that are due beyond it begin when others
/// have ended.
const MAX_AT_ONCE: usize = 8192;

/// How many conversations run at once, and what makes threads begin a loop together.
#[derive(Clone, Copy)]
pub(super) struct Room<'r> {
    /// Set by the user: no start is waited for.
    pub concurrency: Option<usize>,
    /// Where conversations overlap as recorded, a loop begins when all have ended the one before.
    pub barrier: &'r Barrier,
}

impl Worker<'_> {
    /// Plays until all has ended, the user stops it or its time is over.
    ///
    /// # Errors
    ///
    /// Payload that cannot be read again.
    pub async fn run(&self, starts: Starts<'_>, room: Room<'_>) -> Result<(), ReplayError> {
        let options = self.part.options;
        let end = later(self.part.begin, options.duration.unwrap_or(Duration::MAX));
        tokio::select! {
            biased;
            () = self.part.stop.requested() => {}
            () = sleep_until(end) => {}
            result = self.play(starts, room) => return result,
        }
        self.tally.borrow_mut().outcome.interrupted = true;
        Ok(())
    }

    async fn play(&self, starts: Starts<'_>, room: Room<'_>) -> Result<(), ReplayError> {
        match room.concurrency {
            Some(lanes) => self.play_in_lanes(starts.agenda(), lanes).await,
            None => self.play_overlapping(starts, room.barrier).await,
        }
    }

    /// So many conversations at once: each that ends is followed by the next that no thread has
    /// begun.
    async fn play_in_lanes(&self, agenda: &Agenda, lanes: usize) -> Result<(), ReplayError> {
        let lane = |_| async {
            while let Some(index) = agenda.take() {
                let Some(conversation) = self.part.conversations.get(index) else { break };
                conversation::play(self, conversation, None).await?;
            }
            Ok::<_, ReplayError>(())
        };
        let mut lanes: FuturesUnordered<_> = (0..lanes.min(MAX_AT_ONCE)).map(lane).collect();
        while let Some(ended) = lanes.next().await {
            ended?;
        }
        Ok(())
    }

    /// Conversations as they overlapped, each loop once the one before has ended in all threads.
    async fn play_overlapping(
        &self,
        starts: Starts<'_>,
        barrier: &Barrier,
    ) -> Result<(), ReplayError> {
        let mut running = FuturesUnordered::new();
        let mut epoch = self.part.begin;
        for start in starts {
            let Start::Conversation(index) = start else {
                while let Some(ended) = running.next().await {
                    ended?;
                }
                barrier.wait().await;
                epoch = Instant::now();
                continue;
            };
            let Some(conversation) = self.part.conversations.get(index) else { continue };
            let due = later(epoch, self.scaled(conversation.start));
            while running.len() >= MAX_AT_ONCE {
                running.next().await.unwrap_or(Ok(()))?;
            }
            while Instant::now() < due {
                tokio::select! {
                    Some(ended) = running.next() => ended?,
                    () = sleep_until(due) => {}
                }
            }
            running.push(conversation::play(self, conversation, Some(due)));
        }
        while let Some(ended) = running.next().await {
            ended?;
        }
        Ok(())
    }
}
