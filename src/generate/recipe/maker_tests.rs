use super::*;
use crate::generate::recipe::setting;
use crate::profile::Options;

/// The messages of a header's only struct, or of a built-in.
fn protocols(header: &str) -> Protocols {
    let options = Options { headers: vec![header.into()], ..Options::default() };
    Protocols::load(&options).unwrap()
}

fn basic() -> Protocols {
    protocols("tests/peers/dgram-basic/proto.h")
}

fn message(name: &str, settings: &[&str]) -> MessageRecipe {
    let fields = settings.iter().map(|it| setting(it).unwrap()).collect();
    MessageRecipe { fields, ..MessageRecipe::new(name) }
}

fn recipe(name: &str, settings: &[&str]) -> Recipe {
    Recipe { messages: vec![message(name, settings)], ..Recipe::default() }
}

/// The first messages of a recipe, one second apart.
fn made(protocols: &Protocols, recipe: &Recipe, count: u64) -> Vec<(Made, Vec<u8>)> {
    let mut maker = Maker::new(protocols, recipe, 7).unwrap();
    let mut all = Vec::new();
    for index in 0..count {
        let mut out = Vec::new();
        let now = Timestamp::from_parts(1_700_000_000 + index as i64, 5_000_000);
        let Some(made) = maker.next(now, &mut out).unwrap() else { break };
        assert!(out.len() <= maker.max_len());
        all.push((made, out));
    }
    all
}

#[test]
fn constants_counters_and_times_are_written() {
    let recipe = recipe("msg_st", &["name=Alan", "math=counter(83)", "chinese=now(s)"]);
    let bytes: Vec<_> = made(&basic(), &recipe, 2).into_iter().map(|(_, it)| it).collect();
    assert_eq!(bytes[0], b"Alan\0\0\0\0\0\0\0\0\0\0\x53\x65\x53\xf1\x00");
    assert_eq!(bytes[1], b"Alan\0\0\0\0\0\0\0\0\0\0\x54\x65\x53\xf1\x01");
}
