//! `truce plan coverage`: what the mission can see, as a table, a map, a picture and a timeline.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use truce_core::Slug;
use truce_core::time::plus_seconds;
use truce_plan::coverage::{self, Level, Picture, Prepared};
use truce_plan::{Plan, assess};

use super::super::{Failure, Form, terminal};
use super::outlook::{Outlook, OutlookArguments};
use super::question::{Asked, Question};
use super::table::Table;
use crate::planning::heat::{cells_to_geojson, cells_to_png, valued};
use crate::planning::raster::cells_to_geotiff;
use crate::planning::tasks::violation;

/// Show what the mission can see: satellites, drones, instruments, patrols and ships.
///
/// Access is what geometry allows, planned is what operators and the mission intend, delivered is
/// what the pledges bring as things stand. Satellites fly by design, or by the element sets of
/// --elements. Their looks are exact instants, not a mean rate; clouds, sun, losses and outages
/// that blind several means at once are counted in.
#[derive(Debug, Args)]
pub(super) struct CoverageCommand {
    #[command(flatten)]
    question: Question,
    #[command(flatten)]
    outlook: OutlookArguments,
    /// List every pass of a satellite instead, in order of time.
    #[arg(long)]
    timeline: bool,
    /// The violation that maps are about; without it the first of the mission.
    #[arg(long, value_name = "NAME")]
    violation: Option<String>,
    /// What maps count.
    #[arg(long, value_enum, default_value_t = Counted::Delivered)]
    level: Counted,
    /// Write the cells with their probabilities as GeoJSON.
    #[arg(long, value_name = "FILE")]
    geojson: Option<PathBuf>,
    /// Write a heat map as PNG, dark where nothing is seen.
    #[arg(long, value_name = "FILE")]
    png: Option<PathBuf>,
    /// Write a raster for geographic information systems as GeoTIFF (WGS 84).
    #[arg(long, value_name = "FILE")]
    geotiff: Option<PathBuf>,
}

/// How much of the means is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Counted {
    /// Everything planned is there, and every access is recorded.
    Access,
    /// Everything planned is there.
    Planned,
    /// What the pledges bring, as things stand.
    Delivered,
}

impl CoverageCommand {
    pub(super) fn run(self) -> Result<(), Failure> {
        let asked = self.question.read()?;
        let outlook = self.outlook.prepare(&asked)?;
        let plan = assess(&asked.setup.coalition, &asked.setup.mandate, &asked.assumed);
        self.write_maps(&asked, &outlook.prepared, &plan)?;
        let watch = &asked.setup.coalition.watch;
        if self.timeline {
            let passes = coverage::timeline(watch, &outlook.prepared);
            match self.question.format {
                Form::Json => terminal::say_json(&passes),
                Form::Text => timeline(&outlook, &passes),
            }
            return Ok(());
        }
        let picture = coverage::assess(watch, &outlook.prepared, &plan);
        match self.question.format {
            Form::Json => terminal::say_json(&picture),
            Form::Text => answer(&asked, &outlook, &picture),
        }
        Ok(())
    }

    fn write_maps(&self, asked: &Asked, prepared: &Prepared, plan: &Plan) -> Result<(), Failure> {
        if self.geojson.is_none() && self.png.is_none() && self.geotiff.is_none() {
            return Ok(());
        }
        let watch = &asked.setup.coalition.watch;
        let wanted = violation(&asked.setup.coalition, self.violation.as_deref())?;
        let level = match self.level {
            Counted::Access => Level::Access,
            Counted::Planned => Level::Planned,
            Counted::Delivered => Level::Delivered,
        };
        let cells = valued(watch, prepared, plan, &wanted, level);
        if let Some(path) = &self.geojson {
            write(path, cells_to_geojson(&cells, &wanted).as_bytes())?;
        }
        if let Some(path) = &self.png {
            write(path, &cells_to_png(&cells))?;
        }
        if let Some(path) = &self.geotiff {
            let grids = cells
                .iter()
                .map(|(view, values)| (&view.cells, &values[..]));
            let raster = cells_to_geotiff(&grids.collect::<Vec<_>>());
            let raster = raster.map_err(|error| Failure::Outside(error.to_string()))?;
            write(path, &raster)?;
        }
        Ok(())
    }
}

pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    std::fs::write(path, bytes)
        .map_err(|error| Failure::Outside(format!("cannot write {}: {error}", path.display())))
}

fn answer(asked: &Asked, outlook: &Outlook, picture: &Picture) {
    terminal::say(&outlook.describe());
    terminal::say("\nMeans: what is planned, and what the pledges bring of it");
    let mut table = Table::new(&["means", ">planned", ">delivered", "", "to keep it flying"]);
    for state in &picture.means {
        let mark = match state.delivered {
            none if none <= 0.0 => "✗",
            part if part < state.planned => "◐",
            _ => "●",
        };
        let fleet = state.fleet.map(|fleet| {
            format!(
                "{:.1} airframes, {:.0} sorties and {:.2} losses a month, back at a place after {:.1} h",
                fleet.airframes, fleet.sorties_per_month, fleet.losses_per_month, fleet.revisit_s / 3_600.0,
            )
        });
        table.row(vec![
            state.means.to_string(),
            number(state.planned),
            number(state.delivered),
            mark.to_owned(),
            fleet.unwrap_or_default(),
        ]);
    }
    table.lines().iter().for_each(|line| terminal::say(line));
    areas(picture);
    clauses(picture);
    minutes(asked, picture);
}

fn number(value: f64) -> String {
    if value.fract() == 0.0 {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    }
}

fn percent(value: f64) -> String {
    format!("{:.1} %", 100.0 * value)
}

fn areas(picture: &Picture) {
    terminal::say("\nAreas: looks of satellites, and the chance to detect a violation");
    let mut table = Table::new(&[
        "area",
        ">km²",
        ">looks/day",
        ">longest gap",
        ">mean wait",
        "violation",
        ">access",
        ">planned",
        ">delivered",
        ">worst cell",
        ">satellites alone",
    ]);
    for area in &picture.areas {
        for (i, chances) in area.violations.iter().enumerate() {
            let once = |text: String| if i == 0 { text } else { String::new() };
            table.row(vec![
                once(area.area.to_string()),
                once(format!("{:.0}", area.area_km2)),
                once(format!("{:.1}", area.accesses_per_day)),
                once(format!("{:.1} h", area.gap_h_max)),
                once(format!("{:.1} h", area.wait_h_mean)),
                chances.violation.to_string(),
                percent(chances.access),
                percent(chances.planned),
                percent(chances.delivered),
                percent(chances.delivered_least),
                percent(chances.by_satellites),
            ]);
        }
    }
    table.lines().iter().for_each(|line| terminal::say(line));
}

fn clauses(picture: &Picture) {
    terminal::say("\nClauses: the chance that a breach is detected");
    let mut table = Table::new(&["clause", ">planned", ">delivered"]);
    for clause in &picture.clauses {
        let cells = [percent(clause.planned), percent(clause.delivered)];
        table.row([vec![clause.clause.to_string()], cells.to_vec()].concat());
    }
    table.lines().iter().for_each(|line| terminal::say(line));
}

/// Violations that last no longer than this are called events of minutes, seconds.
const MINUTES_S: f64 = 900.0;

/// Says plainly what satellites cannot do.
fn minutes(asked: &Asked, picture: &Picture) {
    let violations = &asked.setup.coalition.watch.violations;
    let short = violations
        .iter()
        .filter(|violation| violation.lasts_s <= MINUTES_S);
    let short: Vec<&Slug> = short.map(|violation| &violation.id).collect();
    let chances = picture.areas.iter().flat_map(|area| &area.violations);
    let best = chances
        .filter(|chances| short.contains(&&chances.violation))
        .map(|chances| chances.by_satellites)
        .fold(0.0, f64::max);
    if !short.is_empty() {
        terminal::say(&format!(
            "\nSatellites see almost no event of minutes: of those, at best {} are caught from orbit, and those by\n\
             the heat they leave. What is not heard, or seen from near, at that moment is not seen.",
            percent(best),
        ));
    }
}

fn timeline(outlook: &Outlook, passes: &[coverage::Overpass]) {
    let mut table = Table::new(&[
        "first look (UTC)",
        "satellite",
        "area",
        ">seconds",
        ">cells seen",
    ]);
    for pass in passes {
        let at = plus_seconds(outlook.prepared.frame.from, pass.from_s);
        table.row(vec![
            at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            pass.means.to_string(),
            pass.area.to_string(),
            format!("{:.0}", pass.until_s - pass.from_s),
            format!("{:.0} %", 100.0 * pass.share),
        ]);
    }
    table.lines().iter().for_each(|line| terminal::say(line));
}
