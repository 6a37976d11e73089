//! Tables as CSV (RFC 4180), safe to open in a spreadsheet.

use crate::table::{Cell, Table};

/// A table as CSV with a header line and CRLF line ends. Text that a spreadsheet would run as a
/// formula gets an apostrophe in front (OWASP, CSV injection).
#[must_use]
pub fn to_csv(table: &Table) -> String {
    let mut out = String::new();
    let header = table.columns.iter().map(|column| column.key.clone());
    line(&mut out, header);
    for row in &table.rows {
        line(&mut out, row.cells.iter().map(value));
    }
    out
}

fn value(cell: &Cell) -> String {
    let written = cell.written();
    let formula = written.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula && !cell.is_number() {
        format!("'{written}")
    } else {
        written
    }
}

fn line(out: &mut String, values: impl Iterator<Item = String>) {
    for (index, value) in values.enumerate() {
        if index > 0 {
            out.push(',');
        }
        if value.contains([',', '"', '\n', '\r']) {
            out.push('"');
            out.push_str(&value.replace('"', "\"\""));
            out.push('"');
        } else {
            out.push_str(&value);
        }
    }
    out.push_str("\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::language::Language;

    #[test]
    fn values_are_quoted_and_formulas_disarmed() {
        let table = Table::new(
            Language::English,
            "t",
            "Clocks",
            "",
            &[("a", "What"), ("b", "When")],
        )
        .rows(vec![
            vec![Cell::text("x, \"y\"\nz"), Cell::Change(-3)],
            vec![Cell::text("=1+1"), Cell::None],
            vec![Cell::text("-2"), Cell::Number(-2.5, 1)],
        ]);
        let expected = "a,b\r\n\"x, \"\"y\"\"\nz\",-3\r\n'=1+1,\r\n'-2,-2.5\r\n";
        assert_eq!(to_csv(&table), expected);
    }
}
