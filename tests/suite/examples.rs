//! What `examples/` say and do, on captures of the project.

#[path = "../../examples/check.rs"]
#[expect(dead_code, reason = "its `main` prints")]
mod check;
#[path = "../../examples/decode.rs"]
#[expect(dead_code, reason = "its `main` prints")]
mod decode;
#[path = "../../examples/replay.rs"]
#[expect(dead_code, reason = "its `main` prints")]
mod replay;

use std::path::Path;

use serde_json::{Value, json};
use wirereel::check::Code;
use wirereel::schema::Level;

use crate::serving::{Serving, bundled};

const RULE: &str = "udp.port==1989,msg_st";

fn header() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/peers/dgram-basic/proto.h"))
}

#[test]
fn decode_prints_a_line_for_each_message() {
    let mut out = Vec::new();
    decode::decode(&bundled("ok_dgram_basic.pcap"), header(), RULE, &mut out).unwrap();
    let text = String::from_utf8(out).unwrap();
    let fields = |line| serde_json::from_str::<Value>(line).unwrap()["fields"].take();
    assert_eq!(
        text.lines().map(fields).collect::<Vec<_>>(),
        [
            json!({"name": "Alan", "math": 83, "chinese": 86}),
            json!({"name": "Grace", "math": 100, "chinese": 0}),
            json!({"name": "", "math": 0, "chinese": u32::MAX}),
        ]
    );
}

#[test]
fn check_finds_numbers_in_the_wrong_order() {
    let errors = |capture: &str| {
        let findings = check::check(&bundled(capture), header(), RULE).unwrap();
        let errors = findings.into_iter().filter(|it| it.level == Level::Error);
        errors.map(|it| (it.code, it.field.unwrap_or_default())).collect::<Vec<_>>()
    };
    let wrong = ["math", "chinese"].map(|field| (Code::ByteOrder, field.to_owned()));
    assert_eq!(errors("bug_dgram_basic_nohtonl.pcap"), wrong);
    assert_eq!(errors("ok_dgram_basic.pcap"), []);
}

#[test]
fn replay_plays_to_a_server_that_answers_as_recorded() {
    let capture = bundled("ok_http_keepalive.pcap");
    let serving = Serving::start(&capture, &[]);
    let outcome = replay::play(&capture, serving.at).unwrap();
    assert_eq!([outcome.matched, outcome.differed, outcome.missing], [2, 0, 0], "{outcome:?}");
    let (served, code) = serving.interrupt();
    assert_eq!((served["matched"].as_u64(), code), (Some(2), 0), "{served}");
}
