//! The header front end: any text parses, every span lies in its file, every record either has a
//! layout or says why not, and CRLF line ends change nothing.
#![no_main]

use libfuzzer_sys::fuzz_target;
use wirereel::schema::{Abi, Layout, LoadOptions, Schema};

const ABIS: [Abi; 6] =
    [Abi::X86_64, Abi::I386, Abi::Win64, Abi::Arm, Abi::Aarch64, Abi::S390x];

fuzz_target!(|data: &[u8]| {
    let text = String::from_utf8_lossy(data).replace('\r', "");
    let schema = parse(&text);
    for diagnostic in &schema.diagnostics {
        assert!(schema.position(diagnostic.span).is_some(), "{diagnostic:?}");
        assert!(!diagnostic.text.contains('\n'), "{diagnostic:?}");
    }
    for (name, record) in schema.records() {
        assert!(schema.record(name).is_some(), "{name}");
        assert!(schema.position(record.span).is_some(), "{name}");
    }
    let windows = parse(&text.replace('\n', "\r\n"));
    assert_eq!(described(&windows), described(&schema));
});

fn parse(text: &str) -> Schema {
    Schema::parse("fuzz.h", text, &LoadOptions::default())
}

/// What a schema says, without places.
fn described(schema: &Schema) -> Vec<String> {
    let diagnostics = schema.diagnostics.iter().map(|it| it.text.clone());
    let layouts = schema.records().flat_map(|(name, record)| {
        ABIS.map(|abi| match Layout::of(record, name, abi) {
            Ok(layout) => format!("{name} {} {}", layout.size, layout.align),
            Err(error) => format!("{name} {error}"),
        })
    });
    diagnostics.chain(layouts).chain(schema.messages().map(str::to_owned)).collect()
}
