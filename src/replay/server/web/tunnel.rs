//! What follows where both sides change to another protocol: behind a 101 (RFC 9110 section
//! 15.2.2), and behind the answer to a CONNECT (section 9.3.6).
//!
//! WebSocket is played by its messages, whatever else by steps as any conversation.

use tokio::net::TcpStream;

use super::super::raw::Raw;
use super::super::sent::overlap;
use super::super::service::{Ended, Service};
use super::catalogue::{Found, Tunnel};
use super::head::Head;
use super::refusal::Refusal;
use super::websocket::WebSocket;
use crate::decode::websocket::{Offer, accept, deflates, may_answer, names_websocket};
use crate::flow::Side;
use crate::replay::{Action, Conversation, ReplayError, Step};

/// What is played behind the answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Behind {
    tunnel: Tunnel,
    /// Of WebSocket: whether messages may be compressed, in the recording and live.
    deflated: Option<[bool; 2]>,
}

impl Behind {
    /// What follows an answer, if anything does, and the head by which that is begun with this
    /// client; a refusal where the client's handshake is none.
    pub fn of(
        service: &Service<'_>,
        found: &Found,
        offer: &Offer,
    ) -> Result<Result<Option<(Self, Head)>, Refusal>, ReplayError> {
        let Some(tunnel) = found.answer.tunnel else { return Ok(Ok(None)) };
        let mut head = Head::of(service, &found.answer)?;
        if found.facts().status != Some(101) || !names_websocket(&found.facts().upgrade) {
            return Ok(Ok(Some((Self { tunnel, deflated: None }, head))));
        }
        if !offer.is_valid() {
            return Ok(Err(Refusal::handshake()));
        }
        let deflated = Some(greet(&mut head, offer));
        Ok(Ok(Some((Self { tunnel, deflated }, head))))
    }

    /// Plays it.
    pub async fn play(self, service: &Service<'_>, stream: TcpStream) -> Result<(), Ended> {
        let Self { tunnel, deflated } = self;
        let Some(whole) = service.plan().conversations.get(tunnel.conversation) else {
            return Ok(());
        };
        let rest = rest(whole, tunnel);
        match deflated {
            Some(deflated) => WebSocket::play(service, stream, &rest, deflated).await,
            None => Raw::play_one(service, stream, &rest).await,
        }
    }
}

/// Makes the recorded answer to a handshake that to another one: its key is accepted, and of what
/// was agreed that remains which the client offers too. Tells whether messages may be compressed,
/// in the recording and live.
fn greet(head: &mut Head, offer: &Offer) -> [bool; 2] {
    head.set("Sec-WebSocket-Accept", &accept(&offer.key));
    let protocol = head.value("Sec-WebSocket-Protocol");
    if protocol.is_some_and(|it| !offer.has_protocol(&it)) {
        head.remove("Sec-WebSocket-Protocol");
    }
    let agreed = head.value("Sec-WebSocket-Extensions").unwrap_or_default();
    let is_kept = may_answer(&offer.extensions, &agreed);
    if !is_kept {
        head.remove("Sec-WebSocket-Extensions");
    }
    [deflates(&agreed), is_kept && deflates(&agreed)]
}

/// What a conversation is behind the places where its sides change the protocol.
fn rest(whole: &Conversation, tunnel: Tunnel) -> Conversation {
    let mut rest = Conversation { steps: Vec::new(), spans: Vec::new(), ..whole.clone() };
    let mut sent = [0_u64; 2];
    for Step { at, side, action } in &whole.steps {
        let (sent, begin) = match side {
            Side::Client => (&mut sent[0], tunnel.client),
            Side::Server => (&mut sent[1], tunnel.server),
        };
        let action = match action {
            Action::Send(range) => {
                let first = rest.spans.len();
                for span in whole.sent(range) {
                    let offset = *sent;
                    *sent = sent.saturating_add(span.len.into());
                    rest.spans.extend(overlap(*span, offset, begin, u64::MAX));
                }
                let [first, end] =
                    [first, rest.spans.len()].map(|it| u32::try_from(it).unwrap_or(u32::MAX));
                if first == end {
                    rest.start = *at;
                    continue;
                }
                Action::Send(first..end)
            }
            Action::Missing(len) => {
                let offset = *sent;
                *sent = sent.saturating_add(*len);
                let left = sent.saturating_sub(begin.max(offset));
                if left == 0 {
                    continue;
                }
                Action::Missing(left)
            }
            other => other.clone(),
        };
        rest.steps.push(Step { at: *at, side: *side, action });
    }
    rest
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::packet::{StreamId, Transport};
    use crate::replay::Span;

    #[test]
    fn the_rest_is_what_lies_behind_on_both_sides() {
        let span = |offset, len| Span { offset, len, is_spooled: false };
        let step = |at, side, action| Step { at: Duration::from_secs(at), side, action };
        let whole = Conversation {
            transport: Transport::Tcp,
            stream: StreamId(7),
            client: ([127, 0, 0, 1], 1).into(),
            server: ([127, 0, 0, 1], 2).into(),
            start: Duration::ZERO,
            steps: vec![
                step(1, Side::Client, Action::Send(0..1)),
                step(2, Side::Server, Action::Send(1..3)),
                step(3, Side::Client, Action::Send(3..4)),
                step(4, Side::Server, Action::Missing(5)),
                step(5, Side::Server, Action::Finish),
            ],
            spans: vec![span(0, 10), span(100, 20), span(200, 30), span(300, 40)],
        };
        let tunnel = Tunnel { conversation: 0, client: 10, server: 25 };
        let found = rest(&whole, tunnel);
        assert_eq!(found.start, Duration::from_secs(1));
        assert_eq!(found.spans, [span(205, 25), span(300, 40)]);
        let expected = [
            step(2, Side::Server, Action::Send(0..1)),
            step(3, Side::Client, Action::Send(1..2)),
            step(4, Side::Server, Action::Missing(5)),
            step(5, Side::Server, Action::Finish),
        ];
        assert_eq!(found.steps, expected);
        let tunnel = Tunnel { server: 53, client: 60, ..tunnel };
        assert_eq!(
            rest(&whole, tunnel).steps,
            [step(4, Side::Server, Action::Missing(2)), step(5, Side::Server, Action::Finish),]
        );
    }
}
