//! Profiles of well-known protocols, as the folder `profiles` has them: headers and profiles, as a user
//! would write them.
//!
//! They are many, and most captures have none of them: each is a row of a table, its name and its ports, and is
//! read when it is asked for.

use std::path::Path;

use super::source::Source;
use super::{Options, ProfileError, ProfileFile, ProfileLine, Protocol, Protocols};

/// One protocol of the folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bundled {
    /// What output calls it.
    pub name: &'static str,
    /// The name of its files, without what says which is the header.
    file: &'static str,
    /// The rules of its `decode_as`.
    pub ports: &'static [&'static str],
}

/// All of them, in the order in which they are tried on a port that several have.
pub(super) const ALL: [Bundled; 0] = [];

/// The profile and the header of a name.
fn texts(file: &str) -> Option<(&'static str, &'static str)> {
    match file {
        _ => None,
    }
}

impl Bundled {
    /// Reads its profile and its header.
    ///
    /// # Errors
    ///
    /// None that a test of this room has not seen.
    pub fn read(&self) -> Result<Protocol, ProfileError> {
        let (profile, _) = texts(self.file).unwrap_or_default();
        let path = format!("profiles/{}.toml", self.file);
        let path = Path::new(&path);
        let file = ProfileFile::parse(path, profile)?;
        let entry = file.protocols.iter().find(|it| it.name.get_ref() == self.name);
        let entry = entry.ok_or_else(|| {
            let names = file.protocols.iter().map(|it| it.name.get_ref().as_str());
            ProfileError::unknown_message(self.name, Vec::new(), names)
        })?;
        // What the command line says of order and ABI is meant for the user's own.
        let mut protocols = Protocols::bare(&Options::default());
        let place = |offset| ProfileLine::of(path, profile, offset);
        let protocol = protocols.protocol_of(entry, Source::Bundled, place)?;
        Ok(Protocol { declared: None, ..protocol })
    }
}

/// The text of a bundled header.
pub(super) fn header(name: &str) -> Option<&'static str> {
    texts(name.strip_suffix(".h")?).map(|it| it.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_profile_is_read_and_has_the_ports_of_its_row() {
        for bundled in ALL {
            let (profile, _) = texts(bundled.file).unwrap();
            let file = ProfileFile::parse(Path::new(bundled.file), profile).unwrap();
            let entry = file.protocols.iter().find(|it| it.name.get_ref() == bundled.name).unwrap();
            let ports: Vec<_> = entry.decode_as.iter().map(|it| it.get_ref().as_str()).collect();
            assert_eq!(ports, bundled.ports, "{}", bundled.name);
            if let Err(error) = bundled.read() {
                panic!("{}: {error}", bundled.name);
            }
        }
    }

    #[test]
    fn no_profile_of_the_folder_is_left_out() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("profiles");
        let files = std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path());
        for path in files.filter(|it| it.extension().is_some_and(|it| it == "toml")) {
            let text = std::fs::read_to_string(&path).unwrap();
            for entry in ProfileFile::parse(&path, &text).unwrap().protocols {
                let name = entry.name.get_ref();
                assert!(ALL.iter().any(|it| it.name == name), "{name} of {}", path.display());
            }
        }
    }
}
