//! The members of a message in two versions, on one ABI.

use super::change::{Change, Moved, place};
use super::order::longest_rising;
use crate::check::{Code, Level};
use crate::schema::{Part, PartId, PartKind, Repeat, ResolvedLayout};

/// What is another thing in the new version of a message.
pub(super) fn changes(old: &ResolvedLayout, new: &ResolvedLayout) -> Vec<Change> {
    let mut comparison = Comparison { old, new, changes: Vec::new() };
    comparison.record([ResolvedLayout::ROOT; 2], true);
    if comparison.changes.is_empty() && old.size != new.size {
        let text = format!("`{}` is {} bytes, and was {}", new.name, new.size, old.size);
        let span = new.part(ResolvedLayout::ROOT).map(|it| it.span).unwrap_or_default();
        comparison.changes.push(Change::new(Code::Resized, &new.name, "", text, span));
    }
    comparison.changes
}

struct Comparison<'l> {
    old: &'l ResolvedLayout,
    new: &'l ResolvedLayout,
    changes: Vec<Change>,
}

/// A member of a record in one version.
#[derive(Clone, Copy)]
struct Member<'l> {
    id: PartId,
    part: &'l Part,
    /// Which it is among those without a name.
    unnamed: Option<usize>,
}

/// The members of a record in the two versions, and which is which.
struct Sides<'l> {
    before: Vec<Member<'l>>,
    after: Vec<Member<'l>>,
    /// Of each of the new version, which it was in the old one.
    pairs: Vec<Option<usize>>,
    /// Those of the new version that stand as they stood.
    kept: Vec<usize>,
    /// Where the record begins in each, bytes.
    starts: [u64; 2],
    is_union: bool,
}

impl<'l> Comparison<'l> {
    /// Compares the members of a struct or union; `is_last`: nothing of the message is behind it.
    fn record(&mut self, [old, new]: [PartId; 2], is_last: bool) {
        let Some(sides) = self.sides(old, new) else { return };
        let mut cause: Option<usize> = None;
        let mut run: Option<(usize, u64)> = None;
        let mut gone = 0;
        let first = self.changes.len();
        let last = sides.pairs.iter().rposition(Option::is_some);
        for (index, member) in sides.after.iter().enumerate() {
            let Some(was_at) = sides.pairs.get(index).copied().flatten() else {
                let is_behind_all = last.is_none_or(|it| it < index);
                cause = Some(self.inserted(&sides, index, is_behind_all && is_last));
                continue;
            };
            let Some(was) = sides.before.get(was_at) else { continue };
            let is_kept = sides.kept.contains(&index);
            if is_kept {
                cause = self.removed(&sides, gone..was_at).or(cause);
                gone = was_at.saturating_add(1);
            }
            if was.part.name != member.part.name {
                self.renamed(was, member);
            }
            if is_kept {
                self.place(&sides, [was, member], cause, &mut run);
            } else {
                cause = Some(self.reordered(&sides, [was_at, index]));
            }
            let is_last = is_last && index.saturating_add(1) == sides.after.len();
            cause = self.compare([was.id, member.id], is_last).or(cause);
        }
        self.removed(&sides, gone..sides.before.len());
        self.weigh(&sides, first, [old, new]);
    }

    fn sides(&self, old: PartId, new: PartId) -> Option<Sides<'l>> {
        let before = members(self.old, old);
        let after = members(self.new, new);
        let starts = [self.old.part(old)?.offset, self.new.part(new)?.offset];
        let is_union = matches!(self.new.part(new)?.kind, PartKind::Union(_));
        let same = |one: &Member<'_>, other: &Member<'_>| {
            one.part.name == other.part.name && one.unnamed == other.unnamed
        };
        let find = |it: &Member<'_>| before.iter().position(|was| same(was, it));
        let mut pairs: Vec<_> = after.iter().map(find).collect();
        // What has another name, and is the same otherwise, is the same.
        for (index, it) in after.iter().enumerate() {
            if pairs.get(index).is_some_and(Option::is_some) || is_union {
                continue;
            }
            let is_free = |at: usize| !pairs.contains(&Some(at));
            let alike = |was: &Member<'_>| {
                let (one, other) =
                    (self.old.facts(was.id, was.part), self.new.facts(it.id, it.part));
                let places = [(was, starts[0]), (it, starts[1])];
                let [from, to] = places.map(|(it, start)| bits_from(it.part, start));
                from == to && one.size == other.size && one.kind == other.kind
            };
            let found = before.iter().enumerate().find(|(at, was)| is_free(*at) && alike(was));
            if let (Some((at, _)), Some(pair)) = (found, pairs.get_mut(index)) {
                *pair = Some(at);
            }
        }
        let paired: Vec<(usize, usize)> =
            pairs.iter().enumerate().filter_map(|(at, was)| Some((at, (*was)?))).collect();
        let order: Vec<usize> = paired.iter().map(|it| it.1).collect();
        let kept = longest_rising(&order);
        let kept = kept.into_iter().filter_map(|it| paired.get(it)).map(|it| it.0).collect();
        Some(Sides { before, after, pairs, kept, starts, is_union })
    }

    fn add(&mut self, change: Change) -> usize {
        self.changes.push(change);
        self.changes.len().saturating_sub(1)
    }

    fn change(&self, code: Code, part: &Part, text: String) -> Change {
        let place = Some((part.offset, part.len));
        Change { place, ..Change::new(code, &self.new.name, &part.path, text, part.span) }
    }

    fn inserted(&mut self, sides: &Sides<'_>, index: usize, is_at_end: bool) -> usize {
        let Some(it) = sides.after.get(index) else { return 0 };
        let kind = kind(self.new, it.id, it.part);
        let before = index.checked_sub(1).and_then(|it| sides.after.get(it));
        let behind = sides.after.get(index.saturating_add(1));
        let names = [before, behind].map(|it| it.map(|it| it.part.path.as_str()));
        let (code, at) = match names {
            _ if is_at_end => (Code::Appended, "at the end".to_owned()),
            _ if sides.is_union => (Code::Inserted, "among the members of its union".to_owned()),
            [Some(one), Some(other)] => (Code::Inserted, format!("between `{one}` and `{other}`")),
            [None, Some(other)] => (Code::Inserted, format!("before `{other}`")),
            [Some(one), None] => (Code::Inserted, format!("behind `{one}`")),
            [None, None] => (Code::Inserted, "by itself".to_owned()),
        };
        let path = shown(it.part);
        let text = format!("{path}, {kind} at {}, is new {at}", it.part.offset);
        let change = self.change(code, it.part, text);
        self.add(change)
    }

    /// Tells the members of the old version in a range that are in the new one no more; the last of them.
    fn removed(&mut self, sides: &Sides<'_>, range: std::ops::Range<usize>) -> Option<usize> {
        let mut cause = None;
        for (index, it) in sides.before.iter().enumerate().take(range.end).skip(range.start) {
            if sides.pairs.contains(&Some(index)) {
                continue;
            }
            let kind = kind(self.old, it.id, it.part);
            let text = format!("{}, {kind} at {}, is gone", shown(it.part), it.part.offset);
            let change = self.change(Code::Removed, it.part, text);
            cause = Some(self.add(Change { is_in_new: false, ..change }));
        }
        cause
    }

    fn renamed(&mut self, was: &Member<'_>, it: &Member<'_>) {
        let text = format!("{} was called {}", shown(it.part), shown(was.part));
        let change = self.change(Code::Renamed, it.part, text);
        self.add(change);
    }

    fn reordered(&mut self, sides: &Sides<'_>, [was_at, at]: [usize; 2]) -> usize {
        let (Some(was), Some(it)) = (sides.before.get(was_at), sides.after.get(at)) else {
            return 0;
        };
        let behind = |members: &[Member<'_>], at: usize| match at.checked_sub(1) {
            Some(before) => {
                format!(
                    "behind {}",
                    members.get(before).map(|it| shown(it.part)).unwrap_or_default()
                )
            }
            None => "first".to_owned(),
        };
        let text = format!(
            "{} stands {}, at {}, and stood {}, at {}",
            shown(it.part),
            behind(&sides.after, at),
            it.part.offset,
            behind(&sides.before, was_at),
            was.part.offset,
        );
        let change = self.change(Code::Reordered, it.part, text);
        self.add(change)
    }

    /// Tells that a member lies elsewhere within its record: with what is the cause, else by itself, and then with
    /// all that moves as far.
    fn place(
        &mut self,
        sides: &Sides<'_>,
        [was, it]: [&Member<'_>; 2],
        cause: Option<usize>,
        run: &mut Option<(usize, u64)>,
    ) {
        let from = bits_from(was.part, sides.starts[0]);
        let to = bits_from(it.part, sides.starts[1]);
        if from == to {
            return;
        }
        let shift = to.wrapping_sub(from);
        let moved = Moved {
            path: it.part.path.clone(),
            from: bits_from(was.part, 0),
            to: bits_from(it.part, 0),
        };
        let known = cause.or(run.filter(|it| it.1 == shift).map(|it| it.0));
        if let Some(change) = known.and_then(|it| self.changes.get_mut(it)) {
            change.moved.push(moved);
            return;
        }
        let text = format!(
            "{} begins at {}, and began at {}",
            shown(it.part),
            place(moved.to),
            place(moved.from)
        );
        let change = self.change(Code::Moved, it.part, text);
        *run = Some((self.add(change), shift));
    }

    /// What is the same member in both; the change that has it take another number of bytes.
    fn compare(&mut self, [old, new]: [PartId; 2], is_last: bool) -> Option<usize> {
        let (was, it) = (self.old.part(old)?, self.new.part(new)?);
        let first = self.changes.len();
        let is_longer = was.len != it.len;
        match (&was.kind, &it.kind) {
            (PartKind::Struct(_), PartKind::Struct(_))
            | (PartKind::Union(_), PartKind::Union(_)) => {
                self.record([old, new], is_last);
            }
            (PartKind::List, PartKind::List) => {
                self.counts(was, it);
                let elements = (self.old.members(old).next(), self.new.members(new).next());
                if let (Some((one, _)), Some((other, _))) = elements {
                    self.compare([one, other], false);
                }
            }
            _ => self.leaf([old, new], [was, it]),
        }
        if is_longer && self.changes.len() == first {
            let text = format!("{} takes {} bytes, and took {}", shown(it), it.len, was.len);
            let change = self.change(Code::Resized, it, text);
            self.add(change);
        }
        let widths = [was, it].map(|it| it.bits().map(|it| it.width));
        (is_longer || widths[0] != widths[1]).then(|| self.changes.len().saturating_sub(1))
    }

    /// The elements of an array.
    fn counts(&mut self, was: &Part, it: &Part) {
        let text = match (was.repeat, it.repeat) {
            (Repeat::Times { count: was, .. }, Repeat::Times { count, .. }) if was != count => {
                format!("{} has {count} elements, and had {was}", shown(it))
            }
            (Repeat::Times { count, .. }, Repeat::ToEnd { .. }) => {
                format!("{} has any number of elements, and had {count}", shown(it))
            }
            (Repeat::ToEnd { .. }, Repeat::Times { count, .. }) => {
                format!("{} has {count} elements, and had any number", shown(it))
            }
            _ => return,
        };
        let change = self.change(Code::Resized, it, text);
        self.add(change);
    }

    fn leaf(&mut self, [old, new]: [PartId; 2], [was, it]: [&Part; 2]) {
        let (one, other) = (self.old.facts(old, was), self.new.facts(new, it));
        let widths = [was, it].map(|it| it.bits().map(|it| it.width));
        let is_resized =
            one.size != other.size || widths[0] != widths[1] || repeats(was) != repeats(it);
        let told = |kind: &str, bits: Option<u32>| match bits {
            Some(bits) => format!("{bits} bits of {kind}"),
            None => kind.to_owned(),
        };
        let (now, then) = (kind(self.new, new, it), kind(self.old, old, was));
        let (now, then) = (told(&now, widths[1]), told(&then, widths[0]));
        let text = format!("{} is {now}, and was {then}", shown(it));
        let (code, level) = match (class(was), class(it)) {
            (one, other) if one != other => (Code::Retyped, Level::Error),
            _ if is_resized => (Code::Resized, Level::Error),
            (Class::Integer, _) if orders(was) != orders(it) => (Code::ByteOrder, Level::Error),
            _ if is_signed(was) != is_signed(it) => (Code::Retyped, Level::Warning),
            _ => return,
        };
        let change = self.change(code, it, text);
        self.add(Change { level, ..change });
    }

    /// What comes and goes in padding breaks less, and a further member of a union that is no longer nothing.
    fn weigh(&mut self, sides: &Sides<'_>, first: usize, [old, new]: [PartId; 2]) {
        let lens = [self.old.part(old), self.new.part(new)].map(|it| it.map(|it| it.len));
        let is_as_long = lens[0] == lens[1];
        let mut weighed = Vec::new();
        for (index, change) in self.changes.iter().enumerate().skip(first) {
            if !is_as_long || !change.moved.is_empty() {
                continue;
            }
            let (others, starts) = match change.code {
                Code::Inserted | Code::Appended => {
                    (&sides.before, [sides.starts[1], sides.starts[0]])
                }
                Code::Removed => (&sides.after, sides.starts),
                _ => continue,
            };
            let Some((offset, len)) = change.place else { continue };
            let from = offset.saturating_sub(starts[0]);
            let overlaps = others.iter().any(|it| {
                let start = it.part.offset.saturating_sub(starts[1]);
                start < from.saturating_add(len) && from < start.saturating_add(it.part.len)
            });
            let is_own = [&sides.before, &sides.after].iter().any(|all| {
                all.iter().any(|it| it.part.path == change.path && it.part.span == change.span)
            });
            let level = match (sides.is_union, change.code) {
                (true, Code::Removed) => Level::Warning,
                (true, _) => Level::Note,
                (false, _) if overlaps => continue,
                (false, _) => Level::Warning,
            };
            if is_own {
                weighed.push((index, level));
            }
        }
        for (index, level) in weighed {
            let Some(change) = self.changes.get_mut(index) else { continue };
            change.level = level;
            change.text += match (sides.is_union, change.code) {
                (true, _) => "",
                (false, Code::Removed) => ": its bytes are padding now",
                (false, _) => ", in what was padding",
            };
        }
    }
}

fn members(layout: &ResolvedLayout, record: PartId) -> Vec<Member<'_>> {
    let mut unnamed = 0_usize;
    let member = |(id, part): (PartId, _)| {
        let part: &Part = part;
        let number = part.name.is_none().then(|| {
            unnamed = unnamed.saturating_add(1);
            unnamed
        });
        Member { id, part, unnamed: number }
    };
    layout.members(record).map(member).collect()
}

/// As C has it, on whatever ABI: plain `char` has the sign that the ABI gives it.
fn kind(layout: &ResolvedLayout, id: PartId, part: &Part) -> String {
    let kind = layout.facts(id, part).kind;
    let dimension = kind.find('[').and_then(|at| kind.get(at..)).unwrap_or_default();
    match part.characters() {
        Some(true) => format!("char{dimension}"),
        Some(false) => format!("uint8_t{dimension}"),
        None => kind,
    }
}

/// Where a part begins, bits from a byte of the message.
fn bits_from(part: &Part, start: u64) -> u64 {
    let first = part.bits().filter(|it| !it.is_whole_bytes()).map(|it| it.first);
    let first = first.unwrap_or_else(|| part.offset.saturating_mul(8));
    first.saturating_sub(start.saturating_mul(8))
}

fn shown(part: &Part) -> String {
    match (&part.name, part.path.as_str()) {
        (None, "") => "a record without a name".to_owned(),
        (None, path) => format!("what has no name in `{path}`"),
        (Some(_), path) => format!("`{path}`"),
    }
}

/// What values are read as.
#[derive(PartialEq)]
enum Class {
    Integer,
    Float,
    Characters,
    Other(std::mem::Discriminant<PartKind>),
}

fn class(part: &Part) -> Class {
    match &part.kind {
        PartKind::Integer { .. } | PartKind::Bits(_) => Class::Integer,
        PartKind::Float { .. } => Class::Float,
        PartKind::Characters { .. } => Class::Characters,
        other => Class::Other(std::mem::discriminant(other)),
    }
}

fn orders(part: &Part) -> Option<crate::schema::ByteOrder> {
    match &part.kind {
        PartKind::Integer { order, .. } if part.len > 1 => Some(*order),
        PartKind::Bits(bits) if bits.is_whole_bytes() && bits.width > 8 => Some(bits.order),
        _ => None,
    }
}

fn is_signed(part: &Part) -> bool {
    match &part.kind {
        PartKind::Integer { signed, .. } => *signed,
        PartKind::Bits(bits) => bits.signed,
        _ => false,
    }
}

fn repeats(part: &Part) -> Option<u64> {
    match part.repeat {
        Repeat::Once => Some(0),
        Repeat::Times { count, .. } => Some(count),
        Repeat::Said { .. } | Repeat::ToEnd { .. } => None,
    }
}
