//! Filters: any text is a filter, which can be asked, or an error with a place within the text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wirereel::message::filter::Filter;
use wirereel::message::{Between, Captured, FieldKind, FieldTable, Item, Known, Marks, Message, Node, Scalar};
use wirereel::packet::{StreamId, Transport};
use wirereel::decode::http;

fuzz_target!(|text: &str| {
    let node = |name: &str, kind| Node::new(name, name, kind);
    let nodes = vec![
        node("math", FieldKind::Number),
        node("name", FieldKind::Text),
        node("raw", FieldKind::Bytes),
    ];
    let table = FieldTable { nodes, between: Between::Holes };
    let known = [
        Known { protocol: "grades", message: "msg_st", table: &table },
        Known { protocol: "http", message: "request", table: http::table() },
    ];
    let filter = match Filter::parse(text, &known) {
        Ok(filter) => filter,
        Err(error) => {
            assert!(text.is_char_boundary(error.offset), "{error:?}");
            assert_eq!(error.to_string().lines().count(), 3, "{error}");
            return;
        }
    };
    let item = |node, scalar| Item { node, offset: 0, len: 4, end: node + 1, scalar };
    let items = [item(0, Scalar::Unsigned(83)), item(1, Scalar::Span), item(2, Scalar::Span)];
    let message = Message {
        protocol: "grades",
        name: "msg_st",
        table: &table,
        items: &items,
        bytes: b"Alan",
        apart: None,
        len: 4,
        trailing: 0,
        candidates: &[],
        ended_by_close: false,
        marks: Marks::default(),
        request: None,
        pair: None,
        error: None,
    };
    let captured = Captured {
        file: None,
        frame: 1,
        time: None,
        transport: Transport::Udp,
        src: "10.0.0.1:5".parse().unwrap(),
        dst: "[::1]:1989".parse().unwrap(),
        stream: StreamId(0),
        frame_offset: None,
        carrier: None,
        message,
    };
    let holds = filter.matches(&captured);
    let opposite = Filter::parse(&format!("!({text})"), &known);
    if let Ok(opposite) = opposite {
        assert_ne!(opposite.matches(&captured), holds);
    }
});
