//! One generated sender: its header, how it was really built, and its messages.

use wirereel::{
    check::Code,
    schema::{Abi, ByteOrder, Layout, LoadOptions, Schema, Shape},
};

use super::values::{Distribution, NOW, Random, Source};

/// What is true of a sender.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Hypothesis {
    Correct,
    OtherOrder,
    OneSwapped,
    Natural,
    DataModel,
}

impl Hypothesis {
    pub const ALL: [Self; 5] =
        [Self::Correct, Self::OtherOrder, Self::OneSwapped, Self::Natural, Self::DataModel];
}

/// A sender.
#[derive(Debug)]
pub struct Case {
    pub name: String,
    pub distribution: Distribution,
    pub count: usize,
    hypothesis: Hypothesis,
    /// C declarations.
    members: Vec<String>,
    /// As the sender's compiler lays them out.
    layout: Layout,
    declared: Layout,
    /// Per member: arrives in the other order.
    swapped: Vec<bool>,
}

const INTEGERS: [&str; 8] =
    ["uint8_t", "uint16_t", "uint32_t", "uint64_t", "int16_t", "int32_t", "int64_t", "uint32_t"];

impl Case {
    pub fn new(
        index: usize,
        hypothesis: Hypothesis,
        distribution: Distribution,
        count: usize,
        random: &mut Random,
    ) -> Self {
        loop {
            if let Some(case) = Self::draw(index, hypothesis, distribution, count, random) {
                return case;
            }
        }
    }

    /// `None` where the drawn struct does not show the hypothesis.
    fn draw(
        index: usize,
        hypothesis: Hypothesis,
        distribution: Distribution,
        count: usize,
        random: &mut Random,
    ) -> Option<Self> {
        let name = format!("s{index}");
        let members = members(hypothesis, random);
        let declared = layout(&name, &members, true, Abi::X86_64)?;
        let layout = match hypothesis {
            Hypothesis::Natural => layout(&name, &members, false, random.pick(&Abi::ALL))?,
            Hypothesis::DataModel => {
                let abi = random.pick(&[Abi::I386, Abi::Win64, Abi::Arm]);
                layout(&name, &members, random.below(2) == 0, abi)?
            }
            _ => declared.clone(),
        };
        let is_number =
            |it: &Shape| matches!(it, Shape::Integer { size: 2.., .. } | Shape::Float { .. });
        let numbers: Vec<bool> = layout.fields.iter().map(|it| is_number(&it.shape)).collect();
        let mut swapped = vec![false; numbers.len()];
        let which: Vec<_> = (0..numbers.len()).filter(|it| numbers[*it]).collect();
        match hypothesis {
            Hypothesis::OtherOrder if which.is_empty() => return None,
            Hypothesis::OtherOrder => swapped.clone_from(&numbers),
            Hypothesis::OneSwapped if which.len() < 2 => return None,
            Hypothesis::OneSwapped => swapped[random.pick(&which)] = true,
            Hypothesis::Natural if places(&layout) == places(&declared) => return None,
            Hypothesis::DataModel if sizes(&layout) == sizes(&declared) => return None,
            _ => {}
        }
        Some(Self { name, distribution, count, hypothesis, members, layout, declared, swapped })
    }

    /// As the receiver's header has it.
    pub fn declaration(&self) -> String {
        text(&self.name, &self.members, true)
    }

    pub fn has_mistake(&self) -> bool {
        self.hypothesis != Hypothesis::Correct
    }

    /// What a finding should say.
    pub fn truth(&self) -> &'static str {
        match self.hypothesis {
            Hypothesis::Correct => "correct",
            Hypothesis::OtherOrder => "all in the other order",
            Hypothesis::OneSwapped => "one field in the other order",
            _ if sizes(&self.layout) != sizes(&self.declared) => "another data model",
            _ => "natural layout",
        }
    }

    /// Whether a finding is true of the sender.
    pub fn is_true(&self, code: Code, field: Option<&str>) -> bool {
        let is_moved = places(&self.layout) != places(&self.declared);
        let is_other_model = sizes(&self.layout) != sizes(&self.declared);
        match code {
            Code::ByteOrder => self
                .layout
                .fields
                .iter()
                .zip(&self.swapped)
                .any(|(it, swapped)| *swapped && it.name.as_deref() == field),
            Code::Padding => is_moved && !is_other_model,
            Code::TypeWidth => is_other_model,
            _ => false,
        }
    }

    /// The datagrams, each a second after the one before.
    pub fn messages(&self, random: &mut Random) -> Vec<Vec<u8>> {
        let mut sources: Vec<_> = self
            .layout
            .fields
            .iter()
            .map(|it| Source::new(self.distribution, it.shape.size().clamp(1, 8) as u32, random))
            .collect();
        (0..self.count).map(|at| self.message(at, &mut sources, random)).collect()
    }

    fn message(&self, at: usize, sources: &mut [Source], random: &mut Random) -> Vec<u8> {
        let mut bytes = vec![0; self.layout.size as usize];
        let fields = self.layout.fields.iter().zip(&self.swapped).zip(sources);
        for ((field, swapped), source) in fields {
            let start = field.offset as usize;
            let order = if *swapped { ByteOrder::Little } else { ByteOrder::Big };
            match &field.shape {
                Shape::Integer { size, .. } => {
                    put(&mut bytes[start..start + *size as usize], source.next(random), order);
                }
                Shape::Float { size: 4, .. } => {
                    let value = float(at, random) as f32;
                    put(&mut bytes[start..start + 4], u64::from(value.to_bits()), order);
                }
                Shape::Float { .. } => {
                    put(&mut bytes[start..start + 8], float(at, random).to_bits(), order);
                }
                Shape::Tail { .. } => {
                    // As senders do: `sizeof` and the letters, one of which is counted already.
                    let letters = letters(random.below(20) as usize, random);
                    bytes.resize(self.layout.size as usize + letters.len(), 0);
                    bytes[start..start + letters.len()].copy_from_slice(&letters);
                }
                shape => {
                    let len = shape.size();
                    let letters = letters(random.below(len) as usize, random);
                    bytes[start..start + letters.len()].copy_from_slice(&letters);
                }
            }
        }
        bytes
    }
}

fn members(hypothesis: Hypothesis, random: &mut Random) -> Vec<String> {
    let count = 1 + random.below(8) as usize;
    let long = random.below(count as u64) as usize;
    let mut members: Vec<_> = (0..count)
        .map(|at| match random.below(10) {
            _ if hypothesis == Hypothesis::DataModel && at == long => format!("long f{at}"),
            0 => format!("char f{at}[{}]", 4 + random.below(20)),
            1 => format!("float f{at}"),
            2 => format!("double f{at}"),
            _ => format!("{} f{at}", random.pick(&INTEGERS)),
        })
        .collect();
    if random.below(5) == 0 {
        members.push("char tail[1]".to_owned());
    }
    members
}

fn text(name: &str, members: &[String], packed: bool) -> String {
    let attribute = if packed { " __attribute__((packed))" } else { "" };
    format!("#include <stdint.h>\nstruct {name} {{ {}; }}{attribute};\n", members.join("; "))
}

fn layout(name: &str, members: &[String], packed: bool, abi: Abi) -> Option<Layout> {
    let schema = Schema::parse("sender.h", &text(name, members, packed), &LoadOptions::default());
    Layout::of(schema.record(name)?, name, abi).ok()
}

fn places(layout: &Layout) -> (u64, Vec<(u64, u64)>) {
    (layout.size, layout.fields.iter().map(|it| (it.offset, it.shape.size())).collect())
}

fn sizes(layout: &Layout) -> Vec<u64> {
    layout.fields.iter().map(|it| it.shape.size()).collect()
}

fn put(to: &mut [u8], value: u64, order: ByteOrder) {
    let len = to.len();
    match order {
        ByteOrder::Big => to.copy_from_slice(&value.to_be_bytes()[8 - len..]),
        ByteOrder::Little => to.copy_from_slice(&value.to_le_bytes()[..len]),
    }
}

fn float(at: usize, random: &mut Random) -> f64 {
    match random.below(3) {
        0 => random.below(1000) as f64,
        1 => random.normal() * 100.0,
        _ => 20.0 + at as f64 * 0.1 + (NOW % 7) as f64,
    }
}

fn letters(len: usize, random: &mut Random) -> Vec<u8> {
    (0..len).map(|_| b'a' + random.below(26) as u8).collect()
}
