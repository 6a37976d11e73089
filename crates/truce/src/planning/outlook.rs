//! The sky and ground of a mission over some days, prepared for planning.

use truce_core::mission::Mission;
use truce_plan::Coalition;
use truce_plan::coverage::orbit::Orbit;
use truce_plan::coverage::{Frame, Prepared, Refusal, prepare};

use super::Unclear;

/// Prepares, or says why not.
///
/// # Errors
/// When the frame is out of bounds or the files make it impossible.
pub(crate) fn prepared(
    coalition: &Coalition,
    mission: &Mission,
    orbits: &[Orbit],
    frame: Frame,
) -> Result<Prepared, Unclear> {
    // A quarter of an hour is the least: the state of an hour is shown, not of an instant.
    if !(0.01..=400.0).contains(&frame.days) || !(100.0..=200_000.0).contains(&frame.cell_m) {
        let message = "days lie between 0.01 and 400, the side of a cell between 100 and 200000 m";
        return Err(Unclear(message.to_owned()));
    }
    let prepared = prepare(&coalition.watch, mission, orbits, frame);
    prepared.map_err(|refusal| Unclear(explain(&refusal)))
}

fn explain(refusal: &Refusal) -> String {
    match refusal {
        Refusal::EmptyArea(area) => format!(
            "the area {area} holds no cell: its zone and its sector do not meet, or --cell-m is too coarse"
        ),
        Refusal::TooManyCells(area) => {
            format!("the area {area} has too many cells; raise --cell-m")
        }
        Refusal::NoOrbit(means) => {
            format!("the orbit of {means} cannot be propagated to that time")
        }
        Refusal::TooManyOutages(count) => {
            format!("{count} outages are more than can be told apart")
        }
    }
}
