//! Frames of every link type, in fragments, quoted, snapped, sent again and cut: nothing planted is left in
//! any form, and nothing else changes.

use std::fs;

use wirereel::capture::{LinkType, WriteFormat};

use super::planted::{Planted, grade, planted, unreachable};
use super::{forms, redact, shape, summary};

const MAC: [u8; 6] = [0x00, 0x1b, 0x21, 0xaa, 0xbb, 0xcc];

/// Redacts a capture; gives exit code, stderr and the file, of which the rest is asserted.
fn redacted(
    capture: &Planted,
    name: &str,
    format: WriteFormat,
    more: &[&str],
) -> (Option<i32>, String, Vec<u8>) {
    let path = capture.write(&format!("{name}.pcap"), format);
    let out = super::place(&format!("{name}_redacted.pcap"));
    let _ = fs::remove_file(&out);
    let args = [&[path.to_str().unwrap(), "-o", out.to_str().unwrap()], more].concat();
    let (code, stderr) = redact(&args);
    if code == Some(0) {
        assert_eq!(summary(&path), summary(&out), "{name}");
        assert_eq!(shape(&path), shape(&out), "{name}");
    }
    (code, stderr, fs::read(&out).unwrap_or_default())
}

fn assert_gone(file: &[u8], names: &[Vec<u8>], name: &str) {
    for planted in names {
        assert_eq!(forms::found(file, planted), None, "{name}: {}", planted.escape_ascii());
    }
}

/// An Ethernet frame as a frame of another link type.
fn of_link(link: LinkType, frame: &[u8]) -> Vec<u8> {
    let (kind, packet) = (&frame[12..14], &frame[14..]);
    let family = if kind == [0x08, 0x00] { 2 } else { 30 };
    let cooked = [&[0, 0, 0, 1, 0, 6][..], &MAC, &[0, 0], kind].concat();
    let header = match link {
        LinkType::Null => vec![family, 0, 0, 0],
        LinkType::Loop => vec![0, 0, 0, family],
        LinkType::LinuxSll => cooked,
        LinkType::LinuxSll2 => [kind, &[0, 0, 0, 0, 0, 3, 0, 1, 0, 6][..], &MAC, &[0, 0]].concat(),
        _ => Vec::new(),
    };
    [&header, packet].concat()
}

fn of_links(capture: &Planted, link: LinkType) -> Planted {
    let is_ip = |it: &[u8]| it[12..14] == [0x08, 0x00] || it[12..14] == [0x86, 0xdd];
    let has_arp = matches!(link, LinkType::LinuxSll | LinkType::LinuxSll2);
    let frames = capture.frames.iter().filter(|it| has_arp || is_ip(&it.1));
    Planted { frames: frames.map(|it| (link, of_link(link, &it.1))).collect() }
}

fn tagged(capture: &Planted, tags: &[[u8; 4]]) -> Planted {
    let tag = |frame: &[u8]| [&frame[..12], &tags.concat(), &frame[12..]].concat();
    let frames = capture.frames.iter().map(|(link, frame)| (*link, tag(frame)));
    Planted { frames: frames.collect() }
}

#[test]
fn nothing_planted_is_left_behind_any_link_header() {
    let (capture, mut names) = planted();
    names.push(MAC.to_vec());
    let links =
        [LinkType::Raw, LinkType::Null, LinkType::Loop, LinkType::LinuxSll, LinkType::LinuxSll2];
    let mut all: Vec<_> = links.map(|it| (format!("link_{it:?}"), of_links(&capture, it))).into();
    all.push(("vlan".into(), tagged(&capture, &[[0x81, 0, 0, 7]])));
    all.push(("qinq".into(), tagged(&capture, &[[0x88, 0xa8, 0, 7], [0x81, 0, 0, 9]])));
    for (name, capture) in all {
        for format in [WriteFormat::Pcap, WriteFormat::PcapNs, WriteFormat::Pcapng] {
            let (code, stderr, file) = redacted(&capture, &name, format, &[]);
            assert_eq!(code, Some(0), "{name}: {stderr}");
            assert_gone(&file, &names, &name);
        }
    }
}

/// An IPv4 frame in fragments of so many bytes.
fn fragments(frame: &[u8], id: u16, len: usize) -> Vec<Vec<u8>> {
    let (header, body) = (&frame[..34], &frame[34..]);
    let count = body.len().div_ceil(len);
    (0..count)
        .map(|index| {
            let part = &body[index * len..body.len().min((index + 1) * len)];
            let mut frame = [header, part].concat();
            let offset = (index * len / 8) as u16 | if index + 1 < count { 0x2000 } else { 0 };
            frame[16..18].copy_from_slice(&(20 + part.len() as u16).to_be_bytes());
            frame[18..20].copy_from_slice(&id.to_be_bytes());
            frame[20..22].copy_from_slice(&offset.to_be_bytes());
            frame[24..26].fill(0);
            let words = frame[14..34].chunks(2).map(|it| u32::from(it[0]) << 8 | u32::from(it[1]));
            let sum = words.sum::<u32>();
            let sum = !(((sum & 0xffff) + (sum >> 16)) as u16);
            frame[24..26].copy_from_slice(&sum.to_be_bytes());
            frame
        })
        .collect()
}

#[test]
fn nothing_planted_is_left_in_fragments() {
    let (capture, names) = planted();
    for len in [8, 24, 64] {
        let mut frames = Vec::new();
        for ((link, frame), id) in capture.frames.iter().zip(1..) {
            match frame[12..14] == [0x08, 0x00] && frame.len() > 34 + len {
                true => frames.extend(fragments(frame, id, len).into_iter().map(|it| (*link, it))),
                false => frames.push((*link, frame.clone())),
            }
        }
        assert!(frames.len() > capture.frames.len());
        // Fragments may come in any order.
        frames.swap(0, 1);
        let name = format!("fragments_{len}");
        let (code, stderr, file) = redacted(&Planted { frames }, &name, WriteFormat::Pcap, &[]);
        assert_eq!(code, Some(0), "{name}: {stderr}");
        assert_gone(&file, &names, &name);
    }
}

#[test]
fn a_quotation_becomes_what_was_quoted() {
    let mut capture = Planted { frames: Vec::new() };
    for (port, name) in [(1989, "Planted"), (1989, "Planned")] {
        let dst = format!("81.2.69.160:{port}");
        capture.datagram("81.2.69.142:40000", &dst, &grade(name.as_bytes(), 83));
    }
    let quoted: Vec<_> = capture.frames.iter().map(|it| unreachable(&it.1, 19)).collect();
    capture.frames.extend(quoted.into_iter().map(|it| (LinkType::Ethernet, it)));
    let (code, stderr, file) = redacted(&capture, "quotes", WriteFormat::Pcap, &[]);
    assert_eq!(code, Some(0), "{stderr}");
    let names =
        [b"Planted".to_vec(), b"Planned".to_vec(), vec![81, 2, 69, 142], vec![81, 2, 69, 160]];
    assert_gone(&file, &names, "quotes");
    let path = super::place("quotes_redacted.pcap");
    let mut reader = wirereel::capture::Reader::open(&path).unwrap();
    let mut frames = Vec::new();
    while let Some(frame) = reader.next_frame().unwrap() {
        frames.push(frame.data.to_vec());
    }
    for index in 0..2 {
        let (packet, quotation) = (&frames[index][14..], &frames[2 + index][42..]);
        assert!(quotation.len() > 40 && packet.starts_with(quotation));
    }
    // What is quoted and was never sent is not known.
    let (_, mut other) = capture.frames[2].clone();
    let last = other.len() - 12;
    other[last] ^= 0x20;
    capture.frames.push((LinkType::Ethernet, other));
    let (code, stderr, _) = redacted(&capture, "misquoted", WriteFormat::Pcap, &[]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("payload that ICMP quotes (first in frame 5)"), "{stderr}");
}

#[test]
fn a_retransmission_that_contradicts_is_not_told() {
    let head: &[u8] = b"GET / HTTP/1.1\r\nAccept-Encoding: identity, gzip\r\n\r\n";
    let other: &[u8] = b"GET / HTTP/1.1\r\nCookie: contradicted-secret-xyz\r\n\r\n";
    let answer: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";
    assert_eq!(head.len(), other.len());
    let mut capture = Planted { frames: Vec::new() };
    let ends = ["81.2.69.142:50000", "81.2.69.160:80"];
    capture.conversation(ends[0], ends[1], [&[head], &[answer]]);
    let mut again = Planted { frames: Vec::new() };
    again.conversation(ends[0], ends[1], [&[other], &[]]);
    capture.frames.insert(4, again.frames[2].clone());
    let (code, stderr, _) = redacted(&capture, "contradicting", WriteFormat::Pcap, &[]);
    assert_eq!(code, Some(2));
    assert!(stderr.contains("retransmissions that contradict what came first"), "{stderr}");
    let flag = ["--blank-unknown"];
    let (code, stderr, file) = redacted(&capture, "contradicting", WriteFormat::Pcap, &flag);
    assert_eq!(code, Some(0), "{stderr}");
    assert_gone(&file, &[b"contradicted".to_vec(), b"secret".to_vec()], "contradicting");
}

#[test]
fn snapped_frames_are_redacted_as_far_as_they_go() {
    let (capture, names) = planted();
    for len in [40, 60, 100, 200] {
        let path = capture.write_snapped("snapped.pcap", WriteFormat::Pcap, len);
        let out = super::place("snapped_redacted.pcap");
        let args = [path.to_str().unwrap(), "-o", out.to_str().unwrap(), "--blank-unknown"];
        let (code, stderr) = redact(&args);
        assert_eq!(code, Some(0), "{len}: {stderr}");
        assert_gone(&fs::read(&out).unwrap(), &names, "snapped");
        assert_eq!((summary(&path), shape(&path)), (summary(&out), shape(&out)));
    }
}

/// What a client and a server say, and what of it must not be found.
struct Talk {
    port: u16,
    client: &'static [&'static str],
    server: &'static [&'static str],
    planted: &'static [&'static str],
    /// What must be, such that it is still seen what was spoken.
    kept: &'static [&'static str],
}

const TALKS: [Talk; 6] = [
    Talk {
        port: 21,
        client: &["USER planteduser\r\n", "PASS s3cr3tpass\r\n", "QUIT\r\n"],
        server: &[
            "220 planted-host ready\r\n",
            "331 hello planteduser\r\n",
            "230 in\r\n",
            "221 bye\r\n",
        ],
        planted: &["planteduser", "s3cr3tpass", "planted-host"],
        kept: &["USER ", "PASS ", "QUIT", "331 ", "221 "],
    },
    Talk {
        port: 25,
        // Name and password in base64, each in a line of its own, one of letters alone.
        client: &[
            "EHLO plantedclient\r\n",
            "AUTH LOGIN\r\n",
            "cGxhbnRl\r\n",
            "czNjcjN0cGFzcw==\r\n",
        ],
        server: &[
            "220 mx.planted.example\r\n",
            "250 AUTH\r\n",
            "334 VXNlcm5hbWU6\r\n",
            "334 x\r\n",
            "235 ok\r\n",
        ],
        planted: &["plantedclient", "mx.planted", "cGxhbnRl", "s3cr3tpass", "plante"],
        kept: &["EHLO ", "AUTH ", "334 "],
    },
    Talk {
        port: 110,
        client: &["USER plantedpop\r\n", "PASS s3cr3tpop\r\n", "STAT\r\n"],
        server: &[
            "+OK pop.planted.example\r\n",
            "+OK\r\n",
            "-ERR plantedpop is locked\r\n",
            "+OK 2 320\r\n",
        ],
        planted: &["plantedpop", "s3cr3tpop", "pop.planted"],
        kept: &["USER ", "PASS ", "-ERR ", "+OK "],
    },
    Talk {
        port: 143,
        client: &["a001 LOGIN plantedimap s3cr3timap\r\n", "a002 LOGOUT\r\n"],
        server: &[
            "* OK imap.planted.example\r\n",
            "a001 OK plantedimap in\r\n",
            "* BYE\r\n",
            "a002 OK\r\n",
        ],
        planted: &["plantedimap", "s3cr3timap", "imap.planted"],
        kept: &[" LOGIN ", " LOGOUT", " OK "],
    },
    Talk {
        port: 6379,
        client: &[
            "*3\r\n$4\r\nAUTH\r\n$9\r\nplantedrd\r\n$10\r\ns3cr3tr3d1\r\n",
            "*2\r\n$3\r\nGET\r\n$10\r\nplantedkey\r\n",
        ],
        server: &["+OK\r\n", "$12\r\nplantedvalue\r\n"],
        planted: &["plantedrd", "s3cr3tr3d1", "plantedkey", "plantedvalue"],
        kept: &["AUTH", "GET"],
    },
    Talk {
        port: 8080,
        client: &[
            "GET /?q=plantedquery HTTP/1.1\r\nHost: [2a02:1234:5678:9abc::77]:8080\r\n\
             X-Forwarded-For: 81.2.69.142, 2a02:1234:5678:9abc::88\r\nReferer: http://81.2.69.142/plantedref\r\n\
             Authorization: Digest username=\"planteddigest\", realm=\"plantedrealm\"\r\n\r\n",
            "POST /f HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer plantedtoken.abc\r\n\
             Content-Type: application/x-www-form-urlencoded; name=\"plantedfile\"\r\nContent-Length: 46\r\n\r\n\
             user=plantedform&pass=%70%6c%61%6e%74%65%64%21",
            "GET / HTTP/1.1\r\nHost: a\r\nAuthorization: plantedkey withmore\r\nX-Id: cGxhbnRlZGI2NA\r\n\r\n",
        ],
        server: &[
            "HTTP/1.1 302 Found\r\nLocation: http://81.2.69.160/plantedloc\r\nContent-Length: 0\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nSet-Cookie: s=plantedcookie; Domain=planted.example\r\n\r\nok",
            "HTTP/1.1 204 Planted Reason\r\nETag: \"706c616e746564686578\"\r\n\r\n",
        ],
        planted: &[
            "plantedquery",
            "2a02:1234:5678:9abc::77",
            "2a02:1234:5678:9abc::88",
            "81.2.69.142",
            "81.2.69.160",
            "plantedref",
            "planteddigest",
            "plantedrealm",
            "plantedtoken",
            "plantedfile",
            "plantedform",
            "planted!",
            "plantedkey",
            "plantedb64",
            "plantedloc",
            "plantedcookie",
            "planted.example",
            "Planted Reason",
            "plantedhex",
        ],
        kept: &[
            "?q=",
            "Digest ",
            "Bearer ",
            "application/x-www-form-urlencoded; name=",
            "Set-Cookie: s=",
        ],
    },
];

#[test]
fn what_protocols_of_text_say_of_people_is_gone() {
    for Talk { port, client, server, planted, kept } in TALKS {
        let mut capture = Planted { frames: Vec::new() };
        let ends = ["81.2.69.142:50000".to_owned(), format!("81.2.69.160:{port}")];
        let says = [client, server].map(|it| it.iter().map(|it| it.as_bytes()).collect::<Vec<_>>());
        capture.conversation(&ends[0], &ends[1], [&says[0], &says[1]]);
        let name = format!("talk_{port}");
        let (code, stderr, file) = redacted(&capture, &name, WriteFormat::Pcap, &[]);
        assert_eq!(code, Some(0), "{port}: {stderr}");
        let names: Vec<_> = planted.iter().map(|it| it.as_bytes().to_vec()).collect();
        assert_gone(&file, &names, &name);
        for kept in kept {
            let is_there = file.windows(kept.len()).any(|it| it == kept.as_bytes());
            assert!(is_there, "{port}: {kept} is gone");
        }
    }
}

#[test]
fn compressed_bodies_are_replaced_too() {
    use std::io::Write;
    let text = b"{\"user\": \"plantedgzip\", \"pass\": \"s3cr3tgzip\"}".repeat(3);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    gzip.write_all(&text).unwrap();
    let body = gzip.finish().unwrap();
    for chunked in [false, true] {
        let framing = match chunked {
            true => "Transfer-Encoding: chunked".to_owned(),
            false => format!("Content-Length: {}", body.len()),
        };
        let head = format!("HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n{framing}\r\n\r\n");
        let size = format!("{:x}\r\n", body.len());
        let answer = match chunked {
            true => [head.as_bytes(), size.as_bytes(), &body, b"\r\n0\r\n\r\n"].concat(),
            false => [head.as_bytes(), &body].concat(),
        };
        let mut capture = Planted { frames: Vec::new() };
        let ask: &[u8] = b"GET / HTTP/1.1\r\n\r\n";
        let (one, two) = answer.split_at(answer.len() / 2);
        capture.conversation("81.2.69.142:50000", "81.2.69.160:80", [&[ask], &[one, two]]);
        let (code, stderr, file) = redacted(&capture, "gzip", WriteFormat::Pcap, &[]);
        assert_eq!(code, Some(0), "{stderr}");
        assert_gone(&file, &[b"plantedgzip".to_vec(), b"s3cr3tgzip".to_vec()], "gzip");
        assert!(
            !file.windows(8).any(|it| body[10..].windows(8).any(|old| old == it && old != [0; 8]))
        );
    }
}
