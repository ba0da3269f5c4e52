//! What is sent: messages, from which senders, at which times.

use std::net::SocketAddr;

use super::error::RecipeError;
use super::gap::GapRecipe;
use super::named::Named;
use super::path::FieldPath;
use super::value::ValueRecipe;
use crate::generate::mistake::Mistake;
use crate::profile::{ProfileError, Protocols};

/// What is sent, as a file says it or a capture teaches it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Recipe {
    /// Makes two runs alike, where the command line gives none.
    pub seed: Option<u64>,
    /// Each kind of message. None: only what the senders have.
    pub messages: Vec<MessageRecipe>,
    /// Which of them comes next.
    pub order: Order,
    /// None: one, whose address the system chooses.
    pub senders: Vec<SenderRecipe>,
    /// Between messages of all senders.
    pub gap: Option<GapRecipe>,
}

/// Which message comes next.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Order {
    /// One after the other, each as often in a row as its weight says.
    #[default]
    InTurn,
    /// Any, those of more weight more often.
    ByWeight,
}

/// One kind of message.
#[derive(Clone, Debug, PartialEq)]
pub struct MessageRecipe {
    /// A protocol, a message of a header, or a case of a protocol; empty where there is `raw`.
    pub message: String,
    /// How often it comes, beside the others; above 0.
    pub weight: u32,
    /// What its fields hold; those that are not named are zero. Of two for one field the later holds.
    pub fields: Vec<(FieldPath, ValueRecipe)>,
    /// What is wrong with it, deliberately.
    pub mistakes: Vec<Mistake>,
    /// Bytes that are sent as they stand, in place of a message: what no layout explains.
    pub raw: Option<ValueRecipe>,
    /// Bytes behind the message.
    pub trailing: Option<ValueRecipe>,
}

/// One sender, with counters of its own.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SenderRecipe {
    /// Its own address; none: the system chooses. Port 0 is any.
    pub from: Option<SocketAddr>,
    /// Whether it becomes a member of the group that it sends to.
    pub join: bool,
    /// What it sends; none: what the recipe has for all.
    pub messages: Option<Vec<MessageRecipe>>,
    /// After so many messages it has done.
    pub count: Option<u64>,
}

impl Recipe {
    /// Has the headers offer each message that is named here, whatever their rules name.
    ///
    /// # Errors
    ///
    /// Those of [`Protocols::include`], of a name that nothing has otherwise.
    pub fn include(&self, protocols: &mut Protocols) -> Result<(), ProfileError> {
        let own = self.senders.iter().flat_map(|it| it.messages.iter().flatten());
        for name in self.messages.iter().chain(own).map(|it| it.message.as_str()) {
            if !name.is_empty() && Named::find(protocols, name).is_err() {
                protocols.include(name)?;
            }
        }
        Ok(())
    }
}

impl MessageRecipe {
    /// A message all of whose fields are zero.
    pub fn new(message: &str) -> Self {
        Self {
            message: message.to_owned(),
            weight: 1,
            fields: Vec::new(),
            mistakes: Vec::new(),
            raw: None,
            trailing: None,
        }
    }
}

impl Order {
    /// Its name in a file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InTurn => "in-turn",
            Self::ByWeight => "by-weight",
        }
    }
}

/// Reads what `--set` takes: `FIELD=RECIPE`.
///
/// # Errors
///
/// There is no `=`, no field before it, or no recipe behind it.
pub fn setting(text: &str) -> Result<(FieldPath, ValueRecipe), RecipeError> {
    let syntax = || RecipeError::Setting { text: text.to_owned() };
    let (path, value) = text.split_once('=').ok_or_else(syntax)?;
    Ok((path.parse()?, value.parse()?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::codec::FieldValue;

    #[test]
    fn a_setting_is_a_field_and_a_recipe() {
        let constant = |it: &str| ValueRecipe::Constant(FieldValue::Text(it.to_owned()));
        let alan = (FieldPath::of("name"), constant("Alan"));
        assert_eq!(setting("name=Alan").unwrap(), alan);
        assert_eq!(setting(" name = Alan ").unwrap(), alan);
        assert_eq!(setting("name=\"a=b\"").unwrap().1, constant("a=b"));
        for (text, error) in [
            ("name", "\"name\" sets nothing"),
            ("=5", "\"\" is no path"),
            ("math=0..", "recipe \"0..\", column 1: a range has a number at both ends"),
        ] {
            let found = setting(text).unwrap_err().to_string();
            assert!(found.starts_with(error), "{text}: {found}");
        }
    }
}
