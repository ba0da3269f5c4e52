//! Lists of elements of any length: those that are given, as many as there have to be, and what ends them.

use super::error::EncodeError;
use super::plan::{Count, SequenceId, StepId, TermId};
use super::value::FieldValue;
use super::varying::padded;
use super::write::Writer;

impl Writer<'_> {
    /// What is given of a list, and zeros up to as many elements as there are at least.
    pub fn repeat(
        &mut self,
        id: StepId,
        offset: usize,
        (count, pad): (Count, u8),
        element: SequenceId,
        (value, least): (&FieldValue, usize),
    ) -> Result<(), EncodeError> {
        let max = match count {
            Count::Exactly(count) => Some(count),
            Count::Said(_) | Count::ToEnd | Count::Until { .. } | Count::While(_) => None,
        };
        let elements = self.elements(id, max, value)?;
        self.end = offset;
        let written = elements.len().max(least);
        let mut has_ended = false;
        for index in 0..written {
            let base = self.end;
            self.element(id, element, index, elements.get(index))?;
            if let Count::Until { last, lax } = count {
                let is_last = index.saturating_add(1) == written;
                has_ended = self.ends(id, last, index, is_last && !lax, is_last)?;
            }
            if !has_ended {
                self.fill_up(base, pad)?;
            }
        }
        match count {
            Count::Said(term) => self.say(term, written),
            Count::Until { last, lax: false } if !has_ended => {
                self.end_list(id, element, last, written)
            }
            Count::Exactly(_) | Count::ToEnd | Count::Until { .. } | Count::While(_) => Ok(()),
        }
    }

    fn element(
        &mut self,
        list: StepId,
        element: SequenceId,
        index: usize,
        value: Option<&FieldValue>,
    ) -> Result<(), EncodeError> {
        let (first, step) = (list.next(), &self.plan.steps[list.next()]);
        let base = self.end;
        for segment in &self.plan.sequences[element].segments {
            self.begin(segment, base);
        }
        self.at.push(index);
        match value {
            Some(value) => self.field(first, step, base, value)?,
            None => self.absent(first, step, base)?,
        }
        self.at.pop();
        self.reserve(base, self.end.saturating_sub(base))?;
        Ok(())
    }

    /// What stands behind an element that takes a multiple of some bytes.
    fn fill_up(&mut self, base: usize, pad: u8) -> Result<(), EncodeError> {
        let (own, filled) = (self.end, padded(base, self.end, pad));
        (self.end, self.filling) = (filled, (filled, filled.saturating_sub(own)));
        self.reserve(base, filled.saturating_sub(base))?;
        Ok(())
    }

    /// Whether the element that was written last ends its list: where its fields are not given, it does where it
    /// has to, and none before it does.
    fn ends(
        &mut self,
        list: StepId,
        last: TermId,
        index: usize,
        has_to: bool,
        is_last: bool,
    ) -> Result<bool, EncodeError> {
        // What goes by the length of its frame cannot be told yet.
        let Some(said) = self.said(last) else { return Ok(has_to) };
        let condition = &self.plan.terms[last].expression;
        match said != 0 {
            true if !is_last => match !self.is_given(last) && self.refute(condition)? {
                true => Ok(false),
                false => Err(EncodeError::EndsList { path: self.path(list), index }),
            },
            false if has_to => Ok(!self.is_given(last) && self.hold(condition)?),
            is_end => Ok(is_end),
        }
    }

    /// An element of which nothing but that it ends its list is known.
    fn end_list(
        &mut self,
        list: StepId,
        element: SequenceId,
        last: TermId,
        index: usize,
    ) -> Result<(), EncodeError> {
        self.element(list, element, index, None)?;
        let is_end = self.ends(list, last, index, true, true)?;
        if is_end { Ok(()) } else { Err(EncodeError::Unended { path: self.path(list) }) }
    }
}
