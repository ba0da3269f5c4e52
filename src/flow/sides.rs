//! A value for each side of a conversation.

use super::side::Side;

/// What is kept of the client and of the server.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sides<T> {
    pub client: T,
    pub server: T,
}

impl<T> Sides<T> {
    pub fn of(&self, side: Side) -> &T {
        match side {
            Side::Client => &self.client,
            Side::Server => &self.server,
        }
    }

    pub fn of_mut(&mut self, side: Side) -> &mut T {
        self.own_and_peer(side).0
    }

    /// What was kept of the client is the server's, and the other way round.
    pub fn exchange(&mut self) {
        std::mem::swap(&mut self.client, &mut self.server);
    }

    /// That of `side`, and that of the other.
    pub fn own_and_peer(&mut self, side: Side) -> (&mut T, &mut T) {
        match side {
            Side::Client => (&mut self.client, &mut self.server),
            Side::Server => (&mut self.server, &mut self.client),
        }
    }
}
