//! `time` and `epoch` of a field: in what a time is counted, and from when.

use serde::Deserialize;

use super::field::{FieldRules, TimeUnit};
use crate::message::NTP_EPOCH;
use crate::schema::{Notation, Scale, Show};

/// From when a time is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Epoch {
    /// 1970-01-01.
    Unix,
    /// 1900-01-01 (RFC 5905 section 6): of 32 bits, up to 2036-02-07.
    Ntp,
    /// 1980-01-06, from when GPS counts without leap seconds (IS-GPS-200 section 3.3.4).
    Gps,
    /// From when the sender was started: no date, but how long that is ago.
    Boot,
}

/// A time whose upper half is seconds and whose lower half is parts of one (RFC 5905 section 6).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NtpTime {
    /// The timestamp of 64 bits, since 1900.
    Stamp,
    /// The short one of 32 bits, which is no date.
    Short,
}

/// What `time` may be.
#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum TimeName {
    S,
    Ms,
    Us,
    Ns,
    Ntp64,
    Ntp32,
}

/// Parts of a second that the lower half of a short time counts.
const PARTS: f64 = 65_536.0;

impl Epoch {
    /// When it begins, seconds since 1970; `None` where that is no date.
    pub fn seconds(self) -> Option<i64> {
        match self {
            Self::Unix => Some(0),
            Self::Ntp => Some(NTP_EPOCH),
            Self::Gps => Some(315_964_800),
            Self::Boot => None,
        }
    }
}

impl TimeName {
    /// As rules of a field.
    pub fn apply(self, rules: &mut FieldRules) {
        let (time, ntp) = match self {
            Self::S => (Some(TimeUnit::S), None),
            Self::Ms => (Some(TimeUnit::Ms), None),
            Self::Us => (Some(TimeUnit::Us), None),
            Self::Ns => (Some(TimeUnit::Ns), None),
            Self::Ntp64 => (None, Some(NtpTime::Stamp)),
            Self::Ntp32 => (None, Some(NtpTime::Short)),
        };
        (rules.time, rules.ntp) = (time, ntp);
    }
}

impl FieldRules {
    /// The unit of a time since 1970.
    pub fn unix_time(&self) -> Option<TimeUnit> {
        self.time.filter(|_| matches!(self.epoch, None | Some(Epoch::Unix)))
    }

    /// The unit of a time that is a date: since 1970, or as its notation has it, which has the epoch.
    pub fn dated(&self) -> Option<TimeUnit> {
        match self.date() {
            Some(Notation::Ntp) => Some(TimeUnit::Ns),
            Some(_) => self.time,
            None => self.unix_time(),
        }
    }

    /// Whether it is said from when its time counts, so that it is written as one.
    pub(super) fn has_epoch(&self) -> bool {
        self.epoch.is_some() || self.ntp.is_some()
    }

    /// How its time is written, where that is a date.
    pub(super) fn date(&self) -> Option<Notation> {
        let is_written = self.show.is_none_or(|it| it.0 == Show::Time);
        let epoch = self.epoch.and_then(Epoch::seconds);
        match (self.ntp, self.time.zip(epoch)) {
            _ if !is_written => None,
            (Some(NtpTime::Stamp), _) => Some(Notation::Ntp),
            (_, Some((unit, epoch))) => Some(Notation::Time { digits: unit.digits(), epoch }),
            _ => None,
        }
    }

    /// The seconds of its time, where that is no date.
    pub(super) fn seconds(&self) -> Option<Scale> {
        match (self.ntp, self.time.filter(|_| self.epoch == Some(Epoch::Boot))) {
            _ if self.show.is_some() => None,
            (Some(NtpTime::Short), _) => {
                Scale::new(1.0 / PARTS, 0.0, Some("s".to_owned()), Vec::new())
            }
            (_, Some(unit)) => Some(Scale::seconds(unit.digits())),
            _ => None,
        }
    }
}
