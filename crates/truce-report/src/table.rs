//! Tables as data: the same rows become HTML, PDF, CSV and GeoJSON.

use truce_core::Position;

use crate::language::Language;

/// One value of a table.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    /// Text.
    Text(String),
    /// A count.
    Count(u64),
    /// A difference of counts.
    Change(i64),
    /// A number with so many decimals.
    Number(f64, usize),
    /// Not known or not applicable.
    None,
}

impl Cell {
    /// Text, or nothing when it is empty.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        let text = text.into();
        if text.is_empty() {
            Self::None
        } else {
            Self::Text(text)
        }
    }

    /// The value as it is written; `none` is the empty text.
    #[must_use]
    pub fn written(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Count(count) => count.to_string(),
            Self::Change(0) => "0".to_owned(),
            Self::Change(change) => format!("{change:+}"),
            // What rounds to zero has no sign.
            Self::Number(number, decimals) => {
                let written = format!("{number:.decimals$}");
                match written.strip_prefix('-') {
                    Some(digits) if digits.bytes().all(|b| matches!(b, b'0' | b'.')) => {
                        digits.to_owned()
                    }
                    _ => written,
                }
            }
            Self::None => String::new(),
        }
    }

    pub(crate) fn is_number(&self) -> bool {
        matches!(self, Self::Count(_) | Self::Change(_) | Self::Number(..))
    }
}

/// One column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Its name in CSV and GeoJSON, with the unit.
    pub key: String,
    /// Its heading for people.
    pub title: String,
}

/// One row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// A cell for each column.
    pub cells: Vec<Cell>,
    /// The place it speaks of.
    pub place: Option<Position>,
}

impl From<Vec<Cell>> for Row {
    fn from(cells: Vec<Cell>) -> Self {
        Self { cells, place: None }
    }
}

impl Row {
    pub(crate) fn at(cells: Vec<Cell>, place: Position) -> Self {
        Self {
            cells,
            place: Some(place),
        }
    }
}

/// A table of a report.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// Its name, as in file names and anchors.
    pub id: &'static str,
    /// Its heading.
    pub title: &'static str,
    /// What is counted and how, in a sentence or two.
    pub note: String,
    /// What is said when it has no rows.
    pub empty: &'static str,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows.
    pub rows: Vec<Row>,
    /// True when the last row is a sum.
    pub has_total: bool,
    /// False for a table that is only data: it stands in CSV and GeoJSON, and not on the page.
    pub is_printed: bool,
}

impl Table {
    /// A table without rows; the texts are English and become those of the language.
    pub(crate) fn new(
        language: Language,
        id: &'static str,
        title: &'static str,
        empty: &'static str,
        columns: &[(&'static str, &'static str)],
    ) -> Self {
        let columns = columns.iter().map(|(key, title)| Column {
            key: (*key).to_owned(),
            title: language.t(title).to_owned(),
        });
        Self {
            id,
            title: language.t(title),
            note: String::new(),
            empty: language.t(empty),
            columns: columns.collect(),
            rows: Vec::new(),
            has_total: false,
            is_printed: true,
        }
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    pub(crate) fn data_only(mut self) -> Self {
        self.is_printed = false;
        self
    }

    pub(crate) fn rows(mut self, rows: impl IntoIterator<Item = impl Into<Row>>) -> Self {
        self.rows = rows.into_iter().map(Into::into).collect();
        assert!(
            self.rows
                .iter()
                .all(|row| row.cells.len() == self.columns.len()),
            "every row of table {} has a cell for every column",
            self.id
        );
        self
    }

    /// True when a row speaks of a place.
    #[must_use]
    pub fn has_places(&self) -> bool {
        self.rows.iter().any(|row| row.place.is_some())
    }

    /// The columns that are printed: those in which some row says something.
    pub(crate) fn shown(&self) -> Vec<usize> {
        let says = |column: &usize| self.rows.iter().any(|row| row.cells[*column] != Cell::None);
        (0..self.columns.len()).filter(says).collect()
    }

    /// True for a column that holds only numbers.
    pub(crate) fn is_number(&self, column: usize) -> bool {
        let known = |row: &&Row| row.cells[column] != Cell::None;
        let mut known = self.rows.iter().filter(known).peekable();
        known.peek().is_some() && known.all(|row| row.cells[column].is_number())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_less_than_zero_by_rounding() {
        for (number, decimals, expected) in
            [(-0.0, 1, "0.0"), (-0.04, 1, "0.0"), (-0.06, 1, "-0.1")]
        {
            assert_eq!(Cell::Number(number, decimals).written(), expected);
        }
    }
}
