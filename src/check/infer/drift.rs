//! Layouts of other versions of a struct: a member added, removed or resized.
//!
//! They are made for the length that a sender's messages have where it is not the declared one, and weighed as
//! the other layouts are. Beside them stand two that explain the length without another version: bytes that
//! are left over, and a message that is another one altogether.

use super::{
    counted,
    layouts::Candidate,
    sample::Sample,
    slots::{Kind, Slot},
};
use crate::schema::{PartId, ResolvedLayout};

/// Bytes left over behind the declared struct, one that is cut short, and a message that is not this struct.
const LEFT_OVER: f64 = 0.0003;
const CUT_SHORT: f64 = 0.0005;
/// The same between two members.
const CUT_BETWEEN: f64 = 0.00005;
const FOREIGN: f64 = 0.00005;
/// Bytes that a version may have more: beyond, a buffer was sent whole rather than a member added.
const MAX_ADDED: usize = 16;
/// Distinct messages from which another version is told; one or two may be cut short.
const MIN_MESSAGES: usize = 3;
/// Fields whose changes are weighed; a struct with more of them is not looked at.
const MAX_FIELDS: usize = 128;

/// In what another version differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Change {
    /// Bytes between two fields, or at either end.
    Added {
        behind: Option<PartId>,
        before: Option<PartId>,
        offset: usize,
        len: usize,
    },
    Removed {
        field: PartId,
        offset: usize,
        len: usize,
    },
    /// Each element has another size.
    Resized {
        field: PartId,
        offset: usize,
        from: usize,
        to: usize,
    },
    /// None: what follows the declared struct belongs to no member.
    LeftOver,
    /// None: the end of the declared struct is not sent.
    CutShort,
    /// None: the bytes are no such struct.
    Foreign,
}

impl Change {
    /// Where it shows first: the field that is no longer where, or what, the header has.
    pub fn field(self) -> Option<PartId> {
        match self {
            Self::Added { behind, before, .. } => before.or(behind),
            Self::Removed { field, .. } | Self::Resized { field, .. } => Some(field),
            Self::LeftOver | Self::CutShort | Self::Foreign => None,
        }
    }

    /// The first field of the header that is elsewhere, or otherwise, than it has it; none of what is added at the end.
    pub fn first_moved(self) -> Option<PartId> {
        match self {
            Self::Added { before, .. } => before,
            other => other.field(),
        }
    }

    /// The bytes that show it: offset and length. Of a member that is gone, none.
    pub fn place(self) -> (usize, usize) {
        match self {
            Self::Added { offset, len, .. } => (offset, len),
            Self::Removed { offset, .. } => (offset, 0),
            Self::Resized { offset, to, .. } => (offset, to),
            Self::LeftOver | Self::CutShort | Self::Foreign => (0, 0),
        }
    }

    /// Whether the struct is another version.
    pub fn is_version(self) -> bool {
        !matches!(self, Self::LeftOver | Self::CutShort | Self::Foreign)
    }
}

/// The versions of a struct whose size is that of a sender's messages, and what else may explain it.
pub(super) fn candidates(known: &[Candidate], sample: &Sample) -> Vec<Candidate> {
    let Some(declared) = known.first() else { return Vec::new() };
    if sample.iter().count() < MIN_MESSAGES {
        return Vec::new();
    }
    let fields = runs(&declared.slots.slots);
    let rule = Rule::of(declared, &fields).filter(|_| fields.len() <= MAX_FIELDS);
    let Some(rule) = rule.filter(|_| !declared.is_open && declared.open.is_none()) else {
        return Vec::new();
    };
    if declared.slots.tail.is_some() {
        return with_tail(declared, known, &fields, rule, sample);
    }
    let size = declared.size;
    let is_near = |len: &usize| *len != size && *len <= size.saturating_add(MAX_ADDED) && *len > 0;
    let Some(len) = common_len(sample).filter(is_near) else { return Vec::new() };
    let mut found = Vec::new();
    let sizes = [1, 2, 4, 8].into_iter().chain(len.checked_sub(size));
    each_change(&fields, rule, sizes, len as isize - size as isize, &mut |change, pieces| {
        let (slots, _, size) = rule.lay(pieces);
        if size == len {
            found.push(version(declared, (change, pieces), slots, size));
        }
    });
    // What is as a compiler would lay the declared struct is that, unless bytes between its members move.
    found.retain(|it: &Candidate| !known.iter().any(|known| is_padding_of(it, known, sample)));
    if known.iter().all(|it| it.size != len) {
        found.extend(without_a_change(declared, len, sample));
    }
    found
}

/// What explains a length that no layout has without another version.
fn without_a_change(
    declared: &Candidate,
    len: usize,
    sample: &Sample,
) -> impl Iterator<Item = Candidate> {
    let end = |it: &Slot| it.offset.saturating_add(it.len);
    let whole = || declared.slots.slots.iter().filter(|it| end(it) <= len).cloned();
    let last = declared.slots.slots.last().map_or(0, end);
    let of =
        |change, slots, prior| Candidate { prior, ..version(declared, (change, &[]), slots, len) };
    let cut = match len < declared.size {
        true => {
            let ends_a_member = whole().any(|it| end(&it) == len);
            let prior = if ends_a_member { CUT_BETWEEN } else { CUT_SHORT };
            Some(of(Change::CutShort, whole().collect(), prior))
        }
        false if stays(sample, last, len) => {
            Some(of(Change::LeftOver, whole().collect(), LEFT_OVER))
        }
        false => None,
    };
    cut.into_iter().chain([of(Change::Foreign, Vec::new(), FOREIGN)])
}

/// The versions of a struct that ends in text: any that begins the text elsewhere. Where the text has no NUL, a
/// field has to count it.
fn with_tail(
    declared: &Candidate,
    known: &[Candidate],
    fields: &[Piece],
    rule: Rule,
    sample: &Sample,
) -> Vec<Candidate> {
    let Some(tail) = declared.slots.tail.as_ref().filter(|it| it.element.kind == Kind::Text) else {
        return Vec::new();
    };
    let start = tail.element.offset;
    if known.iter().any(|it| counted::of(it, sample).is_some()) {
        return Vec::new();
    }
    let ends_with_nul = sample.iter().filter(|it| it.bytes.last() == Some(&0)).count();
    let has_nul = 2 * ends_with_nul > sample.iter().count();
    let mut found = Vec::new();
    each_change(fields, rule, [1, 2, 4, 8], 0, &mut |change, pieces| {
        let (slots, end, _) = rule.lay(pieces);
        if end == start {
            return;
        }
        let mut version = version(declared, (change, pieces), slots, end);
        if let Some(tail) = &mut version.slots.tail {
            tail.element.offset = end;
            tail.pad = 0;
        }
        if has_nul || counted::of(&version, sample).is_some() {
            found.push(version);
        }
    });
    found.retain(|it: &Candidate| !known.iter().any(|known| is_padding_of(it, known, sample)));
    found
}

/// Calls with each single change of a struct, and the pieces that it then has. `more` is how many bytes a text
/// may grow by.
fn each_change(
    fields: &[Piece],
    rule: Rule,
    sizes: impl IntoIterator<Item = usize>,
    more: isize,
    call: &mut impl FnMut(Change, &[Piece]),
) {
    let mut sizes: Vec<_> = sizes.into_iter().collect();
    sizes.sort_unstable();
    sizes.dedup();
    for (at, run) in fields.iter().enumerate() {
        let others = |with: Option<Piece>| -> Vec<Piece> {
            let each = fields.iter().enumerate();
            let each = each
                .filter_map(|(it, run)| if it == at { with.clone() } else { Some(run.clone()) });
            each.collect()
        };
        call(run.removed(), &others(None));
        for to in run.other_sizes(more) {
            let resized =
                Change::Resized { field: run.field, offset: run.offset, from: run.len, to };
            call(resized, &others(Some(Piece { len: to, ..run.clone() })));
        }
    }
    for at in 0..=fields.len() {
        for &len in &sizes {
            let mut pieces = fields.to_vec();
            let behind = at.checked_sub(1).and_then(|it| fields.get(it)).map(|it| it.field);
            let before = fields.get(at).map(|it| it.field);
            pieces.insert(at, Piece::added(len));
            let offset = rule.offset_of(&pieces, at);
            call(Change::Added { behind, before, offset, len }, &pieces);
        }
    }
}

/// How probable a change is among those that are possible: programs add and remove whole numbers, and double
/// their size or halve it.
fn weight(change: Change, pieces: &[Piece]) -> f64 {
    match change {
        Change::Added { len: 1 | 2 | 4 | 8, .. } | Change::Removed { .. } => 1.0,
        Change::Added { .. } => 0.02,
        Change::Resized { field, from, to, .. } => {
            let piece = pieces.iter().find(|it| it.field == field);
            let first = piece.and_then(|it| it.slots.first()).map(|it| &it.kind);
            let is_doubled = from == 2 * to || to == 2 * from;
            match first {
                Some(Kind::Text) => 0.0001,
                Some(Kind::Integer { names: Some(_), .. }) => 1.0,
                // A bool of one byte is an int elsewhere, an enum of four a byte.
                _ if is_doubled || matches!((from, to), (1, 4) | (4, 1)) => 1.0,
                _ => 0.1,
            }
        }
        Change::LeftOver | Change::CutShort | Change::Foreign => 1.0,
    }
}

fn version(
    declared: &Candidate,
    (change, pieces): (Change, &[Piece]),
    slots: Vec<Slot>,
    size: usize,
) -> Candidate {
    let prior = weight(change, pieces);
    let mut candidate =
        Candidate { drift: Some(change), prior, size, holes: Vec::new(), ..declared.clone() };
    candidate.slots.slots = slots;
    candidate
}

/// The length of most messages.
fn common_len(sample: &Sample) -> Option<usize> {
    let count =
        |len: usize| sample.iter().filter(|it| it.len == len).map(|it| it.count).sum::<u64>();
    let len = sample.iter().map(|it| it.len).max_by_key(|&it| count(it))?;
    let all: u64 = sample.iter().map(|it| it.count).sum();
    (2 * count(len) > all).then_some(len)
}

/// Whether a version has the members of a known layout in their places, and bytes that do not move between them.
fn is_padding_of(version: &Candidate, known: &Candidate, sample: &Sample) -> bool {
    let places = |it: &Candidate| -> Vec<_> {
        it.slots.slots.iter().map(|it| (it.field, it.offset, it.len)).collect()
    };
    if version.size != known.size || places(version) != places(known) {
        return false;
    }
    let Some(Change::Added { offset, len, .. }) = version.drift else { return true };
    stays(sample, offset, offset.saturating_add(len))
}

/// Whether the bytes of a place are the same in all messages.
fn stays(sample: &Sample, start: usize, end: usize) -> bool {
    let mut bytes = sample.iter().filter_map(|it| it.bytes.get(start..end));
    let first = bytes.next();
    bytes.all(|it| Some(it) == first)
}

/// The slots of one field, or bytes of none.
#[derive(Clone, Debug)]
struct Piece {
    field: PartId,
    offset: usize,
    /// Of one element, bytes.
    len: usize,
    /// One for each element; none of what was added.
    slots: Vec<Slot>,
}

impl Piece {
    fn added(len: usize) -> Self {
        Self { field: ResolvedLayout::ROOT, offset: 0, len, slots: Vec::new() }
    }

    fn removed(&self) -> Change {
        let len = self.len * self.slots.len();
        Change::Removed { field: self.field, offset: self.offset, len }
    }

    /// What an element may have in place of its size; a text `more` bytes.
    fn other_sizes(&self, more: isize) -> Vec<usize> {
        let own = self.len;
        match self.slots.first().map(|it| &it.kind) {
            Some(Kind::Integer { .. }) => {
                [1, 2, 4, 8].into_iter().filter(|&it| it != own).collect()
            }
            Some(Kind::Float { .. }) => vec![if own == 4 { 8 } else { 4 }],
            Some(Kind::Text) => {
                let other = own.checked_add_signed(more).filter(|&it| it > 0 && it != own);
                other.into_iter().collect()
            }
            _ => Vec::new(),
        }
    }
}

/// Slots that follow one another and are of one field.
fn runs(slots: &[Slot]) -> Vec<Piece> {
    let mut runs: Vec<Piece> = Vec::new();
    for slot in slots {
        match runs.last_mut().filter(|it| it.field == slot.field) {
            Some(run) => run.slots.push(slot.clone()),
            None => {
                let Slot { field, offset, len, .. } = *slot;
                runs.push(Piece { field, offset, len, slots: vec![slot.clone()] });
            }
        }
    }
    runs
}

/// How the members of a struct are laid.
#[derive(Clone, Copy, Debug)]
enum Rule {
    /// One behind the other.
    Packed,
    /// Each at a multiple of its size.
    Natural,
}

impl Rule {
    /// The rule that lays a struct as it is; `None` where neither does.
    fn of(declared: &Candidate, fields: &[Piece]) -> Option<Self> {
        let start = declared.slots.tail.as_ref().map(|it| it.element.offset);
        [Self::Packed, Self::Natural].into_iter().find(|rule| {
            let (slots, end, size) = rule.lay(fields);
            let mut pairs = slots.iter().zip(&declared.slots.slots);
            let is_whole = start.map_or(size == declared.size, |it| it == end);
            is_whole && pairs.all(|(own, it)| own.offset == it.offset)
        })
    }

    fn align(self, piece: &Piece) -> usize {
        let is_number = |it: &Slot| matches!(it.kind, Kind::Integer { .. } | Kind::Float { .. });
        let has_order = piece.slots.first().is_none_or(is_number);
        match self {
            Self::Natural if has_order && piece.len.is_power_of_two() => piece.len.min(8),
            _ => 1,
        }
    }

    /// The slots of what follows one another, their end, and the size of the whole.
    fn lay(self, pieces: &[Piece]) -> (Vec<Slot>, usize, usize) {
        let (mut end, mut widest) = (0_usize, 1);
        let mut slots = Vec::new();
        for piece in pieces {
            let align = self.align(piece);
            widest = widest.max(align);
            end = end.next_multiple_of(align);
            if piece.slots.is_empty() {
                end += piece.len;
            }
            for slot in &piece.slots {
                slots.push(Slot { offset: end, len: piece.len, ..slot.clone() });
                end += piece.len;
            }
        }
        (slots, end, end.next_multiple_of(widest))
    }

    /// Where a piece of them begins.
    fn offset_of(self, pieces: &[Piece], at: usize) -> usize {
        let (before, rest) = pieces.split_at(at.min(pieces.len()));
        let end = before.iter().fold(0_usize, |end, piece| {
            end.next_multiple_of(self.align(piece)) + piece.len * piece.slots.len().max(1)
        });
        rest.first().map_or(end, |it| end.next_multiple_of(self.align(it)))
    }
}
