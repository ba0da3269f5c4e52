//! What holds for every layout, every value and all bytes.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError};

use super::*;
use crate::schema::Abi;

/// A layout drawn at random, with a value that fits it.
#[derive(Clone, Debug)]
struct Drawn {
    layout: Layout,
    value: Vec<(String, FieldValue)>,
    abi: Abi,
    order: ByteOrder,
}

fn any_order() -> impl Strategy<Value = ByteOrder> {
    prop_oneof![Just(ByteOrder::Big), Just(ByteOrder::Little)]
}

fn any_abi() -> impl Strategy<Value = Abi> {
    prop_oneof![Just(Abi::X86_64), Just(Abi::S390x)]
}

fn integer_shape() -> impl Strategy<Value = (Shape, FieldValue)> {
    let sizes = prop_oneof![Just(1_u64), Just(2), Just(4), Just(8)];
    (sizes, any::<bool>(), proptest::option::of(any_order()), any::<u64>()).prop_map(
        |(size, signed, order, word)| {
            let unused = 64 - size * 8;
            let value = match signed {
                true => i128::from((word as i64) << unused >> unused),
                false => i128::from(word << unused >> unused),
            };
            let shape = Shape::Integer { size, signed, order, role: Role::Number };
            (shape, FieldValue::Integer(value))
        },
    )
}

fn enum_shape() -> impl Strategy<Value = (Shape, FieldValue)> {
    let values = prop_oneof![
        Just(FieldValue::Text("RED".to_owned())),
        Just(FieldValue::Text("NONE".to_owned())),
        Just(FieldValue::Integer(77)),
    ];
    values.prop_map(|value| {
        let role = Role::Enum(colours());
        (Shape::Integer { size: 4, signed: true, order: None, role }, value)
    })
}

fn float_shape() -> impl Strategy<Value = (Shape, FieldValue)> {
    prop_oneof![
        any::<f64>().prop_map(|it| (Shape::Float { size: 8, significant: 8 }, it)),
        any::<f32>().prop_map(|it| (Shape::Float { size: 4, significant: 4 }, f64::from(it))),
    ]
    .prop_filter("not-a-number is unlike itself", |(_, it)| !it.is_nan())
    .prop_map(|(shape, it)| (shape, FieldValue::Float(it)))
}

fn text_shape() -> impl Strategy<Value = (Shape, FieldValue)> {
    ("[a-zé]{0,5}", 0..3_u64).prop_map(|(text, spare)| {
        let len = text.len() as u64 + spare;
        (array(character(), len, 1), FieldValue::Text(text))
    })
}

fn leaf() -> impl Strategy<Value = (Shape, FieldValue)> {
    prop_oneof![4 => integer_shape(), 1 => enum_shape(), 1 => float_shape(), 2 => text_shape()]
}

fn shape() -> impl Strategy<Value = (Shape, FieldValue)> {
    leaf().prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            (inner.clone(), 0..4_u64).prop_filter_map("text", |((shape, value), len)| {
                let stride = shape.size() + 1;
                let values = vec![value; len as usize];
                // One character an element would make the list text.
                let is_text = matches!(shape, Shape::Integer { role: Role::Character, .. });
                (!is_text).then(|| (array(shape, len, stride), FieldValue::List(values)))
            }),
            members(inner).prop_map(|(layout, value)| (nested(layout), FieldValue::Group(value))),
        ]
    })
}

/// A struct whose members lie behind one another with holes, or over one another.
fn members(
    inner: impl Strategy<Value = (Shape, FieldValue)>,
) -> impl Strategy<Value = (Layout, Vec<(String, FieldValue)>)> {
    (proptest::collection::vec((inner, 0..3_u64), 0..5), any::<bool>(), 0..3_u64).prop_map(
        |(drawn, is_union, spare)| {
            let (mut fields, mut values, mut at, mut size) = (Vec::new(), Vec::new(), 0, 0);
            for (index, ((shape, value), hole)) in drawn.into_iter().enumerate() {
                let name = format!("f{index}");
                let offset = if is_union { 0 } else { at + hole };
                at = offset + shape.size();
                size = size.max(at);
                if !is_union || values.is_empty() {
                    values.push((name.clone(), value));
                }
                fields.push(field(&name, offset, shape));
            }
            let layout = record("drawn", size + spare, fields);
            match is_union {
                true => (Layout { kind: RecordKind::Union, ..layout }, values),
                false => (layout, values),
            }
        },
    )
}

/// Bit-fields of any widths behind one another, as a packed struct has them.
fn bits() -> impl Strategy<Value = (Layout, Vec<(String, FieldValue)>)> {
    proptest::collection::vec((1..=64_u32, any::<bool>(), any::<u64>()), 0..6).prop_map(|drawn| {
        let (mut fields, mut values, mut at) = (Vec::new(), Vec::new(), 0);
        for (index, (width, signed, word)) in drawn.into_iter().enumerate() {
            let name = format!("b{index}");
            let unused = 64 - width;
            values.push((
                name.clone(),
                FieldValue::Integer(match signed {
                    true => i128::from((word as i64) << unused >> unused),
                    false => i128::from(word << unused >> unused),
                }),
            ));
            fields.push(bit_field(&name, at, width, signed));
            at += u64::from(width);
        }
        (record("bits", at.div_ceil(8), fields), values)
    })
}

fn tails() -> impl Strategy<Value = Option<(Shape, FieldValue)>> {
    prop_oneof![
        Just(None),
        "[a-z]{0,9}".prop_map(|text| Some((tail(character(), 1, 1), FieldValue::Text(text)))),
        proptest::collection::vec(any::<u16>(), 0..4).prop_map(|list| {
            let list = list.into_iter().map(|it| FieldValue::Integer(i128::from(it))).collect();
            Some((tail(unsigned(2), 2, 0), FieldValue::List(list)))
        }),
    ]
}

fn any_layout() -> impl Strategy<Value = Drawn> {
    (members(shape()), bits(), tails(), 0..4_u64, any_abi(), any_order()).prop_map(
        |((body, body_value), (bits, bits_value), tail, padding, abi, order)| {
            let start = bits.size;
            let mut size = start + body.size;
            let mut value = vec![
                ("bits".to_owned(), FieldValue::Group(bits_value)),
                ("body".to_owned(), FieldValue::Group(body_value)),
            ];
            let mut fields =
                vec![field("bits", 0, nested(bits)), field("body", start, nested(body))];
            if let Some((shape, tail)) = tail {
                fields.push(field("tail", size, shape.clone()));
                value.push(("tail".to_owned(), tail));
                size += shape.size() + padding;
            } else {
                // A union at the end of the message would be as long as its member.
                fields.push(field("last", size, unsigned(1)));
                value.push(("last".to_owned(), FieldValue::Integer(1)));
                size += 1 + padding;
            }
            Drawn { layout: record("drawn", size, fields), value, abi, order }
        },
    )
}

fn compiled(drawn: &Drawn) -> Codec {
    super::compiled(&drawn.layout, &Reading::plain(drawn.order, drawn.abi.byte_order()))
}

/// Of every field that was given, the value that came back; a union gives more than was given.
pub(super) fn given(value: &FieldValue, like: &FieldValue) -> FieldValue {
    match (value, like) {
        (FieldValue::Group(_), FieldValue::Group(fields)) => FieldValue::Group(
            fields
                .iter()
                .filter_map(|(name, like)| Some((name.clone(), given(value.at(name)?, like))))
                .collect(),
        ),
        (FieldValue::List(values), FieldValue::List(likes)) => {
            let mut elements: Vec<_> =
                values.iter().zip(likes).map(|(value, like)| given(value, like)).collect();
            elements.extend(values.iter().skip(likes.len()).cloned());
            FieldValue::List(elements)
        }
        _ => value.clone(),
    }
}

/// What was read is written whole, and read and written again it is the same.
fn settles(codec: &Codec, wire: &[u8]) -> Result<(), TestCaseError> {
    let (Some(first), _) = written_again(codec, wire)? else { return Ok(()) };
    let (second, error) = written_again(codec, &first)?;
    prop_assert_eq!(error, None);
    prop_assert!(second.is_none_or(|second| second == first));
    Ok(())
}

/// `None` where members of a union contradict each other, such as text with data behind its NUL.
fn written_again(
    codec: &Codec,
    wire: &[u8],
) -> Result<(Option<Vec<u8>>, Option<ErrorKind>), TestCaseError> {
    let mut items = Vec::new();
    let decoded = codec.decode(wire, wire.len(), &mut items);
    let value = FieldValue::from(&message(codec, wire, &decoded, &items));
    let mut out = Vec::new();
    let out = match codec.encode(&value, &mut out) {
        Ok(()) => Some(out),
        Err(EncodeError::Members { .. }) => None,
        Err(error) => return Err(TestCaseError::fail(error.to_string())),
    };
    Ok((out, decoded.error.map(|it| it.kind)))
}

pub(super) fn is_sound(codec: &Codec, bytes: &[u8], wire_len: usize) -> Result<(), TestCaseError> {
    let mut items = Vec::new();
    let decoded = codec.decode(bytes, wire_len, &mut items);
    let mut ends = vec![items.len()];
    for (index, item) in items.iter().enumerate() {
        prop_assert!(item.bytes_in(bytes).is_some(), "{item:?} of {}", bytes.len());
        while ends.last() == Some(&index) {
            ends.pop();
        }
        let (end, outer) = (item.end as usize, ends.last().copied());
        prop_assert!(index < end && Some(end) <= outer, "{item:?} in {outer:?}");
        ends.push(end);
        prop_assert!((item.node as usize) < codec.table().nodes.len());
    }
    match decoded.error {
        None | Some(DecodeError { kind: ErrorKind::UnknownCase, .. }) => {
            prop_assert!(decoded.len + decoded.trailing == wire_len || decoded.loose);
        }
        Some(_) => prop_assert_eq!((decoded.len, decoded.trailing), (bytes.len(), 0)),
    }
    codec.fit(bytes, &decoded, &items);
    Ok(())
}

proptest! {
    #![proptest_config(Config { cases: 256, failure_persistence: None, ..Config::default() })]

    #[test]
    fn decoding_gives_back_what_was_encoded(drawn in any_layout()) {
        let codec = compiled(&drawn);
        let value = FieldValue::Group(drawn.value.clone());
        let mut wire = Vec::new();
        codec.encode(&value, &mut wire).unwrap();
        let mut items = Vec::new();
        let decoded = codec.decode(&wire, wire.len(), &mut items);
        prop_assert_eq!(decoded.error, None);
        prop_assert_eq!((decoded.len, decoded.trailing, decoded.loose), (wire.len(), 0, false));
        let read = FieldValue::from(&message(&codec, &wire, &decoded, &items));
        prop_assert_eq!(given(&read, &value), value);
    }

    #[test]
    fn every_prefix_is_sound(drawn in any_layout(), noise in any::<[u8; 4]>()) {
        let codec = compiled(&drawn);
        let mut wire = Vec::new();
        codec.encode(&FieldValue::Group(drawn.value.clone()), &mut wire).unwrap();
        wire.extend(noise);
        for len in 0..=wire.len() {
            is_sound(&codec, &wire[..len], len)?;
            is_sound(&codec, &wire[..len], wire.len())?;
        }
    }

    #[test]
    fn any_bytes_are_sound(
        drawn in any_layout(),
        wire in proptest::collection::vec(any::<u8>(), 0..200),
        snapped in 0..9_usize,
    ) {
        let codec = compiled(&drawn);
        is_sound(&codec, &wire, wire.len() + snapped)?;
        settles(&codec, &wire)?;
        // How long a union at the end is, its bytes alone do not say: no such law holds for it.
        let mut layout = Layout { kind: RecordKind::Union, ..drawn.layout.clone() };
        layout.fields.iter_mut().for_each(|field| field.offset = 0);
        let codec = compiled(&Drawn { layout, ..drawn });
        is_sound(&codec, &wire, wire.len() + snapped)?;
    }

    #[test]
    fn fields_kept_ready_are_those_that_are_walked(
        drawn in any_layout(),
        wire in proptest::collection::vec(any::<u8>(), 0..200),
        snapped in 0..9_usize,
    ) {
        let codec = compiled(&drawn);
        let mut walking = codec.clone();
        walking.alike = None;
        walking.plan.sequences.iter_mut().flat_map(|it| &mut it.segments).for_each(|it| it.ready.len = usize::MAX);
        let (mut ready, mut walked) = (Vec::new(), Vec::new());
        let wire_len = wire.len() + snapped;
        let decoded = codec.decode(&wire, wire_len, &mut ready);
        prop_assert_eq!(decoded, walking.decode(&wire, wire_len, &mut walked));
        // As text, since not-a-number is unlike itself.
        prop_assert_eq!(format!("{ready:?}"), format!("{walked:?}"));
    }
}
