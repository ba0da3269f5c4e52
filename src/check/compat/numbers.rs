//! Names that stand for other numbers: enumerators, and macros.

use super::Versions;
use super::change::Change;
use crate::check::{Code, Level};
use crate::schema::Span;

/// Of the whole header, where no message is asked for.
pub(super) fn changes(versions: Versions<'_>, message: Option<&str>) -> Vec<Change> {
    if message.is_some() {
        return Vec::new();
    }
    let Versions { old, new, .. } = versions;
    let mut changes = Vec::new();
    for it in old.numbers() {
        let (level, text) = match (new.constant(it.name), it.is_macro) {
            (Some(now), is_macro) if now != it.value => {
                let level = if is_macro { Level::Warning } else { Level::Error };
                (level, format!("`{}` was {}, and is {now}", it.name, it.value))
            }
            (None, false) => {
                let now = new.numbers().into_iter().find(|now| {
                    !now.is_macro && now.value == it.value && old.constant(now.name).is_none()
                });
                match now {
                    Some(now) => (
                        Level::Warning,
                        format!("`{}`, which was {}, is now `{}`", it.name, it.value, now.name),
                    ),
                    None => (
                        Level::Warning,
                        format!("`{}`, which was {}, is no longer declared", it.name, it.value),
                    ),
                }
            }
            _ => continue,
        };
        let change = Change::new(Code::EnumValues, "", it.name, text, Span::default());
        changes.push(Change { level, ..change });
    }
    changes
}
