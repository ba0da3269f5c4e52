use super::super::stage::{CASES, CASES_PROFILE, KINDS, load};
use super::*;

fn found(protocols: &Protocols, name: &str) -> String {
    match Named::find(protocols, name) {
        Ok(Named { protocol, case: Some(case) }) => format!("{} {}", protocol.name, case.value()),
        Ok(Named { protocol, case: None }) => format!("{} {}", protocol.name, protocol.message),
        Err(error) => error.to_string(),
    }
}

#[test]
fn a_name_is_that_of_a_protocol_a_message_or_a_case() {
    let protocols = load(CASES, CASES_PROFILE);
    for (name, expected) in [
        ("structs", "structs head"),
        ("head", "structs head"),
        (
            "path_st",
            "\"path_st\" is structs.path_st and ftp.path and framed.path: name one of these",
        ),
        ("data_st", "\"data_st\" is structs.data_st and ftp.data: name one of these"),
        ("end_st", "\"end_st\" is structs.end_st and framed.end: name one of these"),
        ("end", "framed 4"),
        ("data", "ftp 2"),
        ("ftp.path_st", "ftp 1"),
        ("framed.path", "framed 3"),
        ("structs.path", "no message \"structs.path\""),
        ("proto.h:frame", "framed frame"),
        ("dgram-basic", "dgram-basic msg_st"),
        ("msg_st", "\"msg_st\" is dgram-basic and dgram-var: name one of these"),
        ("hed", "no message \"hed\"; did you mean \"head\"?"),
        ("other.h:frame", "no message \"other.h:frame\""),
        ("http", "http is no message of a header: recipes make structs, unions and text records"),
    ] {
        assert_eq!(found(&protocols, name), expected, "{name}");
    }
}

#[test]
fn of_the_users_own_and_a_built_in_the_users_is_meant() {
    let protocols = load("struct msg_st { int a; };\n", "");
    assert_eq!(found(&protocols, "msg_st"), "msg_st msg_st");
    assert_eq!(found(&protocols, "proto.h:msg_st"), "msg_st msg_st");
    assert_eq!(Named::only(&protocols).unwrap().name(), "msg_st");
}

#[test]
fn without_a_name_the_only_message_is_meant() {
    let only = |header, profile| match Named::only(&load(header, profile)) {
        Ok(named) => named.name().to_owned(),
        Err(error) => error.to_string(),
    };
    assert_eq!(
        only(CASES, CASES_PROFILE),
        "which message: structs, ftp, framed? --message NAME says"
    );
    assert_eq!(only(KINDS, ""), "which message: point, kinds? --message NAME says");
    let none =
        "there is nothing to send: name a message, with --message or [[message]] of a recipe";
    assert_eq!(only("", ""), none);
}

#[test]
fn a_message_without_a_layout_says_why() {
    let protocols = load("struct a { int x; };\nstruct b { char a[]; int b; };\n", "");
    let error = found(&protocols, "b");
    assert!(error.starts_with("no message \"b\": ") && error.contains("has no layout"), "{error}");
}

#[test]
fn a_text_record_is_found_once_it_is_included() {
    let header = "#define FMT_OWN \"%lld\\r\\n\"\nstruct s { int x; };\n";
    let mut protocols = load(header, "");
    assert!(found(&protocols, "FMT_OWN").starts_with("no message"));
    for name in ["FMT_OWN", "proto.h:FMT_OWN", "s", "none"] {
        protocols.include(name).unwrap();
    }
    assert_eq!(found(&protocols, "FMT_OWN"), "FMT_OWN FMT_OWN");
    assert_eq!(found(&protocols, "s"), "s s");
    let error = protocols.include("other.h:s").unwrap_err().to_string();
    assert!(error.starts_with("no header \"other.h\" was given"), "{error}");
}
