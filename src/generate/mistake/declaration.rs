//! A struct as it is declared, and every other way in which a sender may have it.

use std::sync::Arc;

use crate::profile::{Protocol, Protocols};
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
        let schema = protocols.schemas().get(protocol.declared?.schema)?;
        let of = |name: &'p str, layout| {
            Some(Self { protocol, name, record: schema.record(name)?, layout })
        };
        let own = of(&protocol.message, protocol.format.layout()?)?;
        let cases = protocol.cases.iter().filter_map(|it| of(&it.name, it.layout.as_ref()?));
        Some(std::iter::once(own).chain(cases).collect())
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
