//! The wish to end a run before its end: Ctrl-C, a limit of time.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

/// Ends a run, from any thread; clones are one.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Wish>);

#[derive(Debug, Default)]
struct Wish {
    is_requested: AtomicBool,
    notify: Notify,
}

impl Stop {
    /// Asks the run to end with the outcome so far.
    pub fn request(&self) {
        self.0.is_requested.store(true, Ordering::Release);
        self.0.notify.notify_waiters();
    }

    /// Whether the run is to end.
    pub fn is_requested(&self) -> bool {
        self.0.is_requested.load(Ordering::Acquire)
    }

    /// Waits until the run is to end.
    pub async fn requested(&self) {
        let notified = self.0.notify.notified();
        tokio::pin!(notified);
        // Enabled before the flag is read, so that no request slips between the two.
        notified.as_mut().enable();
        if !self.is_requested() {
            notified.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_request_wakes_those_who_wait_and_those_who_come_late() {
        let stop = Stop::default();
        let waiting = stop.clone();
        let waiter = tokio::spawn(async move { waiting.requested().await });
        tokio::task::yield_now().await;
        assert!(!stop.is_requested());
        stop.request();
        waiter.await.unwrap();
        stop.requested().await;
    }
}
