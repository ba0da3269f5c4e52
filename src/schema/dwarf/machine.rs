//! Whose program it is: the ABI that an ELF header names.

use object::{Architecture, Object, ReadRef};

use super::super::abi::Abi;
use super::super::byte_order::ByteOrder;

/// What a program was compiled for.
#[derive(Clone, Copy, Debug)]
pub(super) struct Machine {
    /// The ABI of its own where we know it, else the one of its width and byte order.
    pub abi: Abi,
    /// Whether `long double` is a pair of `double` there, which nothing here reads.
    pub paired: bool,
}

impl Machine {
    pub fn of<'d, R: ReadRef<'d>>(file: &object::File<'d, R>) -> Self {
        let order = if file.is_little_endian() { ByteOrder::Little } else { ByteOrder::Big };
        let known = match (file.architecture(), file.is_64(), order) {
            (Architecture::X86_64, true, ByteOrder::Little) => Some(Abi::X86_64),
            (Architecture::I386, false, ByteOrder::Little) => Some(Abi::I386),
            (Architecture::Arm, false, ByteOrder::Little) => Some(Abi::Arm),
            (Architecture::Aarch64, true, ByteOrder::Little) => Some(Abi::Aarch64),
            (Architecture::S390x, true, ByteOrder::Big) => Some(Abi::S390x),
            _ => None,
        };
        let abi = known.unwrap_or(Abi::generic(if file.is_64() { 8 } else { 4 }, order));
        let paired = matches!(file.architecture(), Architecture::PowerPc | Architecture::PowerPc64);
        Self { abi, paired }
    }
}
