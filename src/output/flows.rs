//! Conversations as a table and as JSON.

use std::io::{self, Write};

use super::Palette;
use super::escape::printable;
use super::exchanges::{numbers_text, pairs_text};
use super::json_types::{self as json, Text, write_line};
use super::table::Columns;
use super::time;
use crate::decode::Conversation;

/// The column that there is only where a profile says something of the messages.
const MESSAGES: &str = "messages";

const COLUMNS: Columns<11> = Columns {
    head: [
        "stream",
        "a",
        "b",
        "packets →",
        "packets ←",
        "bytes →",
        "bytes ←",
        "start",
        "duration",
        "protocol",
        "anomalies",
    ],
    is_number: [false, false, false, true, true, true, true, false, true, false, false],
};

/// Writes conversations as an aligned table; arrows point from `a` to `b` and back. Bytes are
/// those of whole frames, the duration is in seconds. Where a profile has messages counted or paired, a
/// last column says what came of that.
///
/// # Errors
///
/// Those of `out`.
pub fn flows_text(
    conversations: &[Conversation],
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rows = conversations.iter().map(cells);
    if conversations.iter().all(|it| it.numbers.is_empty() && it.pairs.is_none()) {
        return COLUMNS.write(rows, palette, out);
    }
    let with = |cells: [String; 11], last: String| {
        let mut cells = cells.into_iter().chain([last]);
        std::array::from_fn::<_, 12, _>(|_| cells.next().unwrap_or_default())
    };
    let mut is_number = [false; 12];
    is_number.iter_mut().zip(COLUMNS.is_number).for_each(|(to, from)| *to = from);
    let mut heads = COLUMNS.head.into_iter().chain([MESSAGES]);
    let head = std::array::from_fn(|_| heads.next().unwrap_or_default());
    let rows = rows.zip(conversations).map(|(cells, it)| with(cells, messages(it)));
    Columns { head, is_number }.write(rows, palette, out)
}

/// What numbers and requests came to.
fn messages(it: &Conversation) -> String {
    let numbers = it.numbers.iter().map(numbers_text);
    let all: Vec<_> = numbers.chain(it.pairs.as_ref().map(pairs_text)).collect();
    if all.is_empty() { "-".to_owned() } else { all.join("; ") }
}

fn cells(it: &Conversation) -> [String; 11] {
    let [there, back] = it.packets;
    let [bytes_there, bytes_back] = it.bytes;
    let anomalies: Vec<_> = it
        .anomalies
        .iter()
        .map(|(reason, count)| format!("{} ({count})", reason.as_str()))
        .collect();
    [
        format!("{} {}", it.transport.as_str(), it.stream),
        it.a.to_string(),
        it.b.to_string(),
        there.to_string(),
        back.to_string(),
        bytes_there.to_string(),
        bytes_back.to_string(),
        it.first.map_or_else(|| "-".to_owned(), |it| it.to_string()),
        duration(it).map_or_else(|| "-".to_owned(), time::seconds),
        it.protocol.as_deref().map_or_else(|| "-".to_owned(), printable),
        if anomalies.is_empty() { "-".to_owned() } else { anomalies.join(", ") },
    ]
}

/// Writes conversations as JSON, one object a line: `transport`, `stream`, `a`, `b`, `packets`
/// and `bytes` (lists: from `a` to `b`, from `b` to `a`), `start` (null where unknown),
/// `duration_s`, `protocol` (null where nothing decoded it), `anomalies` (counts by reason). Where a
/// profile says that messages are numbered in their conversation, `numbers`: a list by sender and field
/// with `received`, `lost`, `duplicates`, `reordered` and `restarts`. Where it pairs requests with
/// answers, `pairs`: `asked`, `answered`, `unanswered`, `unasked`, `repeated`, `further`, `forgotten`
/// and `latency_us`.
///
/// # Errors
///
/// Those of `out`.
pub fn flows_json(conversations: &[Conversation], out: &mut dyn Write) -> io::Result<()> {
    for it in conversations {
        let object = json::Conversation {
            transport: it.transport.as_str(),
            stream: it.stream,
            a: Text(it.a),
            b: Text(it.b),
            packets: it.packets,
            bytes: it.bytes,
            start: it.first.map(Text),
            duration_s: duration(it).map(|nanos| nanos as f64 / 1e9),
            protocol: it.protocol.as_deref(),
            anomalies: &it.anomalies,
            numbers: it.numbers.iter().map(Into::into).collect(),
            pairs: it.pairs.as_ref().map(Into::into),
        };
        write_line(&object, out)?;
    }
    Ok(())
}

/// Nanoseconds; 0 where the last packet is dated before the first.
fn duration(it: &Conversation) -> Option<u64> {
    let nanos = it.last?.0.saturating_sub(it.first?.0);
    Some(u64::try_from(nanos).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::Timestamp;
    use crate::flow::Anomaly;
    use crate::packet::{StreamId, Transport};

    fn conversations() -> Vec<Conversation> {
        let first = Conversation {
            transport: Transport::Udp,
            stream: StreamId(0),
            a: "127.0.0.1:40000".parse().unwrap(),
            b: "127.0.0.1:1989".parse().unwrap(),
            packets: [3, 0],
            bytes: [183, 0],
            first: Some(Timestamp(1_714_566_896_123_456_789)),
            last: Some(Timestamp(1_714_566_898_623_456_789)),
            protocol: Some("grades".to_owned()),
            numbers: Vec::new(),
            pairs: None,
            anomalies: vec![(Anomaly::WrongChecksum, 2)],
        };
        let second = Conversation {
            transport: Transport::Tcp,
            stream: StreamId(10),
            a: "[::1]:40000".parse().unwrap(),
            packets: [1200, 7],
            first: None,
            protocol: None,
            anomalies: vec![],
            ..first.clone()
        };
        vec![first, second]
    }

    #[test]
    fn the_table_is_aligned() {
        let mut out = Vec::new();
        flows_text(&conversations(), Palette::plain(), &mut out).unwrap();
        let expected = "\
stream  a                b               packets →  packets ←  bytes →  bytes ←  start                           duration  protocol  anomalies
udp 0   127.0.0.1:40000  127.0.0.1:1989          3          0      183        0  2024-05-01T12:34:56.123456789Z       2.5  grades    wrong checksum (2)
tcp 10  [::1]:40000      127.0.0.1:1989       1200          7      183        0  -                                      -  -         -
";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn json_is_an_object_a_line() {
        let mut out = Vec::new();
        flows_json(&conversations(), &mut out).unwrap();
        let expected = concat!(
            r#"{"transport":"udp","stream":0,"a":"127.0.0.1:40000","b":"127.0.0.1:1989","#,
            r#""packets":[3,0],"bytes":[183,0],"start":"2024-05-01T12:34:56.123456789Z","#,
            r#""duration_s":2.5,"protocol":"grades","anomalies":{"wrong checksum":2}}"#,
            "\n",
            r#"{"transport":"tcp","stream":10,"a":"[::1]:40000","b":"127.0.0.1:1989","#,
            r#""packets":[1200,7],"bytes":[183,0],"start":null,"#,
            r#""duration_s":null,"protocol":null,"anomalies":{}}"#,
            "\n",
        );
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn time_that_runs_backwards_is_no_duration() {
        let mut all = conversations();
        all[0].last = Some(Timestamp(0));
        assert_eq!(duration(&all[0]), Some(0));
    }
}
