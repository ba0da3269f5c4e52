//! System calls that no crate has a safe function for. The only file with `unsafe`, and the only one
//! that hands the kernel a pointer: each function says what makes its call right.

use std::io;
use std::os::fd::{AsFd, AsRawFd};

use nix::libc;

/// Asks a packet socket for what the kernel knows beside a frame's bytes: its VLAN tag, and whether
/// its checksum is made yet (packet(7) `PACKET_AUXDATA`).
///
/// # Errors
///
/// It is no packet socket.
pub(super) fn ask_for_packet_data(socket: &impl AsFd) -> io::Result<()> {
    let is_on: libc::c_int = 1;
    set_option(socket, libc::SOL_PACKET, libc::PACKET_AUXDATA, &is_on)
}

/// Lets an interface take frames to all groups, as long as the packet socket lives: network cards
/// leave out those to groups that the host is no member of (packet(7) `PACKET_MR_ALLMULTI`).
///
/// # Errors
///
/// It is no packet socket; there is no such interface.
pub(super) fn take_all_groups(socket: &impl AsFd, interface: u32) -> io::Result<()> {
    let request = libc::packet_mreq {
        mr_ifindex: interface.cast_signed(),
        mr_type: libc::PACKET_MR_ALLMULTI as libc::c_ushort,
        mr_alen: 0,
        mr_address: [0; 8],
    };
    set_option(socket, libc::SOL_PACKET, libc::PACKET_ADD_MEMBERSHIP, &request)
}

/// Sets an option whose value is plain data of the kernel's interface.
fn set_option<T: Copy>(
    socket: &impl AsFd,
    level: libc::c_int,
    name: libc::c_int,
    value: &T,
) -> io::Result<()> {
    let len = libc::socklen_t::try_from(size_of::<T>()).map_err(io::Error::other)?;
    // SAFETY: the descriptor is open as long as it is borrowed. The kernel reads `len` bytes from the
    // pointer, which is that of a whole `T`, and keeps none of them beyond the call.
    #[allow(unsafe_code)]
    let result = unsafe {
        libc::setsockopt(
            socket.as_fd().as_raw_fd(),
            level,
            name,
            std::ptr::from_ref(value).cast(),
            len,
        )
    };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_packet_socket_is_refused() {
        let socket = std::net::UdpSocket::bind("127.0.0.1:0").unwrap();
        let errors = [ask_for_packet_data(&socket), take_all_groups(&socket, 1)];
        for error in errors {
            assert_eq!(error.unwrap_err().raw_os_error(), Some(libc::ENOPROTOOPT));
        }
    }
}
