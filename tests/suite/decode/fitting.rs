//! Headers without a rule: of four structs of one length the one is taken that the bytes are of.
//!
//! Headers and messages are generated: structs of fields as programs have them, messages with values
//! as they send them. What the weights were chosen by is one set of seeds, and what is asserted holds
//! for another that was kept apart.

use std::io::Cursor;
use std::path::PathBuf;

use wirereel::capture::{Frame, Reader, Timestamp, WriteFormat, Writer};
use wirereel::decode::{Dissector, Found};
use wirereel::packet::build;
use wirereel::profile::{Options, Protocols};

use crate::random::Random;

/// 2024-05-01, as captures have it: nanoseconds.
const NOW: i64 = 1_714_566_896_123_456_789;
const WORDS: [&str; 12] = [
    "alpha",
    "host-7",
    "Engine room",
    "u.smith",
    "ready",
    "GET",
    "sensor",
    "main",
    "queue 12",
    "pump",
    "n/a",
    "west",
];

#[derive(Clone, Copy, Debug)]
enum Field {
    Count(usize),
    Id,
    Time,
    Flag,
    Kind,
    Float,
    Text(usize),
    Bytes(usize),
}

impl Field {
    fn len(self) -> usize {
        match self {
            Self::Flag => 1,
            Self::Id | Self::Time | Self::Kind | Self::Float => 4,
            Self::Count(len) | Self::Text(len) | Self::Bytes(len) => len,
        }
    }

    fn any(random: &mut Random) -> Self {
        match random.below(9) {
            0 | 1 => Self::Count(*random.pick(&[1, 2, 4, 8])),
            2 => Self::Id,
            3 => Self::Time,
            4 => Self::Flag,
            5 => Self::Kind,
            6 => Self::Float,
            7 => Self::Text(*random.pick(&[8, 12, 16])),
            _ => Self::Bytes(*random.pick(&[3, 6, 8])),
        }
    }

    fn declared(self, name: usize) -> String {
        match self {
            Self::Count(len) => format!("uint{}_t f{name};", len * 8),
            Self::Id | Self::Time => format!("uint32_t f{name};"),
            Self::Flag => format!("_Bool f{name};"),
            Self::Kind => format!("enum kind f{name};"),
            Self::Float => format!("float f{name};"),
            Self::Text(len) => format!("char f{name}[{len}];"),
            Self::Bytes(len) => format!("uint8_t f{name}[{len}];"),
        }
    }

    fn write(self, random: &mut Random, out: &mut Vec<u8>) {
        let small = random.next() >> (44 + random.below(18));
        match self {
            Self::Count(len) => out.extend(&small.to_be_bytes()[8 - len..]),
            Self::Id => out.extend((random.next() as u32).to_be_bytes()),
            Self::Time => {
                let second = (NOW / 1_000_000_000) as u32 - random.below(3600) as u32;
                out.extend(second.to_be_bytes());
            }
            Self::Flag => out.push(random.below(2) as u8),
            Self::Kind => out.extend((1 + random.below(5) as u32).to_be_bytes()),
            Self::Float => out.extend((small as f32 / 10.0).to_be_bytes()),
            Self::Text(len) => {
                let mut text = random.pick(&WORDS).as_bytes().to_vec();
                text.resize(len.max(text.len()), 0);
                text.truncate(len);
                out.extend(text);
            }
            Self::Bytes(len) => out.extend((0..len).map(|_| random.next() as u8)),
        }
    }
}

/// Fields that take so many bytes.
fn fields(random: &mut Random, len: usize) -> Vec<Field> {
    let (mut fields, mut left) = (Vec::new(), len);
    while left > 0 {
        let field = Field::any(random);
        let field = if field.len() <= left { field } else { Field::Count(1) };
        left -= field.len();
        fields.push(field);
    }
    fields
}

#[derive(Debug, Default)]
struct Came {
    right: usize,
    /// Marked, the right one among those that are named.
    marked: usize,
    wrong: usize,
    /// Marked where the first is right all the same.
    in_vain: usize,
}

/// One header of four structs, and messages of them: of each on a port of its own, or all on one.
fn run(seed: u64, one_port: bool, came: &mut Came) {
    let mut random = Random::new(seed);
    let len = 20 + random.below(40);
    let structs: Vec<_> = (0..4).map(|_| fields(&mut random, len)).collect();
    let header = header(seed, &structs);
    let mut writer = Writer::new("memory", Vec::new(), WriteFormat::PcapNs).expect("a capture");
    let mut sent = Vec::new();
    for number in 1..=40 {
        let which = random.below(4);
        let mut payload = Vec::new();
        structs[which].iter().for_each(|it| it.write(&mut random, &mut payload));
        let port = if one_port { 7000 } else { 7000 + which };
        let src = format!("10.0.0.1:{}", 40_000 + random.below(100)).parse().expect("an end");
        let dst = format!("10.0.0.2:{port}").parse().expect("an end");
        let mut data = Vec::new();
        build::datagram(src, dst, &payload, &mut data).expect("a frame");
        let time = Timestamp(NOW + number * 1_000_000);
        let frame = Frame::ethernet(number as u64, time, &data);
        writer.write(&frame).expect("it is written");
        sent.push(format!("s{which}"));
    }
    let bytes = writer.finish().expect("it is complete");
    let options = Options { headers: vec![header.clone()], builtin: false, ..Options::default() };
    let protocols = Protocols::load(&options).expect("the header loads");
    let mut dissector = Dissector::new(&protocols, false).expect("it has layouts");
    let mut reader = Reader::named("memory", Cursor::new(bytes)).expect("a capture");
    let mut count = 0;
    while let Some(frame) = reader.next_frame().expect("it is whole") {
        dissector.push(&frame, None, &mut |found: Found<'_>| {
            let Found::Message { captured, .. } = found else { return };
            let (message, truth) = (captured.message, sent[captured.frame as usize - 1].as_str());
            count += 1;
            match (message.name == truth, message.candidates) {
                (true, []) => came.right += 1,
                (true, _) => (came.marked, came.in_vain) = (came.marked + 1, came.in_vain + 1),
                (false, named) if named.contains(&truth) => came.marked += 1,
                (false, _) => came.wrong += 1,
            }
        });
    }
    assert_eq!(count, sent.len(), "each is taken for something");
    std::fs::remove_file(header).expect("it was written");
}

fn header(seed: u64, structs: &[Vec<Field>]) -> PathBuf {
    let mut text = "#include <stdint.h>\nenum kind { A = 1, B, C, D, E };\n".to_owned();
    for (at, fields) in structs.iter().enumerate() {
        let members: Vec<_> = (0..).zip(fields).map(|(name, it)| it.declared(name)).collect();
        let members = members.join(" ");
        text += &format!("struct s{at} {{ {members} }} __attribute__((packed));\n");
    }
    let path = std::env::temp_dir().join(format!("fitting-{}-{seed}.h", std::process::id()));
    std::fs::write(&path, text).expect("there is room");
    path
}

fn came_of(seeds: std::ops::Range<u64>, one_port: bool) -> Came {
    let mut came = Came::default();
    seeds.for_each(|seed| run(seed, one_port, &mut came));
    println!("one port: {one_port}: {came:?}");
    came
}

/// Of two thousand messages: hardly one is taken for another without a mark, and few are marked.
#[track_caller]
fn assert_good(came: &Came) {
    let all = came.right + came.marked + came.wrong;
    assert!(came.wrong * 100 <= all, "{came:?}");
    assert!(came.marked * 10 <= all, "{came:?}");
}

#[test]
fn each_on_its_port_is_told_from_three_others() {
    assert_good(&came_of(1000..1050, false));
}

#[test]
fn all_on_one_port_are_told_apart() {
    assert_good(&came_of(2000..2050, true));
}

/// What the weights were chosen by; another set than that which is asserted of.
#[test]
#[ignore = "for whoever changes a weight: prints what it comes to"]
fn what_the_weights_were_chosen_by() {
    came_of(1..50, false);
    came_of(50..100, true);
}
