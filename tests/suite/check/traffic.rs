//! What traffic shows by itself, in the captures and in frames made here.

use std::path::Path;

use etherparse::PacketBuilder;
use wirereel::capture::{Frame, LinkType, Reader};
use wirereel::check::{Code, Finding, MAX_JOINED, TrafficCheck};
use wirereel::decode::Dissector;
use wirereel::fixture::{Case, Run, Trial, discover};
use wirereel::profile::{Options, Protocols};
use wirereel::schema::Level;

/// Case, and its finding; all others have none: `code protocol message src dst support/total frames: text`.
const EXPECTED: &[(&str, &str)] = &[
    (
        "lessons/groups/bug_mcast_join:findings",
        "group-join msg_st msg_st 10.0.0.1:40000 224.2.2.2:1989 1/1 [2]: \
         the sender is a member of 224.2.2.2, to which it sends",
    ),
    (
        "lessons/dgram_var/bug_array_max_len",
        "oversize grades msg_st 10.0.0.1:40000 10.0.0.2:1989 1/1 [1]: \
         507 bytes, and the receiver's buffer holds 504",
    ),
    (
        "lessons/dgram_var/edge_fragmented:findings",
        "oversize msg_st msg_st 10.0.0.1:40000 10.0.0.2:1989 1/1 [3]: \
         a datagram of 3009 bytes arrived in fragments",
    ),
    (
        "lessons/dgram_var/edge_maxname_check",
        "oversize grades msg_st 10.0.0.1:40000 10.0.0.2:1989 1/2 [2]: \
         505 bytes, and the receiver's buffer holds 504",
    ),
    (
        "http/bug_apache_barelf:findings",
        "http-bare-lf http request 10.0.0.1:42400 10.0.0.2:8081 1/1 [4]: a line ends with LF alone",
    ),
    (
        "http/bug_nginx_barelf:findings",
        "http-bare-lf http request 10.0.0.1:42300 10.0.0.2:8080 1/1 [4]: a line ends with LF alone",
    ),
    (
        "lessons/stream/bug_noend:findings",
        "delimiter FMT_STAMP FMT_STAMP 10.0.0.2:1989 10.0.0.1:40500 1/1 [6]: \
         only the close ends the record, not \\r\\n",
    ),
    (
        "lessons/stream/bug_noend_asked:findings",
        "delimiter FMT_STAMP FMT_STAMP 10.0.0.2:1989 10.0.0.1:40500 1/1 [6]: \
         only the close ends the record",
    ),
    (
        "webdl/bug_apache_barelf:findings",
        "http-bare-lf http request 10.0.0.1:42200 10.0.0.2:8081 1/1 [4]: a line ends with LF alone",
    ),
    (
        "webdl/bug_barelf:findings",
        "http-bare-lf http request 10.0.0.1:40700 10.0.0.2:80 1/1 [4]: a line ends with LF alone",
    ),
    (
        "webdl/bug_nginx_barelf:findings",
        "http-bare-lf http request 10.0.0.1:42100 10.0.0.2:8080 1/1 [4]: a line ends with LF alone",
    ),
];

fn protocols(trial: &Trial) -> Protocols {
    Protocols::load(&trial.protocols).unwrap()
}

/// Checks frames, each a link type and its bytes.
fn check<'f>(
    protocols: &Protocols,
    frames: impl IntoIterator<Item = (LinkType, &'f [u8])>,
) -> Vec<Finding> {
    let mut check = TrafficCheck::new(protocols);
    let mut dissector = Dissector::new(protocols, false).unwrap();
    for (number, (link_type, data)) in (1..).zip(frames) {
        let orig_len = data.len() as u32;
        let frame = Frame { number, time: None, interface: 0, link_type, data, orig_len };
        dissector.push(&frame, None, &mut |found| check.found(&found));
    }
    dissector.finish(&mut |found| check.found(&found));
    check.finish()
}

fn frames(capture: &Path) -> Vec<(LinkType, Vec<u8>)> {
    let mut reader = Reader::open(capture).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = reader.next_frame().unwrap() {
        frames.push((frame.link_type, frame.data.to_vec()));
    }
    frames
}

fn check_owned(protocols: &Protocols, frames: &[(LinkType, Vec<u8>)]) -> Vec<Finding> {
    check(protocols, frames.iter().map(|(link, data)| (*link, data.as_slice())))
}

/// The runs of `fixtures/` that check.
fn checks() -> Vec<Trial> {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures");
    let cases = discover(&fixtures).unwrap();
    let trials = cases.iter().flat_map(|it| Case::load(&fixtures, it).unwrap().trials);
    trials.filter(|it| it.run == Run::Check).collect()
}

fn case(name: &str) -> Trial {
    checks().into_iter().find(|it| it.name == name).unwrap()
}

fn capture(trial: &Trial) -> &Path {
    trial.capture.as_deref().unwrap()
}

fn shown(finding: &Finding) -> String {
    let Finding { text, support, total, frames, .. } = finding;
    let [protocol, message] =
        [&finding.protocol, &finding.message].map(|it| it.as_deref().unwrap_or("-"));
    let [src, dst] = [finding.src, finding.dst].map(|it| it.unwrap());
    let code = finding.code.as_str();
    format!("{code} {protocol} {message} {src} {dst} {support}/{total} {frames:?}: {text}")
}

#[test]
fn each_capture_gives_what_it_shows_and_nothing_else() {
    let mut checked = 0;
    for trial in checks() {
        let found = check_owned(&protocols(&trial), &frames(capture(&trial)));
        let found: Vec<_> = found.iter().map(shown).collect();
        let expected = EXPECTED.iter().filter(|(it, _)| *it == trial.name).map(|(_, it)| *it);
        let expected: Vec<_> = expected.collect();
        assert_eq!(found, expected, "{}", trial.name);
        checked += expected.len();
    }
    assert_eq!(checked, EXPECTED.len(), "a case that is not there");
}

#[test]
fn a_finding_shows_its_place() {
    let case = case("webdl/bug_barelf:findings");
    let finding = &check_owned(&protocols(&case), &frames(capture(&case)))[0];
    let evidence = finding.evidence.as_ref().unwrap();
    assert_eq!((evidence.frame, evidence.offset, evidence.len), (4, 13, 1));
    assert_eq!(evidence.bytes, b"GET /test.png\n");
    assert_eq!((finding.offset, finding.len, finding.level), (Some(13), Some(1), Level::Warning));
    assert_eq!(finding.header, None);

    let case = self::case("lessons/stream/bug_noend:findings");
    let finding = &check_owned(&protocols(&case), &frames(capture(&case)))[0];
    let header = finding.header.as_ref().unwrap();
    let line = std::fs::read_to_string(&header.file).unwrap();
    let line = line.lines().nth(header.line - 1).unwrap();
    assert!(line.starts_with("#define FMT_STAMP"), "{line}");
    assert_eq!(finding.evidence.as_ref().unwrap().bytes, b"1700000000");
    assert_eq!(finding.help.as_deref(), Some("write \\r\\n too, as the format says"));
}

#[test]
fn connections_to_one_server_are_one_sender() {
    let (asked, three) =
        (case("lessons/stream/bug_noend_asked:findings"), case("lessons/stream/ok_basic:findings"));
    let found = check_owned(&protocols(&asked), &frames(capture(&three)));
    let [finding] = &found[..] else { panic!("{found:?}") };
    assert_eq!((finding.code, finding.support, finding.total), (Code::Delimiter, 3, 3));
    assert_eq!(finding.frames.len(), 3);
}

#[test]
fn a_wrong_checksum_is_counted_among_those_that_can_be_verified() {
    let case = case("lessons/dgram_basic/ok:findings");
    let mut frames = frames(capture(&case));
    *frames[1].1.last_mut().unwrap() ^= 1;
    // The sender of the third made none.
    frames[2].1[40..42].fill(0);
    let found = check_owned(&protocols(&case), &frames);
    let found: Vec<_> = found.iter().map(shown).collect();
    let text = "a checksum is wrong, and offload does not explain it";
    assert_eq!(
        found,
        [format!("checksum msg_st msg_st 10.0.0.1:40000 10.0.0.2:1989 1/2 [2]: {text}")]
    );
}

#[test]
fn a_packet_without_a_message_has_a_checksum_too() {
    let protocols = Protocols::load(&Options::default()).unwrap();
    let [mut datagram, mut segment] = [Vec::new(), Vec::new()];
    let ipv4 = || PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64);
    ipv4().udp(40000, 7).write(&mut datagram, b"echo").unwrap();
    ipv4().tcp(40001, 8, 1, 1000).write(&mut segment, b"data").unwrap();
    let wrong = [&datagram, &segment].map(|it| {
        let mut wrong = it.clone();
        *wrong.last_mut().unwrap() ^= 1;
        wrong
    });
    let all = [&datagram, &wrong[0], &segment, &wrong[1], &wrong[1]];
    let found = check(&protocols, all.map(|it| (LinkType::Raw, it.as_slice())));
    let found: Vec<_> = found.iter().map(shown).collect();
    let text = "a checksum is wrong, and offload does not explain it";
    assert_eq!(
        found,
        [
            format!("checksum - - 10.0.0.1:40000 10.0.0.2:7 1/2 [2]: {text}"),
            format!("checksum - - 10.0.0.1:40001 10.0.0.2:8 2/3 [4, 5]: {text}"),
        ]
    );
}

#[test]
fn what_is_left_of_a_stream_has_not_the_checksum_of_the_last_datagram() {
    let case = case("lessons/stream/bug_noend_asked:findings");
    let mut frames = frames(capture(&case));
    // The stamp, without the close that ends it.
    frames.truncate(5);
    let mut datagram = Vec::new();
    let builder = PacketBuilder::ipv4([10, 0, 0, 1], [10, 0, 0, 2], 64).udp(40000, 7);
    builder.write(&mut datagram, b"echo").unwrap();
    *datagram.last_mut().unwrap() ^= 1;
    frames.push((LinkType::Raw, datagram));
    let found = check_owned(&protocols(&case), &frames);
    let [finding] = &found[..] else { panic!("{found:?}") };
    assert!(shown(finding).starts_with("checksum - - 10.0.0.1:40000 10.0.0.2:7 1/1 [6]"));
}

#[test]
fn equal_findings_are_folded_by_address_and_not_by_source_port() {
    let case = case("lessons/dgram_var/edge_maxname_check");
    let datagram = |host: u8, port: u16, len: usize| {
        let mut out = Vec::new();
        let builder = PacketBuilder::ipv4([10, 0, 0, host], [10, 0, 0, 9], 64).udp(port, 1989);
        builder.write(&mut out, &[&[0; 8][..], &vec![b'A'; len - 9], &[0]].concat()).unwrap();
        (LinkType::Raw, out)
    };
    let lens = [504, 505, 600, 505, 505, 505, 505, 505];
    let ports = 40000..;
    let one = lens.iter().zip(ports).map(|(len, port)| datagram(1, port, *len));
    let all: Vec<_> = one.chain([datagram(2, 40000, 504), datagram(3, 40000, 506)]).collect();
    let found = check_owned(&protocols(&case), &all);
    let found: Vec<_> = found.iter().map(shown).collect();
    let holds = "and the receiver's buffer holds 504";
    assert_eq!(
        found,
        [
            format!(
                "oversize grades msg_st 10.0.0.1:40001 10.0.0.9:1989 7/8 [2, 3, 4, 5, 6]: \
                 600 bytes, {holds}"
            ),
            format!(
                "oversize grades msg_st 10.0.0.3:40000 10.0.0.9:1989 1/1 [10]: 506 bytes, {holds}"
            ),
        ]
    );
}

#[test]
fn a_message_that_fits_two_declarations_is_ambiguous() {
    let folder = tempfile::tempdir().unwrap();
    let header = folder.path().join("two.h");
    let text = "struct left { unsigned char name[11]; unsigned math, chinese; } __attribute__((packed));\n\
                struct right { unsigned char name[11]; unsigned a, b; } __attribute__((packed));\n";
    std::fs::write(&header, text).unwrap();
    let options = Options { headers: vec![header], builtin: false, ..Options::default() };
    let protocols = Protocols::load(&options).unwrap();
    let found = check_owned(&protocols, &frames(capture(&case("lessons/dgram_basic/ok:findings"))));
    let [finding] = &found[..] else { panic!("{found:?}") };
    assert_eq!(
        shown(finding),
        "ambiguous left left 10.0.0.1:40000 10.0.0.2:1989 3/3 [1, 2, 3]: \
         right would fit as well as left"
    );
    assert_eq!((finding.level, finding.header.as_ref().unwrap().line), (Level::Note, 1));
}

#[test]
fn memberships_are_bounded_and_what_is_dropped_is_counted() {
    use wirereel::decode::Found;

    let protocols = Protocols::load(&Options::default()).unwrap();
    let mut check = TrafficCheck::new(&protocols);
    let mut join = |number: usize| {
        let [src, group] =
            [0x0a00_0001, 0xe000_0000 + number as u32].map(|it: u32| it.to_be_bytes());
        check.found(&Found::Joined {
            frame: 1,
            src: src.into(),
            group: group.into(),
            has_left: false,
        });
        check.dropped()
    };
    for number in 0..MAX_JOINED {
        assert_eq!(join(number), 0);
    }
    assert_eq!(join(MAX_JOINED), 1);
    assert_eq!(join(0), 1, "known already");
}

#[test]
fn a_sender_that_leaves_its_group_was_a_member() {
    let case = case("lessons/groups/bug_mcast_join:findings");
    let protocols = protocols(&case);
    let frames = frames(capture(&case));
    let (link, datagram) = frames[0].clone();
    let group = [224, 2, 2, 2];
    let igmp = |message: &[u8]| {
        let mut message = message.to_vec();
        let words = message.chunks(2).map(|it| u32::from(u16::from_be_bytes([it[0], it[1]])));
        let sum = words.sum::<u32>();
        let sum = !(((sum & 0xffff) + (sum >> 16)) as u16);
        message[2..4].copy_from_slice(&sum.to_be_bytes());
        let mut packet = Vec::new();
        let payload_len = message.len() as u16;
        let protocol = etherparse::IpNumber::IGMP;
        etherparse::Ipv4Header::new(payload_len, 1, protocol, [10, 0, 0, 1], group)
            .unwrap()
            .write(&mut packet)
            .unwrap();
        (LinkType::Raw, [packet, message].concat())
    };
    let record = |kind: u8, sources: u8| {
        let rest = vec![9; usize::from(sources) * 4];
        let head = [&[0x22, 0, 0, 0, 0, 0, 0, 1, kind, 0, 0, sources][..], &group].concat();
        igmp(&[head, rest].concat())
    };
    let v2 = |kind: u8| igmp(&[&[kind, 0, 0, 0][..], &group].concat());
    let is = "the sender is a member of 224.2.2.2, to which it sends";
    let was = "the sender was a member of 224.2.2.2, to which it sends: it reports that it leaves \
               the group, or drops sources of it";
    for (reports, text) in [
        (vec![v2(0x17)], Some(was)),
        (vec![record(3, 0)], Some(was)),
        (vec![record(6, 2)], Some(was)),
        (vec![record(3, 2)], Some(is)),
        (vec![v2(0x16), v2(0x17)], Some(is)),
        (vec![v2(0x17), record(4, 0)], Some(is)),
        (vec![record(1, 0)], None),
        (vec![v2(0x11)], None),
    ] {
        for reports_first in [true, false] {
            let mut all = vec![(link, datagram.clone())];
            let at = if reports_first { 0 } else { 1 };
            all.splice(at..at, reports.clone());
            let found = check_owned(&protocols, &all);
            let found: Vec<_> = found.iter().map(|it| (it.code, it.text.as_str())).collect();
            let expected: Vec<_> = text.iter().map(|text| (Code::GroupJoin, *text)).collect();
            assert_eq!(found, expected);
        }
    }
}

#[test]
fn a_member_of_another_group_or_on_another_host_has_not_joined() {
    let case = case("lessons/groups/bug_mcast_join:findings");
    let frames = frames(capture(&case));
    let protocols = protocols(&case);
    let changed = |change: &dyn Fn(&mut [u8])| {
        let mut frames = frames.clone();
        change(&mut frames[0].1);
        check_owned(&protocols, &frames).iter().filter(|it| it.code == Code::GroupJoin).count()
    };
    // Source and destination address of the datagram, behind 14 bytes of Ethernet.
    assert_eq!(changed(&|_| {}), 1);
    assert_eq!(changed(&|data| data[14 + 15] ^= 1), 0, "another sender");
    assert_eq!(changed(&|data| data[14 + 19] ^= 1), 0, "another group");
}
