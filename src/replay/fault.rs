//! What one conversation may run into. None of it ends the run: each is counted by its reason.

use std::io;

use rustix::io::Errno;

/// Why a conversation could not be begun, or broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The user named nothing for the conversation's server.
    NoDestination,
    /// Nobody listens.
    Refused,
    /// No way leads there.
    Unreachable,
    /// The connection was not accepted within the timeout.
    NotAccepted,
    /// No file descriptor became free.
    NoDescriptors,
    /// No local port became free.
    NoPorts,
    /// The answer did not come within the timeout.
    Silent,
    /// The server took nothing of what was sent within the timeout.
    Blocked,
    /// The server ended before it was asked all.
    ClosedEarly,
    /// The server broke off.
    Reset,
    /// The server sent much more than was recorded.
    Excess,
    /// The server did not close, though the recorded one did.
    StillOpen,
    /// Anything else that the kernel says.
    Other(Errno),
}

impl Fault {
    /// Why a connection could not be begun.
    pub fn of_connect(error: &io::Error) -> Self {
        match errno(error) {
            Errno::CONNREFUSED => Self::Refused,
            Errno::NETUNREACH | Errno::HOSTUNREACH | Errno::NETDOWN | Errno::HOSTDOWN => {
                Self::Unreachable
            }
            Errno::TIMEDOUT => Self::NotAccepted,
            Errno::MFILE | Errno::NFILE | Errno::NOBUFS | Errno::NOMEM => Self::NoDescriptors,
            Errno::ADDRNOTAVAIL | Errno::AGAIN => Self::NoPorts,
            other => Self::Other(other),
        }
    }

    /// Why a connection cannot be read or written any more.
    pub fn of_transfer(error: &io::Error) -> Self {
        match errno(error) {
            Errno::CONNRESET | Errno::PIPE | Errno::CONNABORTED => Self::Reset,
            Errno::TIMEDOUT => Self::Blocked,
            other => Self::Other(other),
        }
    }

    /// Whether another attempt may succeed soon: something must become free first.
    pub fn is_passing(self) -> bool {
        matches!(self, Self::NoDescriptors | Self::NoPorts)
    }

    /// The reason under which it is counted.
    pub fn reason(self) -> String {
        match self {
            Self::NoDestination => "no destination was named for the server".to_owned(),
            Self::Refused => "connection refused".to_owned(),
            Self::Unreachable => "destination unreachable".to_owned(),
            Self::NotAccepted => "connection not accepted within the timeout".to_owned(),
            Self::NoDescriptors => "out of file descriptors".to_owned(),
            Self::NoPorts => "out of local ports".to_owned(),
            Self::Silent => "no answer within the timeout".to_owned(),
            Self::Blocked => "the server did not read within the timeout".to_owned(),
            Self::ClosedEarly => "the server closed early".to_owned(),
            Self::Reset => "the server reset the connection".to_owned(),
            Self::Excess => "the server sent far more than was recorded".to_owned(),
            Self::StillOpen => "the server kept the connection open".to_owned(),
            Self::Other(errno) => io::Error::from(errno).to_string(),
        }
    }
}

fn errno(error: &io::Error) -> Errno {
    Errno::from_io_error(error).unwrap_or(match error.kind() {
        io::ErrorKind::TimedOut => Errno::TIMEDOUT,
        _ => Errno::IO,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_kernel_says_has_a_reason() {
        let reason =
            |errno: Errno| Fault::of_connect(&io::Error::from_raw_os_error(errno.raw_os_error()));
        for (errno, expected) in [
            (Errno::CONNREFUSED, "connection refused"),
            (Errno::HOSTUNREACH, "destination unreachable"),
            (Errno::MFILE, "out of file descriptors"),
            (Errno::ADDRNOTAVAIL, "out of local ports"),
            (Errno::ACCESS, "Permission denied (os error 13)"),
        ] {
            assert_eq!(reason(errno).reason(), expected);
        }
        let broken = io::Error::from_raw_os_error(Errno::PIPE.raw_os_error());
        assert_eq!(Fault::of_transfer(&broken), Fault::Reset);
    }

    #[test]
    fn only_what_may_become_free_is_tried_again() {
        assert!(Fault::NoDescriptors.is_passing() && Fault::NoPorts.is_passing());
        assert!(!Fault::Refused.is_passing() && !Fault::Silent.is_passing());
    }
}
