//! Claims that messages show, as findings.

use super::super::code::Code;
use super::{
    Declared, Sender,
    claim::{Claim, Subject, Verdict},
    counted::Count,
    drift::Change,
    evidence::read,
    layouts::Candidate,
    programs::Program,
    slots::{Kind, Slot},
    way::Way,
};
use crate::check::{Finding, HeaderPlace};
use crate::packet::Endpoint;
use crate::profile::Protocols;
use crate::schema::{ByteOrder, Level, Packing, Part, PartId, Span};

/// From here on an inferred mistake is an error: one in twenty may be wrong, if the models are true.
/// With 0.5 in its place 139 of 5,118 verdicts are wrong where 6 of 4,726 are.
pub(super) const SURE: f64 = 0.95;

/// What is wrong with a sender.
pub(super) fn findings(
    mut sender: Sender,
    declared: &Declared<'_>,
    protocols: &Protocols,
) -> Vec<Finding> {
    let mut programs = std::mem::take(&mut sender.programs);
    programs.weigh(&declared.candidates, &sender.sample);
    let mut found = Vec::new();
    for Program { src, verdict, .. } in programs.list() {
        let Some(winner) = verdict.winner(&declared.candidates) else { continue };
        let report = Report { sender: &sender, src: *src, declared, protocols, verdict, winner };
        let shown = verdict.claims.iter().filter(|it| it.support > 0);
        found.extend(shown.filter_map(|it| report.finding(it)));
    }
    found
}

struct Report<'a> {
    sender: &'a Sender,
    src: Endpoint,
    declared: &'a Declared<'a>,
    protocols: &'a Protocols,
    verdict: &'a Verdict,
    winner: &'a Candidate,
}

/// No inference is surer than that: what is not modelled may always be the case.
const SUREST: f64 = 0.999;

/// Of what stands in the bytes and is not inferred: one in a hundred is allowed for a struct that
/// another rule or header should have been named for.
const OBSERVED: f64 = 0.99;

/// The share among the versions that may be of those that change a field, or one before it, from which on it is named.
const PLACED: f64 = 0.8;

/// How sure it is that a text needs a NUL where the field in front of it, which may count it, is always zero.
const COUNT_LOST: f64 = 0.9;

/// The least share of a way that is told.
const TOLD: f64 = 0.001;

/// What a finding says.
struct Words {
    code: Code,
    confidence: f64,
    field: Option<PartId>,
    text: String,
    help: String,
    notes: Vec<String>,
}

impl Report<'_> {
    fn finding(&self, claim: &Claim) -> Option<Finding> {
        let words = match &claim.subject {
            Subject::Layout => self.layout(),
            Subject::Drift(change) => self.drift(*change),
            Subject::Order(field, way) => self.order(*field, *way, claim)?,
            Subject::Counted(count) => self.counted(*count)?,
            Subject::Length => self.length(claim),
            Subject::Trailing => self.trailing(claim),
            Subject::Terminator(lost) => self.terminator(*lost, claim),
            Subject::BehindNul(field) => self.uninitialised(Some(*field), "behind its NUL"),
            Subject::BehindTail => self.uninitialised(self.tail_field(), "behind its NUL"),
            Subject::Holes => self.uninitialised(None, "in padding"),
        };
        let is_sure = words.confidence >= SURE;
        let code = if is_sure { words.code } else { Code::Undecided };
        let level = if is_sure { words.code.level() } else { Level::Note };
        let text = match is_sure {
            true => words.text,
            false => format!("possibly {}: {}", words.code.as_str(), words.text),
        };
        let info = words.field.and_then(|it| self.field(it));
        let span = info.map(|it| it.span).or_else(|| self.record_span());
        let evidence = claim.evidence.clone();
        Some(Finding {
            code,
            level,
            text,
            protocol: Some(self.declared.protocol.name.clone()),
            message: Some(self.declared.name.to_owned()),
            field: info.map(|it| it.path.clone()),
            stream: self.sender.stream,
            src: Some(self.src),
            dst: Some(self.sender.dst),
            frames: claim.frames.clone(),
            support: claim.support,
            total: claim.total,
            confidence: Some(words.confidence.min(SUREST)),
            offset: evidence.as_ref().map(|it| it.offset as u64),
            len: evidence.as_ref().map(|it| it.len as u64),
            header: span.and_then(|it| self.place(it)),
            help: Some(words.help),
            evidence,
            notes: words.notes,
        })
    }

    fn order(&self, field: PartId, way: Way, claim: &Claim) -> Option<Words> {
        let path = &self.field(field)?.path;
        let slot = self.slot(field)?;
        let order = match &slot.kind {
            Kind::Integer { order, .. } | Kind::Float { order } => *order,
            _ => return None,
        };
        let wrong = self.verdict.posterior.wrong.get(field.index()).copied()?;
        let read_so = way.as_what(order, slot.len);
        let text = match way {
            Way::Other => format!("`{path}` arrives {read_so}, {} is declared", name_of(order)),
            Way::FirstHalf => format!("`{path}` arrives {read_so}, zeros behind"),
            Way::Halves | Way::TurnedHalves => format!("`{path}` arrives {read_so}"),
        };
        let right = swap_help(slot, order, path);
        let bits = 8 * slot.len;
        let help = match (way, &slot.kind) {
            (Way::Other, _) => right,
            (Way::FirstHalf, _) => {
                format!("{right}: the function for {} bits loses the rest", bits / 2)
            }
            (_, Kind::Integer { .. }) => format!("{right}, all {bits} bits at once"),
            _ => format!("write `{path}` as one number of {bits} bits"),
        };
        let mut notes = Vec::new();
        if let Some((declared, arrived)) = self.readings(slot, way, claim) {
            notes.push(format!("{arrived} {read_so}, {declared} as declared"));
        }
        let ways = Way::ALL.into_iter().filter(|it| *it != way);
        let other = ways.map(|it| (it, wrong.of(it))).max_by(|a, b| a.1.total_cmp(&b.1));
        let declared = 1.0 - wrong.share();
        notes.push(match other.filter(|it| it.1 > declared.max(TOLD)) {
            Some((other, share)) => {
                format!("runner-up: {}, {}", other.as_what(order, slot.len), percent(share))
            }
            None => format!("runner-up: the declared order, {}", percent(declared)),
        });
        let (code, confidence, field) = (Code::ByteOrder, wrong.share(), Some(field));
        Some(Words { code, confidence, field, text, help, notes })
    }

    /// No mistake: what the profile may say of it.
    fn counted(&self, count: Count) -> Option<Words> {
        let tail = &self.field(self.tail_field()?)?.path;
        let path = &self.field(count.field)?.path;
        let counts = match count.more {
            0 => path.clone(),
            more @ ..0 => format!("{path} + {}", more.unsigned_abs()),
            more => format!("{path} - {more}"),
        };
        Some(Words {
            code: Code::Counted,
            confidence: OBSERVED,
            field: Some(count.field),
            text: format!("`{path}` counts the bytes of `{tail}`, which needs no NUL then"),
            help: format!("say so in the profile: `{tail} = {{ count = \"{counts}\" }}`"),
            notes: Vec::new(),
        })
    }

    /// The value of the message that shows it: as declared, and as it arrives.
    fn readings(&self, slot: &Slot, way: Way, claim: &Claim) -> Option<(String, String)> {
        let evidence = claim.evidence.as_ref()?;
        let end = evidence.offset.checked_add(evidence.len)?;
        let bytes = evidence.bytes.get(evidence.offset..end)?;
        let show = |value: u64| match &slot.kind {
            Kind::Float { .. } if slot.len == 4 => f32_text(f32::from_bits(value as u32)),
            Kind::Float { .. } => f64_text(f64::from_bits(value)),
            Kind::Integer { signed: true, .. } => {
                let unused = 64 - 8 * slot.len.clamp(1, 8) as u32;
                ((value << unused) as i64 >> unused).to_string()
            }
            _ => value.to_string(),
        };
        let value = match &slot.kind {
            Kind::Integer { order, .. } | Kind::Float { order } => read(bytes, *order),
            _ => return None,
        };
        Some((show(value), show(way.read(value, slot.len)?)))
    }

    fn layout(&self) -> Words {
        let code = code_of(self.winner);
        let shares = &self.verdict.posterior.layouts;
        let rivals = self.declared.candidates.iter().zip(shares).enumerate();
        let confidence = rivals
            .clone()
            .filter(|(index, (it, _))| *index != 0 && code_of(it) == code)
            .map(|(_, (_, share))| share)
            .sum();
        let second = rivals
            .filter(|(index, _)| *index != self.verdict.posterior.winner)
            .max_by(|a, b| a.1.1.total_cmp(b.1.1));
        let notes = second.map(|(index, (it, share))| {
            format!("runner-up: {}, {}", self.name_of(index, it), percent(*share))
        });
        let named = self.name_of(self.verdict.posterior.winner, self.winner);
        let declared = self.declared.candidates.first().map_or(0, |it| it.size);
        let size = self.winner.size;
        let (text, help) = match (code, self.winner.packing) {
            (Code::TypeWidth, _) => (
                format!(
                    "the sender has another data model: {size} bytes, as {named}, and the header \
                     has {declared}"
                ),
                "use types of a fixed width, such as uint32_t and int64_t, in a packed struct"
                    .to_owned(),
            ),
            (_, Packing::Packed) => (
                format!("the sender packs the struct ({size} bytes), the header does not"),
                "declare the struct with `__attribute__((packed))` here too".to_owned(),
            ),
            (_, Packing::AtMost(most)) => (
                format!(
                    "the sender's struct is packed to {most}: {size} bytes, the header has {declared}"
                ),
                "pack the struct at the sender as the header does: `#pragma pack(push, 1)`"
                    .to_owned(),
            ),
            _ => (
                format!(
                    "the sender's struct is not packed: {size} bytes, the header has {declared}"
                ),
                "pack the struct at the sender: `__attribute__((packed))`".to_owned(),
            ),
        };
        let notes = notes.into_iter().collect();
        Words { code, confidence, field: self.first_moved(), text, help, notes }
    }

    fn drift(&self, change: Change) -> Words {
        let versions = || self.verdict.versions.iter().filter(|it| it.0.is_version());
        let confidence = versions().map(|it| it.1).sum();
        let here: f64 = versions().filter(|it| it.0.field() == change.field()).map(|it| it.1).sum();
        let is_placed = here >= PLACED * confidence;
        let (size, declared) =
            (self.winner.size, self.declared.candidates.first().map_or(0, |it| it.size));
        let name = self.declared.name;
        let field = if is_placed { change.field() } else { self.moved_at_latest(confidence) };
        let what = match (is_placed, field.and_then(|it| self.field(it))) {
            (true, _) => self.change(change),
            (false, Some(latest)) => {
                let (by, than) =
                    (size.abs_diff(declared), if size > declared { "more" } else { "fewer" });
                Some(format!("{} {than}, at `{}` or before it", count_of(by), latest.path))
            }
            (false, None) => None,
        };
        let what = what.map_or_else(String::new, |it| format!(": {it}"));
        let mut notes = Vec::new();
        if let Some((other, share)) =
            versions().filter(|it| it.0 != change).max_by(|a, b| a.1.total_cmp(&b.1))
            && let Some(other) = self.change(*other)
        {
            notes.push(format!("runner-up: {other}, {}", percent(*share)));
        }
        Words {
            code: Code::Drift,
            confidence,
            field,
            text: format!(
                "each `{name}` is {} here, the header says {declared}{what}",
                count_of(size)
            ),
            help: "build both ends with one version of the header; `wirereel compat OLD NEW` tells what differs".to_owned(),
            notes,
        }
    }

    /// The first field that most of the versions have elsewhere, or otherwise, than the header.
    fn moved_at_latest(&self, confidence: f64) -> Option<PartId> {
        let versions = || self.verdict.versions.iter().filter(|it| it.0.is_version());
        let moved = |field: PartId| -> f64 {
            let first = versions().filter(|it| it.0.first_moved().is_some_and(|it| it <= field));
            first.map(|it| it.1).sum()
        };
        let slots = &self.declared.candidates.first()?.slots.slots;
        slots.iter().map(|it| it.field).find(|&it| moved(it) >= PLACED * confidence)
    }

    /// In words.
    fn change(&self, change: Change) -> Option<String> {
        let name = |it: PartId| self.field(it).map(|it| format!("`{}`", it.path));
        Some(match change {
            Change::Added { behind, before, len, .. } => {
                let behind = behind.and_then(name).map(|it| format!(" behind {it}"));
                let before = before.and_then(name).map(|it| format!(" before {it}"));
                let places = [behind, before].into_iter().flatten().collect::<Vec<_>>().join(",");
                format!("{} more{places}", count_of(len))
            }
            Change::Removed { field, len, .. } => {
                format!("{}, {}, is missing", name(field)?, count_of(len))
            }
            Change::Resized { field, from, to, .. } => {
                format!("{} has {} in place of {from}", name(field)?, count_of(to))
            }
            Change::LeftOver | Change::CutShort | Change::Foreign => return None,
        })
    }

    /// The first field that does not lie where the header puts it: a hole is in front of it, or it
    /// has another width.
    fn first_moved(&self) -> Option<PartId> {
        let declared = &self.declared.candidates.first()?.slots.slots;
        // All layouts have the same slots in the same order, elements of arrays one by one.
        let mut pairs = self.winner.slots.slots.iter().zip(declared);
        let moved = |(slot, own): &(&Slot, &Slot)| (own.offset, own.len) != (slot.offset, slot.len);
        pairs.find(moved).map(|(slot, _)| slot.field)
    }

    fn name_of(&self, index: usize, candidate: &Candidate) -> String {
        match (index, candidate.packing) {
            (0, _) => "the layout as declared".to_owned(),
            (_, Packing::Declared) => format!("the declared layout on {}", candidate.abi),
            (_, Packing::Packed) => format!("the packed layout on {}", candidate.abi),
            (_, Packing::Natural) => format!("the natural layout on {}", candidate.abi),
            (_, Packing::AtMost(most)) => {
                format!("the layout packed to {most} on {}", candidate.abi)
            }
        }
    }

    fn length(&self, claim: &Claim) -> Words {
        let len = claim.evidence.as_ref().map_or(0, |it| it.len + it.offset);
        let rivals = self.declared.candidates.iter().enumerate();
        let (index, nearest) = rivals
            .min_by_key(|(_, it)| it.size.abs_diff(len))
            .unwrap_or((self.verdict.posterior.winner, self.winner));
        let (size, nearest) = (nearest.size, self.name_of(index, nearest));
        Words {
            code: Code::Length,
            confidence: OBSERVED,
            field: None,
            text: format!(
                "a length of {len} bytes fits no layout; nearest is {nearest}, {size} bytes"
            ),
            help: "send the whole struct: its size is `sizeof`".to_owned(),
            notes: Vec::new(),
        }
    }

    fn trailing(&self, claim: &Claim) -> Words {
        let len = claim.evidence.as_ref().map_or(0, |it| it.len);
        Words {
            code: Code::Trailing,
            confidence: OBSERVED,
            field: self.tail_field(),
            text: format!("{len} bytes behind the end that no layout explains"),
            help: "send as many bytes as the message has, not the whole buffer".to_owned(),
            notes: Vec::new(),
        }
    }

    /// Text where any bytes could be: each character counts against chance.
    fn terminator(&self, lost: Option<PartId>, claim: &Claim) -> Words {
        let len = claim.evidence.as_ref().map_or(0, |it| it.len);
        let odds = 8.0 * 2.0_f64.powf((len as f64 * claim.support as f64).min(50.0));
        let most = if lost.is_some() { COUNT_LOST } else { SUREST };
        let note = lost.and_then(|it| self.field(it)).map(|it| {
            format!(
                "`{}` is zero in all messages: if it counts the text, `htonl` in place of `htons` loses it",
                it.path
            )
        });
        Words {
            code: Code::Terminator,
            confidence: (1.0 - 1.0 / (1.0 + odds)).min(most),
            field: self.tail_field(),
            text: "the text goes to the end of the message without its NUL".to_owned(),
            help: "count the NUL: `strlen(text) + 1` bytes of text".to_owned(),
            notes: note.into_iter().collect(),
        }
    }

    fn uninitialised(&self, field: Option<PartId>, place: &str) -> Words {
        let name = field.and_then(|it| self.field(it)).map(|it| format!("`{}` has ", it.path));
        Words {
            code: Code::Uninitialised,
            confidence: OBSERVED,
            field,
            text: format!("{}bytes {place} that are not zero", name.unwrap_or_default()),
            help: "clear the struct before it is filled: `memset(&msg, 0, sizeof(msg))`".to_owned(),
            notes: vec!["what was in the sender's memory leaks to the wire".to_owned()],
        }
    }

    fn field(&self, field: PartId) -> Option<&Part> {
        self.winner.layout.part(field)
    }

    fn slot(&self, field: PartId) -> Option<&Slot> {
        let tail = self.winner.slots.tail.iter().map(|it| &it.element);
        self.winner.slots.slots.iter().chain(tail).find(|it| it.field == field)
    }

    fn tail_field(&self) -> Option<PartId> {
        self.winner.slots.tail.as_ref().map(|it| it.element.field)
    }

    fn record_span(&self) -> Option<Span> {
        let schema = self.protocols.schemas().get(self.declared.schema)?;
        schema.record(self.declared.name).map(|it| it.span)
    }

    fn place(&self, span: Span) -> Option<HeaderPlace> {
        HeaderPlace::at(self.protocols, self.declared.schema, span)
    }
}

/// Holes where the header has none are padding; sizes of another data model, or the alignment of
/// another ABI where the header is not packed, are type width.
fn code_of(candidate: &Candidate) -> Code {
    let is_other_abi = candidate.packing == Packing::Declared;
    if candidate.is_other_model || is_other_abi { Code::TypeWidth } else { Code::Padding }
}

fn name_of(order: ByteOrder) -> &'static str {
    if order == ByteOrder::Big { "big-endian" } else { "little-endian" }
}

fn swap_help(slot: &Slot, order: ByteOrder, path: &str) -> String {
    let is_float = matches!(slot.kind, Kind::Float { .. });
    match (is_float, order, slot.len) {
        (false, ByteOrder::Big, 2) => format!("at the sender: `htons({path})`"),
        (false, ByteOrder::Big, 4) => format!("at the sender: `htonl({path})`"),
        (false, ByteOrder::Big, _) => format!("at the sender: `htobe64({path})`"),
        (false, ByteOrder::Little, len) => format!("at the sender: `htole{}({path})`", 8 * len),
        (true, ..) => format!("turn the bytes of `{path}` around at the sender"),
    }
}

/// As C's `%g` does: no rows of zeros for what is tiny or huge.
fn f64_text(value: f64) -> String {
    match value.abs() {
        0.0 | 1e-5..1e15 => value.to_string(),
        _ => format!("{value:e}"),
    }
}

fn f32_text(value: f32) -> String {
    match value.abs() {
        0.0 | 1e-5..1e9 => value.to_string(),
        _ => format!("{value:e}"),
    }
}

fn count_of(bytes: usize) -> String {
    if bytes == 1 { "1 byte".to_owned() } else { format!("{bytes} bytes") }
}

fn percent(share: f64) -> String {
    match 100.0 * share {
        it if it < 0.1 => "less than 0.1%".to_owned(),
        it => format!("{it:.1}%"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_told_in_percent() {
        assert_eq!(percent(0.0004), "less than 0.1%");
        assert_eq!(percent(0.034), "3.4%");
    }

    #[test]
    fn numbers_are_short_whatever_their_size() {
        let texts = [21.5, 0.0, -3.25, 4.15e-320, 1e300, f64::NAN].map(f64_text);
        assert_eq!(texts, ["21.5", "0", "-3.25", "4.15e-320", "1e300", "NaN"]);
        assert_eq!([0.5, -0.0, 1e-40].map(f32_text), ["0.5", "-0", "1e-40"]);
    }
}
