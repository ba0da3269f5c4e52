//! The wish to end a run before its end: a signal, a limit of time.
//!
//! Which signal it was is kept: a shell is told by the exit code, 128 and its number.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::{fs, thread};

use tokio::signal::unix::{SignalKind, signal};
use tokio::sync::Notify;

/// Ends a run, from any thread; clones are one.
#[derive(Clone, Debug, Default)]
pub struct Stop(Arc<Wish>);

#[derive(Debug, Default)]
struct Wish {
    is_requested: AtomicBool,
    /// The first signal's number; 0 is none.
    signal: AtomicU8,
    notify: Notify,
}

/// A signal that ends a run; its number (signal(7)).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Signal {
    /// SIGHUP: the terminal is gone.
    Hangup = 1,
    /// SIGINT: Ctrl-C.
    Interrupt = 2,
    /// SIGTERM.
    Terminate = 15,
}

impl Signal {
    /// What a process exits with that a signal ends, as shells tell it.
    pub fn exit_code(self) -> u8 {
        128_u8.saturating_add(self as u8)
    }
}

impl Stop {
    /// Asks the run to end when the process is sent a [`Signal`], on a thread of its own; `again`
    /// is called with the next one. SIGHUP is left alone where the process was started to ignore
    /// it, as by nohup(1).
    ///
    /// # Errors
    ///
    /// The system refuses a signal handler or a thread.
    pub fn on_signal(&self, again: impl FnOnce(Signal) + Send + 'static) -> io::Result<()> {
        let stop = self.clone();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
        let entered = runtime.enter();
        let mut interrupt = signal(SignalKind::interrupt())?;
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hangup = match is_ignored(Signal::Hangup) {
            true => None,
            false => Some(signal(SignalKind::hangup())?),
        };
        drop(entered);
        let mut next = move || {
            runtime.block_on(async {
                tokio::select! {
                    _ = interrupt.recv() => Signal::Interrupt,
                    _ = terminate.recv() => Signal::Terminate,
                    Some(_) = async { hangup.as_mut()?.recv().await } => Signal::Hangup,
                }
            })
        };
        thread::Builder::new().name("signals".to_owned()).spawn(move || {
            stop.request_by(next());
            again(next());
        })?;
        Ok(())
    }

    /// Which signal asked the run to end, if one did.
    pub fn signal(&self) -> Option<Signal> {
        let all = [Signal::Hangup, Signal::Interrupt, Signal::Terminate];
        let number = self.0.signal.load(Ordering::Acquire);
        all.into_iter().find(|it| *it as u8 == number)
    }

    fn request_by(&self, signal: Signal) {
        self.0.signal.store(signal as u8, Ordering::Release);
        self.request();
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

/// Whether the process ignores a signal (proc_pid_status(5): a mask, the lowest bit is signal 1).
fn is_ignored(signal: Signal) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|it| u64::from_str_radix(it.trim(), 16).ok()).unwrap_or_default();
    let bit = (signal as u8).saturating_sub(1);
    mask >> bit & 1 == 1
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
        assert_eq!(stop.signal(), None);
        stop.on_signal(move |signal| told.send(signal).unwrap()).unwrap();
        let raise = |signal| {
            rustix::process::kill_process(rustix::process::getpid(), signal).unwrap();
        };
        raise(rustix::process::Signal::TERM);
        stop.requested().await;
        assert_eq!(stop.signal().map(Signal::exit_code), Some(143));
        raise(rustix::process::Signal::INT);
        assert_eq!(again.await.unwrap().exit_code(), 130);
        assert_eq!(stop.signal(), Some(Signal::Terminate));
    }
}
