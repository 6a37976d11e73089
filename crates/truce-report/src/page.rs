//! A report as one HTML file that needs nothing else.

use crate::BOUNDARIES_DISCLAIMER;
use crate::document::{Block, Document, Figure};
use crate::html::Html;
use crate::table::Table;

const STYLE: &str = include_str!("style.css");

/// The report as HTML.
#[must_use]
pub fn to_html(document: &Document) -> String {
    let mut html = Html::default();
    html.markup("<!doctype html><html lang=\"")
        .markup(document.language.code())
        .markup("\"><head><meta charset=\"utf-8\"><title>")
        .text(&document.title)
        .markup("</title><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">")
        .markup("<style>")
        .markup(STYLE)
        .markup("</style></head><body><main>");
    head(&mut html, document);
    for part in &document.blocks {
        block(&mut html, document, part);
    }
    html.markup("<p class=\"note disclaimer\">")
        .markup(document.language.t(BOUNDARIES_DISCLAIMER))
        .markup("</p>");
    foot(&mut html, document);
    html.markup("</main></body></html>\n");
    html.finish()
}

fn head(html: &mut Html, document: &Document) {
    html.markup("<header><p class=\"mission\">")
        .text(&document.mission)
        .markup("</p><h1>")
        .text(&document.title)
        .markup("</h1>");
    facts(html, &document.head);
    if let Some((word, sentence)) = document.notice {
        html.markup("<p class=\"provisional\"><strong>")
            .markup(word)
            .markup("</strong> ")
            .markup(sentence)
            .markup("</p>");
    }
    html.markup("</header>");
}

fn facts(html: &mut Html, facts: &[(&'static str, String)]) {
    html.markup("<dl>");
    for (name, value) in facts {
        html.markup("<div><dt>")
            .markup(name)
            .markup("</dt><dd>")
            .text(value)
            .markup("</dd></div>");
    }
    html.markup("</dl>");
}

fn block(html: &mut Html, document: &Document, block: &Block) {
    match block {
        Block::Heading(text) => {
            html.markup("<h2 class=\"part\">")
                .markup(text)
                .markup("</h2>");
        }
        Block::Text(text) => {
            html.markup("<p class=\"overview\">")
                .text(text)
                .markup("</p>");
        }
        Block::Note(text) => {
            html.markup("<p class=\"note\">")
                .markup(text)
                .markup("</p>");
        }
        Block::List(items) => {
            html.markup("<ul class=\"summary\">");
            for item in items {
                html.markup("<li>").text(item).markup("</li>");
            }
            html.markup("</ul>");
        }
        Block::Figures(all) => figures(html, document, all),
        Block::Facts(all) => facts(html, all),
        Block::Drawing {
            title,
            svg,
            caption,
        } => {
            if !title.is_empty() {
                html.markup("<h2>").markup(title).markup("</h2>");
            }
            html.markup("<figure>")
                .drawing(svg)
                .markup("<figcaption>")
                .text(caption)
                .markup("</figcaption></figure>");
        }
        Block::Table(table) if table.is_printed => section(html, table),
        Block::Table(_) => {}
    }
}

fn figures(html: &mut Html, document: &Document, figures: &[Figure]) {
    html.markup("<ul class=\"figures\">");
    for figure in figures {
        html.markup("<li><b>")
            .text(&figure.value)
            .markup("</b><span>")
            .markup(figure.name)
            .markup("</span>");
        if let Some(before) = &figure.before {
            html.markup("<small>")
                .markup(document.language.t("period before"))
                .markup(": ")
                .text(before)
                .markup("</small>");
        }
        html.markup("</li>");
    }
    html.markup("</ul>");
}

fn section(html: &mut Html, table: &Table) {
    html.markup("<section id=\"")
        .markup(table.id)
        .markup("\"><h2>")
        .markup(table.title)
        .markup("</h2>");
    if !table.note.is_empty() {
        html.markup("<p class=\"note\">")
            .text(&table.note)
            .markup("</p>");
    }
    if table.rows.is_empty() {
        html.markup("<p class=\"empty\">")
            .markup(table.empty)
            .markup("</p></section>");
        return;
    }
    // Wider than a small screen, it scrolls by itself, also with the keyboard.
    html.markup("<div class=\"wide\" role=\"region\" tabindex=\"0\" aria-label=\"")
        .markup(table.title)
        .markup("\"><table><thead><tr>");
    let shown = table.shown();
    for index in &shown {
        let column = &table.columns[*index];
        html.markup(if table.is_number(*index) {
            "<th scope=\"col\" class=\"n\">"
        } else {
            "<th scope=\"col\">"
        })
        .text(&column.title)
        .markup("</th>");
    }
    html.markup("</tr></thead><tbody>");
    for (index, row) in table.rows.iter().enumerate() {
        let is_total = table.has_total && index + 1 == table.rows.len();
        html.markup(if is_total {
            "<tr class=\"total\">"
        } else {
            "<tr>"
        });
        for index in &shown {
            let (column, cell) = (&table.columns[*index], &row.cells[*index]);
            html.markup(match cell {
                cell if cell.is_number() => "<td class=\"n\">",
                _ if column.key == "number" => "<td class=\"keep\">",
                _ => "<td>",
            })
            .text(&cell.written())
            .markup("</td>");
        }
        html.markup("</tr>");
    }
    html.markup("</tbody></table></div></section>");
}

fn foot(html: &mut Html, document: &Document) {
    let l = document.language;
    html.markup("<footer><h2>")
        .markup(l.t("Log"))
        .markup("</h2>");
    facts(html, &document.foot);
    html.markup("<p class=\"note\">")
        .markup(l.t(
            "Every figure in this report follows from the entries under this root. Whoever holds \
             the log can compute it again.",
        ))
        .markup("</p></footer>");
}
