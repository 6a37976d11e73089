//! A report as PDF, typeset by Typst. No clock, no fonts of the machine and no package goes in: the
//! same report gives the same bytes, so that its digest can be logged.

use std::fmt::Write as _;
use std::path::PathBuf;
use std::sync::LazyLock;

use typst::diag::{FileError, FileResult};
use typst::foundations::{Bytes, Datetime, Duration, Smart};
use typst::syntax::{FileId, RootedPath, Source, VirtualPath, VirtualRoot};
use typst::text::{Font, FontBook};
use typst::utils::LazyHash;
use typst::{Library, LibraryExt, World};
use typst_layout::PagedDocument;
use typst_pdf::PdfOptions;

use crate::BOUNDARIES_DISCLAIMER;
use crate::document::{Block, Document};
use crate::table::{Row, Table};

/// Rows of one table that are printed; whoever needs more reads the CSV, and the page says so.
const ROWS_MAX: usize = 1_000;

/// Why a report could not be typeset: a mistake of this room, in Typst's words.
#[derive(Debug, thiserror::Error)]
#[error("the report could not be typeset: {0}")]
pub struct PdfError(String);

/// The report as PDF.
///
/// # Errors
/// [`PdfError`] when Typst refuses what this room wrote.
pub fn to_pdf(document: &Document) -> Result<Vec<u8>, PdfError> {
    let page = Page::of(document);
    let refuse = |errors: &[typst::diag::SourceDiagnostic]| {
        let messages: Vec<&str> = errors.iter().map(|error| error.message.as_str()).collect();
        PdfError(messages.join("; "))
    };
    let typeset = typst::compile::<PagedDocument>(&page).output;
    let typeset = typeset.map_err(|errors| refuse(&errors))?;
    let options = PdfOptions {
        // The log's root and the title make it this report and no other.
        ident: Smart::Custom(format!("{} {}", document.root, document.title)),
        creator: Smart::Custom(Some("Truce".to_owned())),
        ..PdfOptions::default()
    };
    typst_pdf::pdf(&typeset, &options).map_err(|errors| refuse(&errors))
}

/// Typst's standard library and the fonts that come with it.
static LIBRARY: LazyLock<LazyHash<Library>> = LazyLock::new(|| LazyHash::new(Library::default()));
static FONTS: LazyLock<Vec<Font>> = LazyLock::new(|| {
    let files = typst_assets::fonts();
    files
        .flat_map(|bytes| Font::iter(Bytes::new(bytes)))
        .collect()
});
static BOOK: LazyLock<LazyHash<FontBook>> =
    LazyLock::new(|| LazyHash::new(FontBook::from_fonts(FONTS.iter())));

/// The world that Typst sees: one source, the drawings, and nothing of this machine.
struct Page {
    source: Source,
    drawings: Vec<(FileId, Bytes)>,
}

fn file(name: &str) -> Result<FileId, PdfError> {
    let path = VirtualPath::new(name).map_err(|error| PdfError(error.to_string()))?;
    Ok(RootedPath::new(VirtualRoot::Project, path).intern())
}

impl World for Page {
    fn library(&self) -> &LazyHash<Library> {
        &LIBRARY
    }

    fn book(&self) -> &LazyHash<FontBook> {
        &BOOK
    }

    fn main(&self) -> FileId {
        self.source.id()
    }

    fn source(&self, id: FileId) -> FileResult<Source> {
        if id == self.source.id() {
            return Ok(self.source.clone());
        }
        Err(FileError::NotFound(PathBuf::new()))
    }

    fn file(&self, id: FileId) -> FileResult<Bytes> {
        let found = self.drawings.iter().find(|(known, _)| *known == id);
        let bytes = found.map(|(_, bytes)| bytes.clone());
        bytes.ok_or_else(|| FileError::NotFound(PathBuf::new()))
    }

    fn font(&self, index: usize) -> Option<Font> {
        FONTS.get(index).cloned()
    }

    fn today(&self, _: Option<Duration>) -> Option<Datetime> {
        None
    }
}

/// How pages look. Text never stands in markup: every text is a string literal.
const STYLE: &str = r##"
#set page(paper: "a4", flipped: true, margin: (x: 14mm, y: 15mm),
  footer: context align(right, text(7pt, gray, counter(page).display("1 / 1", both: true))))
#set text(font: ("Libertinus Serif", "DejaVu Sans Mono"), size: 9.5pt)
#set par(leading: 0.5em)
#set table(stroke: (_, y) => if y == 0 { (bottom: 0.8pt) } else { (bottom: 0.3pt + luma(210)) },
  inset: (x: 3pt, y: 2.5pt), align: left)
#show heading.where(level: 1): set text(17pt)
#show heading.where(level: 2): set block(above: 16pt, below: 7pt)
#show table: set text(7.5pt)
#let note(body) = block(width: 80%, text(8pt, luma(90), body))
#let facts(..pairs) = block(grid(columns: (auto, 1fr), column-gutter: 12pt, row-gutter: 4pt, ..pairs))
#let figure-box(value, name, before) = box(stroke: 0.5pt + luma(190), radius: 3pt, inset: 6pt,
  width: 100%, stack(spacing: 4pt, text(17pt, value), name, text(8pt, luma(90), before)))
#let drawing(title, name, caption) = context {
  let picture = image(name, width: 210mm, alt: caption)
  let whole = block(breakable: false, {
    if title != "" { heading(level: 2, title) }
    picture
    note(caption)
  })
  // What would leave half a page empty floats to the top or the bottom of a page, and text goes on.
  if measure(picture).height > 60mm { place(auto, float: true, clearance: 12pt, whole) } else { whole }
}
"##;

impl Page {
    fn of(document: &Document) -> Self {
        let mut text = String::from(STYLE);
        let mut drawings = Vec::new();
        // Writing to a String cannot fail.
        let _always = write!(
            text,
            "#set document(title: {}, date: none)\n#set text(lang: {})\n",
            quoted(&document.title),
            quoted(document.language.code()),
        );
        head(&mut text, document);
        for part in &document.blocks {
            block(&mut text, document, part, &mut drawings);
        }
        let disclaimer = quoted(document.language.t(BOUNDARIES_DISCLAIMER));
        let _always = write!(text, "#note({disclaimer})\n#line(length: 100%)\n");
        facts(&mut text, &document.foot);
        let named = |(number, svg): (usize, &str)| {
            let id = file(&drawing_name(number)).ok()?;
            Some((id, Bytes::from_string(svg.to_owned())))
        };
        let drawings = drawings.into_iter().enumerate().filter_map(named).collect();
        let main = file("/report.typ").expect("the name of the source is a path");
        Self {
            source: Source::new(main, text),
            drawings,
        }
    }
}

fn drawing_name(number: usize) -> String {
    format!("/drawing-{number}.svg")
}

/// A text as a string literal of Typst: nothing in it is markup or code.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            '\n' => out.push_str("\\n"),
            // Controls cannot be printed, and marks of direction turn the text around them.
            c if c.is_control() => out.push('\u{fffd}'),
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => out.push('\u{fffd}'),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

fn line(out: &mut String, parts: &[&str]) {
    parts.iter().for_each(|part| out.push_str(part));
    out.push('\n');
}

fn head(out: &mut String, document: &Document) {
    line(
        out,
        &["#text(10pt, luma(90), ", &quoted(&document.mission), ")"],
    );
    line(out, &["#heading(level: 1, ", &quoted(&document.title), ")"]);
    facts(out, &document.head);
    if let Some((word, sentence)) = document.notice {
        let (word, sentence) = (quoted(word), quoted(sentence));
        line(
            out,
            &[
                "#block(fill: rgb(\"fff3d6\"), inset: 5pt)[#strong(",
                &word,
                ") #",
                &sentence,
                "]",
            ],
        );
    }
    line(out, &["#line(length: 100%)"]);
}

fn facts(out: &mut String, facts: &[(&'static str, String)]) {
    out.push_str("#facts(");
    for (name, value) in facts {
        let _always = write!(out, "text(luma(90), {}), {}, ", quoted(name), quoted(value));
    }
    out.push_str(")\n");
}

fn block<'a>(out: &mut String, document: &Document, block: &'a Block, drawings: &mut Vec<&'a str>) {
    match block {
        Block::Heading(text) => heading(out, text),
        Block::Text(text) => line(out, &["#par(", &quoted(text), ")"]),
        Block::Note(text) => line(out, &["#note(", &quoted(text), ")"]),
        Block::List(items) => {
            let items: Vec<String> = items.iter().map(|item| quoted(item)).collect();
            line(out, &["#list(", &items.join(", "), ")"]);
        }
        Block::Figures(figures) => {
            out.push_str("#grid(columns: (1fr,) * 5, gutter: 6pt, ");
            for figure in figures {
                let before = figure.before.as_ref().map_or(String::new(), |before| {
                    format!("{}: {before}", document.language.t("period before"))
                });
                let (value, name) = (quoted(&figure.value), quoted(figure.name));
                let _always = write!(out, "figure-box({value}, {name}, {}), ", quoted(&before));
            }
            out.push_str(")\n");
        }
        Block::Facts(all) => facts(out, all),
        Block::Drawing {
            title,
            svg,
            caption,
        } => {
            let (title, caption) = (quoted(title), quoted(caption));
            let name = quoted(&drawing_name(drawings.len()));
            line(
                out,
                &["#drawing(", &title, ", ", &name, ", ", &caption, ")"],
            );
            drawings.push(svg);
        }
        Block::Table(table) if table.is_printed => section(out, document, table),
        Block::Table(_) => {}
    }
}

fn heading(out: &mut String, text: &str) {
    line(out, &["#heading(level: 2, ", &quoted(text), ")"]);
}

fn section(out: &mut String, document: &Document, table: &Table) {
    heading(out, table.title);
    if !table.note.is_empty() {
        line(out, &["#note(", &quoted(&table.note), ")"]);
    }
    if table.rows.is_empty() {
        line(out, &["#note(", &quoted(table.empty), ")"]);
        return;
    }
    let shown = table.shown();
    let columns: Vec<String> = shown.iter().map(|column| width(table, *column)).collect();
    let aligned = |column: &usize| {
        if table.is_number(*column) {
            "right"
        } else {
            "left"
        }
    };
    let aligned: Vec<&str> = shown.iter().map(aligned).collect();
    let _always = write!(
        out,
        "#table(columns: ({},), align: ({},), table.header(",
        columns.join(", "),
        aligned.join(", ")
    );
    for column in &shown {
        let title = quoted(&table.columns[*column].title);
        let _always = write!(out, "strong({title}), ");
    }
    out.push_str("), ");
    let last = table.rows.len() - 1;
    for (index, row) in table.rows.iter().take(ROWS_MAX).enumerate() {
        cells(out, row, &shown, table.has_total && index == last);
    }
    out.push_str(")\n");
    let more = table.rows.len().saturating_sub(ROWS_MAX);
    if more > 0 {
        let sentence = "Rows of this table that stand only in its CSV and on the page: {}.";
        let sentence = document.language.fill(sentence, &[&more]);
        line(out, &["#note(", &quoted(&sentence), ")"]);
    }
}

fn cells(out: &mut String, row: &Row, shown: &[usize], is_total: bool) {
    for column in shown {
        let text = quoted(&row.cells[*column].written());
        let _always = if is_total {
            write!(out, "strong({text}), ")
        } else {
            write!(out, "{text}, ")
        };
    }
}

/// Letters of the narrowest and the widest column of text.
const LETTERS: [f64; 2] = [5.0, 26.0];
/// Letters that stand between two columns.
const BETWEEN_LETTERS: usize = 2;

/// The width of a column: what numbers and single words need, and for text a share by the mean length
/// of what stands in it, and no less than by its longest word, which cannot be broken.
fn width(table: &Table, column: usize) -> String {
    let rows = || table.rows.iter().take(ROWS_MAX);
    let texts = || rows().map(|row| row.cells[column].written());
    if table.is_number(column) || texts().all(|text| !text.contains(char::is_whitespace)) {
        return "auto".to_owned();
    }
    let (mut word, mut letters, mut filled) = (longest_word(&table.columns[column].title), 0, 0);
    for text in texts() {
        word = word.max(longest_word(&text));
        letters += text.chars().count();
        filled += usize::from(!text.is_empty());
    }
    let mean = letters as f64 / filled.max(1) as f64;
    let least = (word + BETWEEN_LETTERS) as f64;
    format!("{:.1}fr", mean.max(least).clamp(LETTERS[0], LETTERS[1]))
}

fn longest_word(text: &str) -> usize {
    let words = text.split_whitespace();
    words.map(|word| word.chars().count()).max().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_text_is_code() {
        for (text, expected) in [
            (
                "\" + read(\"/etc/passwd\") + \"",
                r#""\" + read(\"/etc/passwd\") + \"""#,
            ),
            ("a\\", r#""a\\""#),
            ("#eval *x* \n\u{0}", "\"#eval *x* \\n\u{fffd}\""),
        ] {
            assert_eq!(quoted(text), expected);
        }
    }
}
