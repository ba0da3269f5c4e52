//! What the bytes of a field are a message of: `protocol`, its name looked up once all protocols of a profile are
//! there.

use super::line::ProfileLine;
use super::{ProfileError, ProtocolEntry, Protocols, bundled};
use crate::schema::nearest;

/// What bytes can be a packet or a message of without a profile.
const KNOWN: [&str; 3] = ["ethernet", "ip", "http"];

impl Protocols {
    /// Looks up the protocols that the entries of a profile, whose own begin at `first`, nest.
    pub(super) fn check_nested(
        &self,
        first: usize,
        entries: &[ProtocolEntry],
        place: impl Fn(usize) -> ProfileLine,
    ) -> Result<(), ProfileError> {
        let own = self.list.iter().skip(first).map(|it| it.name.as_str());
        let bundled = bundled::ALL.iter().map(|it| it.name);
        let known: Vec<_> = KNOWN.into_iter().chain(own).chain(bundled).collect();
        for (protocol, entry) in self.list.iter().skip(first).zip(entries) {
            let named = protocol.fields.iter();
            for (path, name) in named.filter_map(|it| Some((it.0, it.1.words.protocol.as_ref()?))) {
                if !known.contains(&name.as_str()) {
                    let rule = entry.fields.rules.get(path);
                    let offset = rule.map_or(entry.message.span().start, |it| it.1);
                    let (name, nearest) = (name.clone(), nearest(name, known.iter().copied()));
                    return Err(ProfileError::UnknownProtocol { name, nearest }.at(place(offset)));
                }
            }
        }
        Ok(())
    }
}
