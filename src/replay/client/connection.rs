//! One live connection: begun with patience, read while it is written, ended as recorded.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use rustix::io::Errno;
use rustix::net::{SendFlags, Shutdown, shutdown};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep};

use crate::net::begin_connect;
use crate::replay::fault::Fault;

/// So many bytes fit any segment (RFC 9293 section 3.7.1).
const SMALLEST_SEGMENT: usize = 536;

/// A connection, and an alarm for whatever it waits for.
pub(super) struct Connection {
    stream: TcpStream,
    alarm: Alarm,
    writing: Writing,
}

/// What was written, as far as it matters to what is written next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Writing {
    Nothing,
    /// One small segment, which left at once.
    Once,
    /// The kernel was told not to hold back what is small.
    Undelayed,
}

/// What a connection does next.
#[derive(Debug)]
pub(super) enum Event {
    /// So many bytes lie in the buffer; 0 is the peer's end.
    Read(io::Result<usize>),
    /// The kernel took so many bytes.
    Wrote(io::Result<usize>),
    /// Neither until the deadline.
    Deadline,
}

/// Wakes at a deadline that moves, mostly away: the timer is set again only when it has to be,
/// also where another connection takes it over.
#[derive(Default)]
pub(super) struct Alarm(Option<Pin<Box<Sleep>>>);

/// Begins a connection; the kernel gives what the next attempt may get. The alarm is taken where
/// the connection is there.
///
/// # Errors
///
/// Why there is none.
pub(super) async fn connect(
    to: SocketAddr,
    alarm: &mut Alarm,
    deadline: Instant,
) -> Result<Connection, Fault> {
    let begun = begin_connect(to)
        .and_then(|(stream, is_connected)| Ok((TcpStream::from_std(stream)?, is_connected)));
    let (stream, is_connected) = begun.map_err(|error| Fault::of_connect(&error))?;
    if !is_connected {
        let accepted = poll_fn(|context| match stream.poll_write_ready(context) {
            Poll::Ready(ready) => Poll::Ready(ready.and_then(|()| accepted(&stream))),
            Poll::Pending => alarm.poll(context, deadline).map(|()| Err(Errno::TIMEDOUT.into())),
        });
        accepted.await.map_err(|error| Fault::of_connect(&error))?;
    }
    Ok(Connection { stream, alarm: std::mem::take(alarm), writing: Writing::Nothing })
}

/// What became of a connection that was waited for.
fn accepted(stream: &TcpStream) -> io::Result<()> {
    stream.take_error()?.map_or(Ok(()), Err)
}

impl Connection {
    /// Our address, and the server's.
    ///
    /// # Errors
    ///
    /// The connection has broken off.
    pub fn ends(&self) -> io::Result<(SocketAddr, SocketAddr)> {
        Ok((self.stream.local_addr()?, self.stream.peer_addr()?))
    }

    /// Sends what the kernel takes at once; 0 where it takes nothing now. The kernel is asked
    /// without an event: a connection that has begun just now can be written.
    ///
    /// # Errors
    ///
    /// The connection cannot be written any more.
    pub fn try_write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.hurry(bytes);
        match rustix::net::send(&self.stream, bytes, SendFlags::NOSIGNAL) {
            Err(Errno::AGAIN | Errno::INTR) => Ok(0),
            result => Ok(result?),
        }
    }

    /// Waits for room to write what is `outgoing`, for bytes to read, or for the deadline,
    /// whichever comes first: a peer that sends while we do keeps neither from going on.
    /// With `incoming` it reads, and what came lies there when this returns.
    pub async fn next(
        &mut self,
        outgoing: &[u8],
        incoming: Option<&RefCell<Vec<u8>>>,
        deadline: Instant,
    ) -> Event {
        self.hurry(outgoing);
        poll_fn(|context| {
            if !outgoing.is_empty()
                && let Poll::Ready(result) =
                    Pin::new(&mut self.stream).poll_write(context, outgoing)
            {
                return Poll::Ready(Event::Wrote(result));
            }
            if let Some(incoming) = incoming
                && let Poll::Ready(result) = self.poll_read(context, &mut incoming.borrow_mut())
            {
                return Poll::Ready(Event::Read(result));
            }
            self.alarm.poll(context, deadline).map(|()| Event::Deadline)
        })
        .await
    }

    /// Steps leave when they are due, whatever is on its way (RFC 9293 section 3.7.4). The first
    /// segment does so by itself.
    fn hurry(&mut self, bytes: &[u8]) {
        self.writing = match (self.writing, bytes.len()) {
            (writing, 0) => writing,
            (Writing::Nothing, ..=SMALLEST_SEGMENT) => Writing::Once,
            (Writing::Undelayed, _) => return,
            (Writing::Nothing | Writing::Once, _) => {
                // It fails where the peer has broken off, which writing tells.
                let _ = self.stream.set_nodelay(true);
                Writing::Undelayed
            }
        };
    }

    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        incoming: &mut [u8],
    ) -> Poll<io::Result<usize>> {
        let mut buffer = ReadBuf::new(incoming);
        let result = ready!(Pin::new(&mut self.stream).poll_read(context, &mut buffer));
        Poll::Ready(result.map(|()| buffer.filled().len()))
    }

    /// Sends no more: FIN.
    pub fn finish(&self) {
        // It fails where the peer has broken off already, which reading tells.
        let _ = shutdown(&self.stream, Shutdown::Write);
    }

    /// Breaks off: RST.
    pub fn reset(self) -> Alarm {
        // Without the option the connection is closed in order, which is all that is left to do.
        let _ = self.stream.set_zero_linger();
        self.close()
    }

    /// Closes it; the alarm may serve another.
    pub fn close(self) -> Alarm {
        self.alarm
    }
}

impl Alarm {
    fn poll(&mut self, context: &mut Context<'_>, deadline: Instant) -> Poll<()> {
        let sleep = self.0.get_or_insert_with(|| Box::pin(tokio::time::sleep_until(deadline)));
        if deadline < sleep.deadline() {
            sleep.as_mut().reset(deadline);
        }
        while sleep.as_mut().poll(context).is_ready() {
            if deadline <= sleep.deadline() {
                return Poll::Ready(());
            }
            sleep.as_mut().reset(deadline);
        }
        Poll::Pending
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test]
    async fn what_follows_the_first_small_segment_is_not_held_back() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let to = listener.local_addr().unwrap();
        let large = [7; SMALLEST_SEGMENT + 1];
        for (writes, is_undelayed) in [
            (&[&b"one"[..]][..], false),
            (&[b"one", b""], false),
            (&[b"one", b"two"], true),
            (&[&large], true),
        ] {
            let deadline = Instant::now() + Duration::from_secs(5);
            let mut connection = connect(to, &mut Alarm::default(), deadline).await.unwrap();
            for bytes in writes {
                // Written without an event to wait for.
                assert_eq!(connection.try_write(bytes).unwrap(), bytes.len());
            }
            assert_eq!(connection.stream.nodelay().unwrap(), is_undelayed, "{writes:?}");
            let (mut accepted, _) = listener.accept().unwrap();
            connection.finish();
            let mut read = Vec::new();
            std::io::Read::read_to_end(&mut accepted, &mut read).unwrap();
            assert_eq!(read, writes.concat());
        }
    }

    #[tokio::test]
    async fn a_refusal_is_told() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let nobody = listener.local_addr().unwrap();
        drop(listener);
        let deadline = Instant::now() + Duration::from_secs(5);
        let fault = connect(nobody, &mut Alarm::default(), deadline).await.err();
        assert_eq!(fault, Some(Fault::Refused));
    }

    #[tokio::test(start_paused = true)]
    async fn an_alarm_wakes_at_its_deadline_though_it_moves_either_way() {
        let begin = Instant::now();
        let second = Duration::from_secs(1);
        let mut alarm = Alarm::default();
        for (deadline, elapsed) in [(3, 3), (9, 9), (5, 9), (12, 12)] {
            poll_fn(|context| alarm.poll(context, begin + deadline * second)).await;
            // The timer is good to one millisecond, and never early.
            let late = begin.elapsed() - elapsed * second;
            assert!(late <= Duration::from_millis(2), "{deadline}: {late:?}");
        }
    }
}
