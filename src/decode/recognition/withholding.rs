//! Withholding what a side says first and nothing reads, while the other side may tell.

use std::ops::ControlFlow::{self, Continue};

use super::decoder::{StreamDecoder, with_more};
use super::first_bytes::{begins_http, recognise};
use super::formats::{StreamFormats, Tools};
use super::opening::Opening;
use super::reader::Lend;
use super::readers::{Reading, UNREAD};
use super::withheld::Withheld;
use crate::flow::{Input, Side};
use crate::profile::Standard;

impl StreamDecoder {
    /// Whether the side that spoke first goes on as it began.
    pub(super) fn goes_on(
        &mut self,
        side: Side,
        input: Input<'_>,
        formats: &StreamFormats,
    ) -> bool {
        match input {
            Input::Bytes(bytes) => {
                !begins_http(side, bytes) && self.turns_to_resp(side, bytes, formats).is_none()
            }
            Input::Gap(_) | Input::Close { .. } => true,
        }
    }

    /// What the other side begins with, where it may tell that the first one speaks HTTP.
    pub(super) fn tells(&self, side: Side, input: Input<'_>) -> Opening {
        match input {
            Input::Bytes(bytes) => recognise(side, &with_more(self.kept.of(side), bytes)),
            Input::Gap(_) | Input::Close { .. } => Opening::Unknown,
        }
    }

    /// Whether a side that would be read so may be something else, and the other one, which has said
    /// nothing so far, would tell.
    pub(super) fn may_withhold(&mut self, side: Side, reading: Reading) -> bool {
        let other = side.other();
        let is_text =
            reading == Reading::Reader && self.readers.standard() == Some(Standard::Lines);
        let may = self.captured.is_some()
            && !self.is_ruled
            && (is_text || reading == UNREAD)
            && self.peer(side) == Reading::Unknown
            && self.kept.of(other).is_empty()
            && self.ended.of(other).is_none();
        if may {
            if is_text {
                self.readers.withdraw();
            }
            self.is_withheld_text = is_text;
            self.server_spoke_first = side == Side::Server;
        }
        may
    }

    /// Withholds what a side says first.
    pub(super) fn withhold(
        &mut self,
        side: Side,
        input: Input<'_>,
        tools: &mut Tools<'_>,
        lend: Lend<'_>,
    ) -> ControlFlow<()> {
        let allowance = &tools.formats.allowance;
        let begin = || Box::new(Withheld::new(side, allowance));
        let withheld = self.withheld.get_or_insert_with(begin);
        let kept = std::mem::take(self.kept.of_mut(side));
        let has_room = kept.is_empty() || withheld.hold(Input::Bytes(&kept));
        if has_room && withheld.hold(input) {
            return Continue(());
        }
        self.let_go(tools, lend)?;
        if !has_room {
            self.readers.read(side, Input::Bytes(&kept), tools, lend)?;
        }
        self.readers.read(side, input, tools, lend)
    }

    /// Gives what was withheld to what reads its side: that which the other one has told, or what
    /// it is by itself.
    pub(super) fn let_go(&mut self, tools: &mut Tools<'_>, lend: Lend<'_>) -> ControlFlow<()> {
        let Some(mut withheld) = self.withheld.take() else { return Continue(()) };
        let side = withheld.side;
        if self.readers.of(side) == Reading::Unknown {
            let plain = if self.is_withheld_text {
                Opening::Speaks(Standard::Lines)
            } else {
                Opening::Unknown
            };
            let reading = self.reading_of_plain(plain, tools.formats);
            self.readers.set(side, reading);
        }
        for piece in std::mem::take(&mut withheld.pieces) {
            self.readers.read(side, Input::Bytes(&piece), tools, lend)?;
        }
        if let Some(clean) = withheld.close {
            self.readers.read(side, Input::Close { clean }, tools, lend)?;
        }
        Continue(())
    }
}
