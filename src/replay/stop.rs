//! The wish to end a run before its end: Ctrl-C, a limit of time.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::signal::unix::{SignalKind, signal};
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
    /// Asks the run to end when the process is interrupted (SIGINT, SIGTERM), on a thread of its
    /// own; `again` is called when that happens once more.
    ///
    /// # Errors
    ///
    /// The system refuses a signal handler or a thread.
    pub fn on_interrupt(&self, again: impl FnOnce() + Send + 'static) -> io::Result<()> {
        let stop = self.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let entered = runtime.enter();
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        drop(entered);
        let mut next = move || {
            runtime.block_on(async {
                tokio::select! { _ = interrupt.recv() => {}, _ = terminate.recv() => {} }
            });
        };
        thread::Builder::new().name("interrupt".to_owned()).spawn(move || {
            next();
            stop.request();
            next();
            again();
        })?;
        Ok(())
    }

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

    #[tokio::test]
    async fn the_first_signal_stops_and_the_second_is_told() {
        let stop = Stop::default();
        let (told, again) = tokio::sync::oneshot::channel();
        stop.on_interrupt(move || told.send(()).unwrap()).unwrap();
        let raise = || {
            let own = rustix::process::getpid();
            rustix::process::kill_process(own, rustix::process::Signal::INT).unwrap();
        };
        raise();
        stop.requested().await;
        raise();
        again.await.unwrap();
    }
}
