//! What is known of a segment from its header (RFC 9293 section 3.1).

/// The fields of a TCP header that reassembly needs (RFC 9293 section 3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TcpHeader {
    /// Sequence number of the first byte, or of SYN.
    pub seq: u32,
    /// Acknowledgment number, where `flags.ack` is set.
    pub ack: u32,
    /// Window, not scaled.
    pub window: u16,
    /// Control bits.
    pub flags: TcpFlags,
    /// Length of the header with its options, bytes: 60 at most.
    pub len: u8,
}

/// TCP's control bits, as far as reassembly needs them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TcpFlags {
    /// Synchronise sequence numbers.
    pub syn: bool,
    /// The acknowledgment number is valid.
    pub ack: bool,
    /// No more data from the sender.
    pub fin: bool,
    /// Reset the connection.
    pub rst: bool,
}
