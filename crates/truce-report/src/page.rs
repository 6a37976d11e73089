//! The page: head, key figures, map, hours, tables and foot.

use truce_core::time::plus_seconds;
use truce_core::{EventClass, IncidentKind};

use crate::counts::{counted, counts, is_violation};
use crate::html::Html;
use crate::period::{local, local_interval};
use crate::table::Table;
use crate::{BOUNDARIES_DISCLAIMER, Daily, daily_tables, limits, map, words};

const STYLE: &str = include_str!("style.css");

/// The report as one HTML file that needs nothing else.
#[must_use]
pub fn daily_html(daily: &Daily) -> String {
    let mut html = Html::default();
    html.markup("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>")
        .text(&heading(daily))
        .markup("</title><meta name=\"viewport\" content=\"width=device-width,initial-scale=1\">")
        .markup("<style>")
        .markup(STYLE)
        .markup("</style></head><body><main>");
    head(&mut html, daily);
    figures(&mut html, daily);
    overview(&mut html, daily);
    map::draw(&mut html, daily);
    html.markup("<p class=\"note disclaimer\">")
        .text(BOUNDARIES_DISCLAIMER)
        .markup("</p>");
    hours(&mut html, daily);
    for table in daily_tables(daily) {
        if table.id == "sensors-limited" {
            html.markup("<h2 id=\"not-observable\">What was not observable</h2>");
        }
        section(&mut html, &table);
    }
    foot(&mut html, daily);
    html.markup("</main></body></html>\n");
    html.finish()
}

fn heading(daily: &Daily) -> String {
    let until = local(&daily.mission.report, daily.period.end);
    format!("Daily report, {until}")
}

fn head(html: &mut Html, daily: &Daily) {
    let schedule = &daily.mission.report;
    html.markup("<header><p class=\"mission\">")
        .text(&daily.mission.title)
        .markup("</p><h1>")
        .text(&heading(daily))
        .markup("</h1><dl><div><dt>Period</dt><dd>")
        .text(&local(schedule, daily.period.start))
        .markup(" up to, but not including, ")
        .text(&local(schedule, daily.period.end))
        .markup("</dd></div><div><dt>Time zone</dt><dd>")
        .text(&schedule.time_zone)
        .markup("</dd></div><div><dt>Records read up to</dt><dd>")
        .text(&local(schedule, daily.as_of))
        .markup("</dd></div><div><dt>Held as</dt><dd>mission</dd></div></dl>");
    if daily.as_of < daily.period.end {
        html.markup(concat!(
            "<p class=\"provisional\"><strong>Provisional.</strong> The period has not ended; ",
            "counts will change.</p>"
        ));
    }
    html.markup("</header>");
}

fn figures(html: &mut Html, daily: &Daily) {
    let sum = |test: &dyn Fn(&crate::Reported) -> bool| {
        let now = counted(daily).filter(|reported| test(reported)).count() as u64;
        let before = daily
            .before
            .iter()
            .filter(|r| counts(daily, r) && test(r))
            .count() as u64;
        (now, before)
    };
    let armed = |reported: &crate::Reported| {
        let class = words::leading_class(&reported.incident);
        reported.incident.kind == IncidentKind::PhysicalEvent
            && class.is_some_and(EventClass::uses_weapons)
    };
    html.markup("<ul class=\"figures\">");
    for (name, (now, before)) in [
        ("incidents counted", sum(&|_| true)),
        ("held to be violations", sum(&is_violation)),
        ("events with weapons", sum(&armed)),
    ] {
        html.markup("<li><b>")
            .count(now)
            .markup("</b><span>")
            .text(name)
            .markup("</span><small>period before: ")
            .count(before)
            .markup("</small></li>");
    }
    let revised = daily.revised.len() as u64;
    html.markup("<li><b>")
        .count(revised)
        .markup("</b><span>earlier incidents revised</span></li><li><b>")
        .number(limits::sensor_hours_lost(daily), 0)
        .markup("</b><span>sensor hours not as configured</span></li></ul>");
}

fn overview(html: &mut Html, daily: &Daily) {
    let violations = counted(daily).filter(|r| is_violation(r)).count() as u64;
    let attributed = counted(daily)
        .filter(|r| {
            r.finding
                .as_ref()
                .is_some_and(|f| f.attributed_to.is_some())
        })
        .count() as u64;
    let clauses = daily_clauses_broken(daily);
    html.markup("<p class=\"overview\">In the period the mission counted ")
        .count(counted(daily).count() as u64)
        .markup(" incidents. By rule, ")
        .count(violations)
        .markup(" of them are held to be violations, of ")
        .count(clauses)
        .markup(" clauses of the agreement; ")
        .count(attributed)
        .markup(
            " have been attributed to a party by two officers. An incident is counted when it \
                 is at least as probable as the mission's alert threshold of ",
        )
        .number(daily.mission.alert_threshold, 2)
        .markup(".</p>");
}

fn daily_clauses_broken(daily: &Daily) -> u64 {
    let broken: std::collections::BTreeSet<_> = counted(daily)
        .filter(|reported| is_violation(reported))
        .flat_map(|reported| &reported.assessments)
        .filter(|assessment| assessment.verdict == truce_core::Verdict::Breach)
        .map(|assessment| &assessment.clause)
        .collect();
    broken.len() as u64
}

/// Bars drawn over the hours of the period.
const CHART_HEIGHT_PX: f64 = 90.0;
const CHART_WIDTH_PX: f64 = 960.0;

fn hours(html: &mut Html, daily: &Daily) {
    let period_s = daily.period.length_s();
    let mut bins: Vec<(u64, u64)> = Vec::new();
    // A cut-off period has at most 25 hours; longer ones are cut there.
    while (bins.len() as f64) * 3_600.0 < period_s && bins.len() < 25 {
        let start = plus_seconds(daily.period.start, bins.len() as f64 * 3_600.0);
        let end = plus_seconds(start, 3_600.0);
        let within = counted(daily).filter(|r| {
            let began = r.incident.occurred.start;
            start <= began && began < end
        });
        let (violations, others): (Vec<_>, Vec<_>) = within.partition(|r| is_violation(r));
        bins.push((violations.len() as u64, others.len() as u64));
    }
    let most = bins.iter().map(|(a, b)| a + b).max().unwrap_or(0);
    if most == 0 {
        return;
    }
    let width_px = CHART_WIDTH_PX / bins.len() as f64;
    let scale = (CHART_HEIGHT_PX - 14.0) / most as f64;
    html.markup(
        "<h2>By hour</h2><figure><svg class=\"hours\" role=\"img\" viewBox=\"0 0 960 108\"",
    )
    .markup(" aria-label=\"Incidents in each hour of the period\">");
    for (index, (violations, others)) in (0_u32..).zip(&bins) {
        let x = f64::from(index) * width_px;
        let high = *violations as f64 * scale;
        let low = *others as f64 * scale;
        bar(
            html,
            "bar-breach",
            [x, CHART_HEIGHT_PX - high, width_px, high],
        );
        bar(
            html,
            "bar-event",
            [x, CHART_HEIGHT_PX - high - low, width_px, low],
        );
        if violations + others > 0 {
            label(
                html,
                x + width_px / 2.0,
                CHART_HEIGHT_PX - high - low - 3.0,
                |html| {
                    html.count(violations + others);
                },
            );
        }
        if index % 3 == 0 {
            let start = plus_seconds(daily.period.start, f64::from(index) * 3_600.0);
            let clock = local(&daily.mission.report, start);
            let clock = clock.split(' ').nth(3).unwrap_or_default().to_owned();
            label(html, x + width_px / 2.0, 104.0, |html| {
                html.text(&clock);
            });
        }
    }
    html.markup("</svg><figcaption>Violations (dark) and other counted incidents, ")
        .text(&local_interval(&daily.mission.report, daily.period))
        .markup("</figcaption></figure>");
}

fn bar(html: &mut Html, class: &'static str, [x, y, width, height]: [f64; 4]) {
    if height <= 0.0 {
        return;
    }
    html.markup("<rect class=\"")
        .markup(class)
        .markup("\" x=\"")
        .number(x + 2.0, 1)
        .markup("\" y=\"")
        .number(y, 1)
        .markup("\" width=\"")
        .number(width - 4.0, 1)
        .markup("\" height=\"")
        .number(height, 1)
        .markup("\"/>");
}

fn label(html: &mut Html, x: f64, y: f64, content: impl FnOnce(&mut Html)) {
    html.markup("<text x=\"")
        .number(x, 1)
        .markup("\" y=\"")
        .number(y, 1)
        .markup("\">");
    content(html);
    html.markup("</text>");
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
    html.markup("<div class=\"wide\"><table><thead><tr>");
    for (index, column) in table.columns.iter().enumerate() {
        let number = table.rows.iter().all(|row| row[index].is_number());
        html.markup(if number {
            "<th scope=\"col\" class=\"n\">"
        } else {
            "<th scope=\"col\">"
        })
        .text(&column.title)
        .markup("</th>");
    }
    html.markup("</tr></thead><tbody>");
    for (index, row) in table.rows.iter().enumerate() {
        let total = table.total && index + 1 == table.rows.len();
        html.markup(if total {
            "<tr class=\"total\">"
        } else {
            "<tr>"
        });
        for (column, cell) in table.columns.iter().zip(row) {
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

fn foot(html: &mut Html, daily: &Daily) {
    html.markup("<footer><h2>Log</h2><dl><div><dt>Log</dt><dd>")
        .text(&daily.log.origin)
        .markup("</dd></div><div><dt>Entries</dt><dd>")
        .count(daily.log.size)
        .markup("</dd></div><div><dt>Root hash</dt><dd class=\"hash\">")
        .text(&daily.log.root.to_string())
        .markup("</dd></div><div><dt>Witnessed</dt><dd>")
        .markup(if daily.log.witnessed {
            "yes, by the quorum"
        } else {
            "no: logged, but the witnesses' quorum has not signed this root"
        })
        .markup("</dd></div></dl><p class=\"note\">Every figure in this report follows from the ")
        .markup(
            "entries under this root. Whoever holds the log can compute it again.</p></footer>",
        );
}
