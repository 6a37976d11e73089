//! The sky and ground of a mission over some days: arguments, reading element sets, preparing.

use std::path::{Path, PathBuf};

use clap::Args;
use truce_core::Timestamp;
use truce_plan::coverage::orbit::{Orbit, element_sets};
use truce_plan::coverage::{Frame, Prepared};

use super::super::Failure;
use super::question::Asked;
use crate::planning::instant;
use crate::planning::outlook::prepared;

/// Element sets older than this at the start are worth a warning, days: positions then drift by
/// minutes of flight.
const AGE_DAYS_MAX: f64 = 14.0;

#[derive(Debug, Args)]
pub(super) struct OutlookArguments {
    /// The first day of the plan.
    #[arg(long, value_name = "DAY", value_parser = instant, default_value = "2025-10-01")]
    start: Timestamp,
    /// Length of the plan, days.
    #[arg(long, value_name = "N", default_value_t = 10.0)]
    days: f64,
    /// Side of a cell, metres.
    #[arg(long, value_name = "METRES", default_value_t = 5_000.0)]
    cell_m: f64,
    /// Element sets of satellites (two or three lines each); matched by their catalogue number.
    #[arg(long, value_name = "FILE")]
    elements: Option<PathBuf>,
}

/// What was prepared, and from what.
pub(super) struct Outlook {
    pub(super) prepared: Prepared,
}

impl OutlookArguments {
    pub(super) fn prepare(&self, asked: &Asked) -> Result<Outlook, Failure> {
        let frame = Frame {
            from: self.start,
            days: self.days,
            cell_m: self.cell_m,
        };
        let setup = &asked.setup;
        let prepared = prepared(&setup.coalition, &setup.mission, &self.orbits()?, frame)?;
        Ok(Outlook { prepared })
    }

    fn orbits(&self) -> Result<Vec<Orbit>, Failure> {
        let read = self.elements.as_deref().map(read_elements);
        Ok(read.transpose()?.unwrap_or_default())
    }
}

/// Reads a file of element sets.
pub(in crate::cli) fn read_elements(path: &Path) -> Result<Vec<Orbit>, Failure> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Failure::Outside(format!("cannot read {}: {error}", path.display())))?;
    element_sets(&text).map_err(|error| {
        Failure::Usage(format!("{}:{}: {}", path.display(), error.line, error.what))
    })
}

impl Outlook {
    /// What the answer rests on, in a sentence or two.
    pub(super) fn describe(&self) -> String {
        let frame = &self.prepared.frame;
        let ages = &self.prepared.element_age_days;
        let given = ages.iter().flatten().count();
        let mut text = format!(
            "{} days from {}, cells of {} m; {} of {} satellites by element sets, the others by design.",
            frame.days,
            frame.from.strftime("%Y-%m-%d"),
            frame.cell_m,
            given,
            ages.len(),
        );
        let oldest = ages
            .iter()
            .flatten()
            .map(|age| age.abs())
            .fold(0.0, f64::max);
        if oldest > AGE_DAYS_MAX {
            text += &format!(
                " The oldest element set is {oldest:.0} days away: times of looks are rough."
            );
        }
        text
    }
}
