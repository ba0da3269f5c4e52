//! Finding the steps of a plan.

use super::plan::{Form, Name, OperandId, Plan, Step, StepId, Steps, TermId};
use super::varint;
use crate::message::Node;
use crate::schema::Expression;

impl Plan {
    /// The name and kind of a step.
    pub fn node(&self, step: StepId) -> Option<&Node> {
        self.steps[step].node.and_then(|id| self.table.node(id))
    }

    /// The path of a step, or of the first step with a path within it.
    pub fn path(&self, step: StepId) -> Option<&str> {
        let inner = std::iter::successors(Some(step), |it| Some(it.next()));
        inner
            .take_while(|it| *it < self.steps[step].end)
            .find_map(|it| self.node(it))
            .map(|node| node.path.as_str())
    }

    /// The steps directly within some.
    pub fn children(&self, steps: Steps) -> impl Iterator<Item = (StepId, &Step)> {
        let mut at = steps.start;
        std::iter::from_fn(move || {
            let step = (at < steps.end).then(|| &self.steps[at])?;
            Some((std::mem::replace(&mut at, step.end), step))
        })
    }

    /// The steps within a step.
    pub fn within(&self, step: StepId) -> Steps {
        step.next()..self.steps[step].end
    }

    /// The steps whose offsets count from the base of these: none within a list or a frame, none
    /// behind an open step.
    pub fn placed(&self, steps: Steps) -> Vec<StepId> {
        let mut found = Vec::new();
        self.place(steps, &mut found);
        found
    }

    fn place(&self, steps: Steps, found: &mut Vec<StepId>) {
        for (id, step) in self.children(steps) {
            found.push(id);
            match step.form {
                Form::Union { .. } => {
                    let members = self.children(self.within(id));
                    members.for_each(|(member, it)| self.place(member..it.end, found));
                }
                Form::Group | Form::Sequence(_) => self.place(self.within(id), found),
                _ => {}
            }
            if step.is_open() {
                break;
            }
        }
    }

    /// The integer at a step of a segment with this base.
    pub fn number(&self, step: StepId, base: usize, bytes: &[u8]) -> Option<i128> {
        let step = &self.steps[step];
        let offset = base.checked_add(step.offset)?;
        if let Form::Varint { max } = step.form {
            let (value, _) = varint::read(bytes.get(offset..)?, max).ok()?;
            return Some(value.into());
        }
        let touched = bytes.get(offset..offset.checked_add(step.len)?)?;
        match step.form {
            Form::Number(number) => number.read(touched)?.integer(),
            Form::Bits(bits) => bits.read(touched).integer(),
            _ => None,
        }
    }

    /// Bits of an integer.
    pub fn width(&self, step: StepId) -> u32 {
        match self.steps[step].form {
            Form::Number(number) => u32::from(number.size).saturating_mul(8),
            Form::Bits(bits) => bits.width,
            _ => 0,
        }
    }

    /// The fields that a term speaks of.
    pub fn operands_of(&self, term: TermId) -> impl Iterator<Item = OperandId> + Clone {
        Self::operands_in(&self.terms[term].expression)
    }

    /// The same of a part of a term.
    pub fn operands_in(
        expression: &Expression<Name>,
    ) -> impl Iterator<Item = OperandId> + Clone + use<> {
        let names = expression.names().into_iter();
        let fields = names.filter_map(|it| match it {
            Name::Field(operand) => Some(*operand),
            Name::Len | Name::Rest | Name::ToServer => None,
        });
        fields.collect::<Vec<_>>().into_iter()
    }

    /// The layout's name.
    pub fn name(&self) -> &str {
        self.roots.as_slice().first().map_or("", |root| &root.name)
    }
}
