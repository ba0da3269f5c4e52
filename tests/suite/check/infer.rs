//! What the inference says of the recorded traffic of each mistake, and of traffic without one.

use crate::datagram::Payload;
use wirereel::{
    capture::Reader,
    check::{Code, Finding, Inference},
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
        if let Found::Message { captured, side, .. } = found {
            inference.push(captured, side);
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
        ("bug_dgram_basic_notpacked", basic, &["padding math 2/2"]),
        ("bug_dgram_basic_pack", basic, &["padding math 2/2"]),
        ("bug_dgram_basic_uncleared", basic, &["uninitialised name 2/2"]),
        (
            "bug_dgram_basic_notpacked_uncleared",
            basic,
            &["padding math 2/2", "uninitialised name 2/2", "uninitialised - 2/2"],
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

/// What is found in payloads of one sender, for a header of its own.
fn of_payloads(header: &str, profile: &str, payloads: &[&[u8]]) -> Vec<Finding> {
    let payloads: Vec<_> = payloads.iter().map(|it| (4000, *it)).collect();
    of_ports(header, profile, &payloads)
}

/// What is found in payloads of one host, each with its source port.
fn of_ports(header: &str, profile: &str, payloads: &[(u16, &[u8])]) -> Vec<Finding> {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("proto.h"), header).unwrap();
    let text = format!(
        "[[protocol]]\nname = \"p\"\nheader = \"proto.h\"\nmessage = \"m\"\n\
         decode_as = [\"udp.port==7\"]\n{profile}"
    );
    std::fs::write(folder.path().join("wirereel.toml"), text).unwrap();
    let profile = Some(folder.path().join("wirereel.toml"));
    let options = Options { profile, builtin: false, ..Options::default() };
    let protocols = Protocols::load(&options).unwrap();
    let mut inference = Inference::new(&protocols);
    for (frame, &(src, bytes)) in (1..).zip(payloads) {
        Payload { protocol: "p", name: "m", bytes, frame, time: None, port: 7 }
            .push(&mut inference, src);
    }
    inference.finish()
}

const PACKED: &str = "__attribute__((packed));";

#[test]
fn what_the_bytes_cannot_tell_is_not_claimed() {
    let two = format!("#include <stdint.h>\nstruct m {{ uint32_t a; uint32_t b; }} {PACKED}");
    let one = format!("#include <stdint.h>\nstruct m {{ uint32_t a; }} {PACKED}");
    // Zeros, and values that read alike both ways.
    assert_eq!(summary(&of_payloads(&two, "", &[&[0; 8]])), [""; 0]);
    let alike = [0x12, 0x34, 0x34, 0x12, 7, 0, 0, 7];
    assert_eq!(summary(&of_payloads(&two, "", &[&alike])), [""; 0]);
    // One field with nothing else to go by, however often it comes.
    let swapped: &[u8] = &[100, 0, 0, 0];
    let found = of_payloads(&one, "", &[swapped; 50]);
    assert!(found.iter().all(|it| it.level == Level::Note), "{found:#?}");
    // Another order of fields reads as well.
    let pairs: Vec<_> = (1..60_u8).map(|it| [0, 0, 0, 200 - it, 0, 0, 0, it]).collect();
    let pairs: Vec<&[u8]> = pairs.iter().map(|it| &it[..]).collect();
    assert_eq!(summary(&of_payloads(&two, "", &pairs)), [""; 0]);
}

#[test]
fn a_field_can_be_wrong_alone() {
    let header = format!("#include <stdint.h>\nstruct m {{ uint32_t a; uint32_t b; }} {PACKED}");
    let payloads = [
        [83, 0, 0, 0, 0, 0, 0, 86],
        [100, 0, 0, 0, 0, 0, 0, 71],
        [57, 0, 0, 0, 0, 0, 0, 93],
        [91, 0, 0, 0, 0, 0, 0, 60],
    ];
    let payloads: Vec<&[u8]> = payloads.iter().map(|it| &it[..]).collect();
    let found = of_payloads(&header, "", &payloads);
    assert_eq!(summary(&found), ["byte-order a 4/4"]);
    assert_eq!(found[0].help.as_deref(), Some("at the sender: `htonl(a)`"));
    assert!(found[0].confidence.is_some_and(|it| it >= 0.95));
    assert_eq!(found[0].header.as_ref().map(|it| it.line), Some(2));
}

/// What is found in messages that differ by their number, from 0 on.
fn of_numbered(header: &str, count: u32, of: impl Fn(u32) -> Vec<u8>) -> Vec<Finding> {
    let payloads: Vec<_> = (0..count).map(of).collect();
    let payloads: Vec<_> = payloads.iter().map(Vec::as_slice).collect();
    of_payloads(&format!("#include <stdint.h>\nstruct m {{ {header} }} {PACKED}"), "", &payloads)
}

#[test]
fn a_text_that_a_field_counts_needs_no_nul() {
    let header = "uint16_t len; uint8_t kind; char text[];";
    let text = |number: u32| &b"a text without its end"[..2 + number as usize % 20];
    let message = |len: u16, number| [&len.to_be_bytes()[..], &[7], text(number)].concat();
    let len = |number| text(number).len() as u16;
    for more in [0, 3, 11] {
        let found = of_numbered(header, 10, |it| message(len(it) + more, it));
        assert_eq!(summary(&found), ["counted len 10/10"], "{more}");
        let expression = match more {
            0 => "len".to_owned(),
            more => format!("len - {more}"),
        };
        let help = format!("say so in the profile: `text = {{ count = \"{expression}\" }}`");
        assert_eq!((found[0].level, found[0].help.as_deref()), (Level::Note, Some(&*help)));
    }
    // It counts though it is swapped.
    let found = of_numbered(header, 10, |it| message(len(it).swap_bytes(), it));
    assert!(summary(&found).contains(&"counted len 10/10".to_owned()), "{found:#?}");
    assert!(found.iter().all(|it| it.code != Code::Terminator), "{found:#?}");
    // One that does not count is no reason.
    let found = of_numbered(header, 10, |it| message(1, it));
    assert_eq!(summary(&found), ["terminator text 10/10"]);
}

/// What may have counted the text is lost: whether it needs a NUL is not known then.
#[test]
fn a_count_that_is_lost_leaves_the_text_undecided() {
    let header = "uint32_t id; uint16_t len; char text[];";
    let of = |len: &dyn Fn(u32) -> u16| {
        of_numbered(header, 10, |number| {
            let text = &b"a text without its end"[..2 + number as usize % 20];
            [&(70_000 + number).to_be_bytes()[..], &len(number).to_be_bytes(), text].concat()
        })
    };
    assert_eq!(summary(&of(&|_| 7)), ["terminator text 10/10"]);
    let lost = of(&|_| 0);
    assert_eq!(summary(&lost), ["undecided text 10/10"]);
    assert!(lost[0].notes[0].contains("`len` is zero in all messages"), "{:?}", lost[0].notes);
}

const READING: &str = "uint16_t unit; uint32_t seq; double value; uint8_t state;";

/// A message of `READING`: its parts, in the declared order.
fn reading(number: u32) -> [Vec<u8>; 4] {
    let value = 20.0 + f64::from(number * 37 % 11) / 7.0;
    let state = 1 + (number % 3) as u8;
    [
        17_u16.to_be_bytes().into(),
        (1000 + number).to_be_bytes().into(),
        value.to_be_bytes().into(),
        vec![state],
    ]
}

#[test]
fn another_version_of_the_struct_is_drift() {
    let whole = of_numbered(READING, 10, |it| reading(it).concat());
    assert_eq!(summary(&whole), [""; 0]);
    // A number in front of `value`, one that is gone, and one of half the width.
    let added = of_numbered(READING, 10, |it| {
        let [unit, seq, value, state] = reading(it);
        [unit, seq, ((it * 7919) as u16).to_be_bytes().into(), value, state].concat()
    });
    let removed = of_numbered(READING, 10, |it| {
        let [unit, _, value, state] = reading(it);
        [unit, value, state].concat()
    });
    let narrowed = of_numbered(READING, 10, |it| {
        let [unit, seq, value, state] = reading(it);
        let value = f64::from_be_bytes(value.try_into().unwrap()) as f32;
        [unit, seq, value.to_be_bytes().into(), state].concat()
    });
    for (found, field, text) in [
        (
            &added,
            "value",
            "each `m` is 17 bytes here, the header says 15: 2 bytes more behind `seq`, before `value`",
        ),
        (
            &removed,
            "seq",
            "each `m` is 11 bytes here, the header says 15: `seq`, 4 bytes, is missing",
        ),
        (
            &narrowed,
            "value",
            "each `m` is 11 bytes here, the header says 15: `value` has 4 bytes in place of 8",
        ),
    ] {
        assert_eq!(summary(found), [format!("drift {field} 10/10")], "{found:#?}");
        assert_eq!((found[0].level, &*found[0].text), (Level::Error, text));
    }
}

/// What the texts of findings say of a single field of a struct with others that are right.
fn said_of(kind: &str, of: impl Fn(u32) -> Vec<u8>) -> Vec<String> {
    let header = format!("uint16_t unit; {kind} x; uint32_t seq;");
    let found = of_numbered(&header, 10, |number| {
        let unit = 17_u16.to_be_bytes();
        [&unit[..], &of(number), &(70_000 + number).to_be_bytes()].concat()
    });
    let text = |it: &Finding| format!("{}: {}", it.code.as_str(), it.text);
    found.iter().map(text).collect()
}

#[test]
fn a_wide_number_in_halves_is_told_as_such() {
    let halves = |number: u64| {
        let bytes = number.to_be_bytes();
        [&bytes[4..], &bytes[..4]].concat()
    };
    let turned = |number: u64| {
        let mut bytes = number.to_be_bytes();
        bytes[..4].reverse();
        bytes[4..].reverse();
        bytes.to_vec()
    };
    let price = |number: u32| 120_000 + u64::from(number * 7919 % 613);
    let wrong = ["byte-order: `x` arrives as two halves of 32 bits, the wrong one first"];
    assert_eq!(said_of("uint64_t", |it| halves(price(it) << 20)), wrong);
    let value = |number: u32| 20.5 + f64::from(number * 37 % 11) / 7.0;
    assert_eq!(said_of("double", |it| halves(value(it).to_bits())), wrong);
    let each = ["byte-order: `x` arrives as two halves of 32 bits, each in little-endian order"];
    assert_eq!(said_of("uint64_t", |it| turned(price(it))), each);
    // What is right in itself has halves as well.
    assert_eq!(said_of("uint64_t", |it| price(it).to_be_bytes().into()), [""; 0]);
    assert_eq!(said_of("double", |it| value(it).to_be_bytes().into()), [""; 0]);
    let offset = |it: u32| if it == 0 { 0 } else { 700 + 1024 * u64::from(it - 1) };
    assert_eq!(said_of("uint64_t", |it| offset(it).to_be_bytes().into()), [""; 0]);
    let mask = |it: u32| 0xffff_ffff_u64 << (it % 5 * 4) & 0xffff_ffff;
    assert_eq!(said_of("uint64_t", |it| mask(it).to_be_bytes().into()), [""; 0]);
}

#[test]
fn a_function_for_half_the_width_is_told_as_such() {
    let htons = |number: u32| [&(number as u16).to_be_bytes()[..], &[0, 0]].concat();
    let rate = |number: u32| 1200 + number * 7919 % 613;
    let wrong = ["byte-order: `x` arrives as 16 bits in the first half of its 32, zeros behind"];
    assert_eq!(said_of("uint32_t", |it| htons(rate(it))), wrong);
    let htonl = |number: u32| [&number.to_be_bytes()[..], &[0; 4]].concat();
    // So arrive two halves as well of which the upper one is zero.
    let wrong = ["byte-order: `x` arrives as 32 bits in the first half of its 64, zeros behind"];
    assert_eq!(said_of("uint64_t", |it| htonl(rate(it))), wrong);
    // Pieces of a file, numbers that are in truth floating-point ones, networks.
    assert_eq!(said_of("uint32_t", |it| (it << 16).to_be_bytes().into()), [""; 0]);
    let bits = |it: u32| (f32::from(it as u8) + 0.5).to_bits().to_be_bytes();
    assert_eq!(said_of("uint32_t", |it| bits(it).into()), [""; 0]);
    assert_eq!(said_of("uint32_t", |it| vec![255, 255 << (it % 6), 0, 0]), [""; 0]);
}

/// A text reads as one from in front of it on as well, where no byte there is zero.
#[test]
fn a_text_hides_no_other_layout() {
    let header = "uint8_t kind; uint32_t author; uint32_t written; char text[];";
    let message = |hole: &'static [u8]| {
        move |number: u32| {
            let text = &b"a text that ends\0"[number as usize % 11..];
            let numbers = [1_234_567, 1_760_001_025 + 257 * number].map(u32::to_be_bytes).concat();
            [&[3], hole, &numbers, text].concat()
        }
    };
    let code = |hole| -> Vec<_> {
        let found = of_numbered(header, 10, message(hole));
        found.iter().map(|it| (it.code.as_str(), it.support)).collect()
    };
    assert_eq!(code(&[]), []);
    assert_eq!(code(&[0, 0, 0]), [("padding", 10)]);
    // Packed to 2, or a kind of two bytes.
    assert_eq!(code(&[0]), [("undecided", 10)]);
}

#[test]
fn bytes_between_members_that_move_are_no_padding() {
    // `unit` of 2 bytes, then a number of 2 that the header does not have.
    let header = "uint16_t unit; uint32_t seq; uint32_t up;";
    let message = |between: u16, it: u32| {
        let numbers = [1000 + it, 70_000 + 13 * it].map(u32::to_be_bytes).concat();
        [&17_u16.to_be_bytes()[..], &between.to_be_bytes(), &numbers].concat()
    };
    let code = |between: &dyn Fn(u32) -> u16| -> Vec<_> {
        let found = of_numbered(header, 10, |it| message(between(it), it));
        found.iter().map(|it| it.code.as_str()).collect()
    };
    assert_eq!(code(&|_| 0), ["padding"]);
    assert_eq!(code(&|_| 0x7f3c), ["padding", "uninitialised"]);
    assert_eq!(code(&|it| 300 + it as u16), ["drift"]);
}

#[test]
fn where_a_version_differs_is_told_as_far_as_it_is_known() {
    // Which of three numbers of one kind is new, nothing tells; that `up` has moved is sure.
    let any = |seed: u32| (seed.wrapping_mul(2_654_435_761) >> 16) as u16;
    let found = of_numbered("uint16_t a; uint16_t b; uint32_t up;", 10, |it| {
        let numbers = [1, 2, 3].map(|place| any(4 * it + place).to_be_bytes());
        [&numbers.concat()[..], &(70_000 + 13 * it).to_be_bytes()].concat()
    });
    assert_eq!(summary(&found), ["drift up 10/10"]);
    let text = "each `m` is 10 bytes here, the header says 8: 2 bytes more, at `up` or before it";
    assert_eq!(found[0].text, text);
}

#[test]
fn what_is_no_version_is_not_called_drift() {
    // One or two messages may be cut short, and a buffer may be sent whole.
    let cut = of_numbered(READING, 2, |it| reading(it).concat()[..11].to_vec());
    assert_eq!(summary(&cut), ["length - 2/2"]);
    let whole = of_numbered(READING, 10, |it| {
        let mut bytes = reading(it).concat();
        bytes.resize(64, 0);
        bytes
    });
    assert_eq!(summary(&whole), ["trailing - 10/10"]);
    // Holes that do not move are padding.
    let natural = of_numbered(READING, 10, |it| {
        let [unit, seq, value, state] = reading(it);
        [unit, vec![0; 2], seq, value, state, vec![0; 7]].concat()
    });
    assert_eq!(summary(&natural), ["padding seq 10/10"]);
    let packed_to_2 = of_numbered(READING, 10, |it| [reading(it).concat(), vec![0]].concat());
    assert_eq!(summary(&packed_to_2), ["padding - 10/10"]);
}

#[test]
fn who_swaps_nothing_swaps_nothing() {
    let found = of_numbered("uint32_t seq; double x; double y;", 100, |it| {
        let (x, y) = (48.1 + f64::from(it) * 1e-5, 11.5 - f64::from(it * 31 % 17) * 1e-5);
        [&(it + 1).to_le_bytes()[..], &x.to_le_bytes(), &y.to_le_bytes()].concat()
    });
    let expected = ["seq", "x", "y"].map(|it| format!("byte-order {it} 100/100"));
    assert_eq!(summary(&found), expected);
}

/// The port of a program by the number of its message, and whether it swaps its numbers.
type Program = (fn(u32) -> u16, bool);

/// What is found of two programs of one host.
fn of_two_programs(count: u32, programs: [Program; 2]) -> Vec<Finding> {
    let message = |number: u32, swaps| {
        let fields = [number * 3 + 100, 70_000 + number * number, 5 + number % 40];
        let of = |it: u32| if swaps { it.to_be_bytes() } else { it.to_le_bytes() };
        fields.map(of).concat()
    };
    let each = |number| programs.map(|(port, swaps)| (port(number), message(number, swaps)));
    let payloads: Vec<_> = (0..count).flat_map(each).collect();
    let payloads: Vec<_> = payloads.iter().map(|(port, it)| (*port, it.as_slice())).collect();
    let members = "uint32_t a; uint32_t b; uint32_t c;";
    of_ports(&format!("#include <stdint.h>\nstruct m {{ {members} }} {PACKED}"), "", &payloads)
}

#[test]
fn programs_of_one_host_are_told_apart() {
    // Beyond 100 messages they are judged as they come.
    for count in [10, 200] {
        let found = of_two_programs(count, [(|_| 5000, true), (|_| 5001, false)]);
        let each = ["a", "b", "c"].map(|it| format!("byte-order {it} {count}/{count}"));
        assert_eq!(summary(&found), each);
        assert!(
            found.iter().all(|it| it.src.is_some_and(|it| it.port() == Some(5001))),
            "{found:#?}"
        );
        assert!(found.iter().all(|it| it.frames[0] == 2), "{found:#?}");
    }
}

#[test]
fn a_program_has_another_port_with_each_run() {
    let ports = |number| 6000 + (number / 5) as u16;
    let found = of_two_programs(20, [(ports, false), (ports, false)]);
    let each = ["a", "b", "c"].map(|it| format!("byte-order {it} 40/40"));
    assert_eq!(summary(&found), each);
    let found = of_two_programs(20, [(ports, true), (ports, true)]);
    assert_eq!(summary(&found), [""; 0]);
    // The runs of one that does not swap beside those of one that does.
    let others = |number| 7000 + (number / 5) as u16;
    let found = of_two_programs(20, [(ports, true), (others, false)]);
    let each = ["a", "b", "c"].map(|it| format!("byte-order {it} 20/20"));
    assert_eq!(summary(&found), each);
    // One that comes when the others are weighed is weighed by itself.
    let late = |number| if number < 150 { 7000 } else { 7001 };
    let found = of_two_programs(200, [(|_| 6000, true), (late, false)]);
    let shares: Vec<_> =
        found.iter().map(|it| (it.src.and_then(|it| it.port()), it.total)).collect();
    assert_eq!(
        shares,
        [7000, 7000, 7000, 7001, 7001, 7001]
            .map(|it| (Some(it), if it == 7000 { 150 } else { 50 }))
    );
}

#[test]
fn long_of_four_bytes_is_another_data_model() {
    let header = format!("struct m {{ long a; char name[4]; int b; }} {PACKED}");
    let payload: &[u8] = &[0, 0, 0, 9, b'A', b'd', b'a', 0, 0, 0, 0, 12];
    assert_eq!(summary(&of_payloads(&header, "", &[payload])), ["type-width a 1/1"]);
}

#[test]
fn no_length_is_too_odd() {
    let header = format!("#include <stdint.h>\nstruct m {{ uint32_t a; char t[1]; }} {PACKED}");
    let long = vec![b'x'; 65_507];
    for payload in [&[][..], &[1], &[0, 0, 0, 1], &long] {
        let found = of_payloads(&header, "", &[payload; 3]);
        assert!(found.len() <= 1, "{found:#?}");
    }
}

/// What is found in streams of one client, each cut into messages as the declared size has it.
fn of_streams(streams: &[Vec<u8>]) -> Vec<Finding> {
    let folder = tempfile::tempdir().unwrap();
    let header = folder.path().join("proto.h");
    let text = "struct m { unsigned char name[11]; unsigned a, b; }";
    std::fs::write(&header, format!("{text} {PACKED}")).unwrap();
    let options = Options { headers: vec![header], builtin: false, ..Options::default() };
    let protocols = Protocols::load(&options).unwrap();
    let mut inference = Inference::new(&protocols);
    let mut frames = 1..;
    for (stream, bytes) in (0..).zip(streams) {
        for bytes in bytes.chunks(19) {
            let frame = frames.next().unwrap();
            let payload = Payload { protocol: "m", name: "m", bytes, frame, time: None, port: 7 };
            payload.push_streamed(&mut inference, stream);
        }
    }
    inference.finish()
}

/// Three scores, in either order, with a byte behind the name or without.
fn scores(to_bytes: fn(u32) -> [u8; 4], hole: usize) -> Vec<u8> {
    let each = [("Alan", 83, 86), ("Grace", 100, 71), ("Linus", 57, 93)].map(|(name, a, b)| {
        let mut bytes = name.as_bytes().to_vec();
        bytes.resize(11 + hole, 0);
        [bytes, to_bytes(a).to_vec(), to_bytes(b).to_vec()].concat()
    });
    each.concat()
}

#[test]
fn streams_are_cut_by_the_size_that_goes_into_all_of_them() {
    let right = scores(u32::to_be_bytes, 0);
    assert_eq!(summary(&of_streams(&[right.clone(), right.clone()])), [""; 0]);
    let swapped = scores(u32::to_le_bytes, 0);
    assert_eq!(summary(&of_streams(&[swapped])), ["byte-order a 3/3", "byte-order b 3/3"]);
    let padded = scores(u32::to_be_bytes, 1);
    let found = of_streams(&[padded.clone(), padded[..20].to_vec()]);
    assert_eq!(summary(&found), ["padding a 4/4"]);
    assert_eq!(found[0].frames, [2, 3, 4, 6]);
    // 19 times 20 bytes are 20 messages of 19 bytes as well.
    assert_eq!(summary(&of_streams(&[padded.repeat(19)])), [""; 0]);
    // Cut short, so that no size goes into it.
    assert_eq!(summary(&of_streams(&[right[..25].to_vec()])), [""; 0]);
}

#[test]
fn a_number_made_of_parts_is_no_mistake() {
    let header = format!("#include <stdint.h>\nstruct m {{ uint32_t a; uint32_t b; }} {PACKED}");
    let pairs = |of: &dyn Fn(u32) -> u32| {
        let each = (0..40).map(|it| [of(it).to_be_bytes(), of(it + 7).to_be_bytes()].concat());
        each.collect::<Vec<_>>()
    };
    let cases: [(&str, &dyn Fn(u32) -> u32); 5] = [
        ("colours", &|it| it.wrapping_mul(0x9e37_79b9) << 8 | 0xff),
        ("steps of 256", &|it| 0x0012_3400 + 256 * it),
        ("above a constant", &|it| ((it * 37 % 100) << 8) | 0x5a),
        ("versions", &|it| (1 + it % 3) << 24 | (it % 10) << 16 | (it * 7 % 20) << 8),
        ("masks", &|it| u32::MAX << [8, 16, 12][it as usize % 3]),
    ];
    for (name, of) in cases {
        let payloads = pairs(of);
        let payloads: Vec<&[u8]> = payloads.iter().map(Vec::as_slice).collect();
        let found = of_payloads(&header, "", &payloads);
        assert!(found.iter().all(|it| it.level < Level::Error), "{name}: {found:#?}");
    }
}
