//! What the inference says of the recorded traffic of each mistake, and of traffic without one.

use wirereel::{
    capture::Reader,
    check::{Finding, Inference},
    decode::{Dissector, Found},
    profile::{Options, OrderName, Protocols},
    schema::Level,
};

fn options(header: &str, message: &str) -> Options {
    Options {
        headers: vec![format!("tests/peers/{header}").into()],
        rules: vec![format!("udp.port==1989,{message}").parse().unwrap()],
        ..Options::default()
    }
}

fn findings(capture: &str, options: &Options) -> Vec<Finding> {
    let protocols = Protocols::load(options).unwrap();
    let mut dissector = Dissector::new(&protocols, false).unwrap();
    let mut inference = Inference::new(&protocols);
    let mut reader = Reader::open(format!("captures/{capture}.pcap").as_ref()).unwrap();
    let mut sink = |found: Found<'_>| {
        if let Found::Message { captured, .. } = found {
            inference.push(captured);
        }
    };
    while let Some(frame) = reader.next_frame().unwrap() {
        dissector.push(&frame, None, &mut sink);
    }
    dissector.finish(&mut sink);
    inference.finish()
}

fn summary(findings: &[Finding]) -> Vec<String> {
    let line = |it: &Finding| {
        let code = it.code.as_str();
        let field = it.field.as_deref().unwrap_or("-");
        format!("{code} {field} {}/{}", it.support, it.total)
    };
    findings.iter().map(line).collect()
}

#[test]
fn each_mistake_gives_its_own_code_and_no_other() {
    let (basic, var) = ("dgram-basic/proto.h", "dgram-var/proto.h");
    for (capture, header, expected) in [
        ("bug_dgram_basic_nohtonl", basic, &["byte-order math 3/3", "byte-order chinese 3/3"][..]),
        ("bug_dgram_basic_notpacked", basic, &["padding - 2/2"]),
        ("bug_dgram_basic_pack", basic, &["padding - 2/2"]),
        ("bug_dgram_basic_uncleared", basic, &["uninitialised name 2/2"]),
        (
            "bug_dgram_basic_notpacked_uncleared",
            basic,
            &["padding - 2/2", "uninitialised name 2/2", "uninitialised - 2/2"],
        ),
        ("bug_dgram_var_nohtonl", var, &["byte-order math 2/2", "byte-order chinese 2/2"]),
        ("bug_dgram_var_notpacked", var, &["padding - 2/2"]),
        ("bug_dgram_var_notpacked_uncleared", var, &["padding - 2/2", "uninitialised name 2/2"]),
        ("bug_dgram_var_nonul", var, &["terminator name 2/2"]),
        ("bug_dgram_var_array", var, &["trailing name 1/1"]),
        ("edge_dgram_basic_short", basic, &["length - 1/1"]),
        ("edge_dgram_basic_snapped", basic, &[]),
        ("edge_dgram_basic_fullname", basic, &[]),
        ("edge_dgram_basic_gbk", basic, &[]),
        ("edge_dgram_var_maxname", var, &[]),
        ("edge_dgram_var_fragmented", var, &[]),
    ] {
        let found = findings(capture, &options(header, "msg_st"));
        assert_eq!(summary(&found), expected, "{capture}");
    }
}

#[test]
fn correct_traffic_gives_nothing() {
    for (capture, header, message) in [
        ("ok_dgram_basic", "dgram-basic/proto.h", "msg_st"),
        ("ok_dgram_basic_lo", "dgram-basic/proto.h", "msg_st"),
        ("ok_dgram_bcast", "dgram-bcast/proto.h", "msg_st"),
        ("ok_dgram_mcast", "dgram-mcast/proto.h", "msg_st"),
        ("ok_dgram_var", "dgram-var/proto.h", "msg_st"),
        ("ok_variant_name0", "variants/name0.h", "msg_st"),
        ("ok_variant_name13", "variants/name13.h", "msg_st"),
        ("ok_variant_name64", "variants/name64.h", "student"),
        ("ok_variant_order", "variants/order.h", "msg_st"),
        ("ok_variant_scores", "variants/scores.h", "grades_t"),
        ("ok_variant_shapes", "variants/shapes.h", "shape_st"),
        ("ok_variant_tagged", "variants/tagged.h", "packet_un"),
        ("ok_variant_three", "variants/three.h", "msg_st"),
    ] {
        let mut options = options(header, message);
        if message == "shape_st" {
            options.byte_order = Some(OrderName::Host);
        }
        let found = findings(capture, &options);
        assert_eq!(summary(&found), [""; 0], "{capture}");
    }
}

#[test]
fn a_header_that_repeats_the_mistake_finds_none() {
    for (capture, header) in [
        ("bug_dgram_basic_notpacked", "dgram-basic/proto_unpacked.h"),
        ("bug_dgram_basic_pack", "dgram-basic/proto_pack.h"),
        ("bug_dgram_var_notpacked", "dgram-var/proto_unpacked.h"),
    ] {
        let found = findings(capture, &options(header, "msg_st"));
        assert!(found.iter().all(|it| it.level != Level::Error), "{capture}: {found:#?}");
    }
}
