//! Chosen fields of messages, separated by tabs, as `tshark -T fields` has them.
//!
//! Several values of one field are separated by commas; a field that the message does not have is
//! empty. Tabs, line ends and other control characters in text are escaped, so that a line is a
//! message.

use std::io::{self, Write};

use super::value_text::ValueText;
use crate::message::{Captured, FieldRef, FieldValue};
use crate::output::escape::{hex, terminal};

/// Writes some fields of each message.
#[derive(Debug)]
pub struct FieldsWriter {
    fields: Vec<FieldRef>,
    line: Vec<u8>,
    text: ValueText,
}

impl FieldsWriter {
    /// A writer of these fields, in this order.
    pub fn new(fields: Vec<FieldRef>) -> Self {
        Self { fields, line: Vec::new(), text: ValueText::default() }
    }

    /// Writes one message, in one call to `out`.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write(&mut self, captured: &Captured<'_>, out: &mut dyn Write) -> io::Result<()> {
        let Self { fields, line, text } = self;
        line.clear();
        for (column, field) in fields.iter().enumerate() {
            if column > 0 {
                line.push(b'\t');
            }
            for (at, value) in field.values(captured).enumerate() {
                if at > 0 {
                    line.push(b',');
                }
                match value {
                    FieldValue::Name { name, .. } | FieldValue::Text(name) => terminal(name, line),
                    FieldValue::NotText(bytes) => hex(bytes, line),
                    FieldValue::Error(error) => terminal(&error.to_string(), line),
                    value => text.write(&value, line),
                }
            }
        }
        line.push(b'\n');
        out.write_all(line)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, basic, error, named, text, varied};
    use super::*;
    use crate::message::{Known, Mark};

    fn written(names: &[&str], sample: &Sample, captured: &Captured<'_>) -> String {
        let known = [Known { protocol: "grades", message: "msg_st", table: &sample.table }];
        let fields = names.iter().map(|name| FieldRef::column(name, &known).unwrap()).collect();
        let mut out = Vec::new();
        FieldsWriter::new(fields).write(captured, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn fields_are_separated_by_tabs() {
        let sample = basic();
        let names = [
            "frame.number",
            "frame.time",
            "frame.time_epoch",
            "ip.src",
            "udp.port",
            "tcp.port",
            "udp.stream",
            "msg_st.name",
            "grades.math",
            "chinese",
        ];
        assert_eq!(
            written(&names, &sample, &sample.captured()),
            "4\t2024-05-01T12:34:56.123456789Z\t1714566896.123456789\t127.0.0.1\t40000,1989\t\t2\t\
             Alan\t83\t86\n"
        );
    }

    #[test]
    fn columns_have_the_names_of_json_unless_a_field_has_them() {
        let names = ["frame", "time", "src", "dst", "stream"];
        let sample = basic();
        assert_eq!(
            written(&names, &sample, &sample.captured()),
            "4\t2024-05-01T12:34:56.123456789Z\t127.0.0.1:40000\t127.0.0.1:1989\t2\n"
        );
        let own = Sample::new(&named(&[("time", text("noon")), ("src", text("me"))]));
        let expected = "4\tnoon\tme\t127.0.0.1:1989\t2\n";
        assert_eq!(written(&names, &own, &own.captured()), expected);
        let known = [Known { protocol: "grades", message: "msg_st", table: &sample.table }];
        assert!(FieldRef::parse("src", &known).is_err(), "filters have ip.src");
        assert!(FieldRef::column("source", &known).is_err());
    }

    #[test]
    fn whatever_json_has_of_a_message_is_a_column() {
        let sample = basic();
        let mut captured = sample.captured();
        captured.message.candidates = &["grades", "other"];
        captured.message.trailing = 3;
        captured.message.ended_by_close = true;
        captured.message.marks.insert(Mark::Gap);
        captured.message.marks.insert(Mark::CutShort);
        captured.message.pair = Some(7);
        let names = ["marks", "ended_by", "pair", "trailing", "candidates", "file"];
        let expected = "gap,cut-short\tclose\t7\t3\tgrades,other\t\n";
        assert_eq!(written(&names, &sample, &captured), expected);
        assert_eq!(written(&names, &sample, &sample.captured()), "\t\t\t\t\t\n");
    }

    #[test]
    fn lists_and_groups_give_several_values() {
        let sample = varied();
        let names = ["kind", "odd", "raw", "delta", "ratio", "point", "score", "trailing"];
        assert_eq!(
            written(&names, &sample, &sample.captured()),
            "DATA\t9\tdead\t-5\t0.1\t1,2\t7,8\t\n"
        );
    }

    #[test]
    fn a_message_is_a_line_whatever_it_holds() {
        let sample = Sample::new(&named(&[("name", text("a\tb\nc\x1b"))]));
        let mut captured = sample.captured();
        captured.message.error = Some(error());
        assert_eq!(
            written(&["name", "error"], &sample, &captured),
            "a\\tb\\nc\\x1b\tthe message ends within chinese at offset 15\n"
        );
    }
}
