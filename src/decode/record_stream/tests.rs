//! Structs of a header, cut anyhow.

use proptest::prelude::*;

use super::*;
use crate::decode::codec::{Case, MessageWords};
use crate::decode::stream::StreamEvent;
use crate::flow::{Input, Side};
use crate::message::Value;
use crate::schema::{
    Abi, Amount, FieldReading, Layout, LoadOptions, Reading, ResolvedLayout, Schema, Words,
};

const HEADER: &str = "
    #include <stdint.h>
    #pragma pack(1)
    struct basic { char name[4]; uint32_t math; };
    struct var { uint16_t math; char name[1]; };
    struct counted { uint8_t kind; uint16_t len; uint16_t x[]; };
    struct bytes { int32_t len; char text[]; };
    struct open { uint8_t kind; uint16_t x[]; };
    struct path_st { uint8_t type; char path[3]; };
    struct data_st { uint8_t type; uint8_t len; uint16_t data[]; };
    struct end_st { uint8_t type; };
    struct text_st { uint8_t type; char text[]; };
    struct a_st { uint8_t type; uint8_t a; };
    struct b_st { uint8_t type; int8_t b; };
    union un { struct path_st path; struct data_st data; struct end_st end; };
    struct large { char a[1048577]; };
";

const FIN: Input<'_> = Input::Close { clean: true };
const CUT: Input<'_> = Input::Close { clean: false };

/// `count` is the field that counts the tail.
fn layout(name: &str, count: Option<&str>) -> ResolvedLayout {
    let schema = Schema::parse("proto.h", HEADER, &LoadOptions::default());
    let layout = Layout::of(schema.record(name).unwrap(), name, Abi::X86_64).unwrap();
    let amount = count.map(|it| Amount::Count(it.parse().unwrap()));
    let words = Arc::new(Words { amount, ..Words::default() });
    let of = |path: &str| {
        let is_tail = count.is_some() && matches!(path, "x" | "text" | "data" | "data.data");
        let is_tail = is_tail && !(name == "un" && path == "data");
        FieldReading { words: is_tail.then(|| words.clone()), ..FieldReading::default() }
    };
    layout.resolve(&Reading { of: &of, ..Reading::default() }).unwrap()
}

fn format(name: &str, count: Option<&str>) -> Arc<RecordFormat> {
    let words = MessageWords::default();
    let codec = Codec::new(&layout(name, count), &words).unwrap();
    Arc::new(RecordFormat::new("stream", codec, &words))
}

/// A message that its type tells: structs in the place of `end_st`, or members of `un`.
fn tagged(name: &str, cases: &[(i128, &str)], count: Option<&str>) -> Arc<RecordFormat> {
    let case = |&(value, case): &(i128, &str)| {
        Case::of(value, case, (name != "un").then(|| Arc::new(layout(case, count))))
    };
    let tags = vec!["type".parse().unwrap()];
    let cases = cases.iter().map(case).collect();
    let words = MessageWords { tags, cases, ..MessageWords::default() };
    let codec = Codec::new(&layout(name, count), &words).unwrap();
    Arc::new(RecordFormat::new("stream", codec, &words))
}

/// What a stream gives, an event a string: `basic 8 name="Alan" math=83 close !short name@3`.
fn events(format: &Arc<RecordFormat>, inputs: &[Input<'_>]) -> Vec<String> {
    let mut stream = RecordStream::new(Arc::clone(format));
    let mut found = Vec::new();
    for input in inputs {
        stream.push(Side::Client, *input, &mut |event| found.push(shown(&event)));
    }
    found
}

fn shown(event: &StreamEvent<'_>) -> String {
    let message = match event {
        StreamEvent::Message { message, .. } => message,
        StreamEvent::Skipped { len, reason, .. } => return format!("{len} {}", reason.as_str()),
        other => panic!("{other:?}"),
    };
    assert_eq!(message.protocol, "stream");
    let mut text = format!("{} {}", message.name, message.len);
    for item in message.items {
        let name = &message.node(item).unwrap().name;
        text += &match message.value(item) {
            Value::Unsigned(it) => format!(" {name}={it}"),
            Value::Signed(it) => format!(" {name}={it}"),
            Value::Text(it) => format!(" {name}={it:?}"),
            Value::Bytes(it) => format!(" {name}={it:x?}"),
            Value::Group | Value::List => format!(" {name}:"),
            other => panic!("{other:?}"),
        };
    }
    if message.trailing > 0 {
        text += &format!(" +{}", message.trailing);
    }
    if message.ended_by_close {
        text += " close";
    }
    if let Some(error) = message.error {
        text += &format!(" !{} {}@{}", error.kind.as_str(), error.context, error.offset);
    }
    text
}

fn closed(format: &Arc<RecordFormat>, bytes: &[u8]) -> Vec<String> {
    events(format, &[Input::Bytes(bytes), FIN])
}

#[test]
fn messages_follow_one_another() {
    let un = [(1, "path"), (2, "data"), (3, "end")];
    let structs = [(1, "path_st"), (2, "data_st"), (3, "end_st")];
    for (format, bytes, expected) in [
        (
            format("basic", None),
            &b"Alan\0\0\0\x53Bo\0\0\0\0\0\x01"[..],
            &["basic 8 name=\"Alan\" math=83", "basic 8 name=\"Bo\" math=1"][..],
        ),
        (
            format("var", None),
            b"\0\x53Alan\0\0\x01\0",
            &["var 7 math=83 name=\"Alan\"", "var 3 math=1 name=\"\""],
        ),
        (
            format("counted", Some("len")),
            b"\x07\0\x02\0\x01\0\x02\x08\0\0",
            &["counted 7 kind=7 len=2 x: =1 =2", "counted 3 kind=8 len=0 x:"],
        ),
        (
            format("bytes", Some("len")),
            b"\0\0\0\x02ab\0\0\0\x01c",
            &["bytes 6 len=2 text=\"ab\"", "bytes 5 len=1 text=\"c\""],
        ),
        (format("open", None), b"\x07\0\x01\0\x02", &["open 5 kind=7 x: =1 =2 close"]),
        (
            tagged("end_st", &structs, Some("len")),
            b"\x01abc\x02\x01\0\x09\x03\x03",
            &[
                "path_st 4 type=1 path=\"abc\"",
                "data_st 4 type=2 len=1 data: =9",
                "end_st 1 type=3",
                "end_st 1 type=3",
            ],
        ),
        (
            tagged("un", &un, Some("data.len")),
            b"\x01abc\x02\x01\0\x09\x03\x03",
            &[
                "un 4 path: type=1 path=\"abc\"",
                "un 4 data: type=2 len=1 data: =9",
                "un 1 end: type=3",
                "un 1 end: type=3",
            ],
        ),
        (
            tagged("end_st", &[(1, "text_st"), (3, "end_st")], None),
            b"\x01ab\0\x03",
            &["text_st 4 type=1 text=\"ab\"", "end_st 1 type=3"],
        ),
    ] {
        assert_eq!(closed(&format, bytes), expected, "{bytes:x?}");
        let pieces: Vec<_> = bytes.chunks(1).map(Input::Bytes).chain([FIN]).collect();
        assert_eq!(events(&format, &pieces), expected, "{bytes:x?}, cut");
    }
}

#[test]
fn what_is_cut_short_is_an_error() {
    for (format, bytes, close, expected) in [
        (format("basic", None), &b"Alan\0"[..], FIN, "basic 5 name=\"Alan\" !short math@4"),
        (format("basic", None), b"Al", CUT, "basic 2 !short name@0"),
        (format("var", None), b"\0\x01Al", FIN, "var 4 math=1 name=\"Al\" !short var@4"),
        (
            format("counted", Some("len")),
            b"\x07\0\x02\0\x01",
            FIN,
            "counted 5 kind=7 len=2 x: =1 !short x@5",
        ),
        (format("counted", Some("len")), b"\x07\0", FIN, "counted 2 kind=7 !short len@1"),
        (
            format("bytes", Some("len")),
            b"\0\0\0\x03ab",
            FIN,
            "bytes 6 len=3 text=\"ab\" !short text@4",
        ),
        (format("open", None), b"\x07\0\x01", CUT, "open 3 kind=7 x: =1 !short open@3"),
    ] {
        assert_eq!(events(&format, &[Input::Bytes(bytes), close]), [expected], "{bytes:x?}");
    }
    assert_eq!(closed(&format("basic", None), b""), [""; 0]);
}

#[test]
fn a_length_that_says_nothing_loses_the_rest() {
    let cases = [(1, "path_st"), (3, "end_st")];
    let same = [(1, "a_st"), (2, "b_st")];
    let behind = format!("7 {}", Unread::StructUnknown.as_str());
    for (format, bytes, expected) in [
        (
            tagged("end_st", &cases, None),
            &b"\x03\x09abcdefg"[..],
            &["end_st 1 type=3", "end_st 1 type=9 !unknown-case type@0", &behind][..],
        ),
        (
            format("bytes", Some("len")),
            b"\xff\xff\xff\xffabcdefg",
            &["bytes 4 len=-1 !malformed len@0", &behind],
        ),
        (
            format("bytes", Some("len")),
            b"\0\x10\0\0abcdefg",
            &["bytes 4 len=1048576 !limit len@0", &behind],
        ),
        // Where all cases have one size, the next message is known.
        (
            tagged("a_st", &same, None),
            b"\x09\x01\x02\xff",
            &["a_st 2 type=9 a=1 !unknown-case type@0", "b_st 2 type=2 b=-1"],
        ),
    ] {
        let found = closed(&format, bytes);
        let found: Vec<_> = found.iter().map(|it| it.replace(" text=\"\"", "")).collect();
        let expected: Vec<_> = expected.iter().map(|it| (*it).to_owned()).collect();
        assert_eq!(found, expected, "{bytes:x?}");
    }
}

#[test]
fn messages_are_bounded() {
    let many = vec![b'a'; MAX_STREAMED_LEN + 10];
    for (name, start) in [("var", "var 1048576 math=24929 name=\"aaa"), ("open", "open 1048576 ")] {
        let whole = closed(&format(name, None), &many);
        assert!(whole[0].starts_with(start), "{:.60}", whole[0]);
        assert!(whole[0].contains(" !limit "), "{name}");
        assert_eq!(whole[1..], [format!("10 {}", Unread::StructTooLong.as_str())]);
        let cut: Vec<_> = many.chunks(4099).map(Input::Bytes).chain([FIN]).collect();
        assert_eq!(events(&format(name, None), &cut), whole);
    }
    let large = closed(&format("large", None), &many);
    assert_eq!(
        large,
        [
            "large 0 a=\"\" !limit large@0".to_owned(),
            format!("1048586 {}", Unread::StructTooLong.as_str())
        ]
    );
}

#[test]
fn messages_of_one_size_are_found_again_behind_a_gap() {
    let bytes = |it: &'static [u8]| Input::Bytes(it);
    let whole = bytes(b"Alan\0\0\0\x53");
    let alan = "basic 8 name=\"Alan\" math=83";
    for (inputs, expected) in [
        (&[whole, Input::Gap(8), whole][..], &[alan, alan][..]),
        (&[whole, Input::Gap(6), bytes(b"xx"), whole], &[alan, "2 struct around a gap", alan]),
        (&[bytes(b"xxx"), Input::Gap(13), whole], &["3 struct around a gap", alan]),
        (
            &[bytes(b"xxx"), Input::Gap(4), bytes(b"yAlan\0\0"), bytes(b"\0\x53")],
            &["4 struct around a gap", alan],
        ),
        (
            &[bytes(b"x"), Input::Gap(4), bytes(b"y"), Input::Gap(1), bytes(b"z"), whole],
            &["3 struct around a gap", alan],
        ),
        (&[bytes(b"x"), Input::Gap(u64::MAX), bytes(b"yyyyyyy"), FIN], &["1 struct around a gap"]),
        (&[bytes(b"x"), Input::Gap(1), FIN], &["1 struct around a gap"]),
    ] {
        let mut found = events(&format("basic", None), inputs);
        if inputs.contains(&Input::Gap(u64::MAX)) {
            // One and 2^64 - 1 are a multiple of 8.
            assert_eq!(found.pop().unwrap(), "basic 7 name=\"yyyy\" !short math@4");
        }
        assert_eq!(found, expected, "{inputs:?}");
    }
    let inputs = [bytes(b"\0\x01a\0\0\x02b"), Input::Gap(4), bytes(b"c\0\0\x01a\0"), FIN];
    let expected = ["var 4 math=1 name=\"a\"", "9 struct around a gap"];
    assert_eq!(events(&format("var", None), &inputs), expected);
}

#[test]
fn a_length_names_an_integer() {
    let error = |length: &str| {
        let length = Some(length.parse().unwrap());
        let words = MessageWords { length, ..MessageWords::default() };
        Codec::new(&layout("basic", None), &words).unwrap_err().to_string()
    };
    assert!(error("maths").contains("no field \"maths\""), "{}", error("maths"));
    assert_eq!(error("name"), "basic: \"name\" is no integer");
}

proptest! {
    #[test]
    fn any_segmentation_gives_the_same_messages(
        which in 0_usize..6,
        bytes in proptest::collection::vec(0_u8..4, 0..80),
        cuts in proptest::collection::vec(1_usize..6, 1..20),
        gap in proptest::option::of((0_usize..80, 1_u64..20)),
        clean in any::<bool>(),
    ) {
        let cases = [(1, "path_st"), (2, "data_st"), (3, "end_st")];
        let format = match which {
            0 => format("basic", None),
            1 => format("var", None),
            2 => format("counted", Some("len")),
            3 => format("bytes", Some("len")),
            4 => format("open", None),
            _ => tagged("end_st", &cases, Some("len")),
        };
        let close = Input::Close { clean };
        let (at, gap) = gap.unwrap_or((0, 0));
        let (head, tail) = bytes.split_at(at.min(bytes.len()));
        let whole = events(&format, &[Input::Bytes(head), Input::Gap(gap), Input::Bytes(tail), close]);
        let mut inputs = Vec::new();
        for (mut rest, last) in [(head, Input::Gap(gap)), (tail, close)] {
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, behind) = rest.split_at((*cut).min(rest.len()));
                inputs.push(Input::Bytes(piece));
                rest = behind;
            }
            inputs.push(last);
        }
        prop_assert_eq!(&events(&format, &inputs), &whole);
        let count = |text: &String| {
            text.split(' ').find_map(|it| it.parse::<usize>().ok()).unwrap()
        };
        let trailing = |text: &String| {
            text.split(" +").nth(1).map_or(0, |it| it.split(' ').next().unwrap().parse().unwrap())
        };
        let sum: usize = whole.iter().map(|it| count(it) + trailing(it)).sum();
        prop_assert_eq!(sum, bytes.len(), "{:?}", whole);
    }
}
