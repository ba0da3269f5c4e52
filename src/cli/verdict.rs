//! What a command came to, as the exit code says it.

use wirereel::replay::Signal;

/// What a command that ran to its end came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Exit code 0.
    Clean,
    /// Exit code 1.
    Findings,
    /// Cut short by a signal, whose exit code it has.
    Stopped(Signal),
}
