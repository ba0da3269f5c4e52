//! Integers in groups of seven bits, the least first, each but the last with its high bit set (LEB128,
//! as MQTT 5 section 1.5.5 and Protocol Buffers have them).

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum VarintError {
    /// The bytes end within it.
    Short,
    /// It goes on beyond the bytes that it may have, or the 64 bits of a number.
    Long,
}

/// The integer at the start of some bytes, and how many it takes, of at most `max`.
pub(super) fn read(bytes: &[u8], max: u8) -> Result<(u64, usize), VarintError> {
    let mut value = 0_u64;
    for (at, byte) in bytes.iter().enumerate().take(max.into()) {
        let shift = u32::try_from(at).unwrap_or(u32::MAX).saturating_mul(7);
        let group = u64::from(byte & 0x7f);
        let placed = group.checked_shl(shift).filter(|it| it.checked_shr(shift) == Some(group));
        value |= placed.ok_or(VarintError::Long)?;
        if byte & 0x80 == 0 {
            return Ok((value, at.saturating_add(1)));
        }
    }
    Err(if bytes.len() < usize::from(max) { VarintError::Short } else { VarintError::Long })
}

/// Its bytes, as few as it takes.
pub(super) fn write(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(10);
    loop {
        let group = (value & 0x7f) as u8;
        value = value.checked_shr(7).unwrap_or(0);
        if value == 0 {
            bytes.push(group);
            return bytes;
        }
        bytes.push(group | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn integers_are_read_and_written_alike() {
        for (bytes, value) in [
            (&[0][..], 0),
            (&[0x7f], 127),
            (&[0x80, 1], 128),
            (&[0xff, 0xff, 0xff, 0x7f], 268_435_455),
            (&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], u64::MAX),
        ] {
            assert_eq!(read(bytes, 10), Ok((value, bytes.len())));
            assert_eq!(write(value), bytes);
        }
    }

    #[test]
    fn what_is_too_short_or_too_long_is_told_apart() {
        assert_eq!(read(&[], 4), Err(VarintError::Short));
        assert_eq!(read(&[0x80], 4), Err(VarintError::Short));
        assert_eq!(read(&[0x80, 0x80, 0x80, 0x80, 0], 4), Err(VarintError::Long));
        assert_eq!(read(&[0xff; 10], 10), Err(VarintError::Long));
        assert_eq!(read(&[0x80, 0], 4), Ok((0, 2)), "more bytes than it takes");
    }
}
