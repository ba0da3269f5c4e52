//! The id of a message of DNS: RFC 1035 section 4.1.1 (header), section 4.2.2 (length over TCP).

use std::ops::Range;

use crate::decode::stream::Side;

/// Where it is expected, without a rule.
pub(super) const PORT: u16 = 53;
/// Of a header.
pub(super) const HEADER_LEN: usize = 12;
/// Before each message over TCP.
pub(super) const LENGTH_LEN: usize = 2;

/// Opcodes that are assigned: query, inverse query, status, notify, update, stateful operations.
const OPCODES: [u8; 6] = [0, 1, 2, 4, 5, 6];

/// Where the id is in a message that `side` sent; `None` where its header is none of DNS.
pub(super) fn id(side: Side, bytes: &[u8]) -> Option<Range<usize>> {
    let &[_, _, flags, more, questions_high, questions_low, ..] = bytes.get(..HEADER_LEN)? else {
        return None;
    };
    let is_answer = flags & 0x80 != 0;
    let opcode = flags >> 3 & 0x0f;
    // The bit between RA and AD must be zero.
    let is_reserved_clear = more & 0x40 == 0;
    let questions = u16::from_be_bytes([questions_high, questions_low]);
    let asks = opcode != 0 || questions == 1 || (is_answer && questions == 0);
    let is_dns = is_answer == (side == Side::Server)
        && OPCODES.contains(&opcode)
        && is_reserved_clear
        && asks;
    is_dns.then_some(0..2)
}

#[cfg(test)]
mod tests {
    use super::*;

    const QUERY: [u8; 17] = [7, 9, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1];

    #[test]
    fn headers_that_cannot_be_of_dns_are_not() {
        let mut answer = QUERY;
        answer[2] = 0x81;
        assert_eq!(id(Side::Client, &QUERY), Some(0..2));
        assert_eq!(id(Side::Server, &answer), Some(0..2));
        assert_eq!(id(Side::Server, &QUERY), None);
        assert_eq!(id(Side::Client, &answer), None);
        assert_eq!(id(Side::Client, &QUERY[..11]), None);
        for (at, byte) in [(2, 0x19), (3, 0x40), (5, 2), (4, 1)] {
            let mut other = QUERY;
            other[at] = byte;
            assert_eq!(id(Side::Client, &other), None, "byte {at} is {byte}");
        }
    }
}
