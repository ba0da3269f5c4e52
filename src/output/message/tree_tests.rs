//! Field trees with their bytes, as they are printed.

use super::super::sample::{Sample, Tree, basic, error, named, text, varied};
use super::*;
use crate::decode::stream::StreamEvent;
use crate::flow::{Input, Side};
use crate::message::Between;

fn written(captured: &Captured<'_>) -> String {
    let mut out = Vec::new();
    TreeWriter::new(Palette::plain()).write(captured, &mut out).unwrap();
    String::from_utf8(out).unwrap()
}

fn body(captured: &Captured<'_>) -> String {
    written(captured).splitn(3, '\n').nth(2).unwrap().to_owned()
}

#[test]
fn fields_stand_with_their_bytes() {
    assert_eq!(
        written(&basic().captured()),
        "\
frame 4  2024-05-01T12:34:56.123456789Z  udp 127.0.0.1:40000 > 127.0.0.1:1989  stream 2
grades (msg_st), 19 bytes at offset 42 of the frame
   0..11  name     \"Alan\"  41 6c 61 6e 00 00 00 00 00 00 00
  11..15  math     83      00 00 00 53
  15..19  chinese  86      00 00 00 56

"
    );
}

#[test]
fn levels_are_indented_and_holes_shown() {
    assert_eq!(
        body(&varied().captured()),
        "    0..1  kind    DATA (3)           03
    1..2  odd     9                  09
    2..4  (hole)  2 bytes            00 00  ..
    4..6  raw     2 bytes            de ad  ..
   6..14  delta   -5                 ff ff ff ff ff ff ff fb
  14..18  ratio   0.1                3d cc cc cd
  18..22  point
  18..20    x     1                  00 01
  20..22    y     2                  00 02
  22..24  score
  22..23    [0]   7                  07
  23..24    [1]   8                  08
  24..31  note    \"a\\\"b\\x1b,\\u{9b}\"  61 22 62 1b 2c c2 9b

"
    );
}

#[test]
fn bytes_that_are_no_field_are_shown_as_such() {
    let mut sample = basic();
    sample.bytes.extend([0xaa, 0xbb, 0xcc]);
    sample.items.truncate(2);
    let mut captured = sample.captured();
    (captured.message.len, captured.message.trailing) = (19, 3);
    assert!(body(&captured).ends_with(
        "  15..19  (hole)      4 bytes  00 00 00 56  ...V\n  \
               19..22  (trailing)  3 bytes  aa bb cc  ...\n\n"
    ));
    captured.message.trailing = 5;
    assert!(body(&captured).ends_with("  22..24  (not captured)  2 bytes\n\n"));
    captured.message.trailing = 0;
    captured.message.len = 30;
    captured.message.error = Some(error());
    captured.message.candidates = &["grades", "dgram-var"];
    captured.message.ended_by_close = true;
    captured.message.name = "grades";
    let text = written(&captured);
    let expected = "
  15..22  (not decoded)   7 bytes  00 00 00 56 aa bb cc  ...V...
  22..30  (not captured)  8 bytes
  ambiguous: also dgram-var
  ended by the close
  error: the message ends within chinese at offset 15 (offset 57 of the frame)

";
    assert!(text.contains("\ngrades, 30 bytes at offset 42 of the frame\n"), "{text}");
    assert!(text.ends_with(expected), "{text}");
}

#[test]
fn wide_values_push_their_bytes_to_the_next_line() {
    let sample = Sample::new(&named(&[
        ("name", text("a name of more than 28 letters")),
        ("score", Tree::Unsigned(7, 1)),
    ]));
    assert_eq!(
        body(&sample.captured()),
        "   0..30  name   \"a name of more than 28 letters\"
                    61 20 6e 61 6d 65 20 6f 66 20 6d 6f 72 65 20 74
                    68 61 6e 20 32 38 20 6c 65 74 74 65 72 73
  30..31  score  7  07\n\n"
    );
}

#[test]
fn long_fields_and_lists_are_cut() {
    let elements = (0..100).map(|it| Tree::Unsigned(it, 1)).collect();
    let sample = Sample::new(&named(&[("list", Tree::List(elements)), ("raw", text("\0"))]));
    let list = body(&sample.captured());
    assert!(list.contains("\n    63..64    [63]  63                3f\n"), "{list}");
    assert!(list.contains("\n   64..100    …     36 more elements\n"), "{list}");
    assert_eq!(list.lines().count(), 1 + 64 + 1 + 1 + 1, "{list}");
    let sample = Sample::new(&named(&[("raw", Tree::Bytes(vec![0xff; 65]))]));
    let lines: Vec<String> = body(&sample.captured()).lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 4 + 1 + 1);
    assert!(lines[0].starts_with("  0..65  raw  65 bytes  ff ff"), "{lines:?}");
    assert_eq!(lines[4].trim(), "… 1 byte more");
}

/// The trees of what a server answers to a request, from their second line on.
fn answer(request: &str, response: &str) -> String {
    let (mut http, mut scratch) = (http::Http::new(true), http::Scratch::default());
    let mut trees = String::new();
    let client = [(Side::Client, Input::Bytes(request.as_bytes()))];
    let server = [Input::Bytes(response.as_bytes()), Input::Close { clean: true }];
    for (side, input) in client.into_iter().chain(server.map(|it| (Side::Server, it))) {
        http.push(side, input, &mut scratch, &mut |event| {
            if let StreamEvent::Message { side: Side::Server, message } = event {
                let sample = basic();
                let captured = Captured { message, frame_offset: None, ..sample.captured() };
                trees += written(&captured).split_once('\n').unwrap().1;
            }
        });
    }
    trees
}

#[test]
fn http_shows_its_fields_and_no_bytes_that_were_not_sent() {
    assert_eq!(
        answer(
            "GET / HTTP/1.1\r\n\r\n",
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\nA: b\r\n\r\n"
        ),
        "\
http (response), 65 bytes
    5..8  version   \"1.1\"                31 2e 31
   9..12  status    200                  32 30 30
  13..15  reason    \"OK\"                 4f 4b
  17..43  headers
  17..43    [0]
  17..34      [0]   \"Transfer-Encoding\"  54 72 61 6e 73 66 65 72 2d 45 6e 63 6f 64 69 6e
                                         67
  36..43      [1]   \"chunked\"            63 68 75 6e 6b 65 64
          body
            len     2
            sha256  \"8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4\"
  57..61  trailers
  57..61    [0]
  57..58      [0]   \"A\"                  41
  60..61      [1]   \"b\"                  62

"
    );
    assert_eq!(
        answer("GET /\r\n", "hi"),
        "\
http (response), 2 bytes
        version   \"0.9\"
  0..0  headers
        body
          len     2
          sha256  \"8f434346648f6b96df89dda901c5176b10a6d83961dd3c1ac88b59b2dc327aa4\"

"
    );
}

#[test]
fn literals_of_a_text_record_are_no_holes() {
    let mut sample = varied();
    sample.table.between = Between::Literals;
    let text = written(&sample.captured());
    assert!(text.contains("    2..4  (literal)  2 bytes ") && !text.contains("hole"), "{text}");
}

#[test]
fn items_that_contradict_their_message_do_no_harm() {
    let mut sample = varied();
    for item in &mut sample.items {
        (item.offset, item.end) = (item.offset ^ 0xffff_fff0, item.end ^ 3);
    }
    sample.items[3].node = 1000;
    assert!(written(&sample.captured()).contains("kind"));
}
