//! What programs call their messages: equal ones are one, others are told apart by their unit; macros,
//! enums, lines of source.

use libtest_mimic::{Failed, Trial};
use wirereel::profile::{Options, Protocols};
use wirereel::schema::{self, LoadOptions, Schema};

use super::building::{Workshop, missing};
use crate::trial;

pub fn trials() -> Vec<Trial> {
    let of_gcc = |name: &str, test: fn() -> Result<(), Failed>| {
        trial::unless(missing(&["gcc"]), format!("programs::{name}"), test)
    };
    vec![
        of_gcc("records_of_one_name_are_told_apart_by_their_unit", rivals),
        of_gcc("macros_and_enums_are_those_of_the_header", values),
        of_gcc("a_declaration_has_its_line_of_source", lines),
        of_gcc("a_stripped_program_says_how_to_compile_it", stripped),
        of_gcc("the_program_has_the_last_word_on_its_abi", abi),
    ]
}

fn load(workshop: &Workshop, name: &str) -> Result<Schema, Failed> {
    Ok(schema::load(&workshop.path(name), &LoadOptions::default())?)
}

fn rivals() -> Result<(), Failed> {
    let workshop = Workshop::new();
    workshop.write(
        "one.c",
        "struct msg { int a; }; struct same { int q; };
        struct msg m1; struct same s1;",
    );
    workshop.write(
        "two.c",
        "struct msg { int a, b; }; struct same { int q; };
        struct msg m2; struct same s2; int main(void) { return 0; }",
    );
    workshop.run(&["gcc", "-g", "one.c", "two.c", "-o", "program"])?;
    let schema = load(&workshop, "program")?;
    let names: Vec<_> = schema.records().map(|it| it.0).collect();
    assert_eq!(names, ["one.c:msg", "same", "two.c:msg"]);
    assert_eq!(schema.units_of("msg"), ["one.c", "two.c"]);
    assert!(schema.record("msg").is_none());
    let path = workshop.path("program");
    let with = |rule: &str| -> Result<Protocols, Failed> {
        let (headers, rules) = (vec![path.clone()], vec![rule.parse()?]);
        Ok(Protocols::load(&Options { headers, rules, ..Options::default() })?)
    };
    let error =
        with("udp.port==1,msg").err().ok_or("msg is one")?.message().unwrap_or("").to_owned();
    assert!(error.contains("write one.c:msg"), "{error}");
    let protocols = with("udp.port==1,two.c:msg")?;
    assert!(protocols.list().iter().any(|it| it.name == "two.c:msg"));
    Ok(())
}

fn values() -> Result<(), Failed> {
    let workshop = Workshop::new();
    workshop.write(
        "proto.h",
        "#include <stdint.h>
#define FMT_STAMP \"%lld\\r\\n\"
#define PORT (1900 + 89)
enum kind { KIND_A = 1, KIND_B = -2 };
struct msg { enum kind kind; uint32_t n; };\n",
    );
    workshop.write(
        "main.c",
        "#include \"proto.h\"
struct msg msg; int main(void) { return 0; }\n",
    );
    for options in [&["-g3"][..], &["-g3", "-gdwarf-4"], &["-g3", "-gdwarf-4", "-gstrict-dwarf"]] {
        workshop.run(&[&["gcc", "main.c", "-o", "program"], options].concat())?;
        let schema = load(&workshop, "program")?;
        let text = schema.text_record("FMT_STAMP").ok_or("no text record")?;
        assert_eq!(text.format, b"%lld\r\n");
        assert_eq!(schema.position(text.span).map(|it| it.line), Some(2));
        for (name, value) in [("PORT", 1989), ("KIND_A", 1), ("KIND_B", -2)] {
            assert_eq!(schema.constant(name), Some(value), "{name} {options:?}");
        }
        // Of the system's macros none is a message.
        assert_eq!(schema.text_records.len(), 1);
    }
    Ok(())
}

fn lines() -> Result<(), Failed> {
    let workshop = Workshop::new();
    workshop.write("proto.h", "\n\nstruct msg {\n    int a;\n    char b;\n};\n");
    workshop.write("main.c", "#include \"proto.h\"\nstruct msg msg;\n");
    workshop.run(&["gcc", "-g", "-c", "main.c", "-o", "main.o"])?;
    let schema = load(&workshop, "main.o")?;
    let record = schema.record("msg").ok_or("no msg")?;
    let place = |span| schema.position(span).map(|it| (it.path.display().to_string(), it.line));
    assert_eq!(place(record.span), Some(("proto.h".to_owned(), 3)));
    assert_eq!(place(record.fields[1].span), Some(("proto.h".to_owned(), 5)));
    Ok(())
}

fn stripped() -> Result<(), Failed> {
    let workshop = Workshop::new();
    let program = workshop.compile(&["gcc"], "int main(void) { return 0; }", "program")?;
    let error = schema::load(&program, &LoadOptions::default()).unwrap_err().to_string();
    assert!(error.ends_with("no DWARF nor BTF: compile with -g"), "{error}");
    Ok(())
}

fn abi() -> Result<(), Failed> {
    let workshop = Workshop::new();
    let program =
        workshop.compile(&["gcc", "-g", "-c"], "struct msg { long a; } msg;", "program")?;
    let load = |abi| {
        let headers = vec![program.clone()];
        Protocols::load(&Options { headers, abi, ..Options::default() })
    };
    let found = load(None)?;
    let msg = found.list().iter().find(|it| it.name == "msg").ok_or("no msg")?;
    assert_eq!(msg.abi, schema::Abi::X86_64);
    assert!(load(Some(schema::Abi::X86_64)).is_ok());
    let error = load(Some(schema::Abi::I386)).unwrap_err().to_string();
    assert!(error.contains("was compiled for x86_64, not for i386"), "{error}");
    Ok(())
}
