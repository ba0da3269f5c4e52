//! Messages as comma-separated values, quoted as RFC 4180 has it, lines ended by a line feed.
//!
//! A header row, then a row for each message. The properties of any message stand before and behind
//! a column for each field of each message, named `message.path`. The fields of groups have columns of their own; a list is one cell, as
//! JSON. Bytes are hex, and text that is not UTF-8 is hex behind `0x`. A cell without quotes that is
//! empty is a field that the message does not have. Values are not escaped otherwise: a reader gets
//! them as they were.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::io::{self, Write};
use std::ops::Range;

use super::json;
use super::value::scalar;
use super::value_text::ValueText;
use crate::message::{
    Captured, Column, FieldKind, FieldTable, FieldValue, Item, Known, Message, Node, Property,
    Siblings, Value, Values, common_fields,
};
use crate::output::escape::hex;

/// Writes messages as CSV. The header row goes before the first.
#[derive(Debug)]
pub struct CsvWriter {
    /// Whether there is a column `file`.
    file: bool,
    /// Column by message and path; the names of the columns.
    columns: HashMap<String, HashMap<String, usize>>,
    names: Vec<String>,
    begun: bool,
    line: Vec<u8>,
    /// The fields' text, and where in it each column's is.
    text: Vec<u8>,
    cells: Vec<Option<Range<usize>>>,
    values: ValueText,
}

impl CsvWriter {
    /// A writer for these messages; fields of others are left out. `file` adds a first column
    /// with the capture's path.
    pub fn new(known: &[Known<'_>], file: bool) -> Self {
        let mut writer = Self {
            file,
            columns: HashMap::new(),
            names: Vec::new(),
            begun: false,
            line: Vec::new(),
            text: Vec::new(),
            cells: Vec::new(),
            values: ValueText::default(),
        };
        for it in known {
            let columns = writer.columns.entry(it.message.to_owned()).or_default();
            for node in columns_of(it.table) {
                if let Entry::Vacant(column) = columns.entry(node.path.clone()) {
                    column.insert(writer.names.len());
                    writer.names.push(format!("{}.{}", it.message, node.path));
                }
            }
        }
        writer
    }

    /// Writes the header row, unless it was written. Needed only where there may be no message.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn header(&mut self, out: &mut dyn Write) -> io::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        let mut line = Vec::new();
        let keys = |table: &'static [Property]| {
            table.iter().filter(|it| self.has_column(it)).filter_map(|it| it.key)
        };
        let fields = self.names.iter().map(String::as_str);
        let before = keys(common_fields::BEFORE_FIELDS).chain(fields);
        for name in before.chain(keys(common_fields::BEHIND_FIELDS)) {
            cell(name.as_bytes(), &mut line);
            line.push(b',');
        }
        end(&mut line);
        out.write_all(&line)
    }

    /// Writes one message, in one call to `out`.
    ///
    /// # Errors
    ///
    /// Those of `out`.
    pub fn write(&mut self, captured: &Captured<'_>, out: &mut dyn Write) -> io::Result<()> {
        self.header(out)?;
        self.line.clear();
        self.properties(common_fields::BEFORE_FIELDS, captured);
        self.fields(&captured.message);
        self.properties(common_fields::BEHIND_FIELDS, captured);
        end(&mut self.line);
        out.write_all(&self.line)
    }

    fn has_column(&self, property: &Property) -> bool {
        match property.csv {
            Column::None => false,
            Column::Always => true,
            Column::Several => self.file,
        }
    }

    fn properties(&mut self, table: &[Property], captured: &Captured<'_>) {
        for property in table {
            if !self.has_column(property) {
                continue;
            }
            let Self { values, text, line, .. } = self;
            match &(property.values)(captured) {
                Values::None | Values::Unknown => {}
                Values::One(FieldValue::Text(text)) => cell(text.as_bytes(), line),
                Values::One(FieldValue::Error(error)) => cell(error.to_string().as_bytes(), line),
                Values::One(value) => values.write(value, line),
                list => {
                    text.clear();
                    for name in list.names() {
                        text.extend_from_slice(if text.is_empty() { b"" } else { b" " });
                        text.extend_from_slice(name.as_bytes());
                    }
                    if !text.is_empty() {
                        cell(text, line);
                    }
                }
            }
            line.push(b',');
        }
    }

    fn fields(&mut self, message: &Message<'_>) {
        let Self { columns, names, cells, text, line, .. } = self;
        text.clear();
        cells.clear();
        cells.resize(names.len(), None);
        if let Some(columns) = columns.get(message.name) {
            fill(message, message.top(), columns, cells, text);
        }
        for range in cells {
            if let Some(range) = range {
                cell(text.get(range.clone()).unwrap_or_default(), line);
            }
            line.push(b',');
        }
    }
}

/// The last comma is one too many.
fn end(line: &mut Vec<u8>) {
    line.pop();
    line.push(b'\n');
}

/// The fields that have a column: those that are neither groups nor within a list.
fn columns_of(table: &FieldTable) -> impl Iterator<Item = &Node> {
    // What is in one that is written as one has no column either.
    let is_list = |node: &&Node| matches!(node.kind, FieldKind::List | FieldKind::Shown(_));
    let lists: Vec<&str> = table.nodes.iter().filter(is_list).map(|it| it.path.as_str()).collect();
    let listed = move |path: &str| {
        lists.iter().any(|list| path.strip_prefix(list).is_some_and(|rest| rest.starts_with('.')))
    };
    table.nodes.iter().filter(move |node| {
        let scalar = !matches!(node.kind, FieldKind::Group);
        scalar && !node.name.is_empty() && !listed(&node.path)
    })
}

/// Writes the values of a level and of the groups in it, and notes where each is.
fn fill(
    message: &Message<'_>,
    level: Siblings<'_>,
    columns: &HashMap<String, usize>,
    cells: &mut [Option<Range<usize>>],
    text: &mut Vec<u8>,
) {
    for (index, item) in level {
        let value = message.value(item);
        if value == Value::Group {
            fill(message, message.inner(index), columns, cells, text);
            continue;
        }
        let column = message.node(item).and_then(|node| columns.get(&node.path));
        if let Some(slot) = column.and_then(|&column| cells.get_mut(column)) {
            let start = text.len();
            write_value(message, index, item, value, text);
            *slot = Some(start..text.len());
        }
    }
}

fn write_value(
    message: &Message<'_>,
    index: usize,
    item: &Item,
    value: Value<'_>,
    text: &mut Vec<u8>,
) {
    match value {
        Value::Name(name) | Value::Text(name) => text.extend_from_slice(name.as_bytes()),
        Value::Bytes(bytes) => {
            let kind = message.node(item).map(|it| &it.kind);
            if matches!(kind, Some(FieldKind::Text | FieldKind::String)) {
                text.extend_from_slice(b"0x");
            }
            hex(bytes, text);
        }
        Value::List => json::value(message, index, item, value, text),
        Value::Null => {}
        value => scalar(item, value, text),
    }
}

/// One value, in quotes where it needs them.
pub(super) fn cell(text: &[u8], line: &mut Vec<u8>) {
    let plain = |byte: &u8| !matches!(byte, b'"' | b',' | b'\r' | b'\n');
    let spaced = text.first() == Some(&b' ') || text.last() == Some(&b' ');
    if !text.is_empty() && !spaced && text.iter().all(plain) {
        return line.extend_from_slice(text);
    }
    line.push(b'"');
    for &byte in text {
        if byte == b'"' {
            line.push(b'"');
        }
        line.push(byte);
    }
    line.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::super::sample::{Sample, Tree, basic, error, named, text, varied};
    use super::*;

    fn written(known: &[Known<'_>], file: bool, captured: &[Captured<'_>]) -> String {
        let mut writer = CsvWriter::new(known, file);
        let mut out = Vec::new();
        writer.header(&mut out).unwrap();
        captured.iter().for_each(|it| writer.write(it, &mut out).unwrap());
        String::from_utf8(out).unwrap()
    }

    fn known<'a>(message: &'a str, sample: &'a Sample) -> Known<'a> {
        Known { protocol: "grades", message, table: &sample.table }
    }

    #[test]
    fn every_message_has_its_columns() {
        let (basic, varied) = (basic(), varied());
        let known = [known("msg_st", &basic), known("var_st", &varied), known("msg_st", &basic)];
        let mut second = varied.captured();
        second.message.name = "var_st";
        second.time = None;
        assert_eq!(
            written(&known, false, &[basic.captured(), second]),
            concat!(
                "frame,time,transport,src,dst,stream,protocol,message,len,",
                "msg_st.name,msg_st.math,msg_st.chinese,",
                "var_st.kind,var_st.odd,var_st.raw,var_st.delta,var_st.ratio,",
                "var_st.point.x,var_st.point.y,var_st.score,var_st.note,",
                "candidates,trailing,ended_by,error\n",
                "4,2024-05-01T12:34:56.123456789Z,udp,127.0.0.1:40000,127.0.0.1:1989,2,",
                "grades,msg_st,19,Alan,83,86,,,,,,,,,,,,,\n",
                "4,,udp,127.0.0.1:40000,127.0.0.1:1989,2,grades,var_st,31,,,,",
                "DATA,9,dead,-5,0.1,1,2,\"[7,8]\",\"a\"\"b\x1b,\u{9b}\",,,,\n",
            )
        );
    }

    #[test]
    fn doubts_errors_and_files_have_columns() {
        let sample = basic();
        let mut captured = sample.captured();
        captured.file = Some("a,b.pcap");
        captured.message.candidates = &["x", "y"];
        captured.message.trailing = 3;
        captured.message.ended_by_close = true;
        captured.message.error = Some(error());
        let text = written(&[known("msg_st", &sample)], true, &[captured]);
        let mut lines = text.lines();
        assert!(lines.next().unwrap().starts_with("file,frame,"));
        let line = lines.next().unwrap();
        assert!(line.starts_with("\"a,b.pcap\",4,"), "{line}");
        let end = ",86,x y,3,close,the message ends within chinese at offset 15";
        assert!(line.ends_with(end), "{line}");
    }

    #[test]
    fn absent_is_not_empty() {
        let sample = Sample::new(&named(&[("name", text("")), ("note", text("a\r\nb"))]));
        let known = [known("msg_st", &sample)];
        let line = written(&known, false, &[sample.captured()]);
        assert!(line.ends_with(",\"\",\"a\r\nb\",,,,\n"), "{line}");
        let other = Sample::new(&named(&[("else", text("x"))]));
        let line = written(&known, false, &[other.captured()]);
        assert!(line.ends_with(",msg_st,1,,,,,,\n"), "{line}");
    }

    #[test]
    fn a_list_of_structs_is_one_cell() {
        let point = |x| Tree::Group(named(&[("x", Tree::Unsigned(x, 1))]));
        let sample = Sample::new(&named(&[
            ("p", Tree::List(vec![point(1), point(2)])),
            ("px", Tree::Unsigned(3, 1)),
        ]));
        let text = written(&[known("msg_st", &sample)], false, &[sample.captured()]);
        assert!(text.contains(",len,msg_st.p,msg_st.px,candidates"), "{text}");
        assert!(text.ends_with(",\"[{\"\"x\"\":1},{\"\"x\"\":2}]\",3,,,,\n"), "{text}");
    }

    #[test]
    fn without_messages_there_is_a_header() {
        assert_eq!(
            written(&[], false, &[]),
            "frame,time,transport,src,dst,stream,protocol,message,len,\
             candidates,trailing,ended_by,error\n"
        );
    }
}
