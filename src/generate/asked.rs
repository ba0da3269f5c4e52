//! A recipe as the command line and a test case ask for it: one message with what is set in it, a
//! file, or a capture to learn from.

use std::path::PathBuf;

use super::GenerateError;
use super::like::{self, Learned};
use super::mistake::Mistake;
use super::recipe::{FieldPath, MessageRecipe, Named, Recipe, ValueRecipe};
use crate::capture::Reader;
use crate::profile::Protocols;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// The message; the only one, where it is not named.
    pub message: Option<String>,
    /// What fields hold, in all messages.
    pub set: Vec<(FieldPath, ValueRecipe)>,
    /// A file to begin with.
    pub recipe: Option<PathBuf>,
    /// A capture to learn from; a file stands before it.
    pub like: Option<PathBuf>,
    /// What is wrong with all messages, deliberately.
    pub mistakes: Vec<Mistake>,
}

impl Asked {
    /// The recipe; `learned` is told what a capture taught, and what was left out of it.
    ///
    /// # Errors
    ///
    /// A file or a capture that cannot be read; no message, or several, where none is named.
    pub fn recipe(
        &self,
        protocols: &Protocols,
        learned: &mut dyn FnMut(&Learned),
    ) -> Result<Recipe, GenerateError> {
        let mut recipe = match (&self.recipe, &self.like) {
            (Some(path), _) => Recipe::read(path)?,
            (_, Some(capture)) => {
                let found = like::learn(&mut Reader::open(capture)?, protocols)?;
                learned(&found);
                found.recipe
            }
            (None, None) => Recipe::default(),
        };
        if recipe.messages.is_empty() && recipe.senders.iter().all(|it| it.messages.is_none()) {
            let name = match &self.message {
                Some(name) => name,
                None => Named::only(protocols)?.name(),
            };
            recipe.messages.push(MessageRecipe::new(name));
        }
        let own = recipe.senders.iter_mut().flat_map(|it| it.messages.iter_mut().flatten());
        // What is kept of a capture as bytes has no fields.
        for message in recipe.messages.iter_mut().chain(own).filter(|it| it.raw.is_none()) {
            message.fields.extend(self.set.iter().cloned());
            message.mistakes.extend(self.mistakes.iter().cloned());
        }
        Ok(recipe)
    }
}
