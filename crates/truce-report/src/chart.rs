//! The charts of the reports as SVG: counts over time, strips of probabilities, bars.

use truce_core::time::{plus_seconds, seconds_between};

use crate::account::Account;
use crate::counts::{counted, is_violation};
use crate::html::Html;

const WIDTH_PX: f64 = 960.0;

/// Height of a chart of counts, pixels, and of what stands above its highest bar.
const BARS_PX: f64 = 90.0;
const ABOVE_PX: f64 = 14.0;

/// A day of 25 hours, or the days of a quarter, still fit side by side.
const PARTS_MAX: usize = 100;

/// The parts of a period along a chart, each with the name under it.
pub(crate) struct Grid {
    names: Vec<String>,
    part_s: f64,
}

impl Grid {
    /// Hours of a period of up to two days, days of a longer one.
    pub(crate) fn of(account: &Account) -> Self {
        let length_s = account.period.length_s();
        let part_s = if length_s <= 2.0 * 86_400.0 {
            3_600.0
        } else {
            86_400.0
        };
        let mut count = 0;
        while count as f64 * part_s < length_s && count < PARTS_MAX {
            count += 1;
        }
        Self::with(account, count, part_s)
    }

    /// A period in so many equal parts.
    pub(crate) fn over(account: &Account, count: usize) -> Self {
        let count = count.clamp(1, PARTS_MAX);
        Self::with(account, count, account.period.length_s() / count as f64)
    }

    fn with(account: &Account, count: usize, part_s: f64) -> Self {
        let name = |index: usize| {
            let start = plus_seconds(account.period.start, index as f64 * part_s);
            if part_s < 86_400.0 {
                account.basis.local_clock(start)
            } else {
                account.basis.local_day(start)
            }
        };
        Self {
            names: (0..count).map(name).collect(),
            part_s,
        }
    }

    /// Every so many names are written, so that they do not touch.
    fn every(&self) -> usize {
        self.names.len().div_ceil(12)
    }
}

/// Counts over the period: violations below, other incidents above. `None` when nothing was counted.
pub(crate) fn counts_over_time(account: &Account, label: &str) -> Option<String> {
    let grid = Grid::of(account);
    let mut bins = vec![[0_u64; 2]; grid.names.len()];
    for reported in counted(account) {
        let began = reported.incident.occurred.start;
        let since_s = seconds_between(account.period.start, began);
        let starts_before = |part: &usize| *part as f64 * grid.part_s <= since_s;
        if let Some(part) = (0..bins.len()).rev().find(starts_before) {
            bins[part][usize::from(!is_violation(reported))] += 1;
        }
    }
    let most = bins
        .iter()
        .map(|[a, b]| a + b)
        .max()
        .filter(|most| *most > 0)?;
    let mut html = Html::default();
    html.svg(WIDTH_PX, BARS_PX + 18.0, label);
    let width_px = WIDTH_PX / bins.len() as f64;
    let scale = (BARS_PX - ABOVE_PX) / most as f64;
    for (index, ([violations, others], name)) in bins.iter().zip(&grid.names).enumerate() {
        let x = index as f64 * width_px;
        let middle = x + width_px / 2.0;
        let high = *violations as f64 * scale;
        let low = *others as f64 * scale;
        bar(&mut html, "bar-breach", [x, BARS_PX - high, width_px, high]);
        bar(
            &mut html,
            "bar-event",
            [x, BARS_PX - high - low, width_px, low],
        );
        let sum = violations + others;
        if sum > 0 {
            let y = BARS_PX - high - low - 3.0;
            html.label("middle", middle, y, &sum.to_string());
        }
        if index % grid.every() == 0 {
            html.label("middle", middle, BARS_PX + 14.0, name);
        }
    }
    html.markup("</svg>");
    Some(html.finish())
}

fn bar(html: &mut Html, class: &'static str, [x, y, width, height]: [f64; 4]) {
    if height > 0.0 {
        let gap = (width / 8.0).min(2.0);
        html.markup("<rect class=\"").markup(class);
        html.rect([x + gap, y, width - 2.0 * gap, height]);
    }
}

/// Height of a strip and width of its name, pixels.
const STRIP_PX: f64 = 16.0;
const NAME_PX: f64 = 330.0;

/// Probabilities over time, a strip for each row: empty is 0, full is 1, both named in the scale.
pub(crate) fn strips(
    rows: &[(String, &[f64])],
    grid: &Grid,
    label: &str,
    ends: [&str; 2],
) -> String {
    let height_px = (rows.len() + 2) as f64 * STRIP_PX + 6.0;
    let mut html = Html::default();
    html.svg(WIDTH_PX, height_px, label);
    let width_px = (WIDTH_PX - NAME_PX - 2.0) / grid.names.len() as f64;
    for (row, (name, parts)) in rows.iter().enumerate() {
        let top = row as f64 * STRIP_PX + 1.0;
        html.label("", 0.0, top + 12.0, name);
        for (part, p) in parts.iter().take(grid.names.len()).enumerate() {
            let x = NAME_PX + part as f64 * width_px;
            html.markup("<rect fill-opacity=\"").number(*p, 2);
            html.markup("\" class=\"seen");
            html.rect([x, top, width_px - 0.5, STRIP_PX - 2.0]);
        }
        html.markup("<rect class=\"frame");
        html.rect([NAME_PX, top, WIDTH_PX - NAME_PX - 2.0, STRIP_PX - 2.0]);
    }
    let below = rows.len() as f64 * STRIP_PX + 13.0;
    for (part, name) in grid.names.iter().enumerate() {
        if part % grid.every() == 0 {
            html.label("", NAME_PX + part as f64 * width_px, below, name);
        }
    }
    scale(&mut html, below + STRIP_PX, ends);
    html.markup("</svg>");
    html.finish()
}

/// What empty and full mean.
fn scale(html: &mut Html, y: f64, ends: [&str; 2]) {
    html.label("end", NAME_PX + 196.0, y, ends[0]);
    for step in 0..=4_u8 {
        let p = f64::from(step) / 4.0;
        html.markup("<rect fill-opacity=\"").number(p, 2);
        html.markup("\" class=\"seen");
        html.rect([
            NAME_PX + 202.0 + 14.0 * f64::from(step),
            y - 9.0,
            13.0,
            10.0,
        ]);
    }
    html.markup("<rect class=\"frame");
    html.rect([NAME_PX + 202.0, y - 9.0, 70.0, 10.0]);
    html.label("", NAME_PX + 278.0, y, ends[1]);
}

/// Bars to both sides of zero, a row for each; `None` without rows.
pub(crate) fn bars(rows: &[(String, f64)], label: &str, decimals: usize) -> Option<String> {
    let most = rows
        .iter()
        .map(|(_, value)| value.abs())
        .fold(0.0, f64::max);
    if rows.is_empty() || most <= 0.0 {
        return None;
    }
    let has_negative = rows.iter().any(|(_, value)| *value < 0.0);
    let room_px = WIDTH_PX - NAME_PX - 120.0;
    let (zero, scale) = if has_negative {
        (NAME_PX + 60.0 + room_px / 2.0, room_px / 2.0 / most)
    } else {
        (NAME_PX, room_px / most)
    };
    let height_px = rows.len() as f64 * STRIP_PX + 4.0;
    let mut html = Html::default();
    html.svg(WIDTH_PX, height_px, label);
    for (row, (name, value)) in rows.iter().enumerate() {
        let top = row as f64 * STRIP_PX + 2.0;
        html.label("", 0.0, top + 11.0, name);
        let width = value.abs() * scale;
        let (class, left) = if *value < 0.0 {
            ("against", zero - width)
        } else {
            ("for", zero)
        };
        html.markup("<rect class=\"").markup(class);
        html.rect([left, top, width, STRIP_PX - 4.0]);
        let text = format!("{value:.decimals$}");
        if *value < 0.0 {
            html.label("end", left - 4.0, top + 11.0, &text);
        } else {
            html.label("", left + width + 4.0, top + 11.0, &text);
        }
    }
    html.markup("<path class=\"axis\" d=\"M").pair(zero, 0.0);
    html.markup("L").pair(zero, height_px).markup("\"/></svg>");
    Some(html.finish())
}
