//! The codec of a sender that makes mistakes.

use std::sync::Arc;

use rand::Rng;

use super::declaration::Declaration;
use super::error::MistakeError;
use super::form::Form;
use super::mistake::Mistake;
use super::residue::{Counted, Held, Shown, Stack};
use super::touch::Touch;
use crate::decode::codec::{Case, Codec, EncodeError, FieldValue, FoundSum, MessageWords};
use crate::message::Item;
use crate::profile::{Protocol, Protocols};
use crate::schema::{ByteOrder, PartKind, ResolvedLayout};

/// Writes messages as a sender that makes some mistakes does; without any, as declared.
#[derive(Clone, Debug)]
pub struct MistakenCodec {
    codec: Codec,
    /// The codec of the whole protocol, where the message is the struct of a case: what that says of the
    /// message, its length among it, has its names in the protocol's own struct.
    whole: Option<Box<Codec>>,
    /// The message itself.
    own: Written,
    /// The tag that chooses a struct in its place, and each of these.
    tag: Option<Tag>,
    cases: Vec<(i128, Written)>,
}

/// A struct as it is written.
#[derive(Clone, Debug)]
struct Written {
    layout: Arc<ResolvedLayout>,
    /// What is done to its bytes then.
    touches: Vec<Touch>,
}

/// Where the tag lies.
#[derive(Clone, Copy, Debug)]
struct Tag {
    offset: usize,
    len: usize,
    order: ByteOrder,
    signed: bool,
}

impl MistakenCodec {
    /// The codec of a message with mistakes in it; of a protocol, or of a `case` whose struct takes the
    /// message's place.
    ///
    /// # Errors
    ///
    /// A mistake that the message cannot have, with the reason; two that contradict each other; a message
    /// that no struct describes.
    pub fn new(
        protocols: &Protocols,
        protocol: &Protocol,
        case: Option<&Case>,
        mistakes: &[Mistake],
    ) -> Result<Self, MistakeError> {
        let no_struct = || MistakeError::NoStruct { message: protocol.message.clone() };
        // What is no plain field is filled in by the codec of all cases.
        let is_field = protocol.words.tag_path().is_some();
        let (case, preferred) = if is_field { (case, None) } else { (None, case) };
        let declarations = match case.filter(|it| it.layout.is_some()) {
            Some(case) => Declaration::of_case(protocols, protocol, case).map(|it| vec![it]),
            None => Declaration::all(protocols, protocol),
        };
        let Some(declarations) = declarations else {
            return match mistakes.is_empty() {
                true => Self::plain(protocol, case.or(preferred))?.ok_or_else(no_struct),
                false => Err(no_struct()),
            };
        };
        let mut forms: Vec<_> = declarations.into_iter().map(Form::from).collect();
        let mut mistakes: Vec<_> = mistakes.iter().filter(|it| !it.joins()).collect();
        mistakes.sort_by_key(|it| it.kind);
        refuse_contradiction(&mistakes)?;
        for mistake in &mistakes {
            make(mistake, &mut forms)?;
        }
        let mut forms = forms.into_iter();
        let own = forms.next().ok_or_else(no_struct)?;
        if case.is_some_and(|it| it.layout.is_some()) {
            let words = MessageWords { sums: protocol.sums(), ..MessageWords::default() };
            let codec = Codec::new(&own.layout, &words)?;
            // One that makes mistakes may have these fields elsewhere.
            let layout = protocol.format.layout().filter(|_| mistakes.is_empty());
            let whole = layout.map(|it| Codec::new(it, &protocol.words)).transpose()?.map(Box::new);
            return Ok(Self { codec, whole, own: own.into(), tag: None, cases: Vec::new() });
        }
        let mut made = Self::of(protocol, own, forms)?;
        if let Some(preferred) = preferred {
            made.codec = made.codec.preferring(&preferred.name);
        }
        Ok(made)
    }

    /// Of what no header of the user's declares, as it is; `None` where it is no struct.
    fn plain(protocol: &Protocol, case: Option<&Case>) -> Result<Option<Self>, MistakeError> {
        let Some(own) = protocol.format.layout() else { return Ok(None) };
        let codec = Codec::new(own, &protocol.words)?;
        let codec = case.map_or(codec.clone(), |it| codec.preferring(&it.name));
        let own = Written { layout: Arc::clone(own), touches: Vec::new() };
        Ok(Some(Self { codec, own, whole: None, tag: None, cases: Vec::new() }))
    }

    /// `forms` are the structs that take the message's place, in the order of the protocol's cases.
    fn of<'f>(
        protocol: &Protocol,
        own: Form<'f>,
        mut forms: impl Iterator<Item = Form<'f>>,
    ) -> Result<Self, MistakeError> {
        let tag = protocol.words.tag_path().and_then(|path| Tag::of(&own.layout, path));
        let mut replacing = Vec::new();
        let mut cases = protocol.words.cases.clone();
        for case in cases.iter_mut().filter(|it| it.layout.is_some()) {
            let Some(form) = forms.next() else { break };
            let written = Written::from(form);
            *case = Case { layout: Some(Arc::clone(&written.layout)), ..case.clone() };
            replacing.push((case.value(), written));
        }
        let codec = Codec::new(&own.layout, &MessageWords { cases, ..protocol.words.clone() })?;
        Ok(Self { codec, whole: None, own: own.into(), tag, cases: replacing })
    }

    /// Appends one message to `out`. `value` is as [`Codec::encode`] takes it; `random` makes what
    /// the stack held.
    ///
    /// # Errors
    ///
    /// A value that does not go into its field, as it is at the sender. `out` is then as it was.
    pub fn write(
        &self,
        value: &FieldValue,
        random: &mut impl Rng,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        self.write_over(value, &mut Stack(random), out)
    }

    fn write_over(
        &self,
        value: &FieldValue,
        held: &mut impl Held,
        out: &mut Vec<u8>,
    ) -> Result<(), EncodeError> {
        let start = out.len();
        let given = self.codec.encode_unsummed(value, out)?;
        if let Some(whole) = &self.whole {
            let completed = whole.complete(self.codec.name(), value, out, start);
            completed.inspect_err(|_| out.truncate(start))?;
        }
        for touch in &self.written(out.get(start..).unwrap_or_default()).touches {
            touch.apply(start, out, held);
        }
        // The sender adds up what it sends.
        self.codec.sum(&given, out.get_mut(start..).unwrap_or_default());
        Ok(())
    }

    /// The fields of a message that such a sender sent, as far as they are there, and where the message
    /// ends, bytes. Sums that are right are left out: they are made again. `items` is overwritten.
    pub fn read(&self, bytes: &[u8], items: &mut Vec<Item>) -> (FieldValue, usize) {
        let decoded = self.codec.decode(bytes, bytes.len(), items);
        let (name, len) = (decoded.name, decoded.len);
        let mut fields = FieldValue::from(&self.codec.message(name, bytes, &decoded, items));
        let whole = bytes.get(..len).unwrap_or(bytes);
        let found = self.codec.sums().of(items, whole).list;
        let is_right = |it: &&FoundSum| it.said == it.computed(whole);
        for sum in found.iter().filter(is_right) {
            let mut same = found.iter().filter(|it| it.path() == sum.path());
            if same.all(|it| is_right(&it)) {
                fields.remove(sum.path());
            }
        }
        (fields, len)
    }

    /// Whether such a sender, of these fields, sends these bytes: all are as it writes them, but for
    /// what its stack may have held. `scratch` is overwritten.
    pub fn explains(&self, value: &FieldValue, bytes: &[u8], scratch: &mut Vec<u8>) -> bool {
        scratch.clear();
        let written = self.write_over(value, &mut Shown(bytes), scratch);
        written.is_ok() && scratch == bytes
    }

    /// Whether the field of a path says something of others.
    pub fn tells(&self, path: &str) -> bool {
        self.codec.tells(path)
    }

    /// Leaves out the fields that say how much there is, as far as they are filled in as they are: what is made
    /// of the others goes by these. `scratch` is overwritten.
    pub fn leave_out_amounts(&self, value: &mut FieldValue, bytes: &[u8], scratch: &mut Vec<u8>) {
        for path in self.codec.amounts() {
            let mut without = value.clone();
            without.remove(path);
            if without != *value && self.explains(&without, bytes, scratch) {
                *value = without;
            }
        }
    }

    /// Whether a message of these fields has room for what the stack held: without, it does not show
    /// whether its sender cleared it. `scratch` is overwritten.
    pub fn has_residue(&self, value: &FieldValue, scratch: &mut Vec<u8>) -> bool {
        scratch.clear();
        let mut counted = Counted::default();
        let written = self.write_over(value, &mut counted, scratch);
        written.is_ok() && counted.0 > 0
    }

    /// The layout of a message that such a sender sent.
    pub fn layout_of(&self, message: &[u8]) -> &ResolvedLayout {
        &self.written(message).layout
    }

    fn written(&self, message: &[u8]) -> &Written {
        let value = self.tag.and_then(|it| it.read(message));
        let case = value.and_then(|it| self.cases.iter().find(|case| case.0 == it));
        case.map_or(&self.own, |it| &it.1)
    }
}

impl From<Form<'_>> for Written {
    fn from(form: Form<'_>) -> Self {
        Self { layout: Arc::new(form.layout), touches: form.touches }
    }
}

impl Tag {
    /// `None` where it is no number of whole bytes: then no case has touches of its own.
    fn of(layout: &ResolvedLayout, path: &str) -> Option<Self> {
        let (_, part) = layout.find(path)?;
        let PartKind::Integer { signed, order, .. } = part.kind else { return None };
        let offset = usize::try_from(part.offset).ok()?;
        Some(Self { offset, len: usize::try_from(part.len).ok()?, order, signed })
    }

    fn read(self, message: &[u8]) -> Option<i128> {
        let bytes = message.get(self.offset..self.offset.checked_add(self.len)?)?;
        let join = |value: i128, byte: &u8| value.wrapping_shl(8) | i128::from(*byte);
        let value = match self.order {
            ByteOrder::Big => bytes.iter().fold(0, join),
            ByteOrder::Little => bytes.iter().rev().fold(0, join),
        };
        let unused = 128_u32.checked_sub(u32::try_from(self.len).ok()?.checked_mul(8)?)?;
        Some(if self.signed { value.wrapping_shl(unused).wrapping_shr(unused) } else { value })
    }
}

/// Makes a mistake of every struct that can have it.
fn make(mistake: &Mistake, forms: &mut [Form<'_>]) -> Result<(), MistakeError> {
    let (mut is_made, mut refusal) = (false, None);
    for form in forms {
        match form.make(mistake) {
            Ok(()) => is_made = true,
            // That a field is not in some case says less than why it cannot be wrong in another.
            Err(error) => match refusal {
                None | Some(MistakeError::UnknownField { .. }) => refusal = Some(error),
                Some(_) => {}
            },
        }
    }
    refusal.filter(|_| !is_made).map_or(Ok(()), Err)
}

fn refuse_contradiction(mistakes: &[&Mistake]) -> Result<(), MistakeError> {
    let mut deciding = mistakes.iter().filter(|it| it.kind.decides_len());
    match (deciding.next(), deciding.next()) {
        (Some(&one), Some(&other)) => {
            Err(MistakeError::Contradiction { one: one.clone(), other: other.clone() })
        }
        _ => Ok(()),
    }
}
