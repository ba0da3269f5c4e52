//! What a recipe made is learned again, and what is kept stays bounded.

use super::*;
use crate::capture::{Frame, LinkType, Timestamp};
use crate::generate::like::learner::Learner;
use crate::generate::recipe::{Maker, Recipe};
use crate::packet::build;
use crate::profile::Options;

const BEGIN: i64 = 1_800_000_000_000_000_000;

fn protocols(text: &str) -> Protocols {
    let dir = tempfile::tempdir().unwrap();
    let header = dir.path().join("p.h");
    std::fs::write(&header, format!("#include <stdint.h>\n{text}")).unwrap();
    let rules = vec!["udp.port==1989,m".parse().unwrap()];
    let options = Options { headers: vec![header], rules, builtin: false, ..Options::default() };
    Protocols::load(&options).unwrap()
}

/// Learned of messages, 10 ms apart, each from a port.
fn learned(protocols: &Protocols, messages: &mut dyn Iterator<Item = (u16, Vec<u8>)>) -> Learned {
    let mut dissector = Dissector::new(protocols, false).unwrap();
    let mut learner = Learner::new(protocols);
    for (number, (port, message)) in (0_u64..).zip(messages) {
        let mut data = Vec::new();
        let (src, dst) = (([10, 0, 0, 1], port).into(), ([10, 0, 0, 2], 1989).into());
        build::datagram(src, dst, &message, &mut data).unwrap();
        let time = Some(Timestamp(BEGIN + number as i64 * 10_000_000));
        let (link_type, orig_len) = (LinkType::Ethernet, data.len() as u32);
        let frame =
            Frame { number: number + 1, time, interface: 0, link_type, data: &data, orig_len };
        dissector.push(&frame, None, &mut |found| learner.found(&found));
    }
    learner.finish().unwrap()
}

fn again(protocols: &Protocols, text: &str) -> String {
    let recipe = Recipe::parse("r.toml".as_ref(), text).unwrap();
    let mut maker = Maker::new(protocols, &recipe, 5).unwrap();
    let mut made = (0..2000_i64).map(|number| {
        let mut out = Vec::new();
        maker.next(Timestamp(BEGIN + number * 10_000_000), &mut out).unwrap();
        (4000, out)
    });
    learned(protocols, &mut made).recipe.to_toml()
}

const STRUCT: &str = "enum e { RED = 1, GREEN = 2 };
struct m { uint8_t seq; uint32_t at; int16_t temp; uint32_t id; uint8_t kind; enum e colour;
    char host[9]; char note[20]; double level; uint16_t list[3]; } __attribute__((packed));";

const RULES: &str = "\
gap = \"10ms\"

[[message]]
name = \"m\"
[message.fields]
seq = \"counter(250)\"
at = \"now(s)\"
temp = \"-300..300\"
id = 7
kind = \"choice(1:3, 2)\"
colour = \"choice(RED, GREEN)\"
host = \"choice(one, two)\"
note = \"text(3..12)\"
level = \"0.5..99.0\"
list = [1, 2, 3]

[[sender]]
from = \"10.0.0.1:4000\"
count = 2000
";

#[test]
fn what_a_recipe_makes_is_learned_again() {
    let protocols = protocols(STRUCT);
    let found = again(&protocols, RULES);
    let line = |text: &str, key: &str| {
        let start = format!("{key} = ");
        text.lines().find(|it| it.starts_with(&start)).map(str::to_owned)
    };
    for key in ["gap", "name", "seq", "at", "temp", "id", "note", "list", "from", "count"] {
        assert_eq!(line(&found, key), line(RULES, key), "{key}\n{found}");
    }
    for (key, values) in
        [("kind", ["1:", "2:"]), ("colour", ["RED", "GREEN"]), ("host", ["one", "two"])]
    {
        let line = line(&found, key).unwrap();
        assert!(line.contains("choice(") && values.iter().all(|it| line.contains(it)), "{line}");
    }
    let level = line(&found, "level").unwrap();
    let (low, high) =
        level.trim_start_matches("level = ").trim_matches('"').split_once("..").unwrap();
    let [low, high] = [low, high].map(|it| it.parse::<f64>().unwrap());
    assert!((0.5..1.5).contains(&low) && (98.0..99.0).contains(&high), "{level}");
}

/// In any byte order: what is learned is the sender's values, and its mistake.
#[test]
fn the_order_of_a_sender_is_learned() {
    let protocols = protocols(STRUCT);
    let wrong = RULES.replace("name = \"m\"", "name = \"m\"\nmistake = \"byte-order=id\"");
    let found = again(&protocols, &wrong.replace("id = 7", "id = \"0..90000\""));
    assert!(found.contains("mistake = \"byte-order=id\"\n"), "{found}");
    assert!(found.lines().any(|it| it.starts_with("id = \"") && it.contains("..8")), "{found}");
}

#[test]
fn kinds_come_in_turn_or_by_weight() {
    let protocols = protocols("struct m { uint8_t n; char text[]; } __attribute__((packed));");
    let kinds = [b"\x01ab\0".to_vec(), b"\x02cd".to_vec()];
    let learned_of = |order: &[usize]| {
        let mut each = order.iter().map(|it| (4000, kinds[*it].clone()));
        learned(&protocols, &mut each).recipe.to_toml()
    };
    let in_turn = learned_of(&[0, 0, 1].repeat(10));
    assert!(in_turn.contains("weight = 2\n") && !in_turn.contains("order"), "{in_turn}");
    assert!(in_turn.contains("mistake = \"terminator\""), "{in_turn}");
    let any = learned_of(&[0, 1, 1, 0, 0, 0, 1, 0, 0, 0, 0, 0]);
    assert!(any.starts_with("order = \"by-weight\"") && any.contains("weight = 3\n"), "{any}");
}

#[test]
fn what_is_kept_is_bounded() {
    let protocols = protocols("struct m { uint32_t n; char text[]; } __attribute__((packed));");
    let mut noise = 1_u32;
    let mut any = move |len: usize| {
        let bytes = (0..len).map(|_| {
            noise = noise.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (noise >> 24) as u8
        });
        bytes.collect::<Vec<_>>()
    };
    let mut each = (0..40_000_u32).map(|it| ((it % 60_000) as u16 + 1, any(it as usize % 300)));
    let learned = learned(&protocols, &mut each);
    // Sixteen ports by themselves, all others together.
    assert_eq!(learned.recipe.senders.len(), 17);
    assert_eq!(learned.recipe.senders.iter().filter_map(|it| it.count).sum::<u64>(), 40_000);
    let text = learned.recipe.to_toml();
    assert!(text.len() < 1 << 20, "{}", text.len());
    Maker::new(&protocols, &learned.recipe, 1).unwrap();
}

#[test]
fn what_is_filled_in_is_not_learned() {
    let protocols = protocols(
        "struct m { uint16_t flags; uint8_t n; char text[1]; /* wr: count = \"n\" */
             uint8_t more; /* wr: present = \"flags & 0x8000\" */ } __attribute__((packed));",
    );
    // The two bytes of the flags are a small number in the other order.
    let mut sent = (0..20_u8).map(|it| {
        let text = vec![b'a'; usize::from(1 + it % 3)];
        (4000, [&[0x80, 0, text.len() as u8][..], &text, &[7]].concat())
    });
    let learned = learned(&protocols, &mut sent).recipe;
    let fields: Vec<_> =
        learned.messages[0].fields.iter().map(|(path, it)| format!("{path}={it}")).collect();
    assert_eq!(fields, ["flags=32768", "text=choice(a:7, aa:7, aaa:6)", "more=7"]);
    assert_eq!(learned.messages[0].mistakes, []);
    Maker::new(&protocols, &learned, 1).unwrap();
}
