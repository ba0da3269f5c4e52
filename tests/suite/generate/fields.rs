//! Fields that say something of others, as `--set` gives some of them: what is sent, and what is refused.

use super::stage::{listener, received, wirereel, written};

/// The message `msg` of a header of packed structs that is sent with these settings, in hex; or what is said
/// where it is refused.
fn sent(header: &str, settings: &[&str]) -> Result<String, String> {
    let folder = tempfile::tempdir().expect("a folder");
    let header = format!("#include <stdint.h>\n#pragma pack(1)\n{header}\n");
    let header = written(folder.path(), "proto.h", &header);
    let (socket, to) = listener();
    let to = to.to_string();
    let mut args = vec!["generate", "unicast", "-H", &header, "--message", "msg", "--to", &to];
    args.extend(["--count", "1", "-t"]);
    args.extend(settings.iter().flat_map(|it| ["--set", *it]));
    let ran = wirereel(&args);
    match ran.code {
        Some(0) => Ok(received(&socket).iter().map(|it| format!("{it:02x}")).collect()),
        _ => Err(ran.stderr.trim_end().to_owned()),
    }
}

fn each(header: &str, cases: &[(&[&str], Result<&str, &str>)]) {
    for (settings, expected) in cases {
        let expected = expected.map(str::to_owned).map_err(|it| format!("wirereel: msg: {it}"));
        assert_eq!(sent(header, settings), expected, "{settings:?}");
    }
}

#[test]
fn a_field_that_is_there_by_the_others_given() {
    each(
        "struct msg { uint8_t f; uint8_t s; uint16_t x; /* wr: present = \"f & 1 && s % 4 == f % 4\" */ };",
        &[
            (&["f=1", "s=5", "x=5"], Ok("01050005")),
            (&["f=3", "s=7"], Ok("03070000")),
            (&["f=2", "s=2", "x=5"], Err("x: `f`, `s`, `f` says that it is not there")),
        ],
    );
}

#[test]
fn what_is_read_where_a_tag_has_no_case() {
    each(
        "struct msg { uint8_t type; union { uint8_t a; uint16_t other; } u; \
         /* wr: tag = \"type\", cases = { 0 = \"a\", default = \"other\" } */ };",
        &[
            (&["type=7", "u.other=5"], Ok("070005")),
            (&["u.other=5"], Ok("010005")),
            (&["type=7"], Ok("070000")),
            (&["type=0", "u.other=5"], Err("u.other: tag 0 chooses `u.a`")),
        ],
    );
}

#[test]
fn counts_and_lengths_beside_what_they_count() {
    each(
        "struct msg { uint8_t n; char b[1]; /* wr: bytes = \"n\" */ uint16_t z; };",
        &[
            (&["b=hello"], Ok("0568656c6c6f0000")),
            (&["n=5", "b=hello"], Ok("0568656c6c6f0000")),
            (&["n=2"], Ok("0200000000")),
            (&["n=2", "b=hello"], Err("n: it says 2 where there are 5")),
            (&["n=4", "b=hex(aabbcc)"], Err("n: it says 4 where there are 3")),
        ],
    );
    each(
        "struct msg { uint8_t n; uint16_t x[1]; /* wr: count = \"n\" */ };",
        &[
            (&["n=3", "x[1]=7"], Ok("03000000070000")),
            (&["n=1", "x=[1,2]"], Err("n: it says 1 where there are 2")),
        ],
    );
    each(
        "struct msg { uint8_t t; uint8_t len; \
         uint8_t body[1]; /* wr: bytes = \"len\", tag = \"t\", cases = { 1 = \"none\", default = \"bytes\" } */ };",
        &[
            (&["len=3", "body.bytes=aabbcc"], Ok("0003aabbcc")),
            (&["len=2", "body.bytes=aabbcc"], Err("len: it says 2 where there are 3")),
        ],
    );
}

#[test]
fn a_count_that_a_flag_says_is_there() {
    each(
        "struct msg { uint8_t f; uint8_t l; /* wr: present = \"f & 1\" */ \
         char b[1]; /* wr: count = \"l\", present = \"f & 1\" */ };",
        &[
            (&["b=hello"], Ok("010568656c6c6f")),
            (&["f=2"], Ok("02")),
            (&["f=2", "b=hello"], Err("b: `f` says that it is not there")),
        ],
    );
}

#[test]
fn lists_up_to_an_element_that_ends_them() {
    each(
        "struct msg { uint16_t t[1]; /* wr: until = 0xffff, none = 0xffff */ uint8_t z; };",
        &[
            (&["t=[20]"], Ok("0014ffff00")),
            (&["t=[20,none]"], Ok("0014ffff00")),
            (&["z=1"], Ok("ffff01")),
            (
                &["t=[none,20]"],
                Err("t=[none, 20] does not fit: t: element 0 ends it, and others stand behind it"),
            ),
        ],
    );
}
