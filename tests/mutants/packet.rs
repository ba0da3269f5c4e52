//! Where the headers of a frame lie, their fields, and their checksums put right.

/// Where IP and the transport begin in a frame.
#[derive(Clone, Copy)]
pub struct Headers {
    pub ip: usize,
    pub transport: usize,
    /// IP's number of what it carries.
    pub protocol: u8,
}

pub const TCP: u8 = 6;
pub const UDP: u8 = 17;

impl Headers {
    /// Found by what they begin with, whatever the link header before them is.
    pub fn find(frame: &[u8]) -> Option<Self> {
        (0..frame.len().min(24)).find_map(|ip| Self::at(frame, ip))
    }

    fn at(frame: &[u8], ip: usize) -> Option<Self> {
        let packet = frame.get(ip..)?;
        let (len, protocol) = match *packet {
            [0x45, ..] => (20, *packet.get(9)?),
            [0x60, 0, ..] => (40, *packet.get(6)?),
            _ => return None,
        };
        let is_transport = [1, 2, TCP, UDP, 58].contains(&protocol) && packet.len() > len;
        is_transport.then_some(Self { ip, transport: ip + len, protocol })
    }

    /// Offsets and widths of the fields that say how long something is.
    pub fn lengths(self) -> Vec<(usize, usize)> {
        let Self { ip, transport, protocol } = self;
        let of_ip = match transport - ip {
            20 => vec![(ip, 1), (ip + 2, 2)],
            _ => vec![(ip + 4, 2)],
        };
        let of_transport = match protocol {
            TCP => Some((transport + 12, 1)),
            UDP => Some((transport + 4, 2)),
            _ => None,
        };
        of_ip.into_iter().chain(of_transport).collect()
    }

    /// Offsets and widths of the other fields that decide what becomes of the packet.
    pub fn fields(self) -> Vec<(usize, usize)> {
        let Self { ip, transport, protocol } = self;
        let of_ip = match transport - ip {
            20 => vec![(ip + 4, 2), (ip + 6, 2), (ip + 9, 1), (ip + 12, 4), (ip + 16, 4)],
            _ => vec![(ip + 6, 1), (ip + 8, 4), (ip + 24, 4)],
        };
        let of_transport = match protocol {
            TCP => vec![(0, 2), (2, 2), (4, 4), (8, 4), (13, 1), (14, 2)],
            UDP => vec![(0, 2), (2, 2), (6, 2)],
            _ => vec![(0, 1), (1, 1), (4, 4)],
        };
        let of_transport = of_transport.into_iter().map(|(at, len)| (transport + at, len));
        of_ip.into_iter().chain(of_transport).collect()
    }

    /// Puts the checksums right, over what of the packet is there.
    pub fn repair(self, frame: &mut [u8]) {
        let Self { ip, transport, protocol } = self;
        if transport - ip == 20 {
            put(frame, ip + 10, 0);
            let sum = checksum(frame.get(ip..transport).unwrap_or_default(), 0);
            put(frame, ip + 10, sum);
        }
        let at = match protocol {
            TCP => transport + 16,
            UDP => transport + 6,
            _ => return,
        };
        put(frame, at, 0);
        let segment = frame.get(transport..).unwrap_or_default();
        let addresses = if transport - ip == 20 { ip + 12..transport } else { ip + 8..transport };
        let pseudo = [frame.get(addresses).unwrap_or_default(), &[0, protocol]].concat();
        let sum = checksum(&[&pseudo[..], segment].concat(), segment.len() as u32);
        put(frame, at, sum);
    }
}

fn put(frame: &mut [u8], at: usize, value: u16) {
    if let Some(field) = frame.get_mut(at..at + 2) {
        field.copy_from_slice(&value.to_be_bytes());
    }
}

/// RFC 1071, with `more` added.
fn checksum(bytes: &[u8], more: u32) -> u16 {
    let words =
        bytes.chunks(2).map(|it| u32::from(it[0]) << 8 | it.get(1).map_or(0, |&it| it.into()));
    let mut sum: u32 = words.sum::<u32>() + more;
    while sum > 0xffff {
        sum = (sum & 0xffff) + (sum >> 16);
    }
    !(sum as u16)
}
