//! Tables for the terminal: columns as wide as what they hold, numbers to the right.

/// To which side a column's cells are pushed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Left,
    Right,
}

/// A table with a heading.
#[derive(Debug)]
pub(super) struct Table {
    heading: Vec<(String, Side)>,
    rows: Vec<Vec<String>>,
}

impl Table {
    /// A table whose columns are named; a name that begins with `>` makes a column of numbers.
    pub(super) fn new<S: AsRef<str>>(names: &[S]) -> Self {
        let column = |name: &S| match name.as_ref().strip_prefix('>') {
            Some(name) => (name.to_owned(), Side::Right),
            None => (name.as_ref().to_owned(), Side::Left),
        };
        Self {
            heading: names.iter().map(column).collect(),
            rows: Vec::new(),
        }
    }

    /// Adds a row; cells beyond the heading are left out.
    pub(super) fn row(&mut self, cells: Vec<String>) {
        self.rows.push(cells);
    }

    /// The lines of the table, without spaces at their ends.
    pub(super) fn lines(&self) -> Vec<String> {
        let width = |i: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(i));
            let cells = cells.chain([&self.heading[i].0]);
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.heading.len()).map(width).collect();
        let line = |cells: &mut dyn Iterator<Item = &String>| {
            let mut text = String::new();
            for ((cell, width), (_, side)) in cells.zip(&widths).zip(&self.heading) {
                let space = " ".repeat(width - cell.chars().count());
                match side {
                    Side::Left => text += &format!("{cell}{space}  "),
                    Side::Right => text += &format!("{space}{cell}  "),
                }
            }
            text.trim_end().to_owned()
        };
        let heading = line(&mut self.heading.iter().map(|(name, _)| name));
        let rule = "─".repeat(widths.iter().map(|width| width + 2).sum::<usize>().max(2) - 2);
        let rows = self.rows.iter().map(|row| line(&mut row.iter()));
        [heading, rule].into_iter().chain(rows).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_as_wide_as_what_they_hold() {
        let mut table = Table::new(&["what", ">n"]);
        table.row(vec!["a".into(), "1,000".into()]);
        table.row(vec!["longer".into(), "2".into()]);
        let lines = table.lines();
        assert_eq!(
            lines,
            [
                "what        n",
                "─────────────",
                "a       1,000",
                "longer      2"
            ]
        );
    }
}
