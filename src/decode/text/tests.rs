//! Formats, what they read and write, and the laws of both.

use std::sync::Arc;

use proptest::prelude::*;

use super::super::codec::FieldValue;
use super::*;
use crate::decode::stream::StreamEvent;
use crate::decode::unread::Unread;
use crate::flow::{Input, Side};
use crate::message::Value;

fn compiled(format: &[u8]) -> TextFormat {
    TextFormat::new("stream", "FMT", format).unwrap()
}

/// What a stream gives, an event a string: `12 value1=5 value2="x" close !malformed end@3`.
fn events(format: &[u8], inputs: &[Input<'_>]) -> Vec<String> {
    let mut stream = TextStream::new(Arc::new(compiled(format)));
    let mut found = Vec::new();
    for input in inputs {
        stream.push(Side::Server, *input, &mut |event| found.push(shown(&event)));
    }
    found
}

fn shown(event: &StreamEvent<'_>) -> String {
    let message = match event {
        StreamEvent::Message { message, .. } => message,
        StreamEvent::Skipped { len, reason: Unread::TextGap, .. } => return format!("{len} gap"),
        StreamEvent::Skipped { len, reason: Unread::TextTooLong, .. } => {
            return format!("{len} too long");
        }
        other => panic!("{other:?}"),
    };
    assert_eq!((message.protocol, message.name), ("stream", "FMT"));
    assert_eq!(message.bytes.len(), message.len);
    let mut text = message.len.to_string();
    for item in message.items {
        let name = &message.node(item).unwrap().name;
        assert!(item.bytes_in(message.bytes).is_some(), "{item:?}");
        text += &match message.value(item) {
            Value::Signed(it) => format!(" {name}={it}"),
            Value::Unsigned(it) => format!(" {name}=u{it}"),
            Value::Float(it) => format!(" {name}={it:?}"),
            Value::Text(it) => format!(" {name}={it:?}"),
            Value::Bytes(it) => format!(" {name}={it:x?}"),
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

const FIN: Input<'_> = Input::Close { clean: true };
const CUT: Input<'_> = Input::Close { clean: false };

fn closed(format: &[u8], bytes: &[u8]) -> Vec<String> {
    events(format, &[Input::Bytes(bytes), FIN])
}

#[test]
fn records_are_read_as_scanf_reads_them() {
    for (format, bytes, expected) in [
        ("%lld\r\n", "1714566896\r\n", &["12 value=1714566896"][..]),
        ("%lld\r\n", "1\r\n-2\r\n+3\r\n", &["3 value=1", "4 value=-2", "4 value=3"]),
        ("Stamp:%lld\n", "Stamp:5\nStamp: 6\n", &["8 value=5", "9 value=6"]),
        ("%s %d\r\n", "Alan 83\r\n", &["9 value1=\"Alan\" value2=83"]),
        ("%s %d\r\n", "  Alan \t 83\r\n", &["13 value1=\"Alan\" value2=83"]),
        ("%s,%d\n", "Alan,83\n", &["8 value1=\"Alan\" value2=83"]),
        ("%s;", "a;b;", &["2 value=\"a\"", "2 value=\"b\""]),
        ("%[a-z]%[^]\n]]\n", "ab12]\n", &["6 value1=\"ab\" value2=\"12\""]),
        ("%[]-]\n", "-]-\n", &["4 value=\"-]-\""]),
        ("%[^,],%c%2c\n", "a b,\n\n\n\n", &["8 value1=\"a b\" value2=\"\\n\" value3=\"\\n\\n\""]),
        ("%i %i %i %i\n", "0x1f 010 -10 0\n", &["15 value1=31 value2=8 value3=-10 value4=0"]),
        ("%x %X %o %u\n", "0xfF ff 17 4\n", &["13 value1=u255 value2=u255 value3=u15 value4=u4"]),
        (
            "%hhd %hd %ld %jd %zu %td\n",
            "1 2 3 4 5 6\n",
            &["12 value1=1 value2=2 value3=3 value4=4 value5=u5 value6=6"],
        ),
        ("%2d%3d%d\n", "123456\n", &["7 value1=12 value2=345 value3=6"]),
        ("%02d%02d\n", "1234\n", &["5 value1=12 value2=34"]),
        ("%02d:%02d\n", "100:02\n", &["7 value1=100 value2=2"]),
        ("%-6s|%+d|% d\n", "ab    |+5| 6\n", &["13 value1=\"ab\" value2=5 value3=6"]),
        ("%-10s%5d\n", "Christophe   83\n", &["16 value1=\"Christophe\" value2=83"]),
        ("%*d %d%n\n", "1 2\n", &["4 value=2"]),
        ("%d%% of %s\n", "50% of it\n", &["10 value1=50 value2=\"it\""]),
        ("%f %e %g\n", "1.5 -2e3 .5\n", &["12 value1=1.5 value2=-2000.0 value3=0.5"]),
        ("%lf %f\n", "inf -NaN\n", &["9 value1=inf value2=NaN"]),
        ("%a %a\n", "0x1.8p3 0x.1p-1074\n", &["19 value1=12.0 value2=0.0"]),
        ("%d\n%d\n", "1\n2\n3\n4\n", &["4 value1=1 value2=2", "4 value1=3 value2=4"]),
        ("%d %d ", "1  2 3 4 ", &["5 value1=1 value2=2", "4 value1=3 value2=4"]),
        ("%d \r\n", "1 \r\n2 \r\n", &["4 value=1", "4 value=2"]),
    ] {
        assert_eq!(closed(format.as_bytes(), bytes.as_bytes()), expected, "{format:?} {bytes:?}");
    }
}

#[test]
fn the_close_ends_a_record_too() {
    for (format, bytes, close, expected) in [
        ("%lld", "1714566896", FIN, &["10 value=1714566896 close"][..]),
        ("%lld", "12 13\n", FIN, &["6 value=12 +4 close"]),
        ("%d %s", "1 x", FIN, &["3 value1=1 value2=\"x\" close"]),
        ("%lld\r\n", "1\r\n2", FIN, &["3 value=1", "1 value=2 close"]),
        ("%lld\r\n", "2\r", FIN, &["2 value=2 close"]),
        ("%lld\r\n", "2\n", FIN, &["2 value=2 close !malformed \\r\\n@1"]),
        ("%s %d\r\n", "Alan", FIN, &["4 value1=\"Alan\" close !short value2@4"]),
        ("Stamp:%d\n", "Sta", FIN, &["3 close !short Stamp:@3"]),
        ("%d\n", "-", FIN, &["1 close !short value@1"]),
        ("%4c\n", "abc", FIN, &["3 close !short value@3"]),
        ("%lld\r\n", "171", CUT, &["3 value=171 !short \\r\\n@3"]),
        ("%lld", "171", CUT, &["3 value=171 !short the close@3"]),
        ("%lld\r\n", "1\r\n", CUT, &["3 value=1"]),
        ("%lld\r\n", "", FIN, &[]),
    ] {
        let found = events(format.as_bytes(), &[Input::Bytes(bytes.as_bytes()), close]);
        assert_eq!(found, expected, "{format:?} {bytes:?}");
    }
}

#[test]
fn a_malformed_record_costs_no_other() {
    for (format, bytes, expected) in [
        ("%lld\r\n", "x\r\n5\r\n", &["3 !malformed value@0", "3 value=5"][..]),
        ("%lld\r\n", "5x\r\n6\r\n", &["4 value=5 !malformed \\r\\n@1", "3 value=6"]),
        ("%lld\r\n", "\r\n6\r\n", &["2 !malformed value@0", "3 value=6"]),
        ("%lld\r\n", "5\r6\r\n7\r\n", &["5 value=5 !malformed \\r\\n@2", "3 value=7"]),
        ("Stamp:%d\n", "Stemp:5\nStamp:6\n", &["8 !malformed Stamp:@2", "8 value=6"]),
        (
            "%s %d\r\n",
            "Alan\r\nBo 5\r\n",
            &["6 value1=\"Alan\" !malformed value2@4", "6 value1=\"Bo\" value2=5"],
        ),
        ("%d\n", "9223372036854775807\n", &["20 value=9223372036854775807"]),
        ("%d\n", "9223372036854775808\n1\n", &["20 !malformed value@0", "2 value=1"]),
        ("%d\n", "-9223372036854775808\n", &["21 value=-9223372036854775808"]),
        ("%u\n", "18446744073709551615\n", &["21 value=u18446744073709551615"]),
        ("%u\n", "18446744073709551616\n-1\n", &["21 !malformed value@0", "3 !malformed value@0"]),
        ("%x\n", "10000000000000000\n", &["18 !malformed value@0"]),
        ("%*d %d\n", "x 5\n", &["4 !malformed %*d@0"]),
        ("%[0-9]\n", "x\n", &["2 !malformed value@0"]),
        ("%d", "x", &["1 close !malformed value@0"]),
    ] {
        assert_eq!(closed(format.as_bytes(), bytes.as_bytes()), expected, "{format:?} {bytes:?}");
    }
}

#[test]
fn a_gap_is_never_glued_over() {
    let (bytes, gap) = (|it: &'static str| Input::Bytes(it.as_bytes()), Input::Gap(4));
    for (format, inputs, expected) in [
        (
            "%d\r\n",
            &[bytes("1\r\n2"), gap, bytes("3\r"), bytes("\n4\r\n"), FIN][..],
            &["3 value=1", "4 gap", "3 value=4"][..],
        ),
        ("%d\r\n", &[bytes("1\r"), gap, bytes("\n2\r\n")], &["6 gap"]),
        ("%d\r\n", &[bytes("1"), gap, bytes("2\r"), gap, bytes("\n"), FIN], &["4 gap"]),
        ("%d", &[bytes("1"), gap, bytes("2"), FIN], &["2 gap"]),
        ("%d\n", &[bytes("1\n"), gap, FIN], &["2 value=1"]),
        ("%d\n", &[bytes("1"), Input::Gap(0), bytes("2\n")], &["3 value=12"]),
    ] {
        assert_eq!(events(format.as_bytes(), inputs), expected, "{format:?} {inputs:?}");
    }
}

#[test]
fn a_record_has_a_bound() {
    let long = "7".repeat(MAX_RECORD_LEN);
    for (format, bytes, expected) in [
        (
            "%s\r\n",
            format!("{long}77\r\n5\r\n"),
            &["65536 !limit value@0", "4 too long", "3 value=\"5\""][..],
        ),
        ("%s\r\n", format!("{}\r\n5\r\n", &long[2..]), &["65536 value=\"7", "3 value=\"5\""]),
        // The end lies across the bound.
        (
            "%d %s\r\n",
            format!("1 {}\r\n5 5\r\n", &long[3..]),
            &["65536 value1=1 value2=\"777", "1 too long", "5 value1=5 value2=\"5\""],
        ),
        ("%s", format!("{long}7"), &["65536 !limit value@0", "1 too long"]),
        ("%d\n", format!("x{long}\n5\n"), &["65536 !malformed value@0", "2 too long", "2 value=5"]),
    ] {
        let whole = closed(format.as_bytes(), bytes.as_bytes());
        assert_eq!(whole.len(), expected.len(), "{format}");
        for (found, expected) in whole.iter().zip(expected) {
            assert!(found.starts_with(expected), "{format}: {:.60} for {expected}", found);
        }
        let mut cut: Vec<_> = bytes.as_bytes().chunks(1447).map(Input::Bytes).collect();
        cut.push(FIN);
        assert_eq!(events(format.as_bytes(), &cut), whole, "{format}");
    }
}

#[test]
fn sides_are_apart() {
    let mut stream = TextStream::new(Arc::new(compiled(b"%d\n")));
    let mut found = Vec::new();
    for (side, bytes) in [(Side::Client, "1"), (Side::Server, "2\n"), (Side::Client, "3\n")] {
        stream.push(side, Input::Bytes(bytes.as_bytes()), &mut |event| {
            let StreamEvent::Message { side, .. } = event else { panic!("{event:?}") };
            found.push((side, shown(&event)));
        });
    }
    let expected = [(Side::Server, "2 value=2"), (Side::Client, "3 value=13")];
    assert_eq!(found, expected.map(|(side, text)| (side, text.to_owned())));
}

#[test]
fn formats_that_describe_no_record_are_refused() {
    for (format, expected) in [
        ("1989", "the format has no conversion, such as `%d`"),
        ("100%%", "the format has no conversion, such as `%d`"),
        ("%n\n", "the format has no conversion, such as `%d`"),
        ("%d %y\n", "`%y\\n` at byte 3 of the format is no conversion that can be read"),
        ("%d %", "`%` at byte 3 of the format is no conversion that can be read"),
        ("%[abc", "`%[abc` at byte 0 of the format is no conversion that can be read"),
        ("%1$d\n", "`%1$d\\n` at byte 0 of the format is no conversion that can be read"),
        ("%m\n", "`%m\\n` at byte 0 of the format is no conversion that can be read"),
    ] {
        let error = TextFormat::new("p", "m", format.as_bytes()).unwrap_err();
        assert_eq!(error.to_string(), expected, "{format:?}");
    }
}

fn group(values: &[FieldValue]) -> FieldValue {
    let name = |at: usize| match values.len() {
        1 => "value".to_owned(),
        _ => format!("value{}", at + 1),
    };
    let named = values.iter().enumerate().map(|(at, value)| (name(at), value.clone()));
    FieldValue::Group(named.collect())
}

fn encoded(format: &str, values: &[FieldValue]) -> Result<String, String> {
    let mut out = b"before".to_vec();
    let outcome = compiled(format.as_bytes()).encode(&group(values), &mut out);
    let text = String::from_utf8(out.split_off(6)).unwrap();
    match outcome {
        Ok(()) => Ok(text),
        Err(error) => {
            assert_eq!(text, "", "something was left behind");
            Err(error.to_string())
        }
    }
}

fn text(text: &str) -> FieldValue {
    FieldValue::Text(text.to_owned())
}

#[test]
fn records_are_written_as_printf_writes_them() {
    use FieldValue::{Float, Integer};
    for (format, values, expected) in [
        ("%lld\r\n", &[Integer(1_714_566_896)][..], "1714566896\r\n"),
        ("%s %d\r\n", &[text("Alan"), Integer(-83)], "Alan -83\r\n"),
        ("%5d|%-5d|%05d|%+d|% d\n", &[1, -2, -3, 4, 5].map(Integer), "    1|-2   |-0003|+4| 5\n"),
        ("%x %#X %o %#o\n", &[255, 255, 8, 8].map(Integer), "ff 0XFF 10 010\n"),
        ("%.3d %6.2f\n", &[Integer(7), Float(2.5)], "007   2.50\n"),
        (
            "%f %e %E\n",
            &[0.1, 12345.678, -1e-300].map(Float),
            "0.100000 1.234568e+04 -1.000000E-300\n",
        ),
        (
            "%g %g %g %.3g\n",
            &[100_000.0, 1e6, 1e-5, 0.000_123_4].map(Float),
            "100000 1e+06 1e-05 0.000123\n",
        ),
        (
            "%a %a %f\n",
            &[12.0, 0.1, f64::INFINITY].map(Float),
            "0x1.8p+3 0x1.999999999999ap-4 inf\n",
        ),
        ("%-6s|%c%%\n", &[text("ab"), text("x")], "ab    |x%\n"),
    ] {
        assert_eq!(encoded(format, values).as_deref(), Ok(expected), "{format:?}");
        let read = closed(format.as_bytes(), expected.as_bytes());
        assert!(read.len() == 1 && !read[0].contains('!'), "{format:?} {read:?}");
    }
    let none = compiled(b"%d %f\n").encode(&FieldValue::Group(vec![]), &mut Vec::new());
    assert_eq!(none, Ok(()));
}

#[test]
fn what_could_not_be_read_back_is_not_written() {
    use FieldValue::Integer;
    for (format, values, expected) in [
        ("%s\n", &[text("a b")][..], "\\n: the value could not be read back from the record"),
        ("%s\n", &[text("")], "value: the value could not be read back from the record"),
        ("%[^,]\n", &[text("a\nb")], "FMT: the value could not be read back from the record"),
        ("%2d\n", &[Integer(100)], "\\n: the value could not be read back from the record"),
        ("%u\n", &[Integer(-1)], "value: the value could not be read back from the record"),
        ("%d\n", &[Integer(1 << 63)], "value: the value could not be read back from the record"),
        ("%d\n", &[text("x")], "value: text where an integer is needed"),
        ("%s\n", &[Integer(1)], "value: an integer where text is needed"),
        ("%s %*s\n", &[text("x")], "%*s: no text is given for it"),
        (
            "%d\n",
            &[Integer(1), Integer(2)],
            "no field `value1`; a record's are `value`, or `value1`, `value2` and so on",
        ),
    ] {
        assert_eq!(encoded(format, values), Err(expected.to_owned()), "{format:?}");
    }
}

const FORMATS: &[&str] = &[
    "%lld\r\n",
    "Stamp:%lld\n",
    "%s %d\r\n",
    "%lld",
    "%d\n%x\n",
    "%d %d ",
    "%[^;];%c;",
    "%i,%f\r\n",
    "%-4s|%a\n",
    "%3d%2s\r\n\r\n",
    "%s;;",
    "\n%d\r\n",
    "%f",
];

#[test]
fn numbers_are_written_whatever_precision_is_asked_for() {
    for (format, value) in [
        ("%.65536f\n", FieldValue::Float(0.25)),
        ("%.99999999e\n", FieldValue::Float(0.25)),
        ("%#.65535g\n", FieldValue::Float(0.0001)),
        ("%.65536d\n", FieldValue::Integer(3)),
    ] {
        let text = encoded(format, &[value]).unwrap();
        assert!(text.len() > 32_000 && text.ends_with('\n'), "{format}: {}", text.len());
    }
}

#[test]
fn an_end_that_holds_white_space_is_found_however_it_is_cut() {
    let (format, stream) = (b"%sX\tY", b"abX\tYcdX\tY");
    let whole = events(format, &[Input::Bytes(stream), Input::Close { clean: true }]);
    assert_eq!(whole, ["5 value=\"ab\"", "5 value=\"cd\""]);
    for cut in 1..stream.len() {
        let (head, tail) = stream.split_at(cut);
        let inputs = [Input::Bytes(head), Input::Bytes(tail), Input::Close { clean: true }];
        assert_eq!(events(format, &inputs), whole, "{cut}");
    }
}

proptest! {
    #[test]
    fn any_segmentation_gives_the_same_messages(
        format in proptest::sample::select(FORMATS),
        bytes in proptest::collection::vec(
            proptest::sample::select(&b"0123789-+xXaAbe.,;| \t\r\n\0inf"[..]), 0..60),
        cuts in proptest::collection::vec(1_usize..6, 1..40),
        clean in any::<bool>(),
    ) {
        let format = format.as_bytes();
        let close = Input::Close { clean };
        let whole = events(format, &[Input::Bytes(&bytes), close]);
        let mut inputs = Vec::new();
        let mut rest = bytes.as_slice();
        for cut in cuts.iter().cycle() {
            if rest.is_empty() {
                break;
            }
            let (head, tail) = rest.split_at((*cut).min(rest.len()));
            inputs.push(Input::Bytes(head));
            rest = tail;
        }
        inputs.push(close);
        prop_assert_eq!(&events(format, &inputs), &whole);
        // No byte is lost or read twice.
        let count = |text: &String| text.split(' ').next().unwrap().parse::<usize>().unwrap();
        prop_assert_eq!(whole.iter().map(count).sum::<usize>(), bytes.len());
    }

    #[test]
    fn what_is_written_reads_back(
        word in "[!-~]{1,12}", number in any::<i64>(), float in any::<f64>(), unsigned in any::<u64>(),
    ) {
        let format = compiled(b"%s %lld %a %llx\r\n");
        let values = [
            text(&word), FieldValue::Integer(number.into()), FieldValue::Float(float),
            FieldValue::Integer(unsigned.into()),
        ];
        let mut out = Vec::new();
        format.encode(&group(&values), &mut out).unwrap();
        let expected = format!(
            "{} value1={word:?} value2={number} value3={float:?} value4=u{unsigned}", out.len(),
        );
        prop_assert_eq!(closed(b"%s %lld %a %llx\r\n", &out), [expected]);
    }

    #[test]
    fn no_format_and_no_bytes_panic(
        format in "(%[-+ #0]?\\*?[0-9]{0,2}(\\.[0-9])?l{0,2}[diouxXfegacsn]|%\\[\\^?[a-z-]{1,4}\\]|[ ,;\r\n]){1,6}",
        bytes in proptest::collection::vec(any::<u8>(), 0..40),
    ) {
        if let Ok(format) = TextFormat::new("p", "m", format.as_bytes()) {
            let mut stream = TextStream::new(Arc::new(format));
            for input in [Input::Bytes(&bytes), Input::Gap(1), Input::Bytes(&bytes), FIN] {
                stream.push(Side::Client, input, &mut |_| {});
            }
        }
    }
}
