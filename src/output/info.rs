//! What a capture file is: aligned text for people, and one JSON object.

use std::borrow::Cow;
use std::io::{self, Write};

use super::escape::printable;
use super::json_types::{self as json, Text, write_line};
use crate::capture::{CaptureInfo, Interface, LinkType, Timestamp};

/// Writes the facts of a capture as lines of `key: value`, aligned.
///
/// # Errors
/// The output cannot be written.
pub fn write_info_text(out: &mut impl Write, info: &CaptureInfo) -> io::Result<()> {
    line(out, "file", &info.file)?;
    line(out, "format", format_text(info))?;
    line(out, "frames", frames_text(info))?;
    line(out, "bytes", bytes_text(info))?;
    line(out, "first", time_text(info.first))?;
    line(out, "last", time_text(info.last))?;
    let shown: Vec<_> = info.link_types.iter().map(|it| link_text(*it)).collect();
    line(out, "link types", or_none(&shown.join(", ")))?;
    line(out, "interfaces", info.interface_count)?;
    for (index, interface) in info.interfaces.iter().enumerate() {
        line(out, &format!("  {index}"), interface_text(interface))?;
    }
    line(out, "truncated", if info.truncated { "yes" } else { "no" })?;
    match &info.error {
        Some(error) => line(out, "error", error),
        None => Ok(()),
    }
}

/// Writes the facts of a capture as one JSON object on a line.
///
/// # Errors
/// The output cannot be written.
pub fn write_info_json(out: &mut impl Write, info: &CaptureInfo) -> io::Result<()> {
    write_line(&object(info), out)
}

fn line(out: &mut impl Write, key: &str, value: impl std::fmt::Display) -> io::Result<()> {
    writeln!(out, "{:<12}{value}", format!("{key}:"))
}

fn format_text(info: &CaptureInfo) -> String {
    let Some(format) = info.format else { return "unknown".to_owned() };
    let mut text = format.as_str().to_owned();
    if let Some(byte_order) = info.byte_order {
        text.push_str(&format!(", {byte_order}-endian"));
    }
    for layer in &info.compression {
        text.push_str(&format!(", {}", layer.as_str()));
    }
    text
}

fn frames_text(info: &CaptureInfo) -> String {
    match info.snapped {
        0 => info.frames.to_string(),
        snapped => format!("{} ({snapped} snapped)", info.frames),
    }
}

fn bytes_text(info: &CaptureInfo) -> String {
    if info.wire_bytes == info.bytes {
        info.bytes.to_string()
    } else {
        format!("{} ({} on the wire)", info.bytes, info.wire_bytes)
    }
}

fn time_text(time: Option<Timestamp>) -> Cow<'static, str> {
    time.map_or(Cow::Borrowed("none"), |time| Cow::Owned(time.to_string()))
}

fn interface_text(interface: &Interface) -> String {
    let name = interface.name.as_deref().map(|name| format!("{}, ", printable(name)));
    let snaplen = match interface.snaplen {
        0 => "no snap length".to_owned(),
        snaplen => format!("snap length {snaplen}"),
    };
    format!("{}{}, {snaplen}", name.unwrap_or_default(), link_text(interface.link_type))
}

/// What is not read has its number too, by which others know it.
fn link_text(link: LinkType) -> String {
    match link {
        LinkType::Other(_) => format!("{} not supported", link.description()),
        known => known.name().into_owned(),
    }
}

fn or_none(text: &str) -> &str {
    if text.is_empty() { "none" } else { text }
}

fn link_types(info: &CaptureInfo) -> Vec<Cow<'static, str>> {
    info.link_types.iter().map(|link_type| link_type.name()).collect()
}

fn object(info: &CaptureInfo) -> json::Info<'_> {
    json::Info {
        file: &info.file,
        format: info.format.map(|format| format.as_str()),
        frames: info.frames,
        bytes: info.bytes,
        first: info.first.map(Text),
        last: info.last.map(Text),
        link_types: link_types(info),
        truncated: info.truncated,
        error: info.error.as_ref().map(ToString::to_string),
        byte_order: info.byte_order,
        compression: info.compression.iter().map(|layer| layer.as_str()).collect(),
        wire_bytes: info.wire_bytes,
        snapped: info.snapped,
        interface_count: info.interface_count,
        interfaces: info.interfaces.iter().map(interface).collect(),
    }
}

fn interface(it: &Interface) -> json::Interface<'_> {
    let name = it.name.as_deref();
    json::Interface { name, link_type: it.link_type.name(), snaplen: it.snaplen }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::*;
    use crate::capture::{Frame, Reader, WriteFormat, Writer};

    /// Two frames in pcapng, of which the last `cut` bytes are missing.
    fn facts(cut: usize) -> CaptureInfo {
        let mut writer = Writer::new("memory", Vec::new(), WriteFormat::Pcapng).unwrap();
        for (number, secs) in [(1, 1_700_000_000), (2, 1_700_000_001)] {
            let time = Some(Timestamp::from_parts(secs, 5));
            let (link_type, data) = (LinkType::Ethernet, &[0; 20][..]);
            let frame = Frame { number, time, interface: 0, link_type, data, orig_len: 61 };
            writer.write(&frame).unwrap();
        }
        let mut bytes = writer.finish().unwrap();
        bytes.truncate(bytes.len() - cut);
        CaptureInfo::gather("a.pcapng", Reader::named("a.pcapng", Cursor::new(bytes)))
    }

    fn text(info: &CaptureInfo) -> String {
        let mut out = Vec::new();
        write_info_text(&mut out, info).unwrap();
        String::from_utf8(out).unwrap()
    }

    fn json(info: &CaptureInfo) -> String {
        let mut out = Vec::new();
        write_info_json(&mut out, info).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn text_is_aligned() {
        assert_eq!(
            text(&facts(0)),
            "\
file:       a.pcapng
format:     pcapng, little-endian
frames:     2 (2 snapped)
bytes:      40 (122 on the wire)
first:      2023-11-14T22:13:20.000000005Z
last:       2023-11-14T22:13:21.000000005Z
link types: ETHERNET
interfaces: 1
  0:        ETHERNET, no snap length
truncated:  no
"
        );
    }

    #[test]
    fn json_is_one_object_on_a_line() {
        let expected = concat!(
            r#"{"file":"a.pcapng","format":"pcapng","frames":1,"bytes":20,"#,
            r#""first":"2023-11-14T22:13:20.000000005Z","last":"2023-11-14T22:13:20.000000005Z","#,
            r#""link_types":["ETHERNET"],"truncated":true,"error":"a.pcapng is cut short: it ends "#,
            r#"within the record at offset 112, after frame 1","byte_order":"little","#,
            r#""compression":[],"wire_bytes":61,"snapped":1,"interface_count":1,"#,
            r#""interfaces":[{"name":null,"link_type":"ETHERNET","snaplen":0}]}"#,
            "\n"
        );
        assert_eq!(json(&facts(1)), expected);
    }

    #[test]
    fn what_is_no_capture_is_described_as_far_as_it_goes() {
        let info = CaptureInfo::gather("x", Reader::named("x", Cursor::new(b"text".to_vec())));
        let text = text(&info);
        assert!(text.contains("format:     unknown\nframes:     0\n"), "{text}");
        assert!(text.contains("error:      x is no capture: it begins with 74 65 78 74"), "{text}");
        let json: serde_json::Value = serde_json::from_str(&json(&info)).unwrap();
        assert_eq!((&json["frames"], &json["format"]), (&0.into(), &serde_json::Value::Null));
        assert_eq!(json["truncated"], false);
    }

    #[test]
    fn an_interfaces_name_cannot_drive_the_terminal() {
        let mut info = facts(0);
        info.interfaces[0].name = Some("\x1b[2Jlo".to_owned());
        assert!(text(&info).contains("  0:        \\x1b[2Jlo, ETHERNET"));
    }
}
