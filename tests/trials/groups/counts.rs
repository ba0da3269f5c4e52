//! What became of numbered datagrams, by the captures of both ends: the oracle for what `listen`
//! says.
//!
//! Only the first copy of a number counts as received and takes part in the order (RFC 4737 section
//! 3.3, RFC 5560 for the copies). It is reordered if a greater number came before; its extent is how
//! far before it the first of these came (RFC 4737 section 4.2.1).

use std::collections::HashSet;
use std::path::Path;

use libtest_mimic::Failed;

use super::frames::payloads;

/// Counts of datagrams.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Counts {
    /// All that came, copies too.
    pub received: u64,
    pub lost: u64,
    pub duplicates: u64,
    pub reordered: u64,
    /// The greatest extent.
    pub extent: u64,
}

impl Counts {
    /// Those of what one end sent and the other received, whose payload has its number at `offset`,
    /// 32 bits big-endian.
    pub fn between(sent: &Path, received: &Path, port: u16, offset: usize) -> Result<Self, Failed> {
        let numbers = |file| -> Result<Vec<u32>, Failed> {
            let payloads = payloads(file, port)?;
            Ok(payloads.iter().map(|it| number_at(it, offset)).collect())
        };
        Ok(Self::of(&numbers(sent)?, &numbers(received)?))
    }

    fn of(sent: &[u32], received: &[u32]) -> Self {
        let mut seen = HashSet::new();
        let firsts: Vec<u32> = received.iter().copied().filter(|it| seen.insert(*it)).collect();
        let sent: HashSet<u32> = sent.iter().copied().collect();
        let mut counts = Self {
            received: received.len() as u64,
            lost: sent.difference(&seen).count() as u64,
            duplicates: (received.len() - firsts.len()) as u64,
            ..Self::default()
        };
        for (at, number) in firsts.iter().enumerate() {
            if let Some(first) = firsts[..at].iter().position(|it| it > number) {
                counts.reordered += 1;
                counts.extent = counts.extent.max((at - first) as u64);
            }
        }
        counts
    }
}

fn number_at(payload: &[u8], offset: usize) -> u32 {
    let bytes = payload.get(offset..offset + 4).expect("a numbered datagram");
    u32::from_be_bytes(bytes.try_into().expect("four bytes"))
}

/// The examples are those of the definitions.
pub fn the_oracle_counts() -> Result<(), Failed> {
    let sent: Vec<u32> = (1..=10).collect();
    for (received, [lost, duplicates, reordered, extent]) in [
        (&[1, 2, 3, 4, 5, 6, 7, 8, 9, 10][..], [0, 0, 0, 0]),
        // RFC 4737 section 7.1, one packet reordered, and section 7.3, three.
        (&[1, 2, 3, 5, 6, 7, 8, 4, 9, 10], [0, 0, 1, 4]),
        (&[1, 2, 3, 7, 8, 9, 10, 4, 5, 6], [0, 0, 3, 6]),
        (&[1, 2, 2, 4, 5, 6, 7, 8, 3, 2, 10], [1, 2, 1, 5]),
        (&[10, 1, 2, 3], [6, 0, 3, 3]),
        (&[], [10, 0, 0, 0]),
    ] {
        let expected =
            Counts { received: received.len() as u64, lost, duplicates, reordered, extent };
        assert_eq!(Counts::of(&sent, received), expected, "{received:?}");
    }
    Ok(())
}
