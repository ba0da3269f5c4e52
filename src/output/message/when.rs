//! When a message was, in the formats of tshark's `-t`.
//!
//! A time that is counted from another frame needs those that brought no message too: who reads a
//! capture notes each frame in [`FrameTimes`], and the last [`MAX_NOTED`] are remembered, since a
//! message may be found behind the frame that completed it.

use std::cell::RefCell;
use std::collections::VecDeque;
use std::io::Write;
use std::rc::Rc;
use std::str::FromStr;

use jiff::civil::DateTime;
use jiff::tz::TimeZone;

use crate::capture::{Frame, Timestamp};
use crate::message::Captured;
use crate::output::time::{TimeText, epoch};

/// Frames whose times are remembered: half a second of a busy link, and 3 MiB.
const MAX_NOTED: usize = 1 << 16;

/// How times are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeFormat {
    /// Of the day, with a date or without.
    Absolute(Zone, Date),
    /// Seconds since 1970.
    Epoch,
    /// Seconds since the first frame.
    Relative,
    /// Seconds since the frame before.
    Delta,
    /// Seconds since the message that was printed before.
    DeltaDisplayed,
}

/// Whose time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Zone {
    /// That of this host, as `TZ` has it.
    Local,
    /// UTC.
    Utc,
}

/// The date before a time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Date {
    /// None.
    None,
    /// `2024-05-01`
    Month,
    /// `2024/122`
    DayOfYear,
}

/// The formats by tshark's names.
const NAMES: [(&str, TimeFormat); 10] = {
    use TimeFormat::{Absolute, Delta, DeltaDisplayed, Epoch, Relative};
    [
        ("a", Absolute(Zone::Local, Date::None)),
        ("ad", Absolute(Zone::Local, Date::Month)),
        ("adoy", Absolute(Zone::Local, Date::DayOfYear)),
        ("d", Delta),
        ("dd", DeltaDisplayed),
        ("e", Epoch),
        ("r", Relative),
        ("u", Absolute(Zone::Utc, Date::None)),
        ("ud", Absolute(Zone::Utc, Date::Month)),
        ("udoy", Absolute(Zone::Utc, Date::DayOfYear)),
    ]
};

/// What names no format of times.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no time format; these are: a, ad, adoy, d, dd, e, r, u, ud, udoy")]
pub struct TimeFormatError(String);

/// The times of the frames that were read, noted by who reads them.
#[derive(Clone, Debug, Default)]
pub struct FrameTimes(Rc<RefCell<Noted>>);

#[derive(Debug, Default)]
struct Noted {
    files: Vec<String>,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    /// The last frames, oldest first.
    frames: VecDeque<NotedFrame>,
}

#[derive(Clone, Copy, Debug)]
struct NotedFrame {
    /// Index of its file, where several are read.
    file: Option<usize>,
    number: u64,
    /// The time of the frame before.
    before: Option<Timestamp>,
}

/// Writes times in a format.
#[derive(Debug)]
pub struct Times {
    format: TimeFormat,
    zone: TimeZone,
    is_fine: bool,
    /// `None` where there are none but those of messages.
    frames: Option<FrameTimes>,
    first: Option<Timestamp>,
    shown: Option<Timestamp>,
    text: TimeText,
}

impl TimeFormat {
    /// Whether it needs to know of every frame.
    pub fn needs_frames(self) -> bool {
        matches!(self, Self::Relative | Self::Delta)
    }
}

impl FromStr for TimeFormat {
    type Err = TimeFormatError;

    fn from_str(name: &str) -> Result<Self, TimeFormatError> {
        let format = NAMES.iter().find(|(known, _)| *known == name);
        format.map(|(_, format)| *format).ok_or_else(|| TimeFormatError(name.to_owned()))
    }
}

impl FrameTimes {
    /// Notes a frame, before what it brings to light; with its file where several are read.
    pub fn note(&self, frame: &Frame<'_>, file: Option<&str>) {
        let mut noted = self.0.borrow_mut();
        let file = file.map(|file| noted.index_of(file));
        let before = noted.last;
        noted.first = noted.first.or(frame.time);
        noted.last = frame.time.or(noted.last);
        if noted.frames.len() == MAX_NOTED {
            noted.frames.pop_front();
        }
        noted.frames.push_back(NotedFrame { file, number: frame.number, before });
    }
}

impl Noted {
    fn index_of(&mut self, file: &str) -> usize {
        let known = self.files.iter().position(|it| it == file);
        known.unwrap_or_else(|| {
            self.files.push(file.to_owned());
            self.files.len().saturating_sub(1)
        })
    }

    /// The time of the frame before that of a message; `None` where that is not remembered. The
    /// first frame has none before it, and is that far from itself.
    fn before(&self, captured: &Captured<'_>) -> Option<Timestamp> {
        let is_file = |it: &NotedFrame| {
            let name = it.file.and_then(|index| self.files.get(index));
            name.map(String::as_str) == captured.file
        };
        let mut latest = self.frames.iter().rev();
        let frame = latest.find(|it| it.number == captured.frame && is_file(it))?;
        frame.before.or(captured.time)
    }
}

impl Times {
    /// Times in a format, with nanoseconds where `is_fine`. Where no frames are noted, times count
    /// from messages.
    pub fn new(format: TimeFormat, is_fine: bool, frames: Option<FrameTimes>) -> Self {
        let zone = match format {
            TimeFormat::Absolute(Zone::Local, _) => TimeZone::system(),
            _ => TimeZone::UTC,
        };
        let text = TimeText::default();
        Self { format, zone, is_fine, frames, first: None, shown: None, text }
    }

    /// The time of day in UTC, to the microsecond.
    pub fn of_day() -> Self {
        let format = TimeFormat::Absolute(Zone::Utc, Date::None);
        Self::new(format, false, None)
    }

    /// Writes the time of a message that is printed; `-` where it is not known.
    pub fn write(&mut self, captured: &Captured<'_>, out: &mut Vec<u8>) {
        let start = out.len();
        let Some(time) = captured.time else { return unknown(start, out) };
        match self.format {
            TimeFormat::Absolute(Zone::Utc, Date::None) if !self.is_fine => {
                self.text.time_of_day(time, out);
            }
            TimeFormat::Absolute(_, date) => self.absolute(time, date, out),
            TimeFormat::Epoch => {
                epoch(time, out);
                self.cut(start, out);
            }
            TimeFormat::Relative | TimeFormat::Delta | TimeFormat::DeltaDisplayed => {
                let before = self.before(captured, time);
                self.since(before, time, out);
            }
        }
    }

    /// What the time of a message that is printed counts from, if that is known.
    fn before(&mut self, captured: &Captured<'_>, time: Timestamp) -> Option<Timestamp> {
        let shown = self.shown.replace(time).unwrap_or(time);
        let first = *self.first.get_or_insert(time);
        match (self.format, &self.frames) {
            (TimeFormat::Relative, Some(frames)) => frames.0.borrow().first,
            (TimeFormat::Relative, None) => Some(first),
            (TimeFormat::Delta, Some(frames)) => frames.0.borrow().before(captured),
            _ => Some(shown),
        }
    }

    fn absolute(&self, time: Timestamp, date: Date, out: &mut Vec<u8>) {
        let start = out.len();
        let at = jiff::Timestamp::from_nanosecond(time.0.into()).unwrap_or_default();
        let at: DateTime = self.zone.to_datetime(at);
        // Writing to a vector does not fail.
        let _ = match date {
            Date::None => Ok(()),
            Date::Month => write!(out, "{:04}-{:02}-{:02} ", at.year(), at.month(), at.day()),
            Date::DayOfYear => write!(out, "{:04}/{:03} ", at.year(), at.date().day_of_year()),
        };
        let (hour, minute, second) = (at.hour(), at.minute(), at.second());
        let nanos = at.subsec_nanosecond();
        let _ = write!(out, "{hour:02}:{minute:02}:{second:02}.{nanos:09}");
        self.cut(start, out);
    }

    fn since(&self, before: Option<Timestamp>, time: Timestamp, out: &mut Vec<u8>) {
        let start = out.len();
        let Some(before) = before else { return unknown(start, out) };
        epoch(Timestamp(time.0.saturating_sub(before.0)), out);
        self.cut(start, out);
        pad(start, out);
    }

    /// Leaves microseconds of nine decimals, where there are no others.
    fn cut(&self, start: usize, out: &mut Vec<u8>) {
        if !self.is_fine {
            out.truncate(out.len().saturating_sub(3).max(start));
        }
    }
}

/// What counts from another frame grows to the left, as numbers do.
fn pad(start: usize, out: &mut Vec<u8>) {
    const WIDTH: usize = 12;
    let missing = WIDTH.saturating_sub(out.len().saturating_sub(start));
    out.splice(start..start, std::iter::repeat_n(b' ', missing));
}

fn unknown(start: usize, out: &mut Vec<u8>) {
    const WIDTH: usize = "12:34:56.123456".len();
    out.push(b'-');
    out.resize(start.saturating_add(WIDTH), b' ');
}

#[cfg(test)]
mod tests {
    use super::super::sample::basic;
    use super::*;

    fn frame(number: u64, nanos: i64) -> Frame<'static> {
        Frame::ethernet(number, Timestamp(nanos), &[])
    }

    fn written(times: &mut Times, number: u64, nanos: i64) -> String {
        let sample = basic();
        let captured =
            Captured { frame: number, time: Some(Timestamp(nanos)), ..sample.captured() };
        let mut out = Vec::new();
        times.write(&captured, &mut out);
        String::from_utf8(out).unwrap()
    }

    /// 2024-05-01T12:34:56.123456789Z
    const NOON: i64 = 1_714_566_896_123_456_789;

    #[test]
    fn each_name_has_its_format() {
        for (name, coarse, fine) in [
            ("u", "12:34:56.123456", "12:34:56.123456789"),
            ("ud", "2024-05-01 12:34:56.123456", "2024-05-01 12:34:56.123456789"),
            ("udoy", "2024/122 12:34:56.123456", "2024/122 12:34:56.123456789"),
            ("e", "1714566896.123456", "1714566896.123456789"),
            ("r", "    2.123456", " 2.123456789"),
            ("d", "    0.623456", " 0.623456789"),
            ("dd", "    0.000000", " 0.000000000"),
        ] {
            for (is_fine, expected) in [(false, coarse), (true, fine)] {
                let frames = FrameTimes::default();
                let second = 1_000_000_000;
                frames.note(&frame(1, 1_714_566_894 * second), None);
                frames.note(&frame(2, 1_714_566_895 * second + second / 2), None);
                frames.note(&frame(3, NOON), None);
                let mut times = Times::new(name.parse().unwrap(), is_fine, Some(frames));
                assert_eq!(written(&mut times, 3, NOON), expected, "{name}");
            }
        }
    }

    #[test]
    fn what_is_displayed_counts_from_what_was() {
        let mut times = Times::new(TimeFormat::DeltaDisplayed, false, None);
        assert_eq!(written(&mut times, 1, NOON), "    0.000000");
        assert_eq!(written(&mut times, 9, NOON + 1_500_000), "    0.001500");
        assert_eq!(written(&mut times, 9, NOON), "   -0.001500");
    }

    #[test]
    fn a_frame_that_is_forgotten_has_no_delta() {
        let frames = FrameTimes::default();
        for number in 0..=MAX_NOTED as u64 {
            frames.note(&frame(number, NOON), None);
        }
        let mut times = Times::new(TimeFormat::Delta, false, Some(frames));
        assert_eq!(written(&mut times, 0, NOON), "-              ");
        assert_eq!(written(&mut times, 1, NOON), "    0.000000");
    }

    #[test]
    fn what_is_no_format_is_told_which_there_are() {
        let error = "x".parse::<TimeFormat>().unwrap_err().to_string();
        assert_eq!(
            error,
            "\"x\" is no time format; these are: a, ad, adoy, d, dd, e, r, u, ud, udoy"
        );
    }
}
