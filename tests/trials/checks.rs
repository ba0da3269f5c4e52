//! What `wirereel check` says of each capture, against what is known to be wrong with its sender.
//!
//! A case of `fixtures/` whose name begins with `check_` says what is run; the table says what must
//! come of it, written from what the senders do and not from what the program said. Errors are all
//! named, each with its field: any other error fails, and so does one without full support.
//! Warnings and notes are named where they are what the capture is for.

use std::{collections::BTreeSet, path::Path};

use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use wirereel::fixture::{Case, discover};

use crate::program;

/// What must be found.
struct Expected {
    /// The folder, without `check_`.
    case: &'static str,
    /// Code and field of each finding of level error.
    errors: &'static [(&'static str, Field)],
    /// Code and field of warnings and notes that must be there; there may be others.
    others: &'static [(&'static str, Field)],
}

/// What a finding must name.
#[derive(Clone, Copy, Debug)]
enum Field {
    Is(&'static str),
    /// The message, or the field that is nearest.
    Any,
}
use Field::{Any, Is};

/// Right, by the right header: nothing is an error.
const fn right(case: &'static str) -> Expected {
    Expected { case, errors: &[], others: &[] }
}

/// No error, and these warnings or notes.
const fn warned(case: &'static str, others: &'static [(&'static str, Field)]) -> Expected {
    Expected { case, errors: &[], others }
}

/// These errors.
const fn wrong(case: &'static str, errors: &'static [(&'static str, Field)]) -> Expected {
    Expected { case, errors, others: &[] }
}

const EXPECTED: &[Expected] = &[
    // No htonl.
    wrong("dgram_basic_nohtonl", &[("byte-order", Is("math")), ("byte-order", Is("chinese"))]),
    wrong("dgram_var_nohtonl", &[("byte-order", Is("math")), ("byte-order", Is("chinese"))]),
    // Not packed: a hole in front of math; or a tail of the natural size.
    wrong("dgram_basic_notpacked", &[("padding", Is("math"))]),
    wrong("dgram_basic_pack", &[("padding", Is("math"))]),
    Expected {
        case: "dgram_basic_notpacked_uncleared",
        errors: &[("padding", Is("math"))],
        others: &[("uninitialised", Any)],
    },
    wrong("dgram_var_notpacked", &[("padding", Any)]),
    Expected {
        case: "dgram_var_notpacked_uncleared",
        errors: &[("padding", Any)],
        others: &[("uninitialised", Any)],
    },
    // The sender's own header: its traffic is as it says, and it is what is wrong.
    wrong("dgram_basic_pack_ignored", &[("unknown-attribute", Any), ("not-packed", Any)]),
    // The other mistakes that senders make.
    warned("dgram_basic_uncleared", &[("uninitialised", Is("name"))]),
    wrong("dgram_var_nonul", &[("terminator", Is("name"))]),
    warned("dgram_var_array", &[("trailing", Any)]),
    warned("dgram_var_array_max_len", &[("trailing", Any), ("oversize", Any)]),
    warned("dgram_mcast_join", &[("group-join", Any)]),
    warned("stream_noend", &[("delimiter", Any)]),
    warned("stream_noend_asked", &[("delimiter", Any)]),
    warned("http_apache_barelf", &[("http-bare-lf", Any)]),
    warned("http_nginx_barelf", &[("http-bare-lf", Any)]),
    warned("webdl_apache_barelf", &[("http-bare-lf", Any)]),
    warned("webdl_barelf", &[("http-bare-lf", Any)]),
    warned("webdl_nginx_barelf", &[("http-bare-lf", Any)]),
    // Other machines, by the header of a receiver on x86-64: the header is at fault each time.
    wrong("portable_x86_64", &[("not-packed", Any), ("platform-width", Is("value"))]),
    wrong(
        "portable_i386",
        &[("not-packed", Any), ("platform-width", Is("value")), ("type-width", Any)],
    ),
    wrong(
        // Flags of 0, 1, 3 and 257 could be flags in either order: they are not claimed.
        "portable_s390x",
        &[
            ("not-packed", Any),
            ("platform-width", Is("value")),
            ("byte-order", Is("stamp")),
            ("byte-order", Is("value")),
            ("byte-order", Is("level")),
        ],
    ),
    // As it should be.
    warned("edge_dgram_var_fragmented", &[("oversize", Any)]),
    warned("edge_dgram_var_maxname", &[("oversize", Any)]),
    right("ok_dgram_basic"),
    right("ok_dgram_basic_builtin"),
    right("ok_dgram_basic_lo"),
    right("ok_dgram_bcast"),
    right("ok_dgram_mcast"),
    right("ok_dgram_var"),
    right("ok_dgram_var_builtin"),
    right("ok_http_chunked"),
    right("ok_http_keepalive"),
    right("ok_portable_packed"),
    right("ok_stream_basic"),
    right("ok_stream_label"),
    right("ok_stream_par"),
    right("ok_stream_pool_dynamic"),
    right("ok_stream_pool_static"),
    right("ok_variant_name0"),
    right("ok_variant_name13"),
    right("ok_variant_name64"),
    right("ok_variant_order"),
    right("ok_variant_scores"),
    right("ok_variant_three"),
    right("ok_webdl"),
    right("ok_webdl_apache"),
    right("ok_webdl_nginx"),
];

pub fn trials() -> impl Iterator<Item = Trial> {
    let trials =
        EXPECTED.iter().map(|it| Trial::test(format!("checks::{}", it.case), || judge(it)));
    let all = Trial::test("checks::every_case_is_in_the_table", every_case_is_in_the_table);
    trials.chain([all])
}

fn fixtures() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures"))
}

fn judge(expected: &'static Expected) -> Result<(), Failed> {
    let case = Case::load(&fixtures().join(format!("check_{}", expected.case)))
        .map_err(|error| error.to_string())?;
    let findings = program::lines(&case).map_err(|error| error.to_string())?;
    let findings: Vec<Value> =
        findings.iter().map(|line| serde_json::from_str(line)).collect::<Result<_, _>>()?;
    let (mut errors, others): (Vec<_>, Vec<_>) =
        findings.iter().partition(|it| text(it, "level") == "error");
    for (code, field) in expected.errors {
        let found = errors.iter().position(|it| is(it, code, *field));
        let finding = errors.remove(found.ok_or_else(|| missing(code, *field, &findings))?);
        is_supported(finding)?;
    }
    if !errors.is_empty() {
        return Err(format!("not expected: {errors:#?}").into());
    }
    for (code, field) in expected.others {
        let found = others.iter().any(|it| is(it, code, *field));
        found.then_some(()).ok_or_else(|| missing(code, *field, &findings))?;
    }
    Ok(())
}

fn is(finding: &Value, code: &str, field: Field) -> bool {
    let is_field = match field {
        Is(name) => text(finding, "field") == name,
        Any => true,
    };
    text(finding, "code") == code && is_field
}

/// What is said of a header; all else is said of messages.
const HEADER: [&str; 5] =
    ["syntax", "not-packed", "platform-width", "pointer", "unknown-attribute"];

/// Every message shows what is wrong with its sender.
fn is_supported(finding: &Value) -> Result<(), Failed> {
    let [support, total] = ["support", "total"].map(|key| finding.get(key).and_then(Value::as_u64));
    let is_of_header = HEADER.contains(&text(finding, "code"));
    if is_of_header || support == total && support.is_some_and(|it| it > 0) {
        return Ok(());
    }
    Err(format!("support {support:?} of {total:?}: {finding:#}").into())
}

fn missing(code: &str, field: Field, findings: &[Value]) -> Failed {
    format!("no {code} ({field:?}) among {findings:#?}").into()
}

fn text<'a>(finding: &'a Value, key: &str) -> &'a str {
    finding.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn every_case_is_in_the_table() -> Result<(), Failed> {
    let folders = discover(fixtures()).map_err(|error| error.to_string())?;
    let names = folders.iter().filter_map(|it| it.file_name()?.to_str()?.strip_prefix("check_"));
    let there: BTreeSet<_> = names.collect();
    let listed: BTreeSet<_> = EXPECTED.iter().map(|it| it.case).collect();
    if there == listed {
        return Ok(());
    }
    let differ: Vec<_> = there.symmetric_difference(&listed).collect();
    Err(format!("in the table or in fixtures/, but not in both: {differ:?}").into())
}
