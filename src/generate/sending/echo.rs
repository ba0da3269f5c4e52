//! The field that an answer repeats of its message, in the bytes of both.

use std::cell::RefCell;
use std::hash::BuildHasher;

use crate::decode::codec::Codec;
use crate::generate::GenerateError;
use crate::generate::recipe::{Named, Recipe, RecipeError};
use crate::message::Item;
use crate::profile::{Protocol, Protocols};
use crate::schema::nearest;

/// Reads what an answer repeats. A message is read as the first of the recipe's protocols that it is
/// whole as.
#[derive(Debug)]
pub struct Echo {
    readers: Vec<Reader>,
    items: RefCell<Vec<Item>>,
    hash: foldhash::fast::FixedState,
}

#[derive(Debug)]
struct Reader {
    codec: Codec,
    path: String,
}

impl Echo {
    /// By a field of the recipe's messages; where none is named, by those that a profile says an answer
    /// has of its message (`echo = true`). `None` where it says nothing.
    ///
    /// # Errors
    ///
    /// The field is named, and no message has it.
    pub fn new(
        protocols: &Protocols,
        recipe: &Recipe,
        field: Option<&str>,
    ) -> Result<Option<Self>, GenerateError> {
        let (mut readers, mut paths) = (Vec::new(), Vec::new());
        for protocol in meant(protocols, recipe)? {
            let Some(layout) = protocol.format.layout() else { continue };
            let codec = Codec::new(layout, &protocol.words).map_err(RecipeError::from)?;
            let is_meant = |path: &&str| match field {
                Some(field) => field == *path,
                None => protocol.fields.get(*path).is_some_and(|it| it.echo),
            };
            let path = codec.table().paths().find(is_meant).map(str::to_owned);
            paths.extend(codec.table().paths().map(str::to_owned));
            readers.extend(path.map(|path| Reader { codec, path }));
        }
        match (field, readers.is_empty()) {
            (Some(field), true) => Err(GenerateError::NoEcho {
                nearest: nearest(field, paths.iter().map(String::as_str)),
                field: field.to_owned(),
            }),
            (None, true) => Ok(None),
            (_, false) => {
                let hash = foldhash::fast::FixedState::default();
                Ok(Some(Self { readers, items: RefCell::default(), hash }))
            }
        }
    }

    /// A number that stands for the field's value; `None` where the bytes have no such field.
    pub fn key(&self, bytes: &[u8]) -> Option<u64> {
        let mut items = self.items.borrow_mut();
        self.readers.iter().find_map(|Reader { codec, path }| {
            let decoded = codec.decode(bytes, bytes.len(), &mut items);
            let table = codec.table();
            let is_it = |it: &&Item| {
                table.nodes.get(it.node as usize).is_some_and(|node| node.path == *path)
            };
            let item = items.iter().find(is_it).filter(|_| decoded.error.is_none())?;
            let whole = item.scalar.integer().map(|it| self.hash.hash_one(it));
            let begin = item.offset as usize;
            let span = || bytes.get(begin..begin.saturating_add(item.len as usize));
            whole.or_else(|| span().map(|it| self.hash.hash_one(it)))
        })
    }
}

/// The protocols of the recipe's messages, each once.
fn meant<'p>(protocols: &'p Protocols, recipe: &Recipe) -> Result<Vec<&'p Protocol>, RecipeError> {
    let own = recipe.senders.iter().flat_map(|it| it.messages.iter().flatten());
    let mut found: Vec<&Protocol> = Vec::new();
    for message in recipe.messages.iter().chain(own).filter(|it| it.raw.is_none()) {
        let named = match message.message.as_str() {
            "" => Named::only(protocols)?,
            name => Named::find(protocols, name)?,
        };
        if !found.iter().any(|it| std::ptr::eq(*it, named.protocol)) {
            found.push(named.protocol);
        }
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::generate::recipe::MessageRecipe;
    use crate::profile::Options;

    fn protocols() -> Protocols {
        let headers = vec!["tests/peers/dgram-basic/proto.h".into()];
        Protocols::load(&Options { headers, ..Options::default() }).unwrap()
    }

    fn recipe(name: &str) -> Recipe {
        Recipe { messages: vec![MessageRecipe::new(name)], ..Recipe::default() }
    }

    #[test]
    fn a_field_stands_for_its_value() {
        let (protocols, recipe) = (protocols(), recipe("msg_st"));
        let message = |name: &[u8; 4], math: u8| {
            let mut bytes = name.to_vec();
            bytes.extend([0; 10]);
            bytes.extend([math, 0, 0, 0, 9]);
            bytes
        };
        let [alan, other, next] = [message(b"Alan", 1), message(b"Alex", 1), message(b"Alan", 2)];
        for (field, is_as_other) in [("math", true), ("name", false)] {
            let echo = Echo::new(&protocols, &recipe, Some(field)).unwrap().unwrap();
            assert!(echo.key(&alan).is_some());
            assert_eq!(echo.key(&alan) == echo.key(&other), is_as_other);
            assert_eq!(echo.key(&alan) == echo.key(&next), !is_as_other);
            assert_eq!(echo.key(&alan[..12]), None);
        }
    }

    #[test]
    fn a_field_that_no_message_has_is_refused() {
        let (protocols, recipe) = (protocols(), recipe(""));
        let error = Echo::new(&protocols, &recipe, Some("maths")).unwrap_err().to_string();
        let expected = "no message of the recipe has a field \"maths\"; did you mean \"math\"?";
        assert_eq!(error, expected);
        assert!(Echo::new(&protocols, &recipe, None).unwrap().is_none());
    }

    #[test]
    fn a_profile_says_what_is_repeated() {
        let folder = tempfile::tempdir().unwrap();
        let header = "#include <stdint.h>\nstruct q { uint16_t kind; uint16_t id; };\n";
        std::fs::write(folder.path().join("q.h"), header).unwrap();
        let profile = folder.path().join("q.toml");
        let text = "[[protocol]]\nname = \"q\"\nheader = \"q.h\"\nmessage = \"q\"\n\
                    [protocol.fields]\nid = { echo = true }\n";
        std::fs::write(&profile, text).unwrap();
        let options = Options { profile: Some(profile), ..Options::default() };
        let protocols = Protocols::load(&options).unwrap();
        let echo = Echo::new(&protocols, &recipe("q"), None).unwrap().unwrap();
        assert_eq!(echo.key(&[0, 1, 0, 7]), echo.key(&[0, 2, 0, 7]));
        assert_ne!(echo.key(&[0, 1, 0, 7]), echo.key(&[0, 1, 0, 8]));
    }
}
