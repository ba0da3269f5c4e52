//! What the keys of a field say together of what its number means.

use std::sync::Arc;

use super::{AsName, Epoch, FieldRules, NtpTime, ProfileError, ShowName};
use crate::schema::{Scale, Show};

/// What scale, offset, unit and numbers for no value say together.
pub(super) fn measured(rules: &FieldRules) -> Result<Option<Arc<Scale>>, ProfileError> {
    let FieldRules { scale, offset, unit, none, .. } = rules;
    if rules.measure_key().is_none() {
        return Ok(rules.seconds().map(Arc::new));
    }
    let (scale, offset) = (scale.unwrap_or(1.0), offset.unwrap_or(0.0));
    match Scale::new(scale, offset, unit.clone(), none.clone()) {
        Some(scale) => Ok(Some(Arc::new(scale))),
        None => Err(ProfileError::Combination("`scale` and `offset` have too many digits")),
    }
}

/// Whether the keys of a field go with one another.
pub(super) fn check_together(rules: &FieldRules) -> Result<(), ProfileError> {
    let wrong = |text| Err(ProfileError::Combination(text));
    let (names, flags) = (rules.names.is_some(), rules.flags.is_some());
    let measures = rules.measure_key().is_some();
    let shows_date = rules.show == Some(ShowName(Show::Time));
    match rules.show.is_some() {
        _ if rules.as_name().and_then(AsName::integer).is_some() && rules.text.is_some() => {
            wrong("what is an integer is no text: leave out `text`, or `as`")
        }
        _ if rules.epoch.is_some() && rules.ntp.is_some() => {
            wrong("`ntp64` and `ntp32` say themselves from when they count: leave out `epoch`")
        }
        _ if rules.epoch.is_some() && rules.time.is_none() => {
            wrong("`epoch` is from when a time counts: add `time`")
        }
        _ if rules.has_epoch() && (names || flags || measures) => wrong(
            "a time has no names, and no other unit: leave out `enum`, `flags`, `scale`, `offset`, `unit` and `none`",
        ),
        true if shows_date
            && (rules.epoch == Some(Epoch::Boot) || rules.ntp == Some(NtpTime::Short)) =>
        {
            wrong("a time since the start of the sender is no date: leave out `show`")
        }
        true if names => wrong("`enum` writes a number by its name: leave out `show`"),
        true if flags => wrong("`flags` write a number by the names of its bits: leave out `show`"),
        true if measures => wrong(
            "`scale`, `offset`, `unit` and `none` say how a number is written: leave out `show`",
        ),
        _ if names && flags => wrong("`enum` names values and `flags` bits: leave out one of them"),
        _ if measures && (names || flags) => wrong(
            "a number that has names is not measured: leave out `enum` and `flags`, or the others",
        ),
        _ => Ok(()),
    }
}
