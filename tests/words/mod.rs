//! Random profiles: a layout with words about how much, which and whether, drawn from bytes.

use std::collections::BTreeMap;
use std::sync::Arc;

use wirereel::decode::codec::{Codec, FieldValue, MessageWords};
use wirereel::message::{DecodeError, Item};
use wirereel::schema::{
    Amount, ByteOrder, BytesForm, Choice, ChoiceCase, ChoiceTarget, ElementForm, Expression, Field,
    FieldReading, Layout, Reading, RecordKind, Role, Shape, Span, Words,
};

/// A profile that was drawn.
pub struct Drawn {
    /// Of its message.
    pub codec: Codec,
    /// The fields that say something of others.
    pub telling: Vec<String>,
}

/// What a message is read as, and what is written of that.
pub struct Rewritten<'c> {
    /// The first error.
    pub error: Option<DecodeError<'c>>,
    /// Bytes of the message.
    pub len: usize,
    /// Its fields.
    pub value: FieldValue,
    /// They, written again.
    pub bytes: Option<Vec<u8>>,
}

/// What elements are filled up to at most a multiple of, bytes.
const MAX_PAD: usize = 4;

impl Rewritten<'_> {
    /// Whether the message ends where its stream says. A datagram of `wire_len` bytes may end without the
    /// padding of its last element; a stream waits for that.
    pub fn ends_at(&self, end: usize, wire_len: usize) -> bool {
        let lacks_padding = self.len == wire_len && end.saturating_sub(self.len) < MAX_PAD;
        end == self.len || lacks_padding
    }
}

impl Drawn {
    /// Draws a profile from the front of some bytes; `None` where they draw none. What is left of them.
    pub fn from(data: &[u8]) -> Option<(Self, &[u8])> {
        let mut draw =
            Draw { data, fields: Vec::new(), size: 0, words: BTreeMap::new(), telling: Vec::new() };
        let count = 1 + draw.byte() % 4;
        (0..count).for_each(|_| draw.piece());
        draw.end();
        let Draw { data, fields, size, words, telling } = draw;
        let layout = record("drawn", size, fields);
        let of = |path: &str| FieldReading {
            words: words.get(path).cloned(),
            ..FieldReading::default()
        };
        let reading = Reading { of: &of, ..Reading::plain(ByteOrder::Big, ByteOrder::Little) };
        let resolved = layout.resolve(&reading).unwrap_or_else(|it| panic!("{it}"));
        let codec = Codec::new(&resolved, &MessageWords::default());
        Some((Self { codec: codec.ok()?, telling }, data))
    }

    /// Reads a message, sees that what is read lies within it, and writes it again.
    pub fn rewritten(&self, wire: &[u8], wire_len: usize) -> Rewritten<'_> {
        let codec = &self.codec;
        let mut items: Vec<Item> = Vec::new();
        let decoded = codec.decode(wire, wire_len, &mut items);
        for (index, item) in items.iter().enumerate() {
            assert!(item.bytes_in(wire).is_some(), "{item:?} of {}", wire.len());
            assert!(index < item.end as usize && item.end as usize <= items.len(), "{item:?}");
        }
        assert!(decoded.error.is_none_or(|it| it.offset <= wire_len), "{:?}", decoded.error);
        let message = codec.message(codec.name(), wire, &decoded, &items);
        let value = FieldValue::from(&message);
        let mut out = Vec::new();
        let is_written = codec.encode(&value, &mut out).is_ok();
        Rewritten {
            error: decoded.error,
            len: decoded.len,
            value,
            bytes: is_written.then_some(out),
        }
    }

    /// A value without the fields that say something of others.
    pub fn untold(&self, value: &FieldValue) -> FieldValue {
        match value {
            FieldValue::Group(fields) => FieldValue::Group(
                fields
                    .iter()
                    .filter(|(name, _)| !self.telling.iter().any(|it| it == name))
                    .map(|(name, value)| (name.clone(), self.untold(value)))
                    .collect(),
            ),
            FieldValue::List(list) => {
                FieldValue::List(list.iter().map(|it| self.untold(it)).collect())
            }
            other => other.clone(),
        }
    }
}

struct Draw<'d> {
    data: &'d [u8],
    fields: Vec<Field>,
    size: u64,
    words: BTreeMap<String, Arc<Words>>,
    telling: Vec<String>,
}

impl Draw<'_> {
    fn byte(&mut self) -> u8 {
        let Some((&first, rest)) = self.data.split_first() else { return 0 };
        self.data = rest;
        first
    }

    fn add(&mut self, kind: &str, shape: Shape) -> String {
        let name = format!("{kind}{}", self.fields.len());
        let size = shape.size();
        self.fields.push(field(&name, self.size, shape));
        self.size += size;
        name
    }

    /// A field that says something of others.
    fn tell(&mut self, kind: &str, size: u64) -> String {
        let name = self.add(kind, number(size));
        self.telling.push(name.clone());
        name
    }

    fn say(&mut self, path: &str, words: Words) {
        self.words.insert(path.to_owned(), Arc::new(words));
    }

    fn piece(&mut self) {
        match self.byte() % 9 {
            0 => {
                let size = 1 << (self.byte() % 3);
                self.add("x", number(size));
            }
            1 => {
                let n = self.tell("n", 1);
                let size = 1 << (self.byte() % 3);
                let list = self.add("list", array(number(size), 1));
                self.say(&list, amount(Amount::Count(of(&n))));
            }
            2 => {
                let len = self.tell("len", 2);
                let body = self.add("body", array(character(), 1));
                let bytes = if self.byte() & 1 == 0 { len } else { format!("{len} - 2") };
                self.say(&body, amount(Amount::Bytes(of(&bytes))));
            }
            3 => {
                let text = self.add("text", array(character(), 1));
                self.say(&text, amount(Amount::Value(0)));
            }
            4 => {
                let flags = self.tell("flags", 1);
                for bit in [1, 4] {
                    let opt = self.add("opt", number(2));
                    let present = Some(of(&format!("{flags} & {bit}")));
                    self.say(&opt, Words { present, ..Words::default() });
                }
            }
            5 => self.records(),
            6 => self.attributes(),
            7 => self.choice(),
            _ => {
                let len = self.add("len", array(character(), 4));
                self.telling.push(len.clone());
                self.say(&len, Words { form: Some(BytesForm::Varint), ..Words::default() });
                let body = self.add("body", array(character(), 1));
                self.say(&body, amount(Amount::Bytes(of(&len))));
            }
        }
    }

    /// Records that say how long they are.
    fn records(&mut self) {
        let n = self.tell("n", 1);
        self.telling.push("size".to_owned());
        let fields = vec![
            field("size", 0, number(1)),
            field("id", 1, number(2)),
            field("data", 3, array(character(), 0)),
        ];
        let list = self.add("recs", array(Shape::Record(Arc::new(record("rec", 3, fields))), 1));
        let pad = 1 + u64::from(self.byte() % 4);
        let words = Words { length: Some(of("size")), pad, ..amount(Amount::Count(of(&n))) };
        self.say(&list, words);
        self.say(&format!("{list}.data"), amount(Amount::End));
    }

    fn attributes(&mut self) {
        let total = self.tell("total", 1);
        self.telling.push("length".to_owned());
        let head = self.byte();
        let form = ElementForm {
            tag: Some(1),
            length: 1 + u64::from(head & 1),
            counts_all: head & 2 != 0,
            unit: 1,
            pad: 1 + u64::from(head >> 2 & 3),
            end: None,
            single: if head & 0x10 != 0 { vec![0] } else { Vec::new() },
        };
        let list = self.add("attrs", array(character(), 1));
        let choice =
            Choice { tags: Vec::new(), cases: vec![case(1, "word", 4), case(2, "half", 2)] };
        let choice = (head & 0x20 != 0).then_some(choice);
        let form = Some(BytesForm::List(form));
        self.say(&list, Words { form, choice, ..amount(Amount::Bytes(of(&total))) });
    }

    fn choice(&mut self) {
        let tag = self.add("type", number(1));
        let len = self.tell("len", 1);
        let body = self.add("body", array(character(), 1));
        let any = ChoiceCase { is: ChoiceTarget::Bytes, ..case(0, "", 0) };
        let any = ChoiceCase { values: vec![i128::MIN..=i128::MAX], ..any };
        let cases = vec![case(1, "word", 4), case(2, "half", 2), any];
        let choice = Some(Choice { tags: vec![of(&format!("{tag} & 3"))], cases });
        self.say(&body, Words { choice, ..amount(Amount::Bytes(of(&len))) });
    }

    fn end(&mut self) {
        match self.byte() % 3 {
            0 => {}
            1 => {
                let tail = self.add("tail", array(number(2), 1));
                self.say(&tail, amount(Amount::End));
            }
            _ => {
                let tail = self.add("tail", array(character(), 1));
                self.say(&tail, amount(Amount::End));
            }
        }
    }
}

fn case(value: i128, name: &str, size: u64) -> ChoiceCase {
    let layout = record(name, size, vec![field("v", 0, number(size.max(1)))]);
    let is = ChoiceTarget::Record(name.to_owned(), Arc::new(layout));
    ChoiceCase { values: vec![value..=value], when: None, is }
}

fn of(text: &str) -> Expression {
    text.parse().unwrap_or_else(|it| panic!("{it}"))
}

fn amount(amount: Amount<wirereel::schema::Operand>) -> Words {
    Words { amount: Some(amount), pad: 1, ..Words::default() }
}

fn number(size: u64) -> Shape {
    Shape::Integer { size, signed: false, order: None, role: Role::Number }
}

fn character() -> Shape {
    Shape::Integer { size: 1, signed: false, order: None, role: Role::Byte }
}

fn array(element: Shape, len: u64) -> Shape {
    let stride = element.size();
    Shape::Array { element: Box::new(element), len, stride }
}

fn field(name: &str, offset: u64, shape: Shape) -> Field {
    let name = Some(name.to_owned());
    Field { name, offset, bits: None, shape, notes: Default::default(), span: Span::default() }
}

fn record(name: &str, size: u64, fields: Vec<Field>) -> Layout {
    let (kind, span) = (RecordKind::Struct, Span::default());
    Layout { name: name.to_owned(), kind, size, align: 1, fields, span }
}
