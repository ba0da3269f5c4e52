//! Unions, and tags that choose within them and among structs.

use super::*;

/// Three messages told apart by a leading number: a path, data and an end.
fn path() -> Layout {
    let fields = vec![field("type", 0, unsigned(2)), field("path", 2, array(character(), 6, 1))];
    record("path_st", 8, fields)
}

fn data() -> Layout {
    let fields = vec![
        field("type", 0, unsigned(2)),
        field("len", 2, unsigned(2)),
        field("data", 4, tail(unsigned(1), 1, 0)),
    ];
    record("data_st", 4, fields)
}

fn end() -> Layout {
    record("end_st", 2, vec![field("type", 0, unsigned(2))])
}

fn messages() -> Layout {
    let fields = vec![
        field("path", 0, nested(path())),
        field("data", 0, nested(data())),
        field("end", 0, nested(end())),
    ];
    union("msg_un", 8, fields)
}

fn options(tag: &str, cases: &[(i128, &str, Option<Layout>)]) -> MessageWords {
    let cases = cases.iter().map(|(value, name, layout)| {
        Case::of(*value, name, layout.as_ref().map(|it| Arc::new(resolved(it))))
    });
    let tags = vec![tag.parse().unwrap()];
    MessageWords { tags, cases: cases.collect(), ..MessageWords::default() }
}

#[test]
fn a_union_without_a_tag_gives_every_member_that_fits() {
    let codec = codec(&messages());
    let path = json!({"type": 1, "path": "ab"});
    for (wire, value, rest) in [
        (
            r#"0001 "ab" 00000000"#,
            json!({"path": path, "data": {"type": 1, "len": 0x6162, "data": [0, 0, 0, 0]}, "end": {"type": 1}}),
            "msg_un 8+0",
        ),
        ("0003", json!({"path": {"type": 3, "path": ""}, "end": {"type": 3}}), "msg_un 2+0"),
        ("0003 00", json!({"path": {"type": 3, "path": ""}, "end": {"type": 3}}), "msg_un 3+0"),
        ("00", json!({}), "msg_un 1+0 short path@0"),
    ] {
        assert_eq!(decoded(&codec, &bytes(wire)), (value, rest.to_owned()), "{wire}");
    }
    let cut = snapped(&codec, &bytes("0003"), 8);
    let value = json!({"path": {"type": 3, "path": ""}});
    assert_eq!(cut, (value, "msg_un 2+0 snapped path.path@2".to_owned()));
}

#[test]
fn members_given_together_must_agree() {
    let codec = codec(&messages());
    let value = json!({"end": {"type": 1}, "path": {"type": 1, "path": "ab"}});
    assert_eq!(encoded(&codec, value), Ok("0001616200000000".to_owned()));
    assert_eq!(encoded(&codec, json!({"end": {"type": 3}})), Ok("0003".to_owned()));
    assert_eq!(encoded(&codec, json!({})), Ok("00".repeat(8)));
    let value = json!({"end": {"type": 2}, "path": {"type": 1, "path": "ab"}});
    assert_eq!(
        encoded(&codec, value),
        Err("msg_un: members of a union that contradict each other; give one".to_owned())
    );
}

#[test]
fn a_tag_within_the_members_chooses_one() {
    let cases = [(1, "path_st", None), (2, "data", None), (3, "end", None)];
    let codec = Codec::new(&resolved(&messages()), &options("type", &cases)).unwrap();
    both_ways(&codec, r#"0001 "ab" 00000000"#, json!({"path": {"type": 1, "path": "ab"}}));
    both_ways(
        &codec,
        "0002 0003 010203",
        json!({"data": {"type": 2, "len": 3, "data": [1, 2, 3]}}),
    );
    both_ways(&codec, "0003", json!({"end": {"type": 3}}));
    for (wire, value, rest) in [
        // The sender sent the whole union.
        ("0003 000000000000", json!({"end": {"type": 3}}), "msg_un 8+0"),
        ("0003 0000", json!({"end": {"type": 3}}), "msg_un 2+2"),
        ("0001 41", json!({"path": {"type": 1, "path": "A"}}), "msg_un 3+0"),
        ("0007 0000", json!({"path": {"type": 7}}), "msg_un 2+2 unknown-case path.type@0"),
        ("00", json!({}), "msg_un 1+0 short path@0"),
    ] {
        assert_eq!(decoded(&codec, &bytes(wire)), (value, rest.to_owned()), "{wire}");
    }
    assert_eq!(
        encoded(&codec, json!({"end": {"type": 2}})),
        Err("end: tag 2 chooses `data`".to_owned())
    );
}

#[test]
fn a_tag_beside_a_union_chooses_its_member() {
    for anonymous in [false, true] {
        let body = union(
            "",
            4,
            vec![
                field("word", 0, unsigned(4)),
                field("half", 0, unsigned(2)),
                field("text", 0, tail(character(), 1, 1)),
            ],
        );
        let name = if anonymous { "" } else { "body" };
        let fields = vec![field("type", 0, unsigned(1)), field(name, 1, nested(body))];
        let layout = record("msg", 5, fields);
        let cases = [(1, "word", None), (2, "half", None), (3, "text", None)];
        let codec = Codec::new(&resolved(&layout), &options("type", &cases)).unwrap();
        let with = |kind: u8, name: &str, value: Json| match anonymous {
            true => json!({"type": kind, name: value}),
            false => json!({"type": kind, "body": {name: value}}),
        };
        both_ways(&codec, "01 00000005", with(1, "word", json!(5)));
        both_ways(&codec, "02 0005", with(2, "half", json!(5)));
        both_ways(&codec, r#"03 "hello" 00"#, with(3, "text", json!("hello")));
        let unknown = if anonymous { json!({"type": 9}) } else { json!({"type": 9, "body": {}}) };
        assert_eq!(
            decoded(&codec, &bytes("09 0005")),
            (unknown, "msg 1+2 unknown-case type@0".to_owned())
        );
        assert!(encoded(&codec, with(1, "half", json!(5))).unwrap_err().contains("tag 1 chooses"));
    }
}

#[test]
fn a_tag_chooses_among_structs() {
    let cases = [(1, "path_st", Some(path())), (2, "data_st", Some(data()))];
    let codec = Codec::new(&resolved(&end()), &options("type", &cases)).unwrap();
    for (wire, value, rest) in [
        (r#"0001 "ab" 00000000"#, json!({"type": 1, "path": "ab"}), "path_st 8+0"),
        ("0002 0001 ff", json!({"type": 2, "len": 1, "data": [255]}), "data_st 5+0"),
    ] {
        assert_eq!(decoded(&codec, &bytes(wire)), (value.clone(), rest.to_owned()), "{wire}");
        assert_eq!(encoded(&codec, value), Ok(hex(&bytes(wire))), "{wire}");
    }
    let unknown = decoded(&codec, &bytes("0003 aabb"));
    assert_eq!(unknown, (json!({"type": 3}), "end_st 2+2 unknown-case type@0".to_owned()));
    let short = decoded(&codec, &bytes("00"));
    assert_eq!(short, (json!({}), "end_st 1+0 short type@0".to_owned()));
    // The field that all begin with is one node.
    let paths: Vec<_> = codec.table().nodes.iter().map(|node| node.path.as_str()).collect();
    assert_eq!(paths, ["type", "path", "len", "data", "data"]);
}

#[test]
fn tags_and_cases_that_name_nothing() {
    let error = |layout: &Layout, options: &MessageWords| {
        Codec::new(&resolved(layout), options).unwrap_err().to_string()
    };
    assert_eq!(
        error(&end(), &options("typ", &[])),
        "end_st: no field \"typ\" stands before it, and the header has no constant of that name; \
         did you mean \"type\"?"
    );
    assert_eq!(error(&basic(), &options("name", &[])), "basic: \"name\" is no integer");
    assert_eq!(
        error(&messages(), &options("type", &[(1, "pth", None)])),
        "case `pth` is no member of a union in msg_un; did you mean `path`?"
    );
    assert_eq!(
        error(&end(), &options("type", &[(1, "path", None)])),
        "case `path` is no member of a union in end_st"
    );
}

#[test]
fn each_message_has_the_fields_of_its_own() {
    let cases = [(1, "path_st", Some(path())), (2, "data_st", Some(data()))];
    let codec = Codec::new(&resolved(&end()), &options("type", &cases)).unwrap();
    let names = |table: &'_ FieldTable| {
        let named = table.nodes.iter().filter(|it| !it.name.is_empty());
        named.map(|it| it.path.clone()).collect::<Vec<_>>()
    };
    let messages: Vec<_> = codec.messages().map(|(name, table)| (name, names(table))).collect();
    let expected: [(&str, &[&str]); 3] = [
        ("end_st", &["type"]),
        ("path_st", &["type", "path"]),
        ("data_st", &["type", "len", "data"]),
    ];
    assert_eq!(
        messages,
        expected.map(|(name, paths)| (name, paths.iter().map(|it| (*it).to_owned()).collect()))
    );
}
