//! Tables as data: the same rows become HTML and CSV.

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
            Self::Number(number, decimals) => format!("{number:.decimals$}"),
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
    /// Its name in CSV, with the unit.
    pub key: String,
    /// Its heading for people.
    pub title: String,
}

/// A table of the report.
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
    /// Its rows, each as long as `columns`.
    pub rows: Vec<Vec<Cell>>,
    /// True when the last row is a sum.
    pub total: bool,
}

impl Table {
    pub(crate) fn new(
        id: &'static str,
        title: &'static str,
        empty: &'static str,
        columns: &[(&str, &str)],
    ) -> Self {
        let columns = columns.iter().map(|(key, title)| Column {
            key: (*key).to_owned(),
            title: (*title).to_owned(),
        });
        Self {
            id,
            title,
            note: String::new(),
            empty,
            columns: columns.collect(),
            rows: Vec::new(),
            total: false,
        }
    }

    pub(crate) fn note(mut self, note: impl Into<String>) -> Self {
        self.note = note.into();
        self
    }

    pub(crate) fn rows(mut self, rows: Vec<Vec<Cell>>) -> Self {
        assert!(
            rows.iter().all(|row| row.len() == self.columns.len()),
            "every row of table {} has a cell for every column",
            self.id
        );
        self.rows = rows;
        self
    }
}
