//! Names to fields, and literals to what they mean for them.

use memchr::memmem::Finder;

use super::super::common_fields;
use super::super::field_ref::{FieldRef, Owner, is_within};
use super::super::message::FieldKind;
use super::super::property::{IpVersion, PropertyKind};
use super::super::resolve::Known;
use super::condition::{Comparand, Element, Presence, Test};
use super::error::FilterError;
use super::grammar::{self, Form, Literal, Tree};
use super::literal::Types;
use super::pattern::Pattern;
use crate::packet::Transport;
use crate::schema::{Notation, UnknownFlag, nearest};

pub(super) struct Compiler<'c> {
    pub text: &'c str,
    pub known: &'c [Known<'c>],
}

impl Compiler<'_> {
    pub fn test(&self, tree: &Tree<'_>) -> Result<Test, FilterError> {
        let all = |trees: &[Tree<'_>]| -> Result<Vec<_>, _> {
            trees.iter().map(|it| self.test(it)).collect()
        };
        Ok(match tree {
            Tree::Any(trees) => Test::Any(all(trees)?),
            Tree::All(trees) => Test::All(all(trees)?),
            Tree::Either(a, b) => Test::Either(Box::new(self.test(a)?), Box::new(self.test(b)?)),
            Tree::Not(tree) => Test::Not(Box::new(self.test(tree)?)),
            Tree::Exists(name) => match self.presence(name) {
                Some(presence) => Test::Present(presence),
                None => Test::Exists(self.field(name)?.0),
            },
            Tree::Compare(name, relation, literal) => {
                let (field, types) = self.compared(name)?;
                let values = self.values((name, &field), types, literal)?;
                Test::Compare(field, *relation, values)
            }
            Tree::Contains(name, literal) => {
                let (field, types) = self.string(name, "contains")?;
                let finder = Finder::new(&self.needle(types, literal)?).into_owned();
                Test::Contains(field, Box::new(finder))
            }
            Tree::Matches(name, literal) => {
                let (field, types) = self.string(name, "matches")?;
                if types.flags {
                    let text = format!(
                        "`matches` needs text, and `{name}` has flags: ask for one by `contains`"
                    );
                    return Err(self.error(name, text));
                }
                let pattern = Pattern::new(self.pattern(literal)?);
                Test::Matches(field, pattern.map_err(|text| self.error(literal.at, text))?)
            }
            Tree::In(name, elements) => {
                let (field, types) = self.compared(name)?;
                let values = |literal: &Literal<'_>| self.values((name, &field), types, literal);
                let element = |it: &grammar::Element<'_>| {
                    Ok(match it {
                        grammar::Element::One(literal) => Element::One(values(literal)?),
                        grammar::Element::Range(from, to) => {
                            Element::Range(values(from)?, values(to)?)
                        }
                    })
                };
                let elements = elements.iter().map(element).collect::<Result<_, _>>()?;
                Test::In(field, elements)
            }
        })
    }

    fn error(&self, at: &str, text: impl Into<String>) -> FilterError {
        // What is named lies within the filter's text.
        let offset = at.as_ptr().addr().wrapping_sub(self.text.as_ptr().addr());
        FilterError::new(self.text, offset.min(self.text.len()), text)
    }

    fn field(&self, name: &str) -> Result<(FieldRef, Types), FilterError> {
        match FieldRef::parse(name, self.known) {
            Ok(field) => {
                let types = self.types(&field);
                Ok((field, types))
            }
            Err(unknown) => Err(self.error(name, unknown.to_string())),
        }
    }

    fn compared(&self, name: &str) -> Result<(FieldRef, Types), FilterError> {
        self.field(name).map_err(|error| match self.presence(name) {
            Some(_) => self.error(name, format!("`{name}` has no value to compare, only fields")),
            None => error,
        })
    }

    fn string(&self, name: &str, operator: &str) -> Result<(FieldRef, Types), FilterError> {
        // Its number has no characters: it is its bytes that are looked through, as in Wireshark.
        if name == "frame" && FieldRef::named(name, self.known).is_none() {
            let bytes = FieldRef::Property(&common_fields::FRAME_BYTES);
            return Ok((bytes, property_types(PropertyKind::Bytes)));
        }
        let (field, types) = self.compared(name)?;
        if types.is_string() {
            return Ok((field, types));
        }
        Err(self.error(name, format!("`{operator}` needs text or bytes, which `{name}` is not")))
    }

    fn values(
        &self,
        (name, field): (&str, &FieldRef),
        types: Types,
        literal: &Literal<'_>,
    ) -> Result<Vec<Comparand>, FilterError> {
        let values = types.read(literal);
        if types.is_of_names() {
            for value in &values {
                if let Comparand::Bytes(text) = value {
                    self.known_name((name, field), literal, &String::from_utf8_lossy(text))?;
                }
            }
        }
        if values.is_empty() {
            let text = format!("`{name}` is compared with {}", types.expected());
            return Err(self.error(literal.at, text));
        }
        Ok(values)
    }

    /// Sees that a field has a value of that name, or flags.
    fn known_name(
        &self,
        (name, field): (&str, &FieldRef),
        literal: &Literal<'_>,
        text: &str,
    ) -> Result<(), FilterError> {
        let (mut text, mut names) = (text, Vec::<&str>::new());
        for kind in self.kinds(field) {
            match kind {
                FieldKind::Enum(known) => {
                    names.extend(known.enumerators.iter().map(|it| it.name.as_str()));
                }
                FieldKind::Shown(Notation::Flags { flags, .. }) => {
                    match flags.read(text) {
                        Ok(_) => return Ok(()),
                        Err(UnknownFlag(part)) => text = part,
                    }
                    names.extend(flags.iter().map(|it| it.name.as_str()));
                }
                _ => {}
            }
        }
        if names.contains(&text) {
            return Ok(());
        }
        let nearest = nearest(text, names).map(|it| format!("; did you mean `{it}`?"));
        let text = format!("no value of `{name}` is named `{text}`{}", nearest.unwrap_or_default());
        Err(self.error(literal.at, text))
    }

    fn needle(&self, types: Types, literal: &Literal<'_>) -> Result<Vec<u8>, FilterError> {
        let types = Types { text: true, number: false, named: false, ..types };
        match types.read(literal).into_iter().next() {
            Some(Comparand::Bytes(bytes)) => Ok(bytes),
            _ => {
                let text = format!("`contains` looks for {}", types.expected());
                Err(self.error(literal.at, text))
            }
        }
    }

    fn pattern<'l>(&self, literal: &'l Literal<'_>) -> Result<&'l str, FilterError> {
        let text = match &literal.form {
            Form::Text(bytes) => std::str::from_utf8(bytes).ok(),
            _ => None,
        };
        text.ok_or_else(|| self.error(literal.at, "`matches` needs a regular expression in `\"`"))
    }

    /// What can be there without being a field: a layer, a protocol, a message.
    fn presence(&self, name: &str) -> Option<Presence> {
        if let Some(transport) = Transport::named(name) {
            return Some(Presence::Transport(transport));
        }
        match name {
            "frame" => return Some(Presence::Always),
            "ip" => return Some(Presence::Ip(IpVersion::V4)),
            "ipv6" => return Some(Presence::Ip(IpVersion::V6)),
            _ => {}
        }
        // A field of that name is what is meant.
        if FieldRef::named(name, self.known).is_some() {
            return None;
        }
        let owner = self.known.iter().find_map(|it| {
            let (protocol, message) = (it.protocol.to_owned(), it.message.to_owned());
            if name == protocol {
                Some(Owner::Protocol(protocol))
            } else if name == message {
                Some(Owner::Message(message))
            } else {
                let is_exact = name.strip_prefix(it.protocol)?.strip_prefix('.')? == it.message;
                is_exact.then_some(Owner::Exact { protocol, message })
            }
        });
        owner.map(Presence::Message)
    }

    fn types(&self, field: &FieldRef) -> Types {
        match field {
            FieldRef::Property(property) => property_types(property.kind),
            FieldRef::Header(_) => Types { text: true, bytes: true, ..Types::default() },
            FieldRef::Field { .. } => {
                let mut types = Types::default();
                self.kinds(field).for_each(|it| types.add(it));
                types
            }
        }
    }

    /// What a field of messages can be.
    fn kinds(&self, field: &FieldRef) -> impl Iterator<Item = &FieldKind> {
        let of = match field {
            FieldRef::Field { owner, path } => Some((owner, path)),
            FieldRef::Property(_) | FieldRef::Header(_) => None,
        };
        of.into_iter().flat_map(|(owner, path)| {
            let known = self.known.iter().filter(|it| owner.has(it.protocol, it.message));
            let nodes = known.flat_map(|it| &it.table.nodes);
            nodes.filter(|it| is_within(&it.path, path)).map(|it| &it.kind)
        })
    }
}

impl Types {
    fn add(&mut self, kind: &FieldKind) {
        match kind {
            FieldKind::Number => self.number = true,
            FieldKind::Enum(_) => (self.number, self.named) = (true, true),
            // Text that is none is bytes.
            FieldKind::Text | FieldKind::String => (self.text, self.bytes) = (true, true),
            FieldKind::Bytes => self.bytes = true,
            FieldKind::Shown(notation) => self.add_shown(notation),
            FieldKind::Group | FieldKind::List => {}
        }
    }
}

impl Types {
    fn add_shown(&mut self, notation: &Notation) {
        self.shown = true;
        match notation {
            Notation::Hex | Notation::Scale(_) => self.number = true,
            Notation::Flags { .. } => (self.number, self.named, self.flags) = (true, true, true),
            Notation::Ipv4 => (self.ipv4, self.number) = (true, true),
            Notation::Time { .. } | Notation::Ntp => (self.date, self.number) = (true, true),
            Notation::Moment { .. } => self.date = true,
            Notation::Ipv6 | Notation::Inet6 { .. } => self.ipv6 = true,
            Notation::Inet { .. } => self.ipv4 = true,
            Notation::Storage { .. } => (self.ipv4, self.ipv6) = (true, true),
            Notation::Mac | Notation::Bytes => self.bytes = true,
            Notation::Uuid => (self.bytes, self.uuid) = (true, true),
        }
    }
}

fn property_types(kind: PropertyKind) -> Types {
    let none = Types::default();
    match kind {
        PropertyKind::Number => Types { number: true, ..none },
        PropertyKind::Text => Types { text: true, ..none },
        PropertyKind::Time => Types { date: true, ..none },
        PropertyKind::Epoch => Types { epoch: true, ..none },
        PropertyKind::Address(IpVersion::V4) => Types { ipv4: true, ..none },
        PropertyKind::Address(IpVersion::V6) => Types { ipv6: true, ..none },
        PropertyKind::Bytes | PropertyKind::Hardware => Types { bytes: true, ..none },
        PropertyKind::Endpoint => none,
    }
}
