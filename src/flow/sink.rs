//! What a sink returns to what lends to it: nothing, and it is lent all there is; or whether to go
//! on.
//!
//! Whoever lends stops at once where a sink says so: nothing more of the frame, or of the input, is
//! read then, and what is under way is not to be gone on with.

use std::ops::ControlFlow;

/// What a sink returns: `()`, a [`Result`] that stops with its error, or a [`ControlFlow`]. What
/// lends to it returns the same, so that an error goes up by `?`.
pub trait SinkResult: Sized {
    /// The same, with a value where the sink was lent all.
    type With<T>;

    /// The sink goes on.
    const GO_ON: Self;

    /// Breaks with itself where it says to stop.
    fn flow(self) -> ControlFlow<Self>;

    /// What was broken with, if anything was.
    fn of(flow: ControlFlow<Self>) -> Self {
        flow.break_value().unwrap_or(Self::GO_ON)
    }

    /// Adds what a whole run came to.
    fn with<T>(self, value: T) -> Self::With<T>;
}

impl SinkResult for () {
    type With<T> = T;
    const GO_ON: Self = ();

    #[inline]
    fn flow(self) -> ControlFlow<Self> {
        ControlFlow::Continue(())
    }

    fn with<T>(self, value: T) -> T {
        value
    }
}

impl<E> SinkResult for Result<(), E> {
    type With<T> = Result<T, E>;
    const GO_ON: Self = Ok(());

    #[inline]
    fn flow(self) -> ControlFlow<Self> {
        if self.is_ok() { ControlFlow::Continue(()) } else { ControlFlow::Break(self) }
    }

    fn with<T>(self, value: T) -> Result<T, E> {
        self.map(|()| value)
    }
}

impl<B> SinkResult for ControlFlow<B> {
    type With<T> = ControlFlow<B, T>;
    const GO_ON: Self = Self::Continue(());

    #[inline]
    fn flow(self) -> ControlFlow<Self> {
        if self.is_continue() { ControlFlow::Continue(()) } else { ControlFlow::Break(self) }
    }

    fn with<T>(self, value: T) -> ControlFlow<B, T> {
        self.map_continue(|()| value)
    }
}

/// What a sink has stopped with: those who decode pass on no more than that it has.
pub(crate) struct Returned<R>(R);

impl<R: SinkResult> Returned<R> {
    /// Lends to a sink by `run`, and gives what the sink has returned.
    #[inline]
    pub fn of(run: impl FnOnce(&mut Self) -> ControlFlow<()>) -> R {
        let mut returned = Self(R::GO_ON);
        // It is kept with what it was stopped with.
        let _ = run(&mut returned);
        returned.0
    }

    /// Keeps what the sink returned, and passes on whether to stop.
    #[inline]
    pub fn keep(&mut self, returned: R) -> ControlFlow<()> {
        returned.flow().map_break(|stopped| self.0 = stopped)
    }
}
