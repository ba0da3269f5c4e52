//! Headers and profiles of the tests of this room.

use std::fs;

use super::{MessageRecipe, Recipe, setting};
use crate::decode::codec::{Codec, FieldValue};
use crate::profile::{Options, Protocols};

/// Fields of each kind.
pub const KINDS: &str = r#"
#include <stdint.h>
enum color { RED, GREEN = 5, BLUE };
struct point { int16_t x; int16_t y; } __attribute__((packed));
struct kinds {
    uint8_t byte;
    int8_t sign;
    uint16_t half;
    int32_t word;
    uint64_t wide;
    float single;
    double real;
    enum color color;
    unsigned low : 3;
    int high : 5;
    char name[8];
    uint8_t blob[4];
    struct point point;
    uint16_t scores[3];
    struct point recs[2];
    uint16_t grid[2][2];
    struct { uint8_t inner; };
    uint32_t last;
} __attribute__((packed));
"#;

/// `blob` is no text.
pub const KINDS_PROFILE: &str = r#"
[[protocol]]
name = "kinds"
header = "proto.h"
message = "kinds"
[protocol.fields]
blob = { text = false }
"#;

/// A tag before a union, a tag within one, and structs that begin with one.
pub const CASES: &str = r#"
#include <stdint.h>
#define KIND_DATA 2
struct path_st { uint32_t mtype; char path[6]; } __attribute__((packed));
struct data_st { uint32_t mtype; char data[4]; uint16_t len; } __attribute__((packed));
struct end_st { uint16_t half; uint16_t other; } __attribute__((packed));
struct head { uint32_t mtype; } __attribute__((packed));
union ftp { uint32_t mtype; struct path_st path; struct data_st data; };
struct frame {
    uint8_t type;
    uint8_t seq;
    union { struct path_st path; struct end_st end; } u;
} __attribute__((packed));
"#;

/// What tells the cases apart.
pub const CASES_PROFILE: &str = r#"
[[protocol]]
name = "structs"
header = "proto.h"
message = "head"
tag = "mtype"
cases = { 1 = "path_st", KIND_DATA = "data_st", 9 = "end_st" }
[[protocol]]
name = "ftp"
header = "proto.h"
message = "ftp"
tag = "mtype"
cases = { 1 = "path", 2 = "data" }
[[protocol]]
name = "framed"
header = "proto.h"
message = "frame"
tag = "type"
cases = { 3 = "path", 4 = "end" }
"#;

/// A header, and a profile where there is text for one.
pub fn load(header: &str, profile: &str) -> Protocols {
    let dir = tempfile::tempdir().unwrap();
    let (proto, toml) = (dir.path().join("proto.h"), dir.path().join("wirereel.toml"));
    fs::write(&proto, header).unwrap();
    fs::write(&toml, profile).unwrap();
    let options = match profile {
        "" => Options { headers: vec![proto], ..Options::default() },
        _ => Options { profile: Some(toml), ..Options::default() },
    };
    Protocols::load(&options).unwrap()
}

/// What the codec of a protocol reads in a whole message, by field.
pub fn decoded(protocols: &Protocols, protocol: &str, bytes: &[u8]) -> Vec<(String, FieldValue)> {
    let protocol = protocols.list().iter().find(|it| it.name == protocol).unwrap();
    let codec = Codec::new(protocol.format.layout().unwrap(), &protocol.words).unwrap();
    let mut items = Vec::new();
    let decoded = codec.decode(bytes, bytes.len(), &mut items);
    assert_eq!((decoded.error, decoded.trailing), (None, 0), "{}", bytes.escape_ascii());
    let message = codec.message(&protocol.name, bytes, &decoded, &items);
    let FieldValue::Group(fields) = FieldValue::from(&message) else { return Vec::new() };
    fields
}

pub fn message(name: &str, settings: &[&str]) -> MessageRecipe {
    let fields = settings.iter().map(|it| setting(it).unwrap()).collect();
    MessageRecipe { fields, ..MessageRecipe::new(name) }
}

pub fn recipe(name: &str, settings: &[&str]) -> Recipe {
    Recipe { messages: vec![message(name, settings)], ..Recipe::default() }
}
