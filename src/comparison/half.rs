//! A conversation as one origin has it: its decoder, and how far the judged side has come.

use super::body::{Body, Passing};
use super::websocket::WebSocketSide;
use crate::decode::Unread;
use crate::decode::http::is_interim;
use crate::decode::live::{Connection, Live};
use crate::decode::stream::StreamEvent;
use crate::flow::{Input, Side};
use crate::message::Message;

/// The conversation of one origin.
pub(super) struct Half {
    connection: Connection,
    body: Option<Passing>,
    progress: Progress,
    /// What the judged side says once both have changed to WebSocket.
    websocket: Option<WebSocketSide>,
    /// All of it is that.
    is_websocket: bool,
}

/// How far the judged side has come.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Progress {
    /// Messages that are complete; without interim responses.
    pub messages: u64,
    /// Messages of the other side.
    pub asked: u64,
    /// Interim responses since the last of them.
    interim: u64,
    /// Bytes since the last of them that no message explains.
    skipped: u64,
    /// Bytes since the last of them are lost: what no message explains is the rest of one.
    is_torn: bool,
    /// Bytes.
    pub bytes: u64,
    /// It sends no more.
    pub is_closed: bool,
}

/// What the judged side has completed.
pub(super) enum Arrival<'a> {
    /// A message; its body is empty unless bodies are digested.
    Answer(&'a Message<'a>, Body),
    /// An interim response.
    Interim,
    /// Bytes that the capture lacks: which message is next is not known.
    Lost,
}

/// Whose messages count, and whether their bodies are digested.
#[derive(Clone, Copy)]
pub(super) struct Interest {
    pub judged: Side,
    pub digests: bool,
}

impl Half {
    pub fn new(connection: Connection) -> Self {
        let progress = Progress::default();
        Self { connection, body: None, progress, websocket: None, is_websocket: false }
    }

    /// A conversation that begins behind a handshake of WebSocket.
    pub fn behind_handshake(connection: Connection, may_be_deflated: bool) -> Self {
        let websocket = Some(WebSocketSide::new(may_be_deflated));
        Self { websocket, is_websocket: true, ..Self::new(connection) }
    }

    /// The conversation is over.
    pub fn end(self, live: &mut Live<'_>) -> Progress {
        live.end(self.connection);
        self.progress
    }

    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// A decoder reads it.
    pub fn is_read(&self) -> bool {
        self.is_websocket || self.connection.is_read() == Some(true)
    }

    /// It is lines of text: an answer may have any number of them.
    pub fn is_of_lines(&self) -> bool {
        !self.is_websocket && self.connection.is_of_lines()
    }

    /// No decoder reads it.
    pub fn is_opaque(&self) -> bool {
        !self.is_websocket && self.connection.is_read() == Some(false)
    }

    /// Takes what a side sent next, and lends what the judged side has completed.
    pub fn push(
        &mut self,
        live: &mut Live<'_>,
        interest: Interest,
        (side, input): (Side, Input<'_>),
        sink: &mut dyn FnMut(Arrival<'_>),
    ) {
        let Self { connection, body, progress, websocket, is_websocket } = self;
        let Interest { judged, digests } = interest;
        let before = *progress;
        let mut is_within_body = false;
        if side == judged {
            progress.note(input);
        }
        if *is_websocket {
            if side == judged {
                self.say(input, u64::MAX, sink);
            }
            return;
        }
        // Bytes of the judged side behind the handshake.
        let mut behind = 0_u64;
        live.push(connection, side, input, &mut |event| match *event {
            StreamEvent::Skipped { side, len, reason: Unread::HttpUpgrade }
                if side == judged && websocket.as_ref().is_some_and(WebSocketSide::is_read) =>
            {
                behind = behind.saturating_add(len);
            }
            StreamEvent::Message { side, ref message } if side == judged => {
                *websocket = websocket.take().or_else(|| WebSocketSide::behind(message));
                let body = body.take().map(|it| it.finish(message)).unwrap_or_default();
                sink(progress.complete(message, body));
            }
            StreamEvent::Body { side, bytes, is_encoded } if side == judged && digests => {
                body.get_or_insert_default().put(bytes, is_encoded);
            }
            StreamEvent::Message { ref message, .. } => {
                progress.asked = progress.asked.saturating_add(1);
                *websocket = websocket.take().or_else(|| WebSocketSide::behind(message));
            }
            StreamEvent::BodyGap { side, .. } if side == judged => is_within_body = true,
            StreamEvent::Skipped { side, len, .. } if side == judged => progress.skip(len),
            _ => {}
        });
        if behind > 0 {
            return self.say(input, behind, sink);
        }
        if side == judged && matches!(input, Input::Gap(1..)) {
            let is_lost = !is_within_body || progress.skipped > before.skipped;
            if is_lost {
                // At least one message was there.
                progress.skipped = 0;
                progress.is_torn = true;
                progress.messages = progress.messages.max(before.messages.saturating_add(1));
                sink(Arrival::Lost);
            }
        }
    }

    /// Takes what the judged side says over WebSocket: so many of the last bytes.
    fn say(&mut self, input: Input<'_>, len: u64, sink: &mut dyn FnMut(Arrival<'_>)) {
        let Self { progress, websocket: Some(websocket), .. } = self else { return };
        match input {
            Input::Bytes(bytes) => {
                let len = usize::try_from(len).unwrap_or(usize::MAX);
                let begin = bytes.len().saturating_sub(len);
                websocket.push(bytes.get(begin..).unwrap_or_default(), &mut |message, body| {
                    sink(progress.complete(message, body));
                });
            }
            Input::Gap(_) => {
                websocket.lose();
                progress.messages = progress.messages.saturating_add(1);
                sink(Arrival::Lost);
            }
            Input::Close { .. } => {}
        }
    }

    /// Whether the judged side has, live, sent all that it had sent in the capture so far.
    pub fn has_caught_up_with(&self, recorded: &Self, judged: Side) -> bool {
        let (live, then) = (&self.progress, &recorded.progress);
        if live.is_closed || live.messages > then.messages {
            return true;
        }
        let is_read = self.is_read() && recorded.is_read();
        if !is_read || (live.skipped > 0 && then.skipped == 0) {
            // Garbage is an answer too: no more is waited for than there was.
            return live.bytes >= then.bytes;
        }
        if then.is_torn {
            // How much of the next there was cannot be told.
            return live.messages == then.messages;
        }
        let has_begun = recorded.connection.is_between_messages(judged)
            || !self.connection.is_between_messages(judged);
        live.messages == then.messages
            && live.interim >= then.interim
            && live.skipped >= then.skipped
            && has_begun
    }
}

impl Progress {
    fn note(&mut self, input: Input<'_>) {
        match input {
            Input::Bytes(bytes) => self.bytes = self.bytes.saturating_add(bytes.len() as u64),
            Input::Gap(len) => self.bytes = self.bytes.saturating_add(len),
            Input::Close { .. } => self.is_closed = true,
        }
    }

    fn skip(&mut self, len: u64) {
        if !self.is_torn {
            self.skipped = self.skipped.saturating_add(len);
        }
    }

    fn complete<'m>(&mut self, message: &'m Message<'m>, body: Body) -> Arrival<'m> {
        self.skipped = 0;
        self.is_torn = false;
        if is_interim(message) {
            self.interim = self.interim.saturating_add(1);
            return Arrival::Interim;
        }
        self.interim = 0;
        self.messages = self.messages.saturating_add(1);
        Arrival::Answer(message, body)
    }
}
