//! What the finding `http-framing` says of each kind of fault, and what helps: one table.
//!
//! Sections are those of RFC 9112 (HTTP/1.1) and RFC 9110 (HTTP semantics).

use crate::decode::http::MAX_CHUNK_LINE;
use crate::decode::{FramingFault, Unread};

/// What is wrong, and what to do.
pub(super) fn words(fault: FramingFault) -> (String, &'static str) {
    let (text, help) = entry(fault);
    (text.replace("MAX_CHUNK_LINE", &MAX_CHUNK_LINE.to_string()), help)
}

fn entry(fault: FramingFault) -> (&'static str, &'static str) {
    match fault {
        FramingFault::LengthsDiffer => (
            "Content-Length has several values that contradict each other",
            "send one Content-Length: receivers refuse the message or take either value (RFC 9112, \
             section 6.3, rule 5)",
        ),
        FramingFault::LengthNegative => (
            "Content-Length is negative",
            "send the length of the body in decimal digits; where it is not known send \
             Transfer-Encoding: chunked, and not -1 (RFC 9110, section 8.6)",
        ),
        FramingFault::LengthOverflows => (
            "Content-Length is a number beyond 64 bits",
            "send the true length of the body: receivers refuse what they cannot count (RFC 9110, \
             section 8.6)",
        ),
        FramingFault::LengthNoNumber => (
            "Content-Length is no number",
            "send the length of the body in decimal digits alone, without sign or unit (RFC 9110, \
             section 8.6)",
        ),
        FramingFault::LengthBesideCoding => (
            "the message has both Content-Length and Transfer-Encoding",
            "send one of them: receivers that go by the other one see another message, which is how \
             requests are smuggled (RFC 9112, section 6.1)",
        ),
        FramingFault::FieldUnreadable => (
            "a line that names Content-Length or Transfer-Encoding is malformed, and is not read",
            "put the colon right behind the name, and no other bytes into it (RFC 9112, section 5.1)",
        ),
        FramingFault::FieldFolded => (
            "the value of Content-Length or Transfer-Encoding is folded over several lines",
            "write the field in one line: receivers refuse folded ones, or read them differently \
             (RFC 9112, section 5.2)",
        ),
        FramingFault::CodingInOldVersion => (
            "a message of HTTP/1.0 has a Transfer-Encoding, which that version does not know",
            "send HTTP/1.1, or a Content-Length (RFC 9112, section 6.1)",
        ),
        FramingFault::CodingNotLast => (
            "the last transfer coding of the request is not chunked, so that nothing tells where \
             its body ends",
            "let chunked be the last coding of Transfer-Encoding, or send a Content-Length (RFC \
             9112, section 6.3, rule 4)",
        ),
        FramingFault::ChunkedMisplaced => (
            "Transfer-Encoding has chunked twice, or another coding behind it",
            "apply chunked once, and last (RFC 9112, section 6.1)",
        ),
        FramingFault::CodingUnknown => (
            "Transfer-Encoding names a coding that is not registered",
            "send chunked alone: a receiver that does not know a coding cannot find the end of the \
             body (RFC 9112, sections 6.1 and 7)",
        ),
        FramingFault::LengthInInterim => (
            "a 1xx response has a Content-Length, and can have no body",
            "send neither Content-Length nor a body with a 1xx status (RFC 9110, sections 8.6 and \
             15.2)",
        ),
        FramingFault::CodingInInterim => (
            "a 1xx response has a Transfer-Encoding, and can have no body",
            "send neither Transfer-Encoding nor a body with a 1xx status (RFC 9112, section 6.1; RFC \
             9110, section 15.2)",
        ),
        FramingFault::LengthInNoContent => (
            "a 204 response has a Content-Length that announces a body, and can have neither",
            "send no Content-Length and no body with 204 (No Content), or send 200: a client takes \
             the body of a 204 for its next response (RFC 9110, sections 8.6 and 15.3.5)",
        ),
        FramingFault::CodingInNoContent => (
            "a 204 response has a Transfer-Encoding that announces a body, and can have neither",
            "send no Transfer-Encoding and no body with 204 (No Content), or send 200: a client \
             takes the body of a 204 for its next response (RFC 9112, section 6.1; RFC 9110, \
             section 15.3.5)",
        ),
        FramingFault::FramedTunnel => (
            "the answer that opens a tunnel for CONNECT has a Content-Length or Transfer-Encoding",
            "send neither in a 2xx answer to CONNECT: the tunnel begins right behind its head (RFC \
             9110, section 9.3.6)",
        ),
        FramingFault::ChunkSize => (
            "the size of a chunk is no hexadecimal number",
            "begin each chunk with its size in hexadecimal digits alone, and CRLF (RFC 9112, \
             section 7.1)",
        ),
        FramingFault::ChunkSizeOverflows => (
            "the size of a chunk is a number beyond 64 bits",
            "send the true size of the chunk's data: receivers refuse what they cannot count (RFC \
             9112, section 7.1)",
        ),
        FramingFault::ChunkLineTooLong => (
            "the line of a chunk's size is longer than the MAX_CHUNK_LINE bytes that are read of one",
            "send shorter chunk extensions, or none: servers bound them too (RFC 9112, section \
             7.1.1)",
        ),
        FramingFault::ChunkEnd => (
            "the data of a chunk is not followed by CRLF: it is longer or shorter than its size says",
            "send as many bytes as the chunk's size says, then CRLF (RFC 9112, section 7.1)",
        ),
        FramingFault::BodyTooShort => (
            "the sender closed the connection before the body was as long as its Content-Length says",
            "send all of the body, or the length that it has; a receiver must take it for incomplete \
             (RFC 9112, section 8)",
        ),
        FramingFault::ChunksUnfinished => (
            "the sender closed the connection before the end of its chunked body",
            "end the body with a chunk of size 0 and an empty line; a receiver must take it for \
             incomplete (RFC 9112, sections 7.1 and 8)",
        ),
        FramingFault::BodyNotAllowed => (
            "bytes follow a response that can have no body",
            "send no body in answer to HEAD, nor with a 1xx, 204 or 304 status: a client takes it \
             for its next response (RFC 9112, section 6.3, rule 1)",
        ),
        FramingFault::BodyTooLong => (
            "bytes follow the body of a response that are no response",
            "let Content-Length or the chunks cover all of the body: a client takes the rest for its \
             next response, or drops it (RFC 9112, section 6.3)",
        ),
    }
}

/// The fault that shows as bytes that are passed over for this reason.
pub(super) fn of_skipped(reason: Unread) -> Option<FramingFault> {
    match reason {
        Unread::HttpBodyNotAllowed => Some(FramingFault::BodyNotAllowed),
        Unread::HttpBodyTooLong => Some(FramingFault::BodyTooLong),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_kind_has_words_of_its_own_with_a_section() {
        let mut texts = HashSet::new();
        for fault in FramingFault::ALL {
            let (text, help) = words(fault);
            assert!(help.contains("(RFC 91") && help.contains("section"), "{help}");
            for part in [&text, help] {
                assert!(!part.ends_with('.') && !part.contains("  ") && !part.contains("MAX_"));
                assert!(texts.insert(part.to_owned()), "{part}");
            }
        }
    }
}
