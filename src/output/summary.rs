//! The closing summary: frames, messages per protocol, and what was not decoded, by reason.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use super::Palette;
use super::count::counted;
use super::escape::terminal;
use super::exchanges::{numbers_text, pair_lines, pairs_of};
use super::json_types::{self as json, Counts, MessageCount, write_line};
use crate::decode::{FlowSummary, NoMessage, PairCounts, Summary};
use crate::flow::Anomaly;
use crate::packet::{Transport, Undecoded};

/// Writes the summary as a few aligned lines.
///
/// # Errors
///
/// Those of `out`.
pub fn summary_text(summary: &Summary, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    let Palette { strong, .. } = palette;
    let mut lines = Vec::new();
    let frames = counted(summary.frames, "frame");
    let messages = counted(summary.messages, "message");
    let matched = summary.matched.map(|it| format!(", {it} matched")).unwrap_or_default();
    writeln!(lines, "{strong}{frames}, {messages}{matched}{strong:#}")?;
    for ((protocol, name), count) in &summary.protocols {
        write!(lines, "{count:>10}  ")?;
        terminal(protocol, &mut lines);
        if protocol != name {
            lines.extend_from_slice(b" (");
            terminal(name, &mut lines);
            lines.push(b')');
        }
        lines.push(b'\n');
    }
    for (reason, count) in by_name(&summary.undecoded, NoMessage::name) {
        let Palette { dim, .. } = palette;
        writeln!(lines, "{dim}{count:>10}  not decoded: {reason}{dim:#}")?;
    }
    for (anomaly, count) in by_name(&summary.anomalies, Anomaly::as_str) {
        let Palette { doubt, .. } = palette;
        writeln!(lines, "{doubt}{count:>10}  {anomaly}{doubt:#}")?;
    }
    pairs(&summary.pairs, palette, &mut lines)?;
    for rule in &summary.idle_rules {
        let Palette { doubt, .. } = palette;
        write!(lines, "{doubt}      none  ")?;
        terminal(rule, &mut lines);
        writeln!(lines, ": no packet has its port{doubt:#}")?;
    }
    out.write_all(&lines)
}

/// Requests and answers, where there are any.
fn pairs(counts: &PairCounts, palette: Palette, out: &mut dyn Write) -> io::Result<()> {
    for (count, what, is_doubt) in pair_lines(counts) {
        let style = if is_doubt { palette.doubt } else { palette.dim };
        writeln!(out, "{style}{count:>10}  {what}{style:#}")?;
    }
    Ok(())
}

/// Writes the summary of conversations as a few aligned lines.
///
/// # Errors
///
/// Those of `out`.
pub fn flow_summary_text(
    summary: &FlowSummary,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Palette { strong, dim, .. } = palette;
    let mut lines = Vec::new();
    let frames = counted(summary.frames, "frame");
    let conversations = counted(summary.conversations.values().sum::<u64>(), "conversation");
    writeln!(lines, "{strong}{frames}, {conversations}{strong:#}")?;
    for (transport, count) in by_name(&summary.conversations, Transport::as_str) {
        writeln!(lines, "{count:>10}  {transport}")?;
    }
    for (reason, count) in by_name(&summary.undecoded, Undecoded::name) {
        writeln!(lines, "{dim}{count:>10}  not decoded: {reason}{dim:#}")?;
    }
    for it in &summary.numbers {
        let is_whole = it.counts.lost() == 0 && it.counts.duplicates == 0;
        let style = if is_whole { dim } else { palette.doubt };
        writeln!(lines, "{style}            {}{style:#}", numbers_text(it))?;
    }
    if summary.unnumbered > 0 {
        let count = summary.unnumbered;
        writeln!(lines, "{dim}{count:>10}  of senders too many to follow their numbers{dim:#}")?;
    }
    pairs(&summary.pairs, palette, &mut lines)?;
    out.write_all(&lines)
}

/// Writes the summary of conversations as one JSON object on a line: `frames`, `conversations`
/// (by transport), `undecoded` (frames by reason); where a profile says that messages are numbered by
/// their sender `numbers`, and where it pairs requests with answers `pairs`.
///
/// # Errors
///
/// Those of `out`.
pub fn flow_summary_json(summary: &FlowSummary, out: &mut dyn Write) -> io::Result<()> {
    let object = json::FlowSummary {
        frames: summary.frames,
        conversations: by_name(&summary.conversations, Transport::as_str),
        undecoded: by_name(&summary.undecoded, Undecoded::name),
        numbers: summary.numbers.iter().map(Into::into).collect(),
        unnumbered: summary.unnumbered,
        pairs: pairs_of(&summary.pairs),
    };
    write_line(&object, out)
}

/// Counts under their names, in the order of these.
fn by_name<K: Copy, N: Into<Cow<'static, str>>>(
    counts: &BTreeMap<K, u64>,
    name: fn(K) -> N,
) -> Counts<'static> {
    let name = |key| name(key).into();
    counts.iter().map(|(key, count)| (name(*key), *count)).collect()
}

/// Writes the summary as one JSON object on a line: `frames`, `messages`, `protocols` (messages
/// by protocol), `undecoded` (frames and payloads by reason), `anomalies` (packets by what was
/// noticed), `by_message` (a list of `protocol`, `message`, `messages`), where a filter was asked
/// `matched` (messages), and where there are any `idle_rules` (rules without traffic) and `pairs`
/// (requests and answers).
///
/// # Errors
///
/// Those of `out`.
pub fn summary_json(summary: &Summary, out: &mut dyn Write) -> io::Result<()> {
    write_line(&summary_object(summary), out)
}

/// The object of [`summary_json`].
pub(super) fn summary_object(summary: &Summary) -> json::Summary<'_> {
    let mut protocols = Counts::new();
    for ((protocol, _), count) in &summary.protocols {
        let total = protocols.entry(Cow::Borrowed(protocol.as_str())).or_default();
        *total = total.saturating_add(*count);
    }
    let by_message = summary.protocols.iter().map(|((protocol, message), count)| MessageCount {
        protocol,
        message,
        messages: *count,
    });
    json::Summary {
        frames: summary.frames,
        messages: summary.messages,
        protocols,
        undecoded: by_name(&summary.undecoded, NoMessage::name),
        anomalies: by_name(&summary.anomalies, Anomaly::as_str),
        by_message: by_message.collect(),
        matched: summary.matched,
        idle_rules: &summary.idle_rules,
        pairs: pairs_of(&summary.pairs),
        findings: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::StreamCounts;

    fn summary() -> Summary {
        let key = |protocol: &str, message: &str| (protocol.to_owned(), message.to_owned());
        Summary {
            frames: 7,
            messages: 6,
            matched: None,
            protocols: [
                (key("grades", "msg_st"), 4),
                (key("grades", "var_st"), 1),
                (key("stamp", "stamp"), 1),
            ]
            .into(),
            undecoded: [(Undecoded::Icmp.into(), 1)].into(),
            anomalies: [(Anomaly::WrongChecksum, 2)].into(),
            pairs: PairCounts::default(),
            streams: StreamCounts::default(),
            idle_rules: Vec::new(),
        }
    }

    #[test]
    fn text_is_a_line_for_each_count() {
        let mut out = Vec::new();
        summary_text(&summary(), Palette::plain(), &mut out).unwrap();
        let expected = "7 frames, 6 messages\n         4  grades (msg_st)\n         \
                        1  grades (var_st)\n         1  stamp\n         1  not decoded: ICMP\n         \
                        2  wrong checksum\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }

    #[test]
    fn what_a_filter_let_pass_is_counted() {
        let summary = Summary { frames: 9, messages: 2, matched: Some(0), ..Summary::default() };
        let mut out = Vec::new();
        summary_text(&summary, Palette::plain(), &mut out).unwrap();
        summary_json(&summary, &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(out.starts_with("9 frames, 2 messages, 0 matched\n{"), "{out}");
        assert!(out.ends_with(",\"matched\":0}\n"), "{out}");
    }

    #[test]
    fn a_rule_without_traffic_is_named() {
        let idle_rules = vec!["udp.port==1990,msg_st".to_owned()];
        let summary = Summary { frames: 2, idle_rules, ..Summary::default() };
        let mut out = Vec::new();
        summary_text(&summary, Palette::plain(), &mut out).unwrap();
        summary_json(&summary, &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        let line = "\n      none  udp.port==1990,msg_st: no packet has its port\n{";
        assert!(out.contains(line), "{out}");
        assert!(out.ends_with(",\"idle_rules\":[\"udp.port==1990,msg_st\"]}\n"), "{out}");
    }

    #[test]
    fn one_is_not_many() {
        let mut out = Vec::new();
        let summary = Summary { frames: 1, ..Summary::default() };
        summary_text(&summary, Palette::plain(), &mut out).unwrap();
        assert_eq!(String::from_utf8(out).unwrap(), "1 frame, 0 messages\n");
    }

    #[test]
    fn json_adds_up_messages_of_a_protocol() {
        let mut out = Vec::new();
        summary_json(&summary(), &mut out).unwrap();
        let expected = concat!(
            r#"{"frames":7,"messages":6,"protocols":{"grades":5,"stamp":1},"#,
            r#""undecoded":{"ICMP":1},"anomalies":{"wrong checksum":2},"by_message":["#,
            r#"{"protocol":"grades","message":"msg_st","messages":4},"#,
            r#"{"protocol":"grades","message":"var_st","messages":1},"#,
            r#"{"protocol":"stamp","message":"stamp","messages":1}]}"#,
            "\n"
        );
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
