//! What is wrong with how an HTTP message says where it ends (RFC 9112 sections 6 and 7): each
//! kind by itself, and a set of them.

/// One kind of fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum FramingFault {
    /// Content-Length has several values that differ.
    LengthsDiffer,
    /// Content-Length is a number below zero.
    LengthNegative,
    /// Content-Length is a number beyond 64 bits.
    LengthOverflows,
    /// Content-Length is no number.
    LengthNoNumber,
    /// Content-Length beside Transfer-Encoding.
    LengthBesideCoding,
    /// A line names Content-Length or Transfer-Encoding, and is no field line.
    FieldUnreadable,
    /// Content-Length or Transfer-Encoding whose value is folded over lines.
    FieldFolded,
    /// Transfer-Encoding in a message of HTTP/1.0.
    CodingInOldVersion,
    /// A request whose last transfer coding is not chunked.
    CodingNotLast,
    /// The chunked coding more than once, or below another one.
    ChunkedMisplaced,
    /// A transfer coding that is not registered.
    CodingUnknown,
    /// A 1xx response with a Content-Length.
    LengthInInterim,
    /// A 1xx response with a Transfer-Encoding.
    CodingInInterim,
    /// A 204 response with a Content-Length.
    LengthInNoContent,
    /// A 204 response with a Transfer-Encoding.
    CodingInNoContent,
    /// A successful answer to CONNECT with a Content-Length or a Transfer-Encoding.
    FramedTunnel,
    /// A chunk's size is no hexadecimal number.
    ChunkSize,
    /// A chunk's size is beyond 64 bits.
    ChunkSizeOverflows,
    /// The line of a chunk's size is longer than is read of one.
    ChunkLineTooLong,
    /// No line end follows the data of a chunk.
    ChunkEnd,
    /// The sender ended the connection before as many bytes as Content-Length says.
    BodyTooShort,
    /// The sender ended the connection before the last chunk.
    ChunksUnfinished,
    /// Bytes follow a response that can have no body.
    BodyNotAllowed,
    /// Bytes follow the body of a response that are no response.
    BodyTooLong,
}

/// The faults of one message.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct FramingFaults(u32);

impl FramingFault {
    /// Every kind.
    pub const ALL: [Self; 24] = [
        Self::LengthsDiffer,
        Self::LengthNegative,
        Self::LengthOverflows,
        Self::LengthNoNumber,
        Self::LengthBesideCoding,
        Self::FieldUnreadable,
        Self::FieldFolded,
        Self::CodingInOldVersion,
        Self::CodingNotLast,
        Self::ChunkedMisplaced,
        Self::CodingUnknown,
        Self::LengthInInterim,
        Self::CodingInInterim,
        Self::LengthInNoContent,
        Self::CodingInNoContent,
        Self::FramedTunnel,
        Self::ChunkSize,
        Self::ChunkSizeOverflows,
        Self::ChunkLineTooLong,
        Self::ChunkEnd,
        Self::BodyTooShort,
        Self::ChunksUnfinished,
        Self::BodyNotAllowed,
        Self::BodyTooLong,
    ];

    fn bit(self) -> u32 {
        1u32.wrapping_shl(self as u32)
    }
}

impl FramingFaults {
    /// Adds a kind.
    pub fn insert(&mut self, fault: FramingFault) {
        self.0 |= fault.bit();
    }

    /// Adds a kind where it is one.
    pub fn insert_if(&mut self, is_one: bool, fault: FramingFault) {
        if is_one {
            self.insert(fault);
        }
    }

    /// Adds all of another set.
    pub fn extend(&mut self, others: Self) {
        self.0 |= others.0;
    }

    /// Whether there is none.
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The kinds, in the order of [`FramingFault`].
    pub fn iter(self) -> impl Iterator<Item = FramingFault> {
        FramingFault::ALL.into_iter().filter(move |fault| self.0 & fault.bit() != 0)
    }
}

impl std::fmt::Debug for FramingFaults {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl FromIterator<FramingFault> for FramingFaults {
    fn from_iter<I: IntoIterator<Item = FramingFault>>(faults: I) -> Self {
        let mut all = Self::default();
        faults.into_iter().for_each(|fault| all.insert(fault));
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_is_kept_once_and_apart_from_the_others() {
        for fault in FramingFault::ALL {
            let faults: FramingFaults = [fault, fault].into_iter().collect();
            assert_eq!(faults.iter().collect::<Vec<_>>(), [fault]);
        }
        let all: FramingFaults = FramingFault::ALL.into_iter().collect();
        assert!(all.iter().eq(FramingFault::ALL));
        assert!(FramingFaults::default().is_empty() && !all.is_empty());
    }
}
