//! Findings as a SARIF 2.1.0 document (OASIS, "Static Analysis Results Interchange Format"), which
//! code hosts show at the lines of a review.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::json::{level, properties};
use crate::check::{Code, Finding, HeaderPlace};
use crate::schema::{Schema, Span};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Writes one document with all findings. A finding that no header declares is shown at `capture`,
/// where only one was read.
///
/// # Errors
///
/// Those of `out`.
pub fn findings_sarif(
    findings: &[Finding],
    schemas: &[Schema],
    capture: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    let results = findings.iter().map(|it| result(it, schemas, capture));
    let document = json!({
        "$schema": SCHEMA,
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "wirereel",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": Code::ALL.map(rule).as_slice(),
            } },
            "columnKind": "unicodeCodePoints",
            "results": results.collect::<Vec<_>>(),
        }],
    });
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn rule(code: Code) -> Value {
    json!({
        "id": code.as_str(),
        "shortDescription": { "text": format!("{}.", code.summary()) },
        "defaultConfiguration": { "level": level(code.level()) },
    })
}

fn result(it: &Finding, schemas: &[Schema], capture: Option<&str>) -> Value {
    let mut location = serde_json::Map::new();
    if let Some(physical) = physical(it.header.as_ref(), schemas, capture) {
        location.insert("physicalLocation".into(), physical);
    }
    if let Some(name) = logical(it) {
        location.insert("logicalLocations".into(), json!([{ "fullyQualifiedName": name }]));
    }
    let locations = if location.is_empty() { json!([]) } else { json!([location]) };
    json!({
        "ruleId": it.code.as_str(),
        "ruleIndex": Code::ALL.iter().position(|code| *code == it.code),
        "level": level(it.level),
        "message": { "text": message(it) },
        "locations": locations,
        "properties": properties(it),
    })
}

/// What is wrong, and what to do about it: a viewer shows nothing else.
fn message(it: &Finding) -> String {
    match &it.help {
        Some(help) => format!("{}. Help: {help}.", it.text),
        None => format!("{}.", it.text),
    }
}

fn logical(it: &Finding) -> Option<String> {
    let message = it.message.as_deref().or(it.protocol.as_deref())?;
    Some(match &it.field {
        Some(field) => format!("{message}.{field}"),
        None => message.to_owned(),
    })
}

fn physical(
    place: Option<&HeaderPlace>,
    schemas: &[Schema],
    capture: Option<&str>,
) -> Option<Value> {
    let Some(place) = place else {
        return capture.map(|it| json!({ "artifactLocation": { "uri": uri(it) } }));
    };
    let mut region = json!({ "startLine": place.line });
    if let (Some(schema), Some(region)) = (schemas.get(place.schema), region.as_object_mut()) {
        region.extend(columns(schema, place.span));
    }
    Some(json!({ "artifactLocation": { "uri": uri(&place.file) }, "region": region }))
}

/// Where a span begins and ends, in characters from 1 (section 3.30).
fn columns(schema: &Schema, span: Span) -> Vec<(String, Value)> {
    let start = schema.position(span);
    let end = schema.position(Span { start: span.end, ..span });
    let (Some(start), Some(end)) = (start, end) else { return Vec::new() };
    vec![
        ("startColumn".to_owned(), start.column.into()),
        ("endLine".to_owned(), end.line.into()),
        ("endColumn".to_owned(), end.column.into()),
    ]
}

/// A path as a reference that is relative to whatever the viewer takes for its root, or as a
/// `file:` URI (RFC 3986, section 3.3; RFC 8089).
fn uri(path: &str) -> String {
    use std::fmt::Write;

    let path = path.strip_prefix("./").unwrap_or(path);
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => uri.push(byte.into()),
            b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(byte.into()),
            b'\\' if cfg!(windows) => uri.push('/'),
            // Writing to a string does not fail.
            _ => _ = write!(uri, "%{byte:02X}"),
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::check::{HeaderMessage, header_findings};
    use crate::schema::LoadOptions;

    fn document(findings: &[Finding], schemas: &[Schema], capture: Option<&str>) -> Value {
        let mut out = Vec::new();
        findings_sarif(findings, schemas, capture, &mut out).unwrap();
        assert_eq!(out.last(), Some(&b'\n'));
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn a_document_has_what_the_standard_requires() {
        let document = document(&[], &[], None);
        assert_eq!(document["version"], "2.1.0");
        assert_eq!(document["$schema"], SCHEMA);
        let run = &document["runs"][0];
        assert_eq!(run["results"], json!([]));
        assert_eq!(run["tool"]["driver"]["name"], "wirereel");
        let rules = run["tool"]["driver"]["rules"].as_array().unwrap();
        assert_eq!(rules.len(), Code::ALL.len());
        for (rule, code) in rules.iter().zip(Code::ALL) {
            assert_eq!(rule["id"], code.as_str());
            let text = rule["shortDescription"]["text"].as_str().unwrap();
            assert!(text.ends_with('.') && text.len() > 10, "{text}");
            let level = rule["defaultConfiguration"]["level"].as_str().unwrap();
            assert!(["error", "warning", "note"].contains(&level), "{level}");
        }
    }

    #[test]
    fn a_result_stands_at_its_line_of_the_header() {
        let text = "/* 成绩 */ struct msg { char name[11];\n\tlong 数学; };";
        let schema = Schema::parse("dir/my proto.h", text, &LoadOptions::default());
        let messages: Vec<_> = HeaderMessage::all(&schema).collect();
        let findings = header_findings(0, &schema, &messages);
        let document = document(&findings, std::slice::from_ref(&schema), Some("a.pcap"));
        let results = document["runs"][0]["results"].as_array().unwrap();
        let packed = &results[0];
        assert_eq!(packed["ruleId"], "not-packed");
        let index = Code::ALL.iter().position(|it| *it == Code::NotPacked);
        assert_eq!(packed["ruleIndex"], json!(index));
        assert_eq!(packed["level"], "error");
        let message = packed["message"]["text"].as_str().unwrap();
        assert!(message.starts_with("`msg` is not packed: 24 bytes"), "{message}");
        assert!(message.contains(". Help: write `__attribute__((packed))`"), "{message}");
        let location = &packed["locations"][0]["physicalLocation"];
        assert_eq!(location["artifactLocation"]["uri"], "dir/my%20proto.h");
        let region = json!({ "startLine": 1, "startColumn": 10, "endLine": 2, "endColumn": 12 });
        assert_eq!(location["region"], region);
        let width = &results[1];
        assert_eq!(width["ruleId"], "platform-width");
        let region = json!({ "startLine": 2, "startColumn": 7, "endLine": 2, "endColumn": 9 });
        assert_eq!(width["locations"][0]["physicalLocation"]["region"], region);
        let name = &width["locations"][0]["logicalLocations"][0]["fullyQualifiedName"];
        assert_eq!(name, "msg.数学");
        assert_eq!(width["properties"]["field"], "数学");
        assert_eq!(width["properties"].get("code"), None);
    }

    #[test]
    fn what_no_header_declares_stands_at_the_capture() {
        let finding = Finding::new(Code::HttpBareLf, "lines end without CR");
        let at = |capture| {
            let document = document(std::slice::from_ref(&finding), &[], capture);
            document["runs"][0]["results"][0]["locations"].clone()
        };
        let uri = json!([{ "physicalLocation": { "artifactLocation": { "uri": "a%25.pcap" } } }]);
        assert_eq!(at(Some("./a%.pcap")), uri);
        assert_eq!(at(None), json!([]));
        assert_eq!(uri_of("/tmp/成.pcap"), "file:///tmp/%E6%88%90.pcap");
    }

    fn uri_of(path: &str) -> String {
        uri(path)
    }
}
