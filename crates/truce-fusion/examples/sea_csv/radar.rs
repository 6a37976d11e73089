//! A table of what radars saw: time, radar, latitude, longitude, the axes of the error and the bearing
//! of the longer, and the number of the target, which is the truth and counts for the score alone.

use std::collections::BTreeMap;

use truce_core::observation::RadarTarget;
use truce_core::{
    Digest, Ellipse, Grade, Interval, Location, MessageId, Observation, ObservationId, Place,
    Position, Reading, Slug,
};

/// A plot, and the number of the vessel that it truly is of.
pub(crate) struct Plot {
    pub(crate) observation: Observation,
    target: Option<String>,
}

/// The plots of a table.
pub(crate) fn read(text: &str) -> Result<Vec<Plot>, String> {
    let rows = text.lines().skip(1).enumerate();
    rows.map(|(row, line)| {
        plot(row, &line.split(',').collect::<Vec<_>>())
            .ok_or_else(|| format!("row {row} of the radars' table is none: {line}"))
    })
    .collect()
}

fn plot(row: usize, fields: &[&str]) -> Option<Plot> {
    let number = |at: usize| fields.get(at)?.parse::<f64>().ok();
    let at = Interval::instant(fields.first()?.parse().ok()?);
    let message = MessageId(Digest::of(format!("radar {row}").as_bytes()));
    let place = Place {
        position: Position::new(number(2)?, number(3)?)?,
        uncertainty: Ellipse {
            semi_major_m: number(4)?,
            semi_minor_m: number(5)?,
            bearing_deg: number(6)?,
        },
    };
    let target = fields.get(7).filter(|target| !target.is_empty());
    Some(Plot {
        observation: Observation {
            id: Observation::name(message, 0, at),
            message,
            source: Slug::new("radar").ok()?,
            sensor: Some(Slug::new(fields.get(1)?).ok()?),
            observed_at: at,
            received_at: at.start,
            location: Some(Location::Fix {
                place,
                height: None,
            }),
            reading: Reading::Radar(RadarTarget::default()),
            grade: Grade::UNJUDGED,
            signed_by: None,
        },
        target: target.map(ToString::to_string),
    })
}

/// Which vessel each plot truly is of.
pub(crate) fn targets(plots: &[Plot]) -> BTreeMap<ObservationId, String> {
    let of = |plot: &Plot| Some((plot.observation.id, plot.target.clone()?));
    plots.iter().filter_map(of).collect()
}
