//! One live connection: begun with patience, read while it is written, ended as recorded.

use std::cell::RefCell;
use std::future::{Future, poll_fn};
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, ready};

use rustix::net::{Shutdown, shutdown};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpSocket, TcpStream};
use tokio::time::{Instant, Sleep};

use super::fault::Fault;

/// A connection, and an alarm for whatever it waits for.
pub(super) struct Connection {
    stream: TcpStream,
    alarm: Alarm,
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

/// Wakes at a deadline that moves, mostly away: the timer is set again only when it has to be.
#[derive(Default)]
struct Alarm(Option<Pin<Box<Sleep>>>);

/// Begins a connection; the kernel gives what the next attempt may get.
///
/// # Errors
///
/// Why there is none.
pub(super) async fn connect(to: SocketAddr, deadline: Instant) -> Result<Connection, Fault> {
    let socket = if to.is_ipv4() { TcpSocket::new_v4() } else { TcpSocket::new_v6() };
    let socket = socket.map_err(|error| Fault::of_connect(&error))?;
    // Steps leave when they are due, whatever is on its way.
    socket.set_nodelay(true).map_err(|error| Fault::of_connect(&error))?;
    let mut alarm = Alarm::default();
    let mut connecting = pin!(socket.connect(to));
    let stream = poll_fn(|context| match connecting.as_mut().poll(context) {
        Poll::Ready(result) => Poll::Ready(result.map_err(|error| Fault::of_connect(&error))),
        Poll::Pending => alarm.poll(context, deadline).map(|()| Err(Fault::NotAccepted)),
    });
    let stream = stream.await?;
    Ok(Connection { stream, alarm })
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

    /// Sends what the kernel takes at once; 0 where it takes nothing now.
    ///
    /// # Errors
    ///
    /// The connection cannot be written any more.
    pub fn try_write(&self, bytes: &[u8]) -> io::Result<usize> {
        match self.stream.try_write(bytes) {
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => Ok(0),
            result => result,
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
    pub fn reset(self) {
        // Without the option the connection is closed in order, which is all that is left to do.
        let _ = self.stream.set_zero_linger();
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
