//! One mistake, as it is written: `byte-order`, or `byte-order=math` for one field.

use std::fmt;
use std::str::FromStr;

use super::error::MistakeError;
use super::kind::MistakeKind;

/// A mistake that is made on purpose.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Mistake {
    /// What kind it is.
    pub kind: MistakeKind,
    /// The path of the field that it is made of; `None`: of all that have it.
    pub field: Option<String>,
}

impl Mistake {
    /// Whether the sender makes it by what it is, and not by what it writes: it joins the group.
    pub fn joins(&self) -> bool {
        self.kind == MistakeKind::GroupJoin
    }
}

impl From<MistakeKind> for Mistake {
    fn from(kind: MistakeKind) -> Self {
        Self { kind, field: None }
    }
}

impl FromStr for Mistake {
    type Err = MistakeError;

    fn from_str(text: &str) -> Result<Self, MistakeError> {
        let Some((kind, field)) = text.split_once('=') else {
            return Ok(Self::from(text.parse::<MistakeKind>()?));
        };
        let kind: MistakeKind = kind.parse()?;
        match kind.takes_field() {
            true if field.is_empty() => Err(MistakeError::EmptyField { kind }),
            true => Ok(Self { kind, field: Some(field.to_owned()) }),
            false => Err(MistakeError::NoField { kind, field: field.to_owned() }),
        }
    }
}

impl fmt::Display for Mistake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.field {
            Some(field) => write!(f, "{}={field}", self.kind),
            None => self.kind.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_written_as_they_are_read() {
        for kind in MistakeKind::ALL {
            let mistake: Mistake = kind.as_str().parse().unwrap();
            assert_eq!(mistake, Mistake::from(kind));
            assert_eq!(mistake.to_string(), kind.as_str());
            assert_eq!(mistake.joins(), kind == MistakeKind::GroupJoin);
            let text = format!("{kind}=point.x");
            match text.parse::<Mistake>() {
                Ok(mistake) => assert_eq!(mistake.to_string(), text),
                Err(error) => assert!(!kind.takes_field(), "{error}"),
            }
        }
    }

    #[test]
    fn what_is_no_mistake_is_refused() {
        for (text, error) in [
            ("byteorder", "no mistake `byteorder`; did you mean `byte-order`?"),
            ("byte-order=", "byte-order= names no field"),
            ("padding=math", "padding is of the whole struct, not of `math`"),
            ("xyz=math", "no mistake `xyz`: there are byte-order, padding, terminator"),
        ] {
            let found = text.parse::<Mistake>().unwrap_err().to_string();
            assert!(found.starts_with(error), "{text}: {found}");
        }
    }
}
