//! Reports of group membership: which groups a host says that it listens to, or did until now.
//!
//! IGMP: RFC 1112 appendix I, RFC 2236 section 2, RFC 3376 section 4.2. MLD: RFC 2710 section 3,
//! RFC 3810 section 5.2. Only a member leaves a group, or drops sources of it: such a report tells
//! of a membership too. What is cut short gives the groups before the cut.

use std::net::IpAddr;

use super::checksum::Checksum;
use super::headers::{self, Ip, IpNumber};
use super::undecoded::Undecoded;

/// The groups of one report. A group may be named more than once.
#[derive(Clone, Copy, Debug)]
pub struct Membership<'a> {
    /// The host that reports.
    pub src: IpAddr,
    /// The only group, in the versions without records, and whether it is left.
    group: Option<(IpAddr, bool)>,
    /// The records that are left: how many, and their bytes.
    left: u16,
    records: &'a [u8],
}

/// The message types.
const IGMP_V1_REPORT: u8 = 0x12;
const IGMP_V2_REPORT: u8 = 0x16;
const IGMP_V3_REPORT: u8 = 0x22;
const IGMP_V2_LEAVE: u8 = 0x17;
const MLD_V1_REPORT: u8 = 131;
const MLD_V1_DONE: u8 = 132;
const MLD_V2_REPORT: u8 = 143;
/// Where the group stands, or the number of records and the records.
const IGMP_GROUP: usize = 4;
const MLD_GROUP: usize = 8;
const RECORD_COUNT: usize = 6;
const RECORDS: usize = 8;

/// One record.
struct Record {
    kind: u8,
    sources: u16,
    group: IpAddr,
}

impl<'a> Membership<'a> {
    /// The report that an IP packet carries, if it carries one that is whole.
    pub(super) fn of(ip: Ip<'a>) -> Option<Self> {
        let body = ip.payload;
        let report = match (ip.protocol, *body.first()?) {
            (IpNumber::IGMP, IGMP_V1_REPORT | IGMP_V2_REPORT) => {
                Self::single(ip, IGMP_GROUP, false)?
            }
            (IpNumber::IGMP, IGMP_V2_LEAVE) => Self::single(ip, IGMP_GROUP, true)?,
            (IpNumber::IPV6_ICMP, MLD_V1_REPORT) => Self::single(ip, MLD_GROUP, false)?,
            (IpNumber::IPV6_ICMP, MLD_V1_DONE) => Self::single(ip, MLD_GROUP, true)?,
            (IpNumber::IGMP, IGMP_V3_REPORT) | (IpNumber::IPV6_ICMP, MLD_V2_REPORT) => {
                let count = *body.get(RECORD_COUNT..)?.first_chunk()?;
                let records = body.get(RECORDS..)?;
                let left = u16::from_be_bytes(count);
                Self { src: ip.src, group: None, left, records }
            }
            _ => return None,
        };
        (headers::report_checksum(ip) != Checksum::Bad).then_some(report)
    }

    fn single(ip: Ip<'a>, at: usize, has_left: bool) -> Option<Self> {
        let (group, _) = address(ip.payload.get(at..)?, ip.src)?;
        Some(Self { src: ip.src, group: Some((group, has_left)), left: 0, records: &[] })
    }

    /// Why there is no packet to decode.
    pub(crate) fn undecoded(&self) -> Undecoded {
        if self.src.is_ipv4() { Undecoded::Igmp } else { Undecoded::Icmp }
    }

    fn record(&mut self) -> Option<Record> {
        let ([kind, aux_words, high, low], rest) = self.records.split_first_chunk()?;
        let (group, rest) = address(rest, self.src)?;
        let sources = u16::from_be_bytes([*high, *low]);
        let source_len = if self.src.is_ipv4() { 4 } else { 16 };
        let skipped = usize::from(sources)
            .saturating_mul(source_len)
            .saturating_add(usize::from(*aux_words).saturating_mul(4));
        self.records = rest.get(skipped..).unwrap_or_default();
        Some(Record { kind: *kind, sources, group })
    }
}

/// The groups that the host is a member of by this report, or was: then with true.
impl Iterator for Membership<'_> {
    type Item = (IpAddr, bool);

    fn next(&mut self) -> Option<(IpAddr, bool)> {
        if let Some(group) = self.group.take() {
            return Some(group);
        }
        while self.left > 0 {
            self.left = self.left.saturating_sub(1);
            let record = self.record()?;
            if let Some(has_left) = record.has_left() {
                return Some((record.group, has_left));
            }
        }
        None
    }
}

impl Record {
    /// Whether it says that the host listens to somebody in the group no longer, or else that it
    /// does (RFC 3376 section 4.2.12); `None` where it says neither.
    fn has_left(&self) -> Option<bool> {
        const MODE_IS_INCLUDE: u8 = 1;
        const MODE_IS_EXCLUDE: u8 = 2;
        const CHANGE_TO_INCLUDE: u8 = 3;
        const CHANGE_TO_EXCLUDE: u8 = 4;
        const ALLOW_NEW_SOURCES: u8 = 5;
        const BLOCK_OLD_SOURCES: u8 = 6;
        match self.kind {
            MODE_IS_EXCLUDE | CHANGE_TO_EXCLUDE => Some(false),
            CHANGE_TO_INCLUDE => Some(self.sources == 0),
            MODE_IS_INCLUDE | ALLOW_NEW_SOURCES => (self.sources > 0).then_some(false),
            // Whether others than these sources are left to it is not said.
            BLOCK_OLD_SOURCES => Some(true),
            _ => None,
        }
    }
}

/// An address of the same family as `like` at the start of `bytes`, and what follows it.
fn address(bytes: &[u8], like: IpAddr) -> Option<(IpAddr, &[u8])> {
    Some(match like {
        IpAddr::V4(_) => {
            let (octets, rest) = bytes.split_first_chunk::<4>()?;
            (IpAddr::from(*octets), rest)
        }
        IpAddr::V6(_) => {
            let (octets, rest) = bytes.split_first_chunk::<16>()?;
            (IpAddr::from(*octets), rest)
        }
    })
}
