//! A recorded answer as it goes out to a client: byte for byte, wherever that client can take it.
//!
//! Else its head is changed as little as may be, and its body is what its framing and coding stand
//! for: whole to a client of HTTP/1.0 (RFC 9112 section 7.1), not coded to one that takes no
//! codings, cut to the part that is asked for (RFC 9110 section 14), without a head to HTTP/0.9.
//!
//! A body that is not sent as it lies in the capture waits in a temporary file; one that has been
//! undone has [`MAX_UNDONE`] bytes at most.

use std::collections::VecDeque;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;

use tempfile::SpooledTempFile;

use super::super::piece::PIECE;
use super::super::sent::overlap;
use super::super::service::{Ended, Service};
use super::catalogue::{Answer, Found};
use super::head::Head;
use super::range::Wanted;
use super::refusal::Refusal;
use super::terms::Terms;
use crate::decode::http::encoding::{ContentEncoding, Undone};
use crate::decode::stream::StreamEvent;
use crate::flow::{Input, Side};
use crate::replay::Span;

/// Bytes of a body whose coding is undone for a client.
pub const MAX_UNDONE: u64 = 16 << 20;

/// Bytes of a body that wait in memory.
const MAX_IN_MEMORY: usize = 64 << 10;

/// What is known of the client.
#[derive(Clone, Copy, Debug)]
pub(super) struct Client<'r> {
    pub terms: &'r Terms,
    /// HTTP/1.0: it knows no chunks, and keeps a connection only if it is told so.
    pub is_old: bool,
    /// The connection ends behind the answer.
    pub closes: bool,
}

/// What goes out.
pub(super) struct Rendition {
    /// Empty where the body has it.
    pub head: Vec<u8>,
    pub body: Source,
}

/// Where the bytes of a body come from.
pub(super) enum Source {
    Recorded(VecDeque<Span>),
    File { file: Box<SpooledTempFile>, range: Range<u64> },
}

/// What must be changed for a client.
#[derive(Clone, Copy, Debug)]
struct Changes {
    /// It has a head, or is to have one, and not both.
    adds_or_drops_head: bool,
    undoes_coding: bool,
    undoes_chunks: bool,
    part: Option<Wanted>,
    /// What Connection has to say.
    connection: Option<&'static str>,
    drops_body: bool,
}

impl Rendition {
    /// A head alone.
    pub fn head(head: &Head) -> Self {
        Self { head: head.bytes().to_vec(), body: Source::recorded(&[]) }
    }

    /// The answer for a client; a refusal where its body cannot be made what the client takes.
    pub fn of(
        service: &Service<'_>,
        found: &Found,
        client: Client<'_>,
    ) -> Result<Result<Self, Refusal>, Ended> {
        let (answer, facts) = (&found.answer, found.facts());
        let changes = Changes::of(found, client);
        if changes.are_none() {
            return Ok(Ok(Self { head: Vec::new(), body: Source::recorded(&answer.spans) }));
        }
        let has_head = facts.status.is_some();
        let mut head = if has_head { Head::of(service, answer)? } else { Head::new("200 OK") };
        let begin = if has_head { head.len() } else { 0 };
        let mut body = Source::recorded(&answer.spans).cut(begin..u64::MAX);
        if changes.undoes_coding || changes.undoes_chunks {
            body = Source::whole(unchunked(service, answer)?)?;
        }
        if changes.undoes_coding {
            body = match body.undone(&facts.content_encoding)? {
                Some(body) => body,
                None => return Ok(Err(Refusal::coded())),
            };
            // Digests are those of what was coded.
            let of_coded = ["Content-Encoding", "Content-MD5", "Digest", "Content-Digest"];
            of_coded.iter().for_each(|name| head.remove(name));
        }
        if changes.undoes_coding || changes.undoes_chunks || !has_head {
            head.set_length(body.len());
        }
        if let Some(part) = changes.part {
            body = body.part(part, &mut head);
        }
        if let Some(option) = changes.connection {
            head.set("Connection", option);
        }
        let head =
            if changes.adds_or_drops_head && has_head { Vec::new() } else { head.bytes().to_vec() };
        let body = if changes.drops_body { Source::recorded(&[]) } else { body };
        Ok(Ok(Self { head, body }))
    }
}

impl Changes {
    fn of(found: &Found, client: Client<'_>) -> Self {
        let (facts, part) = (found.facts(), found.part_of_whole(client.terms));
        let (has_head, is_simple) = (facts.status.is_some(), client.terms.is_simple);
        let part = part.filter(|_| !is_simple);
        let takes_no_chunks = client.is_old || is_simple || part.is_some();
        let connection = match (client.closes, client.is_old, facts.keeps_alive) {
            (true, _, true) => Some("close"),
            (false, true, false) => Some("keep-alive"),
            _ => None,
        };
        Self {
            adds_or_drops_head: found.has_wrong_head(client.terms),
            undoes_coding: found.is_undone && !found.is_head,
            undoes_chunks: facts.is_chunked && takes_no_chunks && !found.is_head,
            part,
            connection: connection.filter(|_| has_head && !is_simple),
            drops_body: found.is_head_only,
        }
    }

    fn are_none(self) -> bool {
        let Self { adds_or_drops_head, undoes_coding, undoes_chunks, part, connection, drops_body } =
            self;
        let changes_body = undoes_coding || undoes_chunks || part.is_some() || drops_body;
        !changes_body && !adds_or_drops_head && connection.is_none()
    }
}

impl Source {
    fn recorded(spans: &[Span]) -> Self {
        Self::Recorded(spans.iter().copied().collect())
    }

    fn whole(mut file: SpooledTempFile) -> io::Result<Self> {
        let len = file.seek(SeekFrom::End(0))?;
        Ok(Self::File { file: Box::new(file), range: 0..len })
    }

    fn len(&self) -> u64 {
        match self {
            Self::Recorded(spans) => {
                spans.iter().fold(0, |len, span| len.saturating_add(span.len.into()))
            }
            Self::File { range, .. } => range.end.saturating_sub(range.start),
        }
    }

    /// What lies in a range of it.
    fn cut(self, part: Range<u64>) -> Self {
        match self {
            Self::Recorded(spans) => {
                let mut offset = 0_u64;
                let within = spans.iter().filter_map(|span| {
                    let begin = offset;
                    offset = offset.saturating_add(span.len.into());
                    overlap(*span, begin, part.start, part.end)
                });
                Self::Recorded(within.collect())
            }
            Self::File { file, range } => {
                let at = |offset: u64| range.start.saturating_add(offset).min(range.end);
                let range = at(part.start)..at(part.end);
                Self::File { file, range }
            }
        }
    }

    /// The part that is asked for, which the head then speaks of.
    fn part(self, wanted: Wanted, head: &mut Head) -> Self {
        let whole = self.len();
        let (status, range, sent) = match wanted.of(whole) {
            Some(it) => {
                let sent = format!("bytes {}-{}/{whole}", it.start, it.end.saturating_sub(1));
                ("206 Partial Content", it, sent)
            }
            None => ("416 Range Not Satisfiable", 0..0, format!("bytes */{whole}")),
        };
        let part = self.cut(range);
        head.status(status);
        head.set("Content-Range", &sent);
        head.set_length(part.len());
        part
    }

    /// What a coded body stands for; `None` where that is damaged or too long.
    fn undone(self, content_encoding: &[u8]) -> io::Result<Option<Self>> {
        let Self::File { mut file, range } = self else { return Ok(None) };
        let Some(encoding) = ContentEncoding::parse([content_encoding]) else { return Ok(None) };
        let mut out = Bounded { file: SpooledTempFile::new(MAX_IN_MEMORY), left: MAX_UNDONE };
        file.rewind()?;
        let undone = encoding.undo(BufReader::new(&mut *file), range.end, &mut out);
        match undone {
            Ok(Undone::Whole) => Self::whole(out.file).map(Some),
            Ok(_) => Ok(None),
            Err(_) if out.left == 0 => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Lends its next bytes, in pieces; `false` where there are no more.
    pub fn read(&mut self, service: &Service<'_>, into: &mut Vec<u8>) -> Result<bool, Ended> {
        into.clear();
        match self {
            Self::Recorded(spans) => {
                let Some(span) = spans.pop_front() else { return Ok(false) };
                let piece = Span { len: span.len.min(PIECE), ..span };
                service.plan().payloads.read(piece, into)?;
                let rest = overlap(span, 0, piece.len.into(), span.len.into());
                rest.into_iter().for_each(|it| spans.push_front(it));
            }
            Self::File { file, range } => {
                let left = range.end.saturating_sub(range.start).min(PIECE.into());
                if left == 0 {
                    return Ok(false);
                }
                file.seek(SeekFrom::Start(range.start))?;
                file.take(left).read_to_end(into)?;
                range.start = range.start.saturating_add(left);
            }
        }
        Ok(true)
    }
}

/// The body of an answer, without its chunks.
fn unchunked(service: &Service<'_>, answer: &Answer) -> Result<SpooledTempFile, Ended> {
    let mut connection = service.decoder();
    let ask = Input::Bytes(b"GET / HTTP/1.1\r\n\r\n");
    service.push(&mut connection, Side::Client, ask, &mut |_| {});
    let (mut file, mut written) = (SpooledTempFile::new(MAX_IN_MEMORY), Ok(()));
    let mut bytes = Vec::with_capacity(PIECE as usize);
    for piece in answer.spans.iter().flat_map(|span| span.pieces(PIECE)) {
        bytes.clear();
        service.plan().payloads.read(piece, &mut bytes)?;
        service.push(&mut connection, Side::Server, Input::Bytes(&bytes), &mut |event| {
            if let StreamEvent::Body { side: Side::Server, bytes, .. } = *event
                && written.is_ok()
            {
                written = file.write_all(bytes);
            }
        });
    }
    written?;
    Ok(file)
}

/// A file that takes no more than so many bytes.
struct Bounded {
    file: SpooledTempFile,
    left: u64,
}

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(bytes.len());
        let len = self.file.write(bytes.get(..room).unwrap_or_default())?;
        self.left = self.left.saturating_sub(len as u64);
        Ok(len)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}
