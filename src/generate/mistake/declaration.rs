//! A struct as it is declared, and every other way in which a sender may have it.

use std::sync::Arc;

use crate::profile::{Case, Protocol, Protocols};
use crate::schema::{Abi, Packing, RecordDef, ResolvedLayout};

/// A message, or the struct of one of its cases.
pub(super) struct Declaration<'p> {
    pub protocol: &'p Protocol,
    pub name: &'p str,
    record: &'p RecordDef,
    /// As the receiver has it.
    pub layout: &'p Arc<ResolvedLayout>,
}

/// One way in which a sender may have it.
pub(super) struct Elsewhere {
    pub packing: Packing,
    pub abi: Abi,
    pub layout: ResolvedLayout,
}

impl<'p> Declaration<'p> {
    /// The message itself, then the structs that take its place in some cases.
    pub fn all(protocols: &'p Protocols, protocol: &'p Protocol) -> Option<Vec<Self>> {
        let own = Self::of(protocols, protocol, &protocol.message, protocol.format.layout()?)?;
        let replacing = protocol.words.cases.iter().filter(|it| it.layout.is_some());
        let cases = replacing.map(|it| Self::of_case(protocols, protocol, it));
        std::iter::once(Some(own)).chain(cases).collect()
    }

    /// The struct that takes the message's place in a case.
    pub fn of_case(
        protocols: &'p Protocols,
        protocol: &'p Protocol,
        case: &'p Case,
    ) -> Option<Self> {
        Self::of(protocols, protocol, &case.name, case.layout.as_ref()?)
    }

    fn of(
        protocols: &'p Protocols,
        protocol: &'p Protocol,
        name: &'p str,
        layout: &'p Arc<ResolvedLayout>,
    ) -> Option<Self> {
        let schema = protocols.schemas().get(protocol.declared?.schema)?;
        Some(Self { protocol, name, record: schema.record(name)?, layout })
    }

    /// Every way, the declared one first.
    pub fn elsewhere(&self) -> impl Iterator<Item = Elsewhere> {
        let alternatives = self.record.alternatives(self.name, self.protocol.abi);
        alternatives.filter_map(|it| {
            let layout = self.protocol.resolve(&it.layout).ok()?;
            Some(Elsewhere { packing: it.packing, abi: it.abi, layout })
        })
    }

    /// Whether it has bit-fields, whose places depend on the machine's byte order.
    pub fn has_bits(&self) -> bool {
        self.layout.fields().any(|(_, it)| it.bits().is_some())
    }
}
