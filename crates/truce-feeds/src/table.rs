//! Rows of comma-separated values (RFC 4180), one row a message: columns by name when a header
//! came, by their standard order when none did. Names are compared without case.

use csv_core::ReadRecordResult;
use serde_json::{Map, Value};
use truce_core::{Slug, Timestamp};

use crate::decimal;
use crate::decoder::{Decoded, Job, Reader, Said};
use crate::fault::{Fault, RejectionClass};
use crate::origin::Origin;

/// Most columns a row may have: exports of long forms have some hundreds.
const COLUMNS_MAX: usize = 1_024;

/// Known names in one line that make it a header: one could be a value, two cannot.
const HEADER_NAMES_MIN: usize = 2;

/// A column: its names, the first being the one that is written and shown.
#[derive(Debug)]
pub(crate) struct Column {
    pub(crate) names: &'static [&'static str],
    pub(crate) required: bool,
}

impl Column {
    pub(crate) const fn required(names: &'static [&'static str]) -> Self {
        let required = true;
        Self { names, required }
    }

    pub(crate) const fn optional(names: &'static [&'static str]) -> Self {
        let required = false;
        Self { names, required }
    }
}

/// The header line of some columns.
pub(crate) fn header(columns: &[Column]) -> String {
    let names: Vec<&str> = columns.iter().map(|column| column.names[0]).collect();
    names.join(",")
}

/// Which field of a row holds a column; the index is the column's.
#[derive(Debug, Clone)]
enum Order {
    /// No header came yet.
    Standard,
    /// As the last header said, with the number of its fields.
    Header(Vec<Option<usize>>, usize),
    /// The last header lacked a column.
    Unusable(Fault),
}

/// Reads the rows of a format, each of which says one thing.
#[derive(Debug)]
pub(crate) struct Rows {
    table: Table,
    decode: fn(&Row<'_>, &Origin) -> Result<Said, Fault>,
}

impl Rows {
    pub(crate) fn boxed(
        columns: &'static [Column],
        standard: fn(field_count: usize) -> Option<&'static [usize]>,
        decode: fn(&Row<'_>, &Origin) -> Result<Said, Fault>,
    ) -> Box<dyn Reader> {
        let table = Table::new(columns, standard);
        Box::new(Self { table, decode })
    }
}

impl Reader for Rows {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let Some(line) = job.text()? else {
            return Ok(());
        };
        let Some(row) = self.table.read(line)? else {
            return Ok(());
        };
        let said = (self.decode)(&row, job.origin)?;
        job.say_with(said, out, || row.named());
        Ok(())
    }
}

/// Reads rows of one feed.
#[derive(Debug)]
pub(crate) struct Table {
    columns: &'static [Column],
    /// The order of columns in rows without a header, by their number.
    standard: fn(field_count: usize) -> Option<&'static [usize]>,
    order: Order,
    cells: Cells,
}

impl Table {
    pub(crate) fn new(
        columns: &'static [Column],
        standard: fn(usize) -> Option<&'static [usize]>,
    ) -> Self {
        Self {
            columns,
            standard,
            order: Order::Standard,
            cells: Cells::default(),
        }
    }

    /// The row in a line, or `None` when the line is a header, which is then remembered.
    pub(crate) fn read<'a>(&'a mut self, line: &'a str) -> Result<Option<Row<'a>>, Fault> {
        let fields = self.cells.split(line)?;
        let count = fields.len();
        if is_header(self.columns, fields) {
            self.order = read_header(self.columns, fields);
            return match &self.order {
                Order::Unusable(fault) => Err(fault.clone()),
                _ => Ok(None),
            };
        }
        let order = match &self.order {
            Order::Header(_, wanted) if *wanted != count => {
                let reason = format!("{count} columns where the header has {wanted}");
                return Err(Fault::new(RejectionClass::ColumnCount, reason));
            }
            Order::Header(order, _) => RowOrder::Header(order),
            Order::Standard => RowOrder::Standard((self.standard)(count).ok_or_else(|| {
                let reason = format!("{count} columns without a header are no known form");
                Fault::new(RejectionClass::ColumnCount, reason)
            })?),
            Order::Unusable(fault) => return Err(fault.clone()),
        };
        let columns = self.columns;
        Ok(Some(Row {
            columns,
            fields,
            order,
        }))
    }
}

/// Splits lines into cells. Reuse it: it keeps its memory.
#[derive(Debug)]
pub(crate) struct Cells {
    reader: csv_core::Reader,
    separator: u8,
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Default for Cells {
    fn default() -> Self {
        Self::parted_by(b',')
    }
}

impl Cells {
    /// For lines whose cells are parted by a character of ASCII.
    pub(crate) fn parted_by(separator: u8) -> Self {
        Self {
            reader: csv_core::ReaderBuilder::new().delimiter(separator).build(),
            separator,
            text: Vec::new(),
            ends: vec![0; COLUMNS_MAX],
        }
    }

    /// The cells of a line.
    pub(crate) fn split<'a>(&'a mut self, line: &'a str) -> Result<Fields<'a>, Fault> {
        if let Some(count) = self.split_plain(line)? {
            let ends = &self.ends[..count];
            return Ok(Fields {
                text: line,
                ends,
                gap: 1,
            });
        }
        let count = self.split_quoted(line)?;
        let text = std::str::from_utf8(&self.text).map_err(|_| unsplittable())?;
        let ends = &self.ends[..count];
        Ok(Fields { text, ends, gap: 0 })
    }

    fn split_quoted(&mut self, line: &str) -> Result<usize, Fault> {
        self.text.resize(line.len() + 1, 0);
        self.reader.reset();
        let (mut read, mut written, mut count) = (0, 0, 0);
        // Two rounds: the line, and the empty input that says that it has ended.
        for input in [line.as_bytes(), b""] {
            let (result, used, wrote, ended) =
                self.reader
                    .read_record(input, &mut self.text[written..], &mut self.ends[count..]);
            (read, written, count) = (read + used, written + wrote, count + ended);
            match result {
                ReadRecordResult::InputEmpty => {}
                ReadRecordResult::Record => break,
                _ => return Err(unsplittable()),
            }
        }
        if read < line.len() {
            return Err(unsplittable());
        }
        self.text.truncate(written);
        Ok(count)
    }

    /// A line without quotes ends its cells at every separator; `None` for one with quotes. Most
    /// rows have none, and the state machine for quotes takes several times as long; the cells stay
    /// where they are.
    fn split_plain(&mut self, line: &str) -> Result<Option<usize>, Fault> {
        let mut count = 0;
        for (at, byte) in line.bytes().enumerate() {
            // Most bytes of a row are above the quote and the ends of lines.
            if byte > b',' && byte != self.separator {
                continue;
            }
            if byte == self.separator {
                *self.ends.get_mut(count).ok_or_else(unsplittable)? = at;
                count += 1;
            } else if matches!(byte, b'"' | b'\r' | b'\n') {
                return Ok(None);
            }
        }
        *self.ends.get_mut(count).ok_or_else(unsplittable)? = line.len();
        Ok(Some(count + 1))
    }
}

fn unsplittable() -> Fault {
    let reason = format!("not one row of at most {COLUMNS_MAX} columns");
    Fault::new(RejectionClass::ColumnCount, reason)
}

/// The cells of a line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Fields<'a> {
    text: &'a str,
    ends: &'a [usize],
    /// Bytes between two cells: the separator, where it was not taken out.
    gap: usize,
}

impl<'a> Fields<'a> {
    fn get(self, index: usize) -> Option<&'a str> {
        let end = *self.ends.get(index)?;
        let start = index
            .checked_sub(1)
            .map_or(0, |before| self.ends[before] + self.gap);
        self.text.get(start..end).map(trimmed)
    }

    /// How many.
    pub(crate) fn len(self) -> usize {
        self.ends.len()
    }

    /// Their texts without blanks around them.
    pub(crate) fn iter(self) -> impl Iterator<Item = &'a str> {
        (0..self.ends.len()).filter_map(move |index| self.get(index))
    }
}

/// A text without blanks around it. Most have none, which two bytes tell.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [b'!'..=b'~'] | [b'!'..=b'~', .., b'!'..=b'~'] => text,
        _ => text.trim(),
    }
}

fn column_called(columns: &[Column], name: &str) -> Option<usize> {
    let called = |wanted: &&str| wanted.eq_ignore_ascii_case(name);
    let mut columns = columns.iter();
    columns.position(|column| column.names.iter().any(called))
}

fn is_header(columns: &[Column], fields: Fields<'_>) -> bool {
    // Names begin with a letter; rows that begin with a number are known by it at once.
    let letter = |field: &str| {
        field
            .bytes()
            .next()
            .is_some_and(|b| b.is_ascii_alphabetic())
    };
    if !fields.get(0).is_some_and(letter) {
        return false;
    }
    let mut named = fields
        .iter()
        .filter(|field| letter(field) && column_called(columns, field).is_some());
    named.nth(HEADER_NAMES_MIN - 1).is_some()
}

fn read_header(columns: &[Column], fields: Fields<'_>) -> Order {
    let mut order = vec![None; columns.len()];
    for (index, field) in fields.iter().enumerate() {
        if let Some(column) = column_called(columns, field) {
            // The first of two columns with the same name counts.
            order[column].get_or_insert(index);
        }
    }
    for (column, place) in columns.iter().zip(&order) {
        if column.required && place.is_none() {
            let reason = format!("the header has no column `{}`", column.names[0]);
            return Order::Unusable(Fault::new(RejectionClass::Header, reason));
        }
    }
    Order::Header(order, fields.ends.len())
}

#[derive(Debug, Clone, Copy)]
enum RowOrder<'a> {
    /// Field of each column.
    Header(&'a [Option<usize>]),
    /// Column of each field.
    Standard(&'a [usize]),
}

/// One row.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Row<'a> {
    columns: &'static [Column],
    fields: Fields<'a>,
    order: RowOrder<'a>,
}

impl<'a> Row<'a> {
    /// The text of a column; `None` when it is empty or absent.
    pub(crate) fn text(&self, column: usize) -> Option<&'a str> {
        let index = match self.order {
            RowOrder::Header(order) => order[column]?,
            // Most forms have the standard columns in order, from the first on.
            RowOrder::Standard(order) if order.get(column) == Some(&column) => column,
            RowOrder::Standard(order) => order.iter().position(|held| *held == column)?,
        };
        self.fields.get(index).filter(|text| !text.is_empty())
    }

    /// The texts of its columns by their names.
    fn named(&self) -> Map<String, Value> {
        let text = |column| Some((self.name(column).to_owned(), self.text(column)?.into()));
        (0..self.columns.len()).filter_map(text).collect()
    }

    fn name(&self, column: usize) -> &'static str {
        self.columns[column].names[0]
    }

    /// The text of a column that may not be empty.
    pub(crate) fn needed(&self, column: usize) -> Result<&'a str, Fault> {
        let missing = || Fault::missing(self.name(column));
        self.text(column).ok_or_else(missing)
    }

    /// A fault of a column's value.
    pub(crate) fn fault(&self, class: RejectionClass, column: usize, wanted: &str) -> Fault {
        let text = self.text(column).unwrap_or("");
        Fault::field(class, self.name(column), text, wanted)
    }

    /// A finite number.
    pub(crate) fn number(&self, column: usize) -> Result<Option<f64>, Fault> {
        let Some(text) = self.text(column) else {
            return Ok(None);
        };
        let fault = || self.fault(RejectionClass::Number, column, "a number is expected");
        decimal::number(text).map(Some).ok_or_else(fault)
    }

    /// A number within bounds, both included.
    pub(crate) fn number_in(
        &self,
        column: usize,
        (least, most): (f64, f64),
    ) -> Result<Option<f64>, Fault> {
        match self.number(column)? {
            Some(number) if number < least || number > most => {
                let wanted = format!("{least} to {most} is expected");
                Err(self.fault(RejectionClass::Range, column, &wanted))
            }
            number => Ok(number),
        }
    }

    /// A number within bounds that may not be absent.
    pub(crate) fn needed_in(&self, column: usize, bounds: (f64, f64)) -> Result<f64, Fault> {
        let missing = || Fault::missing(self.name(column));
        self.number_in(column, bounds)?.ok_or_else(missing)
    }

    /// A bearing in `[0, 360)`; 360 is north too.
    pub(crate) fn bearing_deg(&self, column: usize) -> Result<Option<f64>, Fault> {
        let bearing = self.number_in(column, (0.0, 360.0))?;
        Ok(bearing.map(|deg| if deg >= 360.0 { 0.0 } else { deg }))
    }

    /// An instant in RFC 3339.
    pub(crate) fn instant(&self, column: usize) -> Result<Timestamp, Fault> {
        let wanted = "a time such as 2025-03-01T12:00:00Z is expected";
        let fault = |_| self.fault(RejectionClass::Time, column, wanted);
        self.needed(column)?.parse().map_err(fault)
    }

    /// A name as the mission folder writes it.
    pub(crate) fn slug(&self, column: usize) -> Result<Option<Slug>, Fault> {
        let wanted = "a name of a-z 0-9 - _ . / is expected";
        let fault = |_| self.fault(RejectionClass::Value, column, wanted);
        self.text(column).map(Slug::new).transpose().map_err(fault)
    }

    /// A word that serde knows, such as the name of an event class.
    pub(crate) fn word<T: serde::de::DeserializeOwned>(
        &self,
        column: usize,
    ) -> Result<Option<T>, Fault> {
        let Some(text) = self.text(column) else {
            return Ok(None);
        };
        read_word(text).map(Some).ok_or_else(|| {
            let wanted = "not one of the words this column knows";
            self.fault(RejectionClass::Value, column, wanted)
        })
    }
}

/// A value that serde writes as one word.
pub(crate) fn read_word<T: serde::de::DeserializeOwned>(text: &str) -> Option<T> {
    use serde::de::IntoDeserializer as _;
    let words: serde::de::value::StrDeserializer<'_, serde::de::value::Error> =
        text.into_deserializer();
    T::deserialize(words).ok()
}

/// The word that serde writes for a value.
pub(crate) fn write_word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

/// Writes one row.
#[derive(Debug, Default)]
pub(crate) struct RowWriter {
    line: String,
    begun: bool,
}

impl RowWriter {
    /// The next field, quoted where RFC 4180 asks for it. Line ends inside it become spaces: a
    /// message is one line.
    pub(crate) fn text(&mut self, text: &str) -> &mut Self {
        if std::mem::replace(&mut self.begun, true) {
            self.line.push(',');
        }
        let spaced = |c: char| c.is_whitespace() || c == '\u{feff}';
        let edges = text.starts_with(spaced) || text.ends_with(spaced);
        if edges || text.contains(['"', ',', '\r', '\n']) {
            let text = text.replace(['\r', '\n'], " ").replace('"', "\"\"");
            self.line.push('"');
            self.line.push_str(&text);
            self.line.push('"');
        } else {
            self.line.push_str(text);
        }
        self
    }

    /// The next field, a number rounded to some decimals; empty when absent.
    pub(crate) fn number(&mut self, number: Option<f64>, decimals: i32) -> &mut Self {
        match number {
            Some(number) => self.text(&rounded(number, decimals).to_string()),
            None => self.text(""),
        }
    }

    /// The next field, empty when absent.
    pub(crate) fn maybe(&mut self, text: Option<&str>) -> &mut Self {
        self.text(text.unwrap_or(""))
    }

    /// The row.
    pub(crate) fn finish(&mut self) -> String {
        std::mem::take(self).line
    }
}

/// A number rounded to some decimals.
pub(crate) fn rounded(number: f64, decimals: i32) -> f64 {
    let scale = 10f64.powi(decimals);
    let scaled = (number * scale).round() / scale;
    // No negative zero: it would be written as `-0`.
    if scaled.is_finite() {
        scaled + 0.0
    } else {
        number
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    static COLUMNS: [Column; 3] = [
        Column::required(&["name"]),
        Column::required(&["value_m", "value"]),
        Column::optional(&["remark"]),
    ];

    fn standard(count: usize) -> Option<&'static [usize]> {
        match count {
            3 => Some(&[0, 1, 2]),
            2 => Some(&[1, 0]),
            _ => None,
        }
    }

    fn texts(table: &mut Table, line: &str) -> Result<Option<[String; 3]>, RejectionClass> {
        let row = table.read(line).map_err(|fault| fault.class)?;
        Ok(row.map(|row| [0, 1, 2].map(|column| row.text(column).unwrap_or("-").to_owned())))
    }

    #[test]
    fn headers_name_columns_in_any_order_and_case() {
        let mut table = Table::new(&COLUMNS, standard);
        let row = |texts: [&str; 3]| Ok(Some(texts.map(str::to_owned)));
        assert_eq!(texts(&mut table, "a,1,x"), row(["a", "1", "x"]));
        assert_eq!(texts(&mut table, "1,a"), row(["a", "1", "-"]));
        assert_eq!(texts(&mut table, "a"), Err(RejectionClass::ColumnCount));
        assert_eq!(texts(&mut table, "VALUE,extra,\"Name\""), Ok(None));
        assert_eq!(
            texts(&mut table, " 1 ,,\"a,\"\"b\""),
            row(["a,\"b", "1", "-"])
        );
        assert_eq!(texts(&mut table, "1,2"), Err(RejectionClass::ColumnCount));
        assert_eq!(
            texts(&mut table, "name,remark"),
            Err(RejectionClass::Header)
        );
        assert_eq!(texts(&mut table, "a,1"), Err(RejectionClass::Header));
    }

    #[test]
    fn an_open_quote_is_no_second_row() {
        let mut table = Table::new(&COLUMNS, standard);
        assert_eq!(
            texts(&mut table, "a,\"1,2,3"),
            texts(&mut table, "1,2,3").and(Ok(Some([
                "1,2,3".to_owned(),
                "a".to_owned(),
                "-".to_owned(),
            ])))
        );
        let wide = vec!["x"; COLUMNS_MAX + 1].join(",");
        assert_eq!(texts(&mut table, &wide), Err(RejectionClass::ColumnCount));
    }

    proptest! {
        #[test]
        fn written_rows_read_back(fields in prop::array::uniform3("[ -~äé\u{feff}]{0,12}")) {
            let mut table = Table::new(&COLUMNS, standard);
            let mut writer = RowWriter::default();
            for field in &fields {
                writer.text(field);
            }
            let row = writer.finish();
            let fields = fields.map(|field| match field.trim() {
                "" => "-".to_owned(),
                text => text.to_owned(),
            });
            // A row of column names would be a header.
            prop_assume!(fields.iter().all(|field| field != "name" && field != "remark"));
            prop_assert_eq!(texts(&mut table, &row), Ok(Some(fields)));
        }

        #[test]
        fn no_line_panics(line in "\\PC{0,80}") {
            let mut table = Table::new(&COLUMNS, standard);
            let _ = texts(&mut table, &line);
        }
    }
}
