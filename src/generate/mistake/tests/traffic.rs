//! A sender's traffic made of any struct, and what `check` says of it.

use rand::rngs::ChaCha8Rng;
use rand::{RngExt, SeedableRng};

use super::super::{Mistake, MistakeError, MistakenCodec};
use crate::capture::{Frame, LinkType, Timestamp};
use crate::check::Checker;
use crate::decode::Dissector;
use crate::decode::codec::FieldValue;
use crate::packet::build;
use crate::profile::{Options, Protocols};
use crate::schema::{PartId, PartKind, Repeat, ResolvedLayout, Role};

/// Messages of a sender.
const MESSAGES: u64 = 60;

/// The protocols of one header, its message on port 1989.
pub fn protocols(text: &str, message: &str, profile: &str) -> Protocols {
    let dir = tempfile::tempdir().unwrap();
    let header = dir.path().join("p.h");
    std::fs::write(&header, format!("#include <stdint.h>\n#include <stddef.h>\n{text}")).unwrap();
    // A text record is read from a stream.
    let transport = if text.starts_with("#define") { "tcp" } else { "udp" };
    let entry = format!(
        "[[protocol]]\nname = \"{message}\"\nheader = \"p.h\"\nmessage = \"{message}\"\n\
         decode_as = [\"{transport}.port==1989\"]\n{profile}"
    );
    let path = dir.path().join("wirereel.toml");
    std::fs::write(&path, entry).unwrap();
    let options = Options { profile: Some(path), builtin: false, ..Options::default() };
    Protocols::load(&options).unwrap()
}

/// Any value of a part: small numbers, words, fractions.
fn value(layout: &ResolvedLayout, id: PartId, random: &mut ChaCha8Rng) -> FieldValue {
    let part = layout.part(id).unwrap();
    let count = match part.repeat {
        Repeat::Once => 1,
        Repeat::Times { count, .. } => count,
        Repeat::Said { .. } | Repeat::ToEnd { .. } => random.random_range(2..9),
    };
    match &part.kind {
        PartKind::Struct(_) | PartKind::Union(_) => FieldValue::Group(fields(layout, id, random)),
        PartKind::List => {
            let (element, _) = layout.members(id).next().unwrap();
            FieldValue::List((0..count).map(|_| value(layout, element, random)).collect())
        }
        PartKind::Integer { role: Role::Enum(names), .. } => {
            let all = &names.enumerators;
            FieldValue::Integer(all[random.random_range(0..all.len())].value)
        }
        PartKind::Integer { .. } if part.len == 1 => {
            FieldValue::Integer(random.random_range(0..100))
        }
        PartKind::Integer { .. } => {
            // Two bytes tell their order only where they are as declared: in a range.
            if part.len == 2 {
                return FieldValue::Integer(random.random_range(200..=400));
            }
            // Of any length in bits: what is large in one order is none of these in the other.
            FieldValue::Integer(1e6_f64.powf(random.random()) as i128)
        }
        PartKind::Bits(_) => FieldValue::Integer(random.random_range(0..2)),
        PartKind::Float { .. } => FieldValue::Float(f64::from(random.random_range(40..400)) / 8.0),
        PartKind::Characters { text: true, .. } => {
            let room = if part.at_end { 9 } else { count.saturating_sub(2).clamp(2, 9) };
            let letters = 0..random.random_range(2..=room);
            FieldValue::Text(letters.map(|_| random.random_range('a'..='z')).collect())
        }
        PartKind::Characters { text: false, .. } => {
            FieldValue::Bytes((0..count).map(|_| random.random()).collect())
        }
        PartKind::Varint { .. } => FieldValue::Integer(random.random_range(0..100)),
        PartKind::Hole => unreachable!(),
    }
}

/// Those of anonymous records are among them; of a union the first.
fn fields(
    layout: &ResolvedLayout,
    id: PartId,
    random: &mut ChaCha8Rng,
) -> Vec<(String, FieldValue)> {
    let of = |(id, part): (PartId, &crate::schema::Part)| match &part.name {
        Some(name) => vec![(name.clone(), value(layout, id, random))],
        None => fields(layout, id, random),
    };
    let is_union = matches!(layout.part(id).unwrap().kind, PartKind::Union(_));
    let count = if is_union { 1 } else { usize::MAX };
    layout.members(id).take(count).flat_map(of).collect()
}

/// The messages that a sender with these mistakes sends.
pub fn messages(protocols: &Protocols, mistakes: &[&str]) -> Result<Vec<Vec<u8>>, MistakeError> {
    let protocol = &protocols.list()[0];
    let mistakes: Vec<Mistake> = mistakes.iter().map(|it| it.parse().unwrap()).collect();
    let codec = MistakenCodec::new(protocols, protocol, None, &mistakes)?;
    let layout = protocol.format.layout().unwrap();
    let mut random = ChaCha8Rng::seed_from_u64(11);
    let each = (0..MESSAGES).map(|_| {
        let value = value(layout, ResolvedLayout::ROOT, &mut random);
        let mut bytes = b"before".to_vec();
        codec.write(&value, &mut random, &mut bytes).unwrap();
        bytes.split_off(6)
    });
    Ok(each.collect())
}

/// What `check` says of the traffic: code and field of each finding.
pub fn check(protocols: &Protocols, messages: &[Vec<u8>]) -> Vec<(String, String)> {
    let mut dissector = Dissector::new(protocols, false).unwrap();
    let mut checker = Checker::new(protocols);
    let (src, dst) = (([10, 0, 0, 1], 40_000).into(), ([10, 0, 0, 2], 1989).into());
    for (number, payload) in (1..).zip(messages) {
        let mut data = Vec::new();
        build::datagram(src, dst, payload, &mut data).unwrap();
        let time = Some(Timestamp(1_700_000_000_000_000_000 + i64::from(number) * 1_000_000));
        let (link_type, orig_len) = (LinkType::Ethernet, data.len() as u32);
        let frame =
            Frame { number: number as u64, time, interface: 0, link_type, data: &data, orig_len };
        dissector.push(&frame, None, &mut |found| checker.found(&found));
    }
    let summary = dissector.finish(&mut |found| checker.found(&found));
    let findings = checker.finish(&summary).into_iter().filter(|it| it.src.is_some());
    findings.map(|it| (it.code.to_string(), it.field.unwrap_or_default())).collect()
}
