//! Chosen fields of messages as comma-separated values: the columns that were asked for, no others.
//!
//! Cells are those of [`CsvWriter`](super::csv::CsvWriter). Several values of one field share a cell,
//! separated by commas.

use std::io::{self, Write};

use super::csv::cell;
use super::value_text::ValueText;
use crate::message::{Captured, FieldRef};

/// Writes some fields of each message. The header row goes before the first.
#[derive(Debug)]
pub struct CsvFieldsWriter {
    columns: Vec<(String, FieldRef)>,
    line: Vec<u8>,
    text: Vec<u8>,
    values: ValueText,
}

impl CsvFieldsWriter {
    /// A writer of these fields, in this order, each under the name by which it was asked for.
    pub fn new(columns: Vec<(String, FieldRef)>) -> Self {
        let (line, text) = (Vec::new(), Vec::new());
        Self { columns, line, text, values: ValueText::default() }
    }

    /// Writes the header row.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn header(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let mut line = Vec::new();
        for (at, (name, _)) in self.columns.iter().enumerate() {
            if at > 0 {
                line.push(b',');
            }
            cell(name.as_bytes(), &mut line);
        }
        line.push(b'\n');
        out.write_all(&line)
    }

    /// Writes one message, in one call to `out`.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write(&mut self, captured: &Captured<'_>, out: &mut dyn Write) -> io::Result<()> {
        let Self { columns, line, text, values } = self;
        line.clear();
        for (column, (_, field)) in columns.iter().enumerate() {
            if column > 0 {
                line.push(b',');
            }
            text.clear();
            let mut count = 0_usize;
            for value in field.values(captured) {
                if count > 0 {
                    text.push(b',');
                }
                values.write(&value, text);
                count = count.saturating_add(1);
            }
            if count > 0 {
                cell(text, line);
            }
        }
        line.push(b'\n');
        out.write_all(line)
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, basic, named, text, varied};
    use super::*;
    use crate::message::Known;

    fn written(names: &[&str], sample: &Sample) -> String {
        let known = [Known { protocol: "grades", message: "msg_st", table: &sample.table }];
        let column = |name: &&str| ((*name).to_owned(), FieldRef::column(name, &known).unwrap());
        let mut writer = CsvFieldsWriter::new(names.iter().map(column).collect());
        let mut out = Vec::new();
        writer.header(&mut out).unwrap();
        writer.write(&sample.captured(), &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn the_columns_are_those_that_were_asked_for() {
        assert_eq!(
            written(&["math", "udp.port", "name", "frame"], &basic()),
            "math,udp.port,name,frame\n83,\"40000,1989\",Alan,4\n"
        );
        assert_eq!(written(&["score", "trailing"], &varied()), "score,trailing\n\"7,8\",\n");
    }

    #[test]
    fn absent_is_not_empty() {
        let sample = Sample::new(&named(&[("name", text("")), ("note", text("a\r\n\"b\""))]));
        assert_eq!(
            written(&["name", "note", "error"], &sample),
            "name,note,error\n\"\",\"a\r\n\"\"b\"\"\",\n"
        );
    }
}
