//! How `generate` and `listen` name what they send to and hear.

use clap::builder::{PossibleValuesParser, TypedValueParser};
use wirereel::generate::Cast;

/// Reads the name of a way of addressing.
pub fn cast_parser() -> impl TypedValueParser<Value = Cast> {
    PossibleValuesParser::new(Cast::ALL.map(Cast::as_str))
        .map(|name| Cast::ALL.into_iter().find(|it| it.as_str() == name).unwrap_or(Cast::Unicast))
}
