//! How large types are, and how far they extend: what the bounds of later stages need.

use std::collections::HashMap;
use std::sync::Arc;

use super::super::abi::Abi;
use super::super::ctype::{ArrayLen, CType, RecordDef};
use super::super::layout::{MAX_DEPTH, MAX_FIELDS, MAX_SIZE};

/// What is known of a type.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Extent {
    /// Bytes.
    pub size: u64,
    /// Bytes.
    pub align: u64,
    /// Fields in all, an array's element counted once.
    pub fields: u64,
    /// Records and arrays within one another.
    pub depth: u32,
}

/// The extents of all records so far.
#[derive(Debug)]
pub(super) struct Measure {
    pub abi: Abi,
    /// By address; the records are kept, so that no other has it.
    records: HashMap<*const RecordDef, (Arc<RecordDef>, Extent)>,
}

impl Measure {
    pub fn new(abi: Abi) -> Self {
        Self { abi, records: HashMap::new() }
    }

    /// Takes in a record whose members are known.
    pub fn add(&mut self, record: &Arc<RecordDef>, size: u64, align: u64) {
        let inner = self.members(record);
        let extent = Extent { size, align, ..inner };
        self.records.insert(Arc::as_ptr(record), (record.clone(), extent));
    }

    /// Whether a record with these members stays within the bounds of layouts.
    pub fn fits(&self, record: &RecordDef, size: u64) -> bool {
        let Extent { fields, depth, .. } = self.members(record);
        size <= MAX_SIZE && fields <= MAX_FIELDS && depth < MAX_DEPTH
    }

    fn members(&self, record: &RecordDef) -> Extent {
        let mut whole = Extent { depth: 1, ..Extent::default() };
        for field in &record.fields {
            let Some(inner) = self.of(&field.ctype) else { continue };
            whole.fields = whole.fields.saturating_add(inner.fields);
            whole.depth = whole.depth.max(inner.depth.saturating_add(1));
        }
        whole
    }

    /// `None` where the ABI has no such type.
    pub fn of(&self, ctype: &CType) -> Option<Extent> {
        let basic = |size, align| Some(Extent { size, align, fields: 1, depth: 0 });
        match ctype {
            CType::Void => None,
            CType::Int { kind, .. } => {
                self.abi.integer(*kind).and_then(|it| basic(it.size, it.align))
            }
            CType::Float(kind) => {
                let (it, _) = self.abi.float(*kind);
                basic(it.size, it.align)
            }
            CType::Enum(def) => self.abi.enumeration(def).and_then(|it| basic(it.size, it.align)),
            CType::Pointer => basic(self.abi.pointer_size(), self.abi.pointer().align),
            CType::Record(record) => {
                let (_, extent) = self.records.get(&Arc::as_ptr(record))?;
                Some(Extent { fields: extent.fields.saturating_add(1), ..*extent })
            }
            CType::Array(element, len) => {
                let inner = self.of(element)?;
                let len = if let ArrayLen::Fixed(len) = len { *len } else { 0 };
                let size = inner.size.checked_mul(len)?;
                Some(Extent { size, depth: inner.depth.saturating_add(1), ..inner })
            }
            CType::Aligned(inner, align) => {
                let inner = self.of(inner)?;
                let depth = inner.depth.saturating_add(1);
                Some(Extent { align: u64::from(*align), depth, ..inner })
            }
        }
    }
}
