//! What a replay will do, before it does it: conversations as a table and as JSON, and the
//! preflight as a closing summary.

use std::io::{self, Write};
use std::time::Duration;

use super::json_types as json;
use super::outcome::skipped;
use crate::flow::Side;
use crate::output::Palette;
use crate::output::count::counted;
use crate::output::escape::printable;
use crate::output::json_types::{Text, write_line};
use crate::output::table::Columns;
use crate::output::time;
use crate::replay::{Action, Conversation, Limit, Plan, Preflight, Skipped, Step, Traffic};

const COLUMNS: Columns<10> = Columns {
    head: [
        "stream",
        "client",
        "server",
        "sends →",
        "sends ←",
        "bytes →",
        "bytes ←",
        "start",
        "duration",
        "protocol",
    ],
    is_number: [false, false, false, true, true, true, true, true, true, false],
};

/// Writes the conversations of a plan as an aligned table, in the order in which they begin; arrows
/// point from the client to the server and back. What is sent counts datagrams, or steps of a
/// stream; start and duration are in seconds. `name` is what a conversation was decoded as.
///
/// # Errors
///
/// Those of `out`.
pub fn plan_text(
    plan: &Plan,
    name: impl Fn(&Conversation) -> Option<String>,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let rows = in_order(plan).into_iter().map(|(it, traffic)| cells(it, traffic, name(it)));
    COLUMNS.write(rows, palette, out)
}

fn cells(it: &Conversation, traffic: &Traffic, protocol: Option<String>) -> [String; 10] {
    [
        format!("{} {}", it.transport.as_str(), it.stream),
        it.client.to_string(),
        it.server.to_string(),
        traffic.client.messages.to_string(),
        traffic.server.messages.to_string(),
        traffic.client.bytes.to_string(),
        traffic.server.bytes.to_string(),
        seconds(it.start),
        seconds(traffic.end.saturating_sub(it.start)),
        protocol.map_or_else(|| "-".to_owned(), |it| printable(&it)),
    ]
}

/// Writes the conversations of a plan as JSON, one object a line: `transport`, `stream`, `client`,
/// `server`, `sends` and `bytes` (lists: of the client, of the server), `start_s`, `duration_s`,
/// `protocol` (null where nothing decoded it), of TCP `steps`: a list of `at_s`, `side`, `action`
/// (`send`, `missing`, `finish`, `reset`), and `len` where bytes are sent; and where something
/// cannot work `limits`, a list of `kind` and `text`.
///
/// # Errors
///
/// Those of `out`.
pub fn plan_json(
    plan: &Plan,
    name: impl Fn(&Conversation) -> Option<String>,
    out: &mut dyn Write,
) -> io::Result<()> {
    for (it, traffic) in in_order(plan) {
        let limits = plan.preflight.limits.list.iter();
        let own = limits.filter(|of| (of.transport, of.conversation) == (it.transport, it.stream));
        let own = own.map(|it| json::OwnLimit { kind: it.kind.as_str(), text: &it.text });
        let object = json::Conversation {
            transport: it.transport.as_str(),
            stream: it.stream,
            client: Text(it.client),
            server: Text(it.server),
            sends: [traffic.client.messages, traffic.server.messages],
            bytes: [traffic.client.bytes, traffic.server.bytes],
            start_s: it.start.as_secs_f64(),
            duration_s: traffic.end.saturating_sub(it.start).as_secs_f64(),
            protocol: name(it),
            steps: it.steps.iter().map(|step| step_object(it, step)).collect(),
            limits: own.collect(),
        };
        write_line(&object, out)?;
    }
    Ok(())
}

fn step_object(conversation: &Conversation, step: &Step) -> json::Step {
    let side = match step.side {
        Side::Client => "client",
        Side::Server => "server",
    };
    let (action, len) = match &step.action {
        Action::Send(range) => {
            let spans = conversation.sent(range);
            ("send", Some(spans.iter().map(|span| u64::from(span.len)).sum()))
        }
        Action::Missing(len) => ("missing", Some(*len)),
        Action::Finish => ("finish", None),
        Action::Reset => ("reset", None),
    };
    json::Step { at_s: step.at.as_secs_f64(), side, action, len }
}

/// Writes what a plan comes to, and what it leaves out, as a few aligned lines.
///
/// # Errors
///
/// Those of `out`.
pub fn preflight_text(
    preflight: &Preflight,
    palette: Palette,
    out: &mut dyn Write,
) -> io::Result<()> {
    let Palette { strong, dim, doubt, .. } = palette;
    let Preflight { conversations, datagrams, bytes, duration, skipped, notes, limits, .. } =
        preflight;
    let conversations = counted(*conversations, "conversation");
    let (datagrams, bytes) = (counted(*datagrams, "datagram"), counted(*bytes, "byte"));
    let duration = seconds(*duration);
    let mut lines = Vec::new();
    writeln!(lines, "{strong}{conversations}, {datagrams}, {bytes}, {duration} seconds{strong:#}")?;
    for Skipped { reason, count } in skipped {
        writeln!(lines, "{dim}{count:>10}  skipped: {reason}{dim:#}")?;
    }
    for Skipped { reason, count } in notes {
        writeln!(lines, "{doubt}{count:>10}  {reason}{doubt:#}")?;
    }
    for Limit { transport, conversation, text, .. } in &limits.list {
        let name = format!("{} {conversation}", transport.as_str());
        writeln!(lines, "{doubt}{name:>10}  warning: {}{doubt:#}", printable(text))?;
    }
    if limits.more > 0 {
        writeln!(lines, "{doubt}{:>10}  more warnings{doubt:#}", limits.more)?;
    }
    out.write_all(&lines)
}

/// Writes the same as one JSON object on a line: `conversations`, `datagrams`, `bytes`,
/// `duration_s`, `skipped` and `notes` (lists of `reason`, `count`), `limits` (a list of
/// `conversation`, `transport`, `kind`, `text`), and `limits_more` where there are others.
///
/// # Errors
///
/// Those of `out`.
pub fn preflight_json(preflight: &Preflight, out: &mut dyn Write) -> io::Result<()> {
    let object = json::Preflight {
        conversations: preflight.conversations,
        datagrams: preflight.datagrams,
        bytes: preflight.bytes,
        duration_s: preflight.duration.as_secs_f64(),
        skipped: preflight.skipped.iter().map(skipped).collect(),
        notes: preflight.notes.iter().map(skipped).collect(),
        limits: preflight.limits.list.iter().map(limit).collect(),
        limits_more: (preflight.limits.more > 0).then_some(preflight.limits.more),
    };
    write_line(&object, out)
}

fn limit(it: &Limit) -> json::Limit<'_> {
    json::Limit {
        conversation: it.conversation,
        transport: it.transport.as_str(),
        kind: it.kind.as_str(),
        text: &it.text,
    }
}

/// The conversations as they begin, those of the same time as in the plan.
fn in_order(plan: &Plan) -> Vec<(&Conversation, &Traffic)> {
    let mut all: Vec<_> = plan.conversations.iter().zip(&plan.preflight.traffic).collect();
    all.sort_by_key(|(it, _)| it.start);
    all
}

fn seconds(duration: Duration) -> String {
    time::seconds(u64::try_from(duration.as_nanos()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use serde_json::{Value, json};

    use super::*;
    use crate::capture::Reader;
    use crate::packet::{StreamId, Transport};
    use crate::replay::{Limits, Reason};

    fn plan(name: &str) -> Plan {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("captures").join(name);
        Plan::read(Reader::open(&path).unwrap(), None, &mut |_| {}).unwrap()
    }

    fn written(write: impl FnOnce(&mut Vec<u8>) -> io::Result<()>) -> String {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_table_is_aligned() {
        let plan = plan("ok_stream_basic.pcap");
        let name = |it: &Conversation| (it.stream.0 == 1).then(|| "stamp".to_owned());
        let expected = "\
stream  client          server         sends →  sends ←  bytes →  bytes ←     start  duration  protocol
tcp 0   10.0.0.1:40000  10.0.0.2:1989        0        1        0       12       0.0  0.001323  -
tcp 1   10.0.0.1:40001  10.0.0.2:1989        0        1        0       12  0.001381  0.000065  stamp
tcp 2   10.0.0.1:40002  10.0.0.2:1989        0        1        0       12  0.001462  0.000131  -
";
        assert_eq!(written(|out| plan_text(&plan, name, Palette::plain(), out)), expected);
    }

    #[test]
    fn json_has_the_steps_of_streams() {
        let plan = plan("ok_webdl_apache.pcap");
        let text = written(|out| plan_json(&plan, |_: &Conversation| None, out));
        let expected = concat!(
            r#"{"transport":"tcp","stream":0,"client":"10.0.0.1:41900","server":"10.0.0.2:8081","#,
            r#""sends":[1,1],"bytes":[17,2417],"start_s":0.0,"duration_s":0.000425,"#,
            r#""protocol":null,"steps":["#,
            r#"{"at_s":0.000122,"side":"client","action":"send","len":17},"#,
            r#"{"at_s":0.000337,"side":"server","action":"send","len":2417},"#,
            r#"{"at_s":0.000384,"side":"server","action":"finish"},"#,
            r#"{"at_s":0.000425,"side":"client","action":"finish"}]}"#,
            "\n",
        );
        assert_eq!(text, expected);
    }

    #[test]
    fn the_preflight_says_what_is_left_out() {
        let mut preflight = plan("ok_dgram_mcast.pcap").preflight;
        preflight.notes = vec![Skipped { reason: Reason::ServerGap, count: 12 }];
        let expected = "\
1 conversation, 2 datagrams, 38 bytes, 0.000012 seconds
         1  skipped: IGMP
        12  TCP byte of a server missing from the capture
";
        assert_eq!(written(|out| preflight_text(&preflight, Palette::plain(), out)), expected);
        let expected = concat!(
            r#"{"conversations":1,"datagrams":2,"bytes":38,"duration_s":0.000012,"#,
            r#""skipped":[{"reason":"IGMP","count":1}],"notes":[{"reason":"TCP byte of a server missing from the capture","#,
            r#""count":12}],"limits":[]}"#,
            "\n",
        );
        assert_eq!(written(|out| preflight_json(&preflight, out)), expected);
    }

    #[test]
    fn limits_are_warnings_with_their_conversation() {
        let mut plan = plan("ok_webdl_apache.pcap");
        let limit = Limit {
            transport: Transport::Tcp,
            conversation: StreamId(0),
            kind: crate::replay::limits::Kind::Login,
            text: "login \x1b".to_owned(),
        };
        plan.preflight.limits = Limits { list: vec![limit], more: 3 };
        let text = written(|out| preflight_text(&plan.preflight, Palette::plain(), out));
        let expected = "     tcp 0  warning: login \\x1b\n         3  more warnings\n";
        assert!(text.ends_with(expected), "{text}");
        let json = |write: &dyn Fn(&mut Vec<u8>) -> io::Result<()>| -> Value {
            serde_json::from_str(&written(write)).unwrap()
        };
        let summary = json(&|out| preflight_json(&plan.preflight, out));
        let text = "login \u{1b}";
        let expected =
            json!([{ "conversation": 0, "transport": "tcp", "kind": "login", "text": text }]);
        assert_eq!((&summary["limits"], &summary["limits_more"]), (&expected, &json!(3)));
        let conversation = json(&|out| plan_json(&plan, |_: &Conversation| None, out));
        assert_eq!(conversation["limits"], json!([{ "kind": "login", "text": text }]));
    }
}
