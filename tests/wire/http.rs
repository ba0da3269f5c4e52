//! HTTP/1.1 conversations with the bodies that they carry.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::conversation::Conversation;
use crate::generator::random::Random;

/// What a conversation carried: each body, content-encoding undone.
pub type Bodies = Vec<Vec<u8>>;

/// Some requests and answers over one connection, now and then several requests ahead.
pub fn browse(conversation: &mut Conversation<'_>, random: &mut Random) -> Bodies {
    let mut bodies = Bodies::new();
    for turn in 0..1 + random.below(3) {
        let ahead = 1 + random.below(3);
        let posted: Vec<_> = (0..ahead).map(|_| random.chance(25).then(|| body(random))).collect();
        for (number, posted) in posted.iter().enumerate() {
            let target = format!("/{turn}/{number}.bin");
            conversation.speak(0, &request(&target, posted.as_deref()));
        }
        bodies.extend(posted.into_iter().flatten());
        for _ in 0..ahead {
            let answered = body(random);
            answer(&answered, conversation, random);
            bodies.push(answered);
        }
    }
    bodies
}

/// Compressible or not, never empty.
fn body(random: &mut Random) -> Vec<u8> {
    let len = 1 + random.below(9000);
    let kinds = *random.pick(&[4, 256]);
    (0..len).map(|_| random.below(kinds) as u8).collect()
}

fn request(target: &str, posted: Option<&[u8]>) -> Vec<u8> {
    let head = match posted {
        None => format!("GET {target} HTTP/1.1\r\nHost: made\r\n\r\n"),
        Some(body) => {
            let len = body.len();
            format!("POST {target} HTTP/1.1\r\nHost: made\r\nContent-Length: {len}\r\n\r\n")
        }
    };
    [head.as_bytes(), posted.unwrap_or_default()].concat()
}

/// Sends a message in segments of its own, and its last chunk apart: where a start line or the last
/// CRLF of a chunked body is cut in two, tshark 4.0 does not find the object.
fn answer(body: &[u8], conversation: &mut Conversation<'_>, random: &mut Random) {
    let mut head = String::from("HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\n");
    let mut content = body.to_vec();
    if random.chance(25) {
        head += "Content-Encoding: gzip\r\n";
        content = gzip(body);
    }
    if random.chance(50) {
        head += &format!("Content-Length: {}\r\n\r\n", content.len());
        conversation.speak(1, &[head.as_bytes(), &content].concat());
    } else {
        head += "Transfer-Encoding: chunked\r\n\r\n";
        conversation.speak(1, &[head.as_bytes(), &chunks(&content, random)].concat());
        conversation.speak(1, b"0\r\n\r\n");
    }
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).expect("written to memory");
    encoder.finish().expect("written to memory")
}

fn chunks(bytes: &[u8], random: &mut Random) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() {
        let (chunk, after) = rest.split_at((1 + random.below(2000)).min(rest.len()));
        write!(out, "{:x}\r\n", chunk.len()).expect("written to memory");
        out.extend_from_slice(chunk);
        out.extend_from_slice(b"\r\n");
        rest = after;
    }
    out
}
