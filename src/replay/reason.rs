//! Why something was not replayed, or broke off, with the text of each reason in one table.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use super::fault::Fault;
use crate::net;
use crate::net::Undelivered;
use crate::packet::{Transport, Undecoded};

/// Why something was left out of a plan, was not played, or may differ from the capture.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// A frame without a packet of a conversation.
    Frame(Undecoded),
    /// A datagram was not captured whole.
    DatagramSnapped,
    /// A datagram that was joined of fragments is longer than any can be.
    DatagramTooLong,
    /// What the answer belongs to is not replayed.
    AnswerAlone,
    /// A plan holds no more conversations of UDP.
    TooManyConversations,
    /// A datagram leaves in fragments.
    DatagramOversize,
    /// Bytes of a server are missing.
    ServerGap,
    /// A datagram was captured twice.
    DatagramAgain,
    /// A segment was captured twice.
    SegmentAgain,
    /// A fragment was captured twice.
    FragmentAgain,
    /// An end of the packet is no address.
    NoAddress,
    /// The user wants other conversations.
    NotChosen(Transport),
    /// A conversation of UDP gave way to others: what follows is taken for a new one.
    ForgottenInCapture,
    /// Neither SYN nor its answer was captured.
    MidStream,
    /// Bytes of the client are missing.
    ClientGap,
    /// The client's segments were not captured whole.
    ClientSnapped,
    /// A conversation of TCP had to give way before it ended.
    Evicted,
    /// The server did not accept the connection.
    NotEstablished,
    /// Nothing happens in the connection.
    Empty,
    /// The conversation would make the plan too large.
    TooLarge,
    /// Nothing was named for a server; `None` stands for those beyond the ones that are told.
    NoDestination(Transport, Option<SocketAddr>),
    /// A conversation could not be begun, or broke off.
    Broken(Fault),
    /// The port is one that the server was to tell.
    UntoldPort,
    /// The client has no socket.
    NoSocket,
    /// The client gets no socket; why.
    SocketRefused(String),
    /// A datagram was not sent.
    NotSent(net::Unsent),
    /// Nobody listens where a datagram went.
    DatagramRefused(Option<SocketAddr>),
    /// The network reports that a datagram did not arrive, by this number of an error.
    Undelivered(Option<SocketAddr>, i32),
    /// The capture lacks bytes before the answer.
    Uncompared,
    /// One address plays no more datagrams.
    DatagramsBeyond,
    /// A port that was opened for a client gave way to others.
    PortClosed,
    /// The kernel did not give a datagram out.
    NotReceived(io::ErrorKind),
    /// The client of an answer is gone.
    AnswerRefused,
    /// The network reports that an answer did not arrive, by this number of an error.
    AnswerUndelivered(i32),
    /// The kernel did not take an answer.
    AnswerNotSent(io::ErrorKind),
    /// The kernel reports earlier answers as often as one is sent.
    EarlierRefused,
    /// The client sends more than was recorded.
    DatagramBehindLast,
    /// A client of UDP gave way to others.
    ClientForgotten,
    /// The capture, or the temporary file, cannot be read. What the system says of it goes by the
    /// offset: as a reason it would be another one each time.
    Unreadable,
    /// An address of UDP serves no longer; why.
    AddressGivenUp(String),
    /// A client of TCP got no connection; why.
    NotAccepted(String),
    /// A connection broke.
    ConnectionBroke(io::ErrorKind),
    /// The capture lacks bytes of answers.
    AnswerIncomplete,
    /// An address that serves HTTP serves nothing else.
    NotHttp,
    /// A conversation has too many fields that answers repeat.
    FieldsBeyond,
    /// The capture has no conversation for the client.
    ClientBeyond,
    /// The client sends nothing where the recorded one did.
    ClientSilent,
    /// The client has asked all that it wants.
    ClientIdle,
    /// The client's request does not end.
    RequestUnfinished,
    /// The client closed within its request.
    RequestBrokenOff,
    /// The client does not read.
    AnswerNotTaken,
    /// The client does not close.
    NotClosed,
    /// The client sends without an end.
    Endless,
    /// The capture lacks bytes of a WebSocket.
    WebSocketGap,
    /// The recorded frames of a WebSocket cannot be read.
    WebSocketUnreadable,
}

/// Counts by reason.
#[derive(Debug, Default)]
pub(super) struct Reasons(Vec<Skipped>);

/// What was not done, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Why.
    pub reason: Reason,
    /// How often.
    pub count: u64,
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let cause = |errno: i32| io::Error::from_raw_os_error(errno);
        let text = match self {
            Self::Frame(reason) => return f.write_str(&reason.name()),
            Self::DatagramSnapped => "UDP datagram that is snapped",
            Self::DatagramTooLong => "UDP datagram longer than UDP carries",
            Self::AnswerAlone => "UDP answer to a datagram that is not replayed",
            Self::TooManyConversations => "UDP conversation beyond those that a plan holds",
            Self::DatagramOversize => "UDP datagram too long for a frame of 1500 bytes",
            Self::ServerGap => "TCP byte of a server missing from the capture",
            Self::DatagramAgain => "UDP datagram that was captured at another place too",
            Self::SegmentAgain => "TCP segment that was captured at another place too",
            Self::FragmentAgain => "IP fragment that was captured at another place too",
            Self::NoAddress => "packet between ends without an IP address",
            Self::NotChosen(transport) => {
                return write!(f, "{} conversation that was not chosen", transport.label());
            }
            Self::ForgottenInCapture => "UDP conversation that is a new one if it went on",
            Self::MidStream => "TCP conversation that began before the capture: no SYN",
            Self::ClientGap => "TCP conversation whose client's bytes are missing from the capture",
            Self::ClientSnapped => "TCP conversation whose client's segments are snapped",
            Self::Evicted => "TCP conversation that had to give way to others before its end",
            Self::NotEstablished => "TCP connection that was not accepted",
            Self::Empty => "TCP connection in which nothing happens",
            Self::TooLarge => "TCP conversation too large for the plan",
            Self::NoDestination(transport, server) => {
                write!(f, "{} conversation with ", transport.label())?;
                match server {
                    Some(server) => server.fmt(f)?,
                    None => f.write_str("another server")?,
                }
                ": no destination"
            }
            Self::Broken(fault) => return f.write_str(&fault.reason()),
            Self::UntoldPort => "UDP datagram for a port that the server was to tell by its answer",
            Self::NoSocket => "UDP datagram of a client that has no socket",
            Self::SocketRefused(error) => return write!(f, "UDP client without a socket: {error}"),
            Self::NotSent(fault) => return write!(f, "UDP datagram: {fault}"),
            Self::DatagramRefused(to) => return Undelivered::refused(*to).fmt(f),
            Self::Undelivered(to, errno) => {
                return Undelivered { to: *to, errno: *errno }.fmt(f);
            }
            Self::Uncompared => "answer that cannot be compared: the capture lacks bytes before it",
            Self::DatagramsBeyond => "datagram beyond those that one address can play",
            Self::PortClosed => "port of a UDP client closed: others came since",
            Self::NotReceived(kind) => return write!(f, "datagram not received: {kind}"),
            Self::AnswerRefused => "UDP answer refused: its client is gone",
            Self::AnswerUndelivered(errno) => {
                return write!(f, "UDP answer not delivered: {}", cause(*errno));
            }
            Self::AnswerNotSent(kind) => return write!(f, "answer not sent: {kind}"),
            Self::EarlierRefused => "answer not sent: earlier ones are refused",
            Self::DatagramBehindLast => "datagram behind the last that was recorded of its client",
            Self::ClientForgotten => "UDP client forgotten: others came since",
            Self::Unreadable => "payload that cannot be read again",
            Self::AddressGivenUp(error) => return write!(f, "UDP address given up: {error}"),
            Self::NotAccepted(error) => return write!(f, "client not accepted: {error}"),
            Self::ConnectionBroke(kind) => return write!(f, "connection broke: {kind}"),
            Self::AnswerIncomplete => "answer with bytes that the capture lacks",
            Self::NotHttp => "TCP conversation that is not HTTP, at an address that serves HTTP",
            Self::FieldsBeyond => "field that is not repeated: a conversation has too many",
            Self::ClientBeyond => "client beyond those of the capture",
            Self::ClientSilent => "client is silent where the recorded one was not",
            Self::ClientIdle => "client asks nothing more",
            Self::RequestUnfinished => "client does not finish its request",
            Self::RequestBrokenOff => "client broke off within a request",
            Self::AnswerNotTaken => "client does not take its answer",
            Self::NotClosed => "client does not close",
            Self::Endless => "client sends without an end",
            Self::WebSocketGap => "WebSocket whose bytes the capture lacks",
            Self::WebSocketUnreadable => "WebSocket whose frames cannot be read",
        };
        f.write_str(text)
    }
}

impl From<Undecoded> for Reason {
    fn from(reason: Undecoded) -> Self {
        Self::Frame(reason)
    }
}

impl Skipped {
    /// Counts under a reason in a list, whose entries have one each.
    pub(super) fn count_in(list: &mut Vec<Self>, reason: Reason, count: u64) {
        match list.iter_mut().find(|it| it.reason == reason) {
            Some(known) => known.count = known.count.saturating_add(count),
            None => list.push(Self { reason, count }),
        }
    }

    /// Whether a run in which it comes to that was not as it should be: what the capture lacks is
    /// no fault of who was played to.
    pub fn is_failure(&self) -> bool {
        self.reason != Reason::Uncompared
    }
}

impl Reasons {
    pub fn count(&mut self, reason: impl Into<Reason>, count: u64) {
        if count > 0 {
            Skipped::count_in(&mut self.0, reason.into(), count);
        }
    }

    /// The most frequent first, then by text.
    pub fn into_list(self) -> Vec<Skipped> {
        let Self(mut list) = self;
        list.sort_by_cached_key(|it| (std::cmp::Reverse(it.count), it.reason.to_string()));
        list
    }
}
