use super::super::stage::{CASES, CASES_PROFILE, load, recipe};
use crate::capture::Timestamp;
use crate::generate::recipe::Maker;

/// The first message of a recipe, or why there is none.
fn made(name: &str, settings: &[&str]) -> Result<Vec<u8>, String> {
    let protocols = load(CASES, &CASES_PROFILE.replace("[[protocol]]", "\n[[protocol]]"));
    let one = |name: &str| {
        // Each protocol by itself: the names of cases are shared.
        let only = CASES_PROFILE.split("[[protocol]]").find(|it| it.contains(name)).unwrap();
        load(CASES, &format!("[[protocol]]{only}"))
    };
    let (protocols, name) = match name.split_once(' ') {
        Some((protocol, name)) => (one(&format!("name = \"{protocol}\"")), name),
        None => (protocols, name),
    };
    let mut maker =
        Maker::new(&protocols, &recipe(name, settings), 1).map_err(|it| it.to_string())?;
    let mut out = Vec::new();
    maker.next(Timestamp(0), &mut out).map_err(|it| it.to_string())?;
    Ok(out)
}

#[test]
fn a_case_has_its_tag() {
    for (name, settings, bytes) in [
        // Structs that take the message's place.
        ("structs path_st", &["path=ab"][..], &b"\0\0\0\x01ab\0\0\0\0"[..]),
        ("structs data_st", &["len=7"], b"\0\0\0\x02\0\0\0\0\0\x07"),
        ("structs data_st", &["mtype=2"], b"\0\0\0\x02\0\0\0\0\0\0"),
        // Members of a union that begin with the tag themselves.
        ("ftp path", &["path=ab"], b"\0\0\0\x01ab\0\0\0\0"),
        ("ftp data_st", &["data=ab", "len=1"], b"\0\0\0\x02ab\0\0\0\x01"),
        ("ftp data", &["mtype=2"], b"\0\0\0\x02\0\0\0\0\0\0"),
        // Members of a union behind the tag; what is around them can be set too.
        ("framed path_st", &["path=ab", "seq=9"], b"\x03\x09\0\0\0\0ab\0\0\0\0"),
        ("framed end", &["half=1", "type=4"], b"\x04\0\0\x01\0\0"),
        // The message itself: what is given tells, or the tag.
        ("framed", &["u.end.half=1"], b"\x04\0\0\x01\0\0"),
        ("framed", &["u.end.half=1", "type=choice(4:2, 4)"], b"\x04\0\0\x01\0\0"),
        ("ftp", &["path.path=ab"], b"\0\0\0\x01ab\0\0\0\0"),
        ("ftp", &["mtype=2", "data.len=7"], b"\0\0\0\x02\0\0\0\0\0\x07"),
        ("ftp", &["mtype=2"], b"\0\0\0\x02\0\0\0\0\0\0"),
        ("structs", &["mtype=1", "path=ab"], b"\0\0\0\x01ab\0\0\0\0"),
        ("structs", &[], b"\0\0\0\0"),
    ] {
        assert_eq!(
            made(name, settings).unwrap().escape_ascii().to_string(),
            bytes.escape_ascii().to_string(),
            "{name} {settings:?}"
        );
    }
}

#[test]
fn a_case_says_how_long_it_is() {
    const HEADER: &str = "#include <stdint.h>
        #pragma pack(1)
        struct head { uint8_t version; uint8_t type; uint16_t length; };
        struct error { struct head head; uint8_t code; uint8_t data[]; };";
    const PROFILE: &str = "[[protocol]]
        name = \"flow\"
        header = \"proto.h\"
        message = \"head\"
        length = \"length\"
        match = { version = [2, 3] }
        tag = \"type\"
        cases = { 1 = \"error\" }";
    let protocols = load(HEADER, PROFILE);
    for (settings, bytes) in [
        (&["code=5", "data=00ff"][..], &b"\x02\x01\0\x07\x05\0\xff"[..]),
        (&["head.version=3"], b"\x03\x01\0\x05\0"),
        // What is set holds, also where it is not so.
        (&["head.length=9"], b"\x02\x01\0\x09\0"),
    ] {
        let mut maker = Maker::new(&protocols, &recipe("error", settings), 1).unwrap();
        let mut out = Vec::new();
        maker.next(Timestamp(0), &mut out).unwrap();
        assert_eq!(out, bytes, "{settings:?}");
    }
}

#[test]
fn a_tag_that_says_otherwise_is_refused() {
    for (name, settings, error) in [
        (
            "structs path_st",
            &["mtype=2"][..],
            "path_st: mtype=2 says otherwise: as a case of structs it is 1; leave it out",
        ),
        ("ftp data", &["mtype=choice(1, 2)"], "data: mtype=choice(1, 2) says otherwise"),
        ("framed path", &["type=4"], "path: type=4 says otherwise: as a case of framed it is 3"),
        (
            "framed",
            &["type=3", "u.end.half=1"],
            "end: type=3 says otherwise: as a case of framed it",
        ),
        ("framed", &["u.path.path=a", "u.end.half=1"], "frame: u.end: tag 3 chooses `u.path`"),
        (
            "structs end_st",
            &[],
            "end_st has no field where the tag \"mtype\" of structs is: name structs instead",
        ),
    ] {
        let found = made(name, settings).unwrap_err();
        assert!(found.starts_with(error), "{name} {settings:?}: {found}");
    }
}

#[test]
fn a_tag_that_varies_has_the_layout_of_each() {
    let profile = "[[protocol]]\nname = \"ftp\"\nheader = \"proto.h\"\nmessage = \"ftp\"\n\
                   tag = \"mtype\"\ncases = { 1 = \"path\", 77 = \"data\" }\n";
    let header = CASES.replace("struct path_st path;", "struct path_st path; struct end_st end;");
    let protocols = load(&header, profile);
    let recipe = recipe("ftp", &["data.mtype=0..100"]);
    let error = Maker::new(&protocols, &recipe, 1).unwrap_err().to_string();
    assert!(
        error.starts_with("data: data.mtype=0..100 says otherwise: as a case of ftp it is 77"),
        "{error}"
    );
}
