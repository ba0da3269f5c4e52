//! What is on the wire, by the word of tshark: reports of members, hardware addresses of groups and
//! checksums.

use std::net::{IpAddr, UdpSocket};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use libtest_mimic::Failed;
use pnet::datalink::DataLinkReceiver;

use super::program::{BASIC, Listener, ON_LINK, PORT, generate, sent, wirereel};
use super::relay::open;
use super::running::PATIENCE;
use super::stage::{EVERYBODY, LINK, Stage};
use crate::against::recording::mark;

/// A datagram as tshark shows it: hardware address and address of its destination, hops, the states of
/// both checksums (1 is right; IPv6 has none).
type Shown = [&'static str; 5];

/// How datagrams are addressed, and what must be seen of them.
type Cast = (&'static [&'static str], Shown);

/// Every way of addressing, and what must be seen of it.
const CASTS: [Cast; 5] = [
    (&["unicast", "--to", "10.9.0.2:1989"], ["", "10.9.0.2", "64", "1", "1"]),
    (
        &["broadcast", "--to", "255.255.255.255:1989", "-i", "eth0"],
        ["ff:ff:ff:ff:ff:ff", "255.255.255.255", "64", "1", "1"],
    ),
    (
        &["broadcast", "--to", "10.9.0.255:1989"],
        ["ff:ff:ff:ff:ff:ff", "10.9.0.255", "64", "1", "1"],
    ),
    // The upper bit of the address's second byte is not in the hardware address (RFC 1112).
    (
        &["multicast", "--group", "239.129.2.3:1989", "-i", "eth0"],
        ["01:00:5e:01:02:03", "239.129.2.3", "1", "1", "1"],
    ),
    (
        &["multicast", "--group", "[ff05::1:7]:1989", "-i", "eth0", "--ttl", "3"],
        ["33:33:00:01:00:07", "ff05::1:7", "3", "", "1"],
    ),
];

/// The frames of every way of addressing, live.
pub fn live_frames() -> Result<(), Failed> {
    let stage = Stage::new("frames")?;
    let (recorder, file) = stage.two.record(stage.folder.path());
    let own = stage.two.hardware_address()?;
    // What is for nobody is answered.
    let _somebody = stage.two.namespace.within(|| UdpSocket::bind(("0.0.0.0", PORT)))?;
    for (args, _) in CASTS {
        generate(&stage.one, BASIC, &[args, &["--count", "3", "--set", "math=1..9"]].concat())?;
    }
    mark(&stage.one.namespace, EVERYBODY);
    recorder.finish();
    must_show(&file, &own, &CASTS)
}

/// The same of a file that is written without a socket.
pub fn written_frames() -> Result<(), Failed> {
    let stage = Stage::new("written")?;
    let file = stage.folder.path().join("written.pcap");
    for cast in &CASTS {
        let mut write = wirereel(&stage.one, BASIC, "generate", cast.0);
        write.args(["--count", "3", "--set", "math=1..9", "-T", "json", "-w"]).arg(&file);
        sent(write)?;
        must_show(&file, "", std::slice::from_ref(cast))?;
    }
    Ok(())
}

fn must_show(file: &Path, own: &str, casts: &[Cast]) -> Result<(), Failed> {
    let fields = ["eth.dst", "ip.dst", "ip.ttl", "ip.checksum.status", "udp.checksum.status"];
    let or = ["ipv6.dst", "ipv6.hlim"];
    let filter = format!("udp.dstport == {PORT} && !icmp");
    let rows = tshark(file, &filter, &[&fields[..], &or].concat())?;
    let shown = rows.iter().map(|row| {
        let mut row = row.clone();
        let v6 = row.split_off(5);
        if own.is_empty() && row[1] == CASTS[0].1[1] {
            row[0].clear();
        }
        if row[1].is_empty() {
            row[1].clone_from(&v6[0]);
            row[2].clone_from(&v6[1]);
        }
        row
    });
    let expected = casts.iter().flat_map(|(_, shown)| {
        let mut shown = shown.map(str::to_owned);
        if shown[0].is_empty() {
            own.clone_into(&mut shown[0]);
        }
        [shown.clone(), shown.clone(), shown]
    });
    let (shown, expected): (Vec<_>, Vec<_>) = (shown.collect(), expected.collect());
    match shown == expected {
        true => Ok(()),
        false => Err(format!("{shown:?}, expected {expected:?}").into()),
    }
}

/// A member: group, where it is heard, and the one source that is.
type Member = (&'static str, &'static str, Option<&'static str>);

const MEMBERS: [Member; 4] = [
    ("224.2.2.2", "224.2.2.2:1989", None),
    ("232.1.1.1", "232.1.1.1:1989", Some("10.9.0.1")),
    ("ff05::7", "[ff05::7]:1989", None),
    ("ff3e::1234", "[ff3e::1234]:1989", Some("fd00:9::1")),
];

/// Members report what they join and leave: IGMPv3 (RFC 3376) and MLDv2 (RFC 3810), any source and one.
pub fn reports() -> Result<(), Failed> {
    let stage = Stage::new("reports")?;
    let folder = stage.folder.path();
    let mut watch = Watch(stage.one.namespace.within(|| open(LINK)).1);
    let (recorder, file) = stage.one.record(folder);
    for (group, to, source) in MEMBERS {
        let mut args = [&["multicast", "--group", to], &ON_LINK[..]].concat();
        args.extend(source.iter().flat_map(|it| ["--source", it]));
        let listener = Listener::start(&stage.two, BASIC, (folder, "member"), &args, &[group])?;
        let [join, leave] = record_types(source);
        watch.until_seen(join, group)?;
        listener.interrupt()?;
        watch.until_seen(leave, group)?;
    }
    mark(&stage.one.namespace, EVERYBODY);
    recorder.finish();
    let igmp = ["ip.dst", "ip.ttl", "igmp.version", "record_type", "maddr", "saddr"];
    let igmp = igmp.map(|it| if it.contains('.') { it.to_owned() } else { format!("igmp.{it}") });
    let mld = ["record_type", "multicast_address", "source_address"];
    let mld = mld.map(|it| format!("icmpv6.mldr.mar.{it}"));
    let mld = ["ipv6.dst", "ipv6.hlim", "icmpv6.type"].map(str::to_owned).into_iter().chain(mld);
    let show = |filter, fields: Vec<String>| {
        tshark(&file, filter, &fields.iter().map(String::as_str).collect::<Vec<_>>())
    };
    let v4 = show("igmp.type == 0x22", igmp.into())?;
    let v6 = show("icmpv6.type == 143", mld.collect())?;
    for (group, _, source) in MEMBERS {
        let (rows, to) = match group.contains(':') {
            true => (&v6, ["ff02::16", "1", "143"]),
            false => (&v4, ["224.0.0.22", "1", "3"]),
        };
        for record in record_types(source) {
            let is_it = |row: &Vec<String>| row[..3] == to && tells(row, record, group, source);
            if !rows.iter().any(is_it) {
                return Err(format!("no record {record} of {group} in {rows:#?}").into());
            }
        }
    }
    Ok(())
}

/// By which a member joins and leaves: any source, changed to exclude none and to include none; or
/// one, allowed and blocked (RFC 3376 section 4.2.12).
fn record_types(source: Option<&str>) -> [u8; 2] {
    if source.is_some() { [5, 6] } else { [4, 3] }
}

/// Whether a report holds such a record; it may hold others.
fn tells(row: &[String], record: u8, group: &str, source: Option<&str>) -> bool {
    let lists: Vec<Vec<_>> = row[3..].iter().map(|it| it.split(',').collect()).collect();
    let mut records = lists[0].iter().zip(&lists[1]);
    records.any(|(kind, of)| *kind == record.to_string() && *of == group)
        && source.is_none_or(|it| lists[2].contains(&it))
}

/// What comes to a link, as it comes.
struct Watch(Box<dyn DataLinkReceiver>);

impl Watch {
    /// Waits for a report that holds such a record. Those of both protocols are alike: type, length
    /// of auxiliary data (none), number of sources, group.
    fn until_seen(&mut self, record: u8, group: &str) -> Result<(), Failed> {
        let address = match group.parse()? {
            IpAddr::V4(it) => it.octets().to_vec(),
            IpAddr::V6(it) => it.octets().to_vec(),
        };
        let begin = Instant::now();
        while begin.elapsed() < PATIENCE {
            // It fails where nothing has come for a while.
            let Ok(frame) = self.0.next() else { continue };
            let mut records = frame.windows(4 + address.len());
            if records.any(|it| it[..2] == [record, 0] && it[4..] == address) {
                return Ok(());
            }
        }
        Err(format!("no record {record} of {group}").into())
    }
}

/// The fields of each frame that passes the filter. tshark looks at checksums, and only at what is
/// asked for.
fn tshark(file: &Path, filter: &str, fields: &[&str]) -> Result<Vec<Vec<String>>, Failed> {
    let mut tshark = Command::new("tshark");
    tshark.args(["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "-T", "fields"]);
    tshark.arg("-r").arg(file).args(["-Y", filter]).args(fields.iter().flat_map(|it| ["-e", it]));
    let output = tshark.output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let text = String::from_utf8(output.stdout)?;
    Ok(text.lines().map(|it| it.split('\t').map(str::to_owned).collect()).collect())
}
