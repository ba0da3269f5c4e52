//! Filters that let pass, that do not, and that are none.

use std::sync::Arc;

use proptest::prelude::*;

use super::super::error::{DecodeError, ErrorKind};
use super::super::marks::{Mark, Marks};
use super::super::message::{FieldKind, FieldTable, Item, Message, Node, Scalar};
use super::*;
use crate::capture::Timestamp;
use crate::decode::http;
use crate::decode::http::{Http, Scratch};
use crate::decode::stream::StreamEvent;
use crate::flow::{Input, Side};
use crate::message::Between;
use crate::packet::endpoint::tests::local;
use crate::packet::{StreamId, Transport};
use crate::schema::{EnumDef, Enumerator, Flag, Flags, Notation, Scale, Span};

const BYTES: &[u8] = b"Alan Turing\0\xde\xad\xbe\xef";

fn colours() -> FieldKind {
    let enumerators = vec![Enumerator { name: "RED".to_owned(), value: 1 }];
    FieldKind::Enum(Arc::new(EnumDef {
        tag: None,
        enumerators,
        packed: false,
        underlying: None,
        span: Span::default(),
    }))
}

fn bits() -> FieldKind {
    let flags = vec![
        Flag::of_bits("SYN", 2),
        Flag::of_bits("ACK", 16),
        Flag::of_number("version", 8, 11).unwrap(),
    ];
    FieldKind::Shown(Notation::Flags { flags: Arc::new(Flags::new(flags)), width: 16 })
}

fn tenths() -> FieldKind {
    let scale = Scale::new(0.1, 0.0, Some("°C".to_owned()), vec![0x7fff]).unwrap();
    FieldKind::Shown(Notation::Scale(Arc::new(scale)))
}

/// `msg_st`: math 83, delta -5, ratio 0.1 (single), mean 2.5, colour RED, name, raw, list [7, 9],
/// group { x 1 }, bits SYN|ACK|version=3, temp 23.5, gone, which has no value.
fn table() -> FieldTable {
    let node = |path: &str, kind| Node {
        name: path.rsplit('.').next().unwrap().to_owned(),
        path: path.to_owned(),
        kind,
        description: None,
    };
    FieldTable {
        nodes: vec![
            node("math", FieldKind::Number),
            node("delta", FieldKind::Number),
            node("ratio", FieldKind::Number),
            node("mean", FieldKind::Number),
            node("colour", colours()),
            node("name", FieldKind::Text),
            node("raw", FieldKind::Bytes),
            node("list", FieldKind::List),
            Node::new("", "list", FieldKind::Number),
            node("group", FieldKind::Group),
            node("group.x", FieldKind::Number),
            node("bits", bits()),
            node("temp", tenths()),
            node("gone", tenths()),
        ],
        between: Between::Holes,
    }
}

fn items() -> Vec<Item> {
    let item = |node, offset, len, end, scalar| Item { node, offset, len, end, scalar };
    vec![
        item(0, 0, 4, 1, Scalar::Unsigned(83)),
        item(1, 0, 4, 2, Scalar::Signed(-5)),
        item(2, 0, 4, 3, Scalar::Float(f64::from(0.1_f32))),
        item(3, 0, 8, 4, Scalar::Float(2.5)),
        item(4, 0, 4, 5, Scalar::Unsigned(1)),
        item(5, 0, 12, 6, Scalar::Span),
        item(6, 12, 4, 7, Scalar::Span),
        item(7, 0, 8, 10, Scalar::Nested),
        item(8, 0, 4, 9, Scalar::Unsigned(7)),
        item(8, 4, 4, 10, Scalar::Unsigned(9)),
        item(9, 0, 4, 12, Scalar::Nested),
        item(10, 0, 4, 12, Scalar::Unsigned(1)),
        item(11, 0, 2, 13, Scalar::Unsigned(0x312)),
        item(12, 0, 2, 14, Scalar::Signed(235)),
        item(13, 0, 2, 15, Scalar::Signed(0x7fff)),
    ]
}

fn known<'k>(table: &'k FieldTable, other: &'k FieldTable) -> [Known<'k>; 5] {
    [
        Known { protocol: "dgram-basic", message: "msg_st", table },
        Known { protocol: "other", message: "point", table: other },
        Known { protocol: "other", message: "stream", table: other },
        Known { protocol: "http", message: "request", table: http::table() },
        Known { protocol: "http", message: "response", table: http::table() },
    ]
}

fn other() -> FieldTable {
    let node = Node::new("y", "y", FieldKind::Number);
    FieldTable { nodes: vec![node], between: Between::Holes }
}

fn captured(message: Message<'_>) -> Captured<'_> {
    Captured {
        file: None,
        frame: 4,
        time: Some(Timestamp(1_714_566_896_500_000_000)),
        transport: Transport::Udp,
        src: "10.1.2.3:40000".parse().unwrap(),
        dst: "192.168.0.1:1989".parse().unwrap(),
        stream: StreamId(2),
        frame_offset: None,
        carrier: None,
        message,
    }
}

fn passes(filter: &str) -> bool {
    passes_as(filter, captured)
}

fn passes_as(filter: &str, captured: fn(Message<'_>) -> Captured<'_>) -> bool {
    let (table, other, items) = (table(), other(), items());
    let mut marks = Marks::default();
    [Mark::HttpBareLf, Mark::Gap].into_iter().for_each(|it| marks.insert(it));
    let message = Message {
        protocol: "dgram-basic",
        name: "msg_st",
        table: &table,
        items: &items,
        bytes: BYTES,
        apart: None,
        len: 16,
        trailing: 0,
        candidates: &["a", "b"],
        ended_by_close: true,
        marks,
        request: None,
        pair: None,
        error: Some(DecodeError { offset: 3, context: "math", kind: ErrorKind::Short }),
    };
    match Filter::parse(filter, &known(&table, &other)) {
        Ok(filter) => filter.matches(&captured(message)),
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn what_a_filter_says_decides() {
    for (filter, expected) in [
        ("", true),
        ("  ", true),
        ("udp.port == 1989 && msg_st.math > 60", true),
        ("udp.port == 1989 and msg_st.math gt 83", false),
        ("msg_st.math >= 83 && math le 83", true),
        ("math == 0x53 && math == 0123 && math == 0b1010011 && math == 83.0", true),
        ("math == 'S'", true),
        ("dgram-basic.math eq 83", true),
        ("dgram-basic.msg_st.math eq 83", true),
        ("math < 83 or math > 83", false),
        ("math ne 82", true),
        ("delta == -5 && delta < -4.5 && delta > -0x6", true),
        ("ratio == 0.1", true),
        ("ratio > 0.1 || ratio < 0.1", false),
        ("mean == 2.5 && mean == 2.5e0 && mean > 2 && mean < 3", true),
        ("colour == RED && colour == 1 && colour == \"RED\"", true),
        ("bits == 0x312 && bits == \"SYN|ACK|version=3\" && bits == \"version=3|0x12\"", true),
        ("bits == SYN || bits < 0x312", false),
        ("bits contains \"ACK\" && bits contains \"SYN|ACK\" && bits != SYN", true),
        ("bits contains \"version=4\" || bits contains \"0x20\" || bits contains \"A\"", false),
        ("temp == 23.5 && temp > 23 && temp < 24 && temp == \"23.5\" && temp in {20..30}", true),
        ("temp == 235 || temp > 23.5", false),
        ("gone && !(gone == 3276.7) && !(gone < 5)", true),
        ("name == \"Alan Turing\"", true),
        ("name == \"alan turing\"", false),
        ("name < \"Bob\" && name > \"Al\"", true),
        ("name contains \"Tur\"", true),
        ("name contains \"tur\"", false),
        ("name contains 54:75:72", true),
        ("name contains \"\\x54\\165r\"", true),
        ("name matches \"^alan\\\\s\"", true),
        ("name matches r\"^alan\\s\"", true),
        ("name ~ \"^turing\"", false),
        ("raw == de:ad:be:ef", true),
        ("raw == DE:AD", false),
        ("raw contains ad:be", true),
        ("raw matches \"\\\\xad\"", true),
        ("ip.addr == 10.0.0.0/8", true),
        ("ip.addr == 192.168.0.1", true),
        ("ip.src == 192.168.0.1", false),
        ("ip.addr != 10.1.2.3", false),
        ("ip.addr != 10.1.2.4", true),
        ("ip.addr !== 10.1.2.3", true),
        ("ip.addr === 10.0.0.0/8", false),
        ("ip.src == 0.0.0.0/0", true),
        ("ip.src < 10.2.0.0/16", true),
        ("ipv6.addr == ::1", false),
        ("ipv6.addr != ::1", false),
        ("!(ipv6.addr == ::1)", true),
        ("udp.stream eq 2", true),
        ("tcp.stream eq 2", false),
        ("udp && ip && !tcp && not ipv6 && frame", true),
        ("msg_st && dgram-basic && dgram-basic.msg_st", true),
        ("point || other || http || http.request", false),
        ("frame.number == 4 && len == 16", true),
        ("frame.time > \"2024-05-01 12:34:56\"", true),
        ("frame.time > \"2024-05-01 12:34:56.5\"", false),
        ("frame.time == 2024-05-01T12:34:56.500Z", true),
        ("frame.time == \"2024-05-01T14:34:56.5+02:00\"", true),
        ("frame.time >= 2024-05-01 && frame.time < 2024-05-02", true),
        ("frame.time_epoch == 1714566896.5", true),
        ("frame.time_epoch > 1714566896.500000001", false),
        ("error", true),
        ("error == \"short\"", true),
        ("marks && marks == \"gap\" && marks contains \"lf\"", true),
        ("marks == \"cut-short\"", false),
        ("marks != \"gap\"", false),
        ("marks in {\"http-bare-lf\", \"x\"}", true),
        ("ended_by == \"close\" && ended_by", true),
        ("ended_by == \"reset\"", false),
        ("pair || pair > 0", false),
        ("stream == 2 && frame == 4 && time > 2024-05-01", true),
        // A message of that name is what is meant.
        ("stream", false),
        ("trailing", false),
        ("candidates == \"b\" && candidates", true),
        ("transport == \"udp\" && message == \"msg_st\"", true),
        ("list == 9", true),
        ("list != 9", false),
        ("list any_ne 9", true),
        ("list all_eq 9", false),
        ("list in {8..10}", true),
        ("list > 8 && list < 8", true),
        ("group && group.x == 1 && group == 1", true),
        ("y", false),
        ("y != 1", false),
        ("udp.port in {1, 80, 1980..1990}", true),
        ("udp.port in { 1 , 2..3 }", false),
        ("udp.port not in {1}", true),
        ("name in {\"x\", \"Alan Turing\"}", true),
        ("mean in {0.5 .. 2.5}", true),
        ("delta in {-7..-4}", true),
        ("ip.src in {10.0.0.0/8, 172.16.0.0/12}", true),
        // `&&` binds more than `^^`, and that more than `||`.
        ("y && y || math", true),
        ("math || y && y", true),
        ("math ^^ math", false),
        ("math xor y", true),
        ("math ^^ math && y", true),
        ("math || math ^^ math", true),
        ("!y && !!math", true),
        ("!math == 82", true),
        ("not (math == 82 or y)", true),
        ("((math))", true),
    ] {
        assert_eq!(passes(filter), expected, "{filter}");
    }
}

#[test]
fn what_went_through_a_local_channel_has_neither_address_nor_port() {
    fn piped(message: Message<'_>) -> Captured<'_> {
        let (src, dst) = (local(7, 2), local(7, 0));
        Captured { src, dst, ..captured(message) }
    }
    for (filter, expected) in [
        ("ip", false),
        ("ipv6", false),
        ("ip.addr", false),
        ("ip.addr == 0.0.0.0/0", false),
        ("udp.port", false),
        ("udp.port != 1989", false),
        ("!(udp.port == 1989)", true),
        ("math == 83", true),
    ] {
        assert_eq!(passes_as(filter, piped), expected, "{filter}");
    }
}

#[test]
fn http_is_asked_by_method_status_and_header() {
    let (table, other) = (table(), other());
    let known = known(&table, &other);
    let exchange = [
        (Side::Client, &b"GET /test.png HTTP/1.1\r\nHost: x.org\r\nUser-Agent: curl/8\r\n\r\n"[..]),
        (Side::Server, b"HTTP/1.1 404 Not Found\r\nServer: a\r\nContent-Length: 2\r\n\r\nno"),
    ];
    for (filter, expected) in [
        ("http", [true, true]),
        ("http.request", [true, false]),
        ("http.response", [false, true]),
        ("http.request.method == \"GET\"", [true, false]),
        ("http.request.uri matches \"\\\\.PNG$\"", [true, false]),
        ("http.request.target contains \"test\"", [true, false]),
        ("http.response.status == 404", [false, true]),
        ("http.response.code in {400..499}", [false, true]),
        ("http.response.phrase == \"Not Found\"", [false, true]),
        ("http.status", [false, true]),
        ("http.body.len == 2", [false, true]),
        ("http.version == \"1.1\"", [true, true]),
        ("http.host == \"x.org\"", [true, false]),
        ("http.user_agent contains \"curl\"", [true, false]),
        ("http.header.USER-AGENT", [true, false]),
        ("http.header.server == \"a\"", [false, true]),
        ("http.header.x-nothing", [false, false]),
        ("http.host != \"y.org\"", [true, false]),
        ("http.headers contains \"x.org\"", [true, false]),
        ("msg_st", [false, false]),
    ] {
        let filter = Filter::parse(filter, &known).unwrap_or_else(|error| panic!("{error}"));
        let mut found = Vec::new();
        let (mut decoder, mut scratch) = (Http::new(false), Scratch::default());
        for (side, bytes) in exchange {
            decoder.push(side, Input::Bytes(bytes), &mut scratch, &mut |event| {
                if let StreamEvent::Message { message, .. } = event {
                    found.push(filter.matches(&captured(message)));
                }
            });
        }
        assert_eq!(found, expected, "{filter:?}");
    }
}

/// The error of a filter: its text, and the caret under the filter.
fn fault(filter: &str) -> (String, String) {
    let (table, other) = (table(), other());
    let error = Filter::parse(filter, &known(&table, &other)).unwrap_err();
    let shown = error.to_string();
    let mut lines = shown.lines();
    let text = lines.next().unwrap().to_owned();
    assert_eq!(text, error.text);
    assert_eq!(lines.next(), Some(format!("  {}", filter.replace('\n', " ")).as_str()));
    let caret = lines.next().unwrap().strip_prefix("  ").unwrap().to_owned();
    assert_eq!(lines.next(), None);
    (text, caret)
}

#[test]
fn what_is_wrong_is_shown_where_it_is() {
    const AFTER: &str = "expected an operator, such as `==`, or `&&`, `||` and another test";
    const VALUE: &str = "expected a value, such as `1989`, `\"GET\"` or `10.0.0.0/8`";
    const FIELD: &str = "expected the name of a field, such as `udp.port`";
    for (filter, text, caret) in [
        ("udp.port ==", VALUE, "           ^"),
        ("udp.port == && math", VALUE, "            ^"),
        ("udp.port == or math", VALUE, "            ^"),
        ("udp.port = 1989", AFTER, "         ^"),
        ("udp.port 1989", AFTER, "         ^"),
        ("== 5", FIELD, "^"),
        ("5 == math", FIELD, "^"),
        ("math &&", FIELD, "       ^"),
        ("math && && list", FIELD, "        ^"),
        ("not", FIELD, "   ^"),
        ("(math", "expected `)`, or `&&`, `||` and another test", "     ^"),
        ("math)", "this `)` closes nothing", "    ^"),
        ("()", FIELD, " ^"),
        ("math in 5", "expected a set, such as `{1, 3..5}`", "        ^"),
        ("math in {}", VALUE, "         ^"),
        ("math in {1 2}", "expected `,` and another value, or `}`", "           ^"),
        ("math in {1,", VALUE, "           ^"),
        ("math in {1..}", "expected a value on both sides of `..`", "         ^"),
        ("name == \"Alan", "this text has no end: expected `\"`", "        ^"),
        ("name == r\"Alan", "this text has no end: expected `\"`", "        ^"),
        ("name == \"\\q\"", "expected an escape, such as `\\\"`, `\\n` or `\\x0a`", "         ^"),
        ("math == ''", "expected one ASCII character between `'`", "        ^"),
        ("maths == 5", "no field is named `maths`; did you mean `math`?", "^"),
        (
            "math && udp.prot == 5",
            "no field is named `udp.prot`; did you mean `udp.port`?",
            "        ^",
        ),
        ("http.hots", "no field is named `http.hots`; did you mean `http.host`?", "^"),
        ("zzzzzzzz", "no field is named `zzzzzzzz`", "^"),
        ("mark", "no field is named `mark`; did you mean `marks`?", "^"),
        ("src == 10.1.2.3", "no field is named `src`", "^"),
        (
            "marks == 5",
            "`marks` is compared with text in `\"`, or bytes such as `41:6c`",
            "         ^",
        ),
        ("udp == 5", "`udp` has no value to compare, only fields", "^"),
        ("math == \"83\"", "`math` is compared with a number", "        ^"),
        ("math == abc", "`math` is compared with a number", "        ^"),
        ("math == 083", "`math` is compared with a number", "        ^"),
        ("math in {1, \"x\"}", "`math` is compared with a number", "            ^"),
        ("math in {1..\"x\"}", "expected a value on both sides of `..`", "         ^"),
        (
            "name == 5",
            "`name` is compared with text in `\"`, or bytes such as `41:6c`",
            "        ^",
        ),
        ("raw == 5", "`raw` is compared with bytes such as `41:6c`, or text in `\"`", "       ^"),
        ("colour == 41:6c", "`colour` is compared with a number or a name", "          ^"),
        (
            "colour == REDD",
            "no value of `colour` is named `REDD`; did you mean `RED`?",
            "          ^",
        ),
        (
            "bits == \"SYN|ACC\"",
            "no value of `bits` is named `ACC`; did you mean `ACK`?",
            "        ^",
        ),
        ("colour in {1, \"BLUE\"}", "no value of `colour` is named `BLUE`", "              ^"),
        (
            "ip.addr == ::1",
            "`ip.addr` is compared with an IPv4 address or prefix, such as `10.0.0.0/8`",
            "           ^",
        ),
        (
            "ip.addr == 10.0.0.0/33",
            "`ip.addr` is compared with an IPv4 address or prefix, such as `10.0.0.0/8`",
            "           ^",
        ),
        (
            "ipv6.addr == 5",
            "`ipv6.addr` is compared with an IPv6 address or prefix, such as `fe80::/10`",
            "             ^",
        ),
        (
            "frame.time == 5",
            "`frame.time` is compared with a time in UTC, such as `\"2024-05-01 12:34:56\"`",
            "              ^",
        ),
        (
            "frame.time_epoch == x",
            "`frame.time_epoch` is compared with seconds since 1970, such as `1714566896.5`",
            "                    ^",
        ),
        ("udp.port contains \"5\"", "`contains` needs text or bytes, which `udp.port` is not", "^"),
        (
            "name contains 5",
            "`contains` looks for text in `\"`, or bytes such as `41:6c`",
            "              ^",
        ),
        (
            "bits matches \"SYN\"",
            "`matches` needs text, and `bits` has flags: ask for one by `contains`",
            "^",
        ),
        ("temp contains \"2\"", "`contains` needs text or bytes, which `temp` is not", "^"),
        ("temp == warm", "`temp` is compared with a number", "        ^"),
        (
            "bits == 1.2.3",
            "`bits` is compared with a number, or names such as `\"SYN|ACK\"`",
            "        ^",
        ),
        ("name matches 5", "`matches` needs a regular expression in `\"`", "             ^"),
        ("name matches \"(\"", "not a regular expression: unclosed group", "             ^"),
        (
            "http.request.method == GET",
            "`http.request.method` is compared with text in `\"`, or bytes such as `41:6c`",
            "                       ^",
        ),
        // Columns are counted as they are shown.
        (
            "name == \"张三\" && maths",
            "no field is named `maths`; did you mean `math`?",
            "                  ^",
        ),
        ("math\n&&\nmaths", "no field is named `maths`; did you mean `math`?", "        ^"),
    ] {
        assert_eq!(fault(filter), (text.to_owned(), caret.to_owned()), "{filter}");
    }
    let wide = Filter::parse("name == \"张三\" && maths", &[]).unwrap_err();
    assert_eq!((wide.offset, wide.column()), (0, 1));
}

#[test]
fn nesting_is_bounded() {
    let nested = |levels| format!("{}math{}", "(".repeat(levels), ")".repeat(levels));
    assert!(passes(&nested(MAX_DEPTH)));
    let text = "parentheses and negations are nested too deeply";
    assert_eq!(fault(&nested(MAX_DEPTH + 1)).0, text);
    assert_eq!(fault(&"!".repeat(100_000)).0, text);
    assert_eq!(fault(&"(".repeat(100_000)).0, text);
}

proptest! {
    #[test]
    fn any_text_is_a_filter_or_an_error_within_it(
        filter in "([a-z_.]{1,8}|math|name|ip\\.addr|==|!=|[!<>~&|^(){}\"' ,:./-]|in|not|[0-9]{1,3}|\\PC){0,12}",
    ) {
        let (table, other) = (table(), other());
        if let Err(error) = Filter::parse(&filter, &known(&table, &other)) {
            prop_assert!(error.offset <= filter.len());
            prop_assert!(filter.is_char_boundary(error.offset));
            prop_assert_eq!(error.to_string().lines().count(), 3);
        }
    }

    #[test]
    fn numbers_compare_as_numbers_do(value in -200_i64..200, other in -200_i64..200) {
        let (table, items) = (table(), [Item {
            node: 1, offset: 0, len: 4, end: 1, scalar: Scalar::Signed(value),
        }]);
        let message = Message {
            protocol: "p", name: "msg_st", table: &table, items: &items, bytes: &[],
            apart: None, len: 0, trailing: 0, candidates: &[], ended_by_close: false, marks: Marks::default(),
            request: None, pair: None, error: None,
        };
        let known = [Known { protocol: "p", message: "msg_st", table: &table }];
        for (sign, expected) in [
            ("==", value == other), ("!=", value != other), ("<", value < other),
            ("<=", value <= other), (">", value > other), (">=", value >= other),
        ] {
            for text in [format!("delta {sign} {other}"), format!("delta {sign} {other}.0")] {
                let filter = Filter::parse(&text, &known).unwrap();
                prop_assert_eq!(filter.matches(&captured(message)), expected, "{}", text);
            }
        }
    }
}
