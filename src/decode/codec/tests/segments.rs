//! Parts of any length anywhere in a message, by plans put together by hand.

use proptest::prelude::*;
use proptest::test_runner::Config;

use super::super::number::{BitField, Number, NumberKind};
use super::super::plan::{Cases, Choice, Count, Form, Name, Plan, Root, StepId, TermId};
use super::laws::{given, is_sound};
use super::*;
use crate::message::{FieldKind, Node};
use crate::schema::{BinaryOperator, ByteOrder, Expression};

/// A plan under way.
#[derive(Default)]
struct Draft(Plan);

impl Draft {
    fn begin(&mut self, path: &str, kind: FieldKind, offset: usize, len: usize) -> StepId {
        let name = path.rsplit('.').next().unwrap().to_owned();
        let name = if name.ends_with("[]") { String::new() } else { name };
        let path = path.replace("[]", "");
        let node = path.is_empty() && name.is_empty();
        let node = (!node).then(|| self.0.table.push(Node::new(name, path, kind)));
        self.0.begin(node, offset, len)
    }

    fn unsigned(&mut self, path: &str, offset: usize, size: u8) -> StepId {
        let number = Number { size, kind: NumberKind::Unsigned, order: ByteOrder::Big };
        let id = self.begin(path, FieldKind::Number, offset, size.into());
        self.0.close(id, offset + usize::from(size), Form::Number(number));
        id
    }

    /// The high and the low half of a byte.
    fn halves(&mut self, high: &str, low: &str, offset: usize) -> [StepId; 2] {
        [(high, 0), (low, 4)].map(|(path, first)| {
            let bits = BitField { first, width: 4, signed: false, order: ByteOrder::Big };
            let id = self.begin(path, FieldKind::Number, offset, 1);
            self.0.close(id, offset + 1, Form::Bits(bits));
            id
        })
    }

    fn tail(&mut self, path: &str, offset: usize, kind: FieldKind) -> StepId {
        let terminated = matches!(kind, FieldKind::Text);
        let id = self.begin(path, kind, offset, 0);
        self.0.close(id, offset, Form::SpanTail { padding: 0, terminated, count: None });
        id
    }

    fn record(&mut self, path: &str, offset: usize, inner: impl FnOnce(&mut Self)) -> StepId {
        let id = self.begin(path, FieldKind::Group, offset, 0);
        inner(self);
        let inner = id.next()..self.0.steps.next();
        let stop = self.0.children(inner).map(|(_, step)| step.stop()).max().unwrap();
        self.0.steps[id].len = stop - offset;
        let form = self.0.record(id);
        self.0.close(id, stop, form);
        id
    }

    fn list(
        &mut self,
        path: &str,
        offset: usize,
        count: Count,
        inner: impl FnOnce(&mut Self) -> StepId,
    ) {
        let id = self.begin(path, FieldKind::List, offset, 0);
        let element = inner(self);
        let stride = self.0.steps[element].stop();
        let form = self.0.repeat(id, count, stride, 1);
        self.0.close(id, offset, form);
    }

    fn frame(
        &mut self,
        path: &str,
        offset: usize,
        len: TermId,
        inner: impl FnOnce(&mut Self),
    ) -> StepId {
        let id = self.begin(path, FieldKind::Group, offset, 0);
        inner(self);
        let form = self.0.frame(id, len, false);
        self.0.close(id, offset, form);
        id
    }

    /// One of several cases, or nothing where a case has no member.
    fn choice(
        &mut self,
        path: &str,
        offset: usize,
        tag: TermId,
        inner: impl FnOnce(&mut Self) -> Vec<Choice>,
    ) {
        let id = self.begin(path, FieldKind::Group, offset, 0);
        let cases = inner(self);
        let cases = Cases { tags: vec![tag], cases, otherwise: None };
        let cases = Some(self.0.cases.push(cases));
        self.0.close(id, offset, Form::Union { open: true, whole: false, cases });
    }

    fn term(&mut self, field: StepId) -> TermId {
        self.term_of(field, |it| it)
    }

    fn term_of(
        &mut self,
        field: StepId,
        of: impl Fn(Expression<Name>) -> Expression<Name>,
    ) -> TermId {
        let field = self.0.operand(field);
        self.0.term(of(field))
    }

    fn codec(self) -> Codec {
        self.completed().unwrap()
    }

    fn completed(mut self) -> Result<Codec, CodecError> {
        let steps = self.0.steps.ids().next().unwrap()..self.0.steps.next();
        let sequence = self.0.sequence(steps.clone(), None);
        let (name, table) = ("m".to_owned(), self.0.table.clone());
        let root = Root { name, steps, sequence, length: None, table, size: 0, reach: 0 };
        let root = self.0.roots.push(root);
        Codec::of(self.0, root, None, Vec::new())
    }
}

fn case(values: std::ops::RangeInclusive<i128>, member: Option<StepId>) -> Choice {
    Choice { values: vec![values], when: None, member }
}

fn with(operator: BinaryOperator, number: i128) -> impl Fn(Expression<Name>) -> Expression<Name> {
    move |it| Expression::Binary(operator, Box::new([it, Expression::Number(number)]))
}

/// `u8 id; char name[]; u16 value;`
fn named() -> Codec {
    let mut draft = Draft::default();
    draft.unsigned("id", 0, 1);
    draft.tail("name", 1, FieldKind::Text);
    draft.unsigned("value", 0, 2);
    draft.codec()
}

/// `u16 n; struct { u8 a; u16 b; } recs[n]; u8 grid[3]; u32 last;`
fn counted() -> Codec {
    let mut draft = Draft::default();
    let n = draft.unsigned("n", 0, 2);
    let n = draft.term(n);
    draft.list("recs", 2, Count::Said(n), |draft| {
        draft.record("recs[]", 0, |draft| {
            draft.unsigned("recs.a", 0, 1);
            draft.unsigned("recs.b", 1, 2);
        })
    });
    let grid = draft.begin("grid", FieldKind::List, 0, 3);
    draft.unsigned("grid[]", 0, 1);
    draft.0.close(grid, 3, Form::List { len: 3, stride: 1, may_end: false });
    draft.unsigned("last", 3, 4);
    draft.codec()
}

/// `u8 kind; union { u32 word; struct { u8 id; char text[]; } note; } body; u16 last;` where the
/// kind 0 has no body.
fn chosen() -> Codec {
    let mut draft = Draft::default();
    let kind = draft.unsigned("kind", 0, 1);
    let kind = draft.term(kind);
    draft.choice("body", 1, kind, |draft| {
        let word = draft.unsigned("body.word", 1, 4);
        let note = draft.record("body.note", 1, |draft| {
            draft.unsigned("body.note.id", 1, 1);
            draft.tail("body.note.text", 2, FieldKind::Text);
        });
        vec![case(0..=0, None), case(1..=2, Some(word)), case(7..=7, Some(note))]
    });
    draft.unsigned("last", 0, 2);
    draft.codec()
}

/// `u4 version; u4 flags; u32 opt if flags & 4; u8 ext if flags & 1; u8 last;`
fn optional() -> Codec {
    let mut draft = Draft::default();
    let [_, flags] = draft.halves("version", "flags", 0);
    for (name, mask, size, offset) in [("opt", 4, 4, 1), ("ext", 1, 1, 0)] {
        let tag = draft.term_of(flags, with(BinaryOperator::BitAnd, mask));
        draft.choice("", offset, tag, |draft| {
            let field = draft.unsigned(name, offset, size);
            vec![case(0..=0, None), case(1..=i128::MAX, Some(field))]
        });
    }
    draft.unsigned("last", 0, 1);
    draft.codec()
}

/// `u8 words; u8 kind; struct { u16 id; u8 rest[]; } body; u8 last;` where the body takes
/// `words * 4 - 4` bytes.
fn framed() -> Codec {
    let mut draft = Draft::default();
    let words = draft.unsigned("words", 0, 1);
    let len = draft
        .term_of(words, |it| with(BinaryOperator::Minus, 4)(with(BinaryOperator::Times, 4)(it)));
    draft.unsigned("kind", 1, 1);
    draft.frame("body", 2, len, |draft| {
        draft.unsigned("body.id", 0, 2);
        draft.tail("body.rest", 2, FieldKind::Bytes);
    });
    draft.unsigned("last", 0, 1);
    draft.codec()
}

/// `u8 n; struct { u8 len; frame of len - 1 { u8 k; u8 kinds[k]; u16 items[]; } } recs[n];
/// struct { char name[]; u8 x; } pair[2]; u16 sum;`
fn deep() -> Codec {
    let mut draft = Draft::default();
    let n = draft.unsigned("n", 0, 1);
    let n = draft.term(n);
    draft.list("recs", 1, Count::Said(n), |draft| {
        draft.record("recs[]", 0, |draft| {
            let len = draft.unsigned("recs.len", 0, 1);
            let len = draft.term_of(len, with(BinaryOperator::Minus, 1));
            draft.frame("", 1, len, |draft| {
                let k = draft.unsigned("recs.k", 0, 1);
                let k = draft.term(k);
                let one = |draft: &mut Draft| draft.unsigned("recs.kinds[]", 0, 1);
                draft.list("recs.kinds", 1, Count::Said(k), one);
                let one = |draft: &mut Draft| draft.unsigned("recs.items[]", 0, 2);
                draft.list("recs.items", 0, Count::ToEnd, one);
            });
        })
    });
    draft.list("pair", 0, Count::Exactly(2), |draft| {
        draft.record("pair[]", 0, |draft| {
            draft.tail("pair.name", 0, FieldKind::Text);
            draft.unsigned("pair.x", 0, 1);
        })
    });
    draft.unsigned("sum", 0, 2);
    draft.codec()
}

/// `u8 id; struct { u8 len; frame of len { rest } } recs[];` to the end.
fn to_the_end() -> Codec {
    let mut draft = Draft::default();
    draft.unsigned("id", 0, 1);
    draft.list("recs", 1, Count::ToEnd, |draft| {
        draft.record("recs[]", 0, |draft| {
            let len = draft.unsigned("recs.len", 0, 1);
            let len = draft.term(len);
            draft.frame("", 1, len, |draft| {
                draft.tail("recs.data", 0, FieldKind::Bytes);
            });
        })
    });
    draft.codec()
}

#[test]
fn a_tail_may_stand_before_other_fields() {
    both_ways(&named(), r#"07 "Alan" 00 0102"#, json!({"id": 7, "name": "Alan", "value": 258}));
    both_ways(&named(), "07 00 0102", json!({"id": 7, "name": "", "value": 258}));
}

#[test]
fn a_field_counts_elements_before_other_fields() {
    both_ways(
        &counted(),
        "0002 01 0002 03 0004 070809 00000005",
        json!({"n": 2, "recs": [{"a": 1, "b": 2}, {"a": 3, "b": 4}], "grid": [7, 8, 9], "last": 5}),
    );
    both_ways(
        &counted(),
        "0000 070809 00000005",
        json!({"n": 0, "recs": [], "grid": [7, 8, 9], "last": 5}),
    );
}

#[test]
fn a_tag_chooses_what_stands_before_other_fields() {
    both_ways(&chosen(), "01 00000005 0006", json!({"kind": 1, "body": {"word": 5}, "last": 6}));
    both_ways(
        &chosen(),
        r#"07 09 "ab" 00 0006"#,
        json!({"kind": 7, "body": {"note": {"id": 9, "text": "ab"}}, "last": 6}),
    );
    both_ways(&chosen(), "00 0006", json!({"kind": 0, "body": {}, "last": 6}));
    // Where it ends, only the tag could say.
    assert_eq!(
        decoded(&chosen(), &bytes("03 00000005 0006")),
        (json!({"kind": 3, "body": {}}), "m 1+6 unknown-case kind@0".to_owned())
    );
}

#[test]
fn a_flag_says_what_is_present() {
    let with = |flags: u8| json!({"version": 1, "flags": flags, "last": 9});
    both_ways(&optional(), "10 09", with(0));
    both_ways(&optional(), "12 09", with(2));
    let mut value = with(4);
    value["opt"] = json!(5);
    both_ways(&optional(), "14 00000005 09", value.clone());
    value["flags"] = json!(5);
    value["ext"] = json!(6);
    both_ways(&optional(), "15 00000005 06 09", value);
}

#[test]
fn a_length_frames_what_is_in_it() {
    let value = json!({"words": 2, "kind": 2, "body": {"id": 3, "rest": "0405"}, "last": 9});
    both_ways(&framed(), "02 02 0003 0405 09", value);
    for (wire, value, rest) in [
        // Shorter than what is in it.
        ("01 02 0003 0405 09", json!({"words": 1, "kind": 2}), "m 7+0 malformed words@0"),
        // Shorter than nothing.
        ("00 02 0003 0405 09", json!({"words": 0, "kind": 2}), "m 7+0 malformed words@0"),
        (
            "09 02 0003 0405 09",
            json!({"words": 9, "kind": 2, "body": {"id": 3, "rest": "040509"}}),
            "m 7+0 short body@7",
        ),
    ] {
        assert_eq!(decoded(&framed(), &bytes(wire)), (value, rest.to_owned()), "{wire}");
    }
    // What is in it may leave some of it, which stays unread.
    let mut draft = Draft::default();
    let len = draft.unsigned("len", 0, 1);
    let len = draft.term(len);
    draft.frame("body", 1, len, |draft| {
        draft.unsigned("body.id", 0, 1);
    });
    draft.unsigned("last", 0, 1);
    let value = json!({"len": 3, "body": {"id": 7}, "last": 9});
    both_ways(&draft.codec(), "03 07 0000 09", value);
}

#[test]
fn parts_of_any_length_lie_within_one_another() {
    both_ways(
        &deep(),
        r#"02 06 02 0a0b 0001 02 00 "x" 00 01 00 02 0003"#,
        json!({
            "n": 2,
            "recs": [
                {"len": 6, "k": 2, "kinds": [10, 11], "items": [1]},
                {"len": 2, "k": 0, "kinds": [], "items": []},
            ],
            "pair": [{"name": "x", "x": 1}, {"name": "", "x": 2}],
            "sum": 3,
        }),
    );
    both_ways(
        &to_the_end(),
        "01 02 aabb 00 01 cc",
        json!({"id": 1, "recs": [
            {"len": 2, "data": "aabb"}, {"len": 0, "data": ""}, {"len": 1, "data": "cc"},
        ]}),
    );
}

#[test]
fn what_says_how_much_there_is_is_filled_in() {
    let recs = json!([{"a": 1, "b": 2}, {"a": 3}]);
    let written = |codec: &Codec, value: Json| encoded(codec, value).unwrap();
    assert_eq!(
        written(&counted(), json!({"recs": recs, "last": 5})),
        "0002010002030000".to_owned() + "00000000000005"
    );
    assert_eq!(written(&chosen(), json!({"body": {"note": {}}, "last": 6})), "0700000006");
    assert_eq!(written(&chosen(), json!({"last": 6})), "000006");
    // A case that is said, and not given, is zero.
    assert_eq!(written(&chosen(), json!({"kind": 2, "last": 6})), "02000000000006");
    assert_eq!(written(&optional(), json!({"opt": 5, "ext": 6})), "05000000050600");
    assert_eq!(written(&optional(), json!({"ext": 6, "version": 15})), "f10600");
    assert_eq!(written(&framed(), json!({"body": {"rest": "0102"}})), "02000000010200");
    let recs = json!([{"items": [1, 2]}, {"kinds": [9]}]);
    assert_eq!(
        written(&deep(), json!({"recs": recs, "pair": [{"name": "x"}]})),
        "02 06 00 00010002 03 01 09 7800 00 00 00 0000".replace(' ', "")
    );
    // What is given holds: so many elements are zero.
    assert_eq!(written(&counted(), json!({"n": 7})), "0007".to_owned() + &"00".repeat(7 * 3 + 7));
    for (codec, value, error) in [
        (framed(), json!({"body": {"rest": "01"}}), "words: no value of it says 3"),
        (counted(), json!({"recs": vec![json!({}); 65536]}), "n: no value of it says 65536"),
        (chosen(), json!({"kind": 7, "body": {"word": 1}}), "body.word: tag 7 chooses `body.note`"),
        (chosen(), json!({"kind": 0, "body": {"word": 1}}), "body.word: tag 0 chooses `nothing`"),
        (deep(), json!({"pair": [{}, {}, {}]}), "pair: 3 are more than the 2 it holds"),
    ] {
        assert_eq!(encoded(&codec, value.clone()), Err(error.to_owned()), "{value}");
    }
}

/// Two lists by one count, and a case for whose absence there is a flag.
#[test]
fn what_is_said_twice_must_agree() {
    let mut draft = Draft::default();
    let n = draft.unsigned("n", 0, 1);
    let n = draft.term(n);
    for (path, offset) in [("a", 1), ("b", 0)] {
        draft.list(path, offset, Count::Said(n), |draft| draft.unsigned("[]", 0, 1));
    }
    let codec = draft.codec();
    assert_eq!(encoded(&codec, json!({"a": [1, 2], "b": [3, 4]})), Ok("0201020304".to_owned()));
    let error = encoded(&codec, json!({"a": [1, 2], "b": [3]}));
    assert_eq!(error, Err("n: no value of it says 1".to_owned()));
}

/// Messages of every plan here.
fn samples() -> [(Codec, &'static str); 6] {
    [
        (named(), r#"07 "Al" 00 0102"#),
        (counted(), "0002 01 0002 03 0004 070809 00000005"),
        (chosen(), "01 00000005 0006"),
        (optional(), "15 00000005 06 09"),
        (framed(), "02 02 0003 0405 09"),
        (deep(), r#"02 06 02 0a0b 0001 02 00 "x" 00 01 00 02 0003"#),
    ]
}

/// The field that is cut, and where it begins, for every prefix of the first five samples; where
/// the capture cut it, behind a bar, if that is another.
const CUT: [&str; 5] = [
    "id@0 value@1|name@1 value@2|name@1 value@3|name@1 value@4 value@4",
    "n@0 n@0 recs.a@2 recs.b@3 recs.b@3 recs.a@5 recs.b@6 recs.b@6 \
     grid@8 grid@9 grid@10 last@11 last@11 last@11 last@11",
    "kind@0 body.word@1 body.word@1 body.word@1 body.word@1 last@5 last@5",
    "version@0 opt@1 opt@1 opt@1 opt@1 ext@5 last@6",
    "words@0 kind@1 body.id@2 body.id@2 body@4|body.rest@4 body@5|body.rest@4 last@6",
];

#[test]
fn each_prefix_ends_in_the_field_that_is_cut() {
    for ((codec, wire), cut) in samples().iter().zip(CUT) {
        let wire = bytes(wire);
        assert_eq!(cut.split_whitespace().count(), wire.len());
        for (len, cut) in cut.split_whitespace().enumerate() {
            let (short, cut) = cut.split_once('|').unwrap_or((cut, cut));
            let start = &wire[..len];
            assert_eq!(decoded(codec, start).1, format!("m {len}+0 short {short}"));
            assert_eq!(snapped(codec, start, wire.len()).1, format!("m {len}+0 snapped {cut}"));
        }
    }
}

#[test]
fn where_a_message_ends_is_told_before_it_is_there() {
    for (codec, wire) in samples() {
        let wire = [bytes(wire), bytes("ffff")].concat();
        let (framing, whole) = (codec.framing(), wire.len() - 2);
        assert_eq!(framing.fixed(), None);
        let mut told = None;
        for len in 0..=wire.len() {
            match codec.extent(&framing, &wire[..len], true) {
                Extent::Needs(more) => {
                    assert!(len < more && more <= whole && told.is_none(), "{len}: {more}");
                }
                Extent::Bytes(end) => {
                    assert_eq!(end, whole, "{len}");
                    told = told.or(Some(len));
                }
                other => panic!("{len}: {other:?}"),
            }
        }
        assert!(told.is_some_and(|len| len < whole));
    }
    let extent = |codec: &Codec, wire: &str| {
        let framing = codec.framing();
        format!("{:?}", codec.extent(&framing, &bytes(wire), true))
    };
    assert_eq!(extent(&to_the_end(), "01 02 aabb"), "Close");
    assert_eq!(
        extent(&chosen(), "03 00"),
        r#"Unknown { path: "kind", offset: 0, len: 1, kind: UnknownCase }"#
    );
    assert_eq!(
        extent(&framed(), "00 00"),
        r#"Unknown { path: "words", offset: 0, len: 1, kind: Malformed }"#
    );
}

/// A count says what it likes; what is done for it is bounded.
#[test]
fn counts_that_lie_end_in_an_error() {
    let mut draft = Draft::default();
    let n = draft.unsigned("n", 0, 4);
    let n = draft.term(n);
    draft.list("none", 4, Count::Said(n), |draft| {
        let element = draft.0.begin(None, 0, 0);
        draft.0.close(element, 0, Form::Group);
        element
    });
    draft.unsigned("last", 0, 1);
    let nothing = draft.codec();
    let wire = bytes("ffffffff 01");
    assert!(decoded(&nothing, &wire).1.ends_with("limit none@4"));
    let framing = nothing.framing();
    assert_eq!(nothing.extent(&framing, &wire, true), Extent::Bytes(5));

    let (_, rest) = decoded(&counted(), &bytes("ffff 01 0002 03"));
    assert_eq!(rest, "m 6+0 short recs.b@6");

    // Elements that say their lengths, of which none takes a byte.
    let mut draft = Draft::default();
    let n = draft.unsigned("n", 0, 1);
    let n = draft.term(n);
    draft.list("recs", 1, Count::ToEnd, |draft| {
        draft.record("recs[]", 0, |draft| {
            draft.frame("recs.frame", 0, n, |_| {});
        })
    });
    let empty = draft.codec();
    assert_eq!(decoded(&empty, &bytes("00 ffff")).1, "m 3+0 malformed recs@1");
    assert_eq!(decoded(&empty, &bytes("02 ffff")).1, "m 3+0");
}

#[test]
fn terms_speak_of_a_bounded_number_of_segments() {
    let mut draft = Draft::default();
    for index in 0..40 {
        let n = draft.unsigned(&format!("n{index}"), 0, 1);
        let n = draft.term(n);
        let one = |draft: &mut Draft| draft.unsigned("[]", 0, 1);
        draft.list(&format!("list{index}"), 1, Count::Said(n), one);
    }
    let error = draft.completed().unwrap_err();
    assert!(matches!(error, CodecError::TooManyParts { max: 32, .. }), "{error}");
}

fn record(fields: Vec<(&str, FieldValue)>) -> FieldValue {
    FieldValue::Group(fields.into_iter().map(|(name, it)| (name.to_owned(), it)).collect())
}

/// A value of [`deep`], what says how much there is left out.
fn deep_value() -> impl Strategy<Value = FieldValue> {
    let numbers = |values: Vec<u8>| {
        FieldValue::List(values.into_iter().map(|it| FieldValue::Integer(it.into())).collect())
    };
    let bytes = || proptest::collection::vec(any::<u8>(), 0..5);
    let rec = (bytes(), bytes())
        .prop_map(move |(k, i)| record(vec![("kinds", numbers(k)), ("items", numbers(i))]));
    let pair = ("[a-z]{0,3}", any::<u8>()).prop_map(|(name, x)| {
        record(vec![("name", FieldValue::Text(name)), ("x", FieldValue::Integer(x.into()))])
    });
    let recs = proptest::collection::vec(rec, 0..5);
    let pairs = proptest::collection::vec(pair, 2..=2);
    (recs, pairs, any::<u16>()).prop_map(|(recs, pair, sum)| {
        record(vec![
            ("recs", FieldValue::List(recs)),
            ("pair", FieldValue::List(pair)),
            ("sum", FieldValue::Integer(sum.into())),
        ])
    })
}

proptest! {
    #![proptest_config(Config { cases: 256, failure_persistence: None, ..Config::default() })]

    #[test]
    fn decoding_gives_back_what_was_filled_in(value in deep_value()) {
        let codec = deep();
        let mut wire = Vec::new();
        codec.encode(&value, &mut wire).unwrap();
        let mut items = Vec::new();
        let decoded = codec.decode(&wire, wire.len(), &mut items);
        prop_assert_eq!((decoded.error, decoded.len, decoded.trailing), (None, wire.len(), 0));
        let read = FieldValue::from(&message(&codec, &wire, &decoded, &items));
        prop_assert_eq!(given(&read, &value), value);
        let mut again = Vec::new();
        codec.encode(&read, &mut again).unwrap();
        prop_assert_eq!(&again, &wire);
        for len in 0..wire.len() {
            is_sound(&codec, &wire[..len], len)?;
            is_sound(&codec, &wire[..len], wire.len())?;
            prop_assert!(decoded_error(&codec, &wire[..len]));
        }
    }

    #[test]
    fn any_bytes_are_sound_by_any_plan(
        wire in proptest::collection::vec(prop_oneof![0..8_u8, any::<u8>()], 0..60),
        missing in 0..3_usize,
    ) {
        let plans = samples().map(|(codec, _)| codec).into_iter().chain([to_the_end()]);
        for codec in plans {
            is_sound(&codec, &wire, wire.len() + missing)?;
            let framing = codec.framing();
            let mut items = Vec::new();
            let decoded = codec.decode(&wire, wire.len(), &mut items);
            // What is whole ends where the measure says.
            if let (None, Extent::Bytes(end)) = (decoded.error, codec.extent(&framing, &wire, true)) {
                prop_assert_eq!(end, decoded.len);
            }
        }
    }
}

fn decoded_error(codec: &Codec, wire: &[u8]) -> bool {
    codec.decode(wire, wire.len(), &mut Vec::new()).error.is_some()
}
