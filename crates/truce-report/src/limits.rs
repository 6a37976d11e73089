//! What could not be observed: sensors off, cloud, silent feeds.

use std::collections::BTreeMap;

use truce_core::observation::{Health, Reading};
use truce_core::{Interval, Slug, Timestamp};

use crate::account::Account;
use crate::place::relative_place;
use crate::table::{Cell, Table};
use crate::words;

/// From this share of the sky on, cloud hides the ground from optical and thermal satellites often
/// enough to say so.
const CLOUD_FRACTION_MIN: f64 = 0.5;

pub(crate) fn tables(account: &Account) -> [Table; 3] {
    [sensors(account), clouds(account), feeds(account)]
}

/// A stretch in which a sensor did not work as configured.
struct Outage<'a> {
    sensor: &'a Slug,
    health: Health,
    during: Interval,
    text: &'a str,
}

/// Outages in the period. A state lasts until the sensor's next word.
fn outages(account: &Account) -> Vec<Outage<'_>> {
    let mut by_sensor: BTreeMap<&Slug, Vec<(Timestamp, Health, &str)>> = BTreeMap::new();
    for observation in &account.conditions {
        if let (Some(sensor), Reading::SensorState(state)) =
            (&observation.sensor, &observation.reading)
        {
            let since = observation.observed_at.start;
            by_sensor
                .entry(sensor)
                .or_default()
                .push((since, state.health, &state.text));
        }
    }
    let end_of_view = account.period.end.min(account.basis.as_of);
    let mut outages = Vec::new();
    for (sensor, mut states) in by_sensor {
        states.sort_by_key(|(since, ..)| *since);
        for (index, &(since, health, text)) in states.iter().enumerate() {
            let next = states
                .get(index + 1)
                .map_or(end_of_view, |(next, ..)| *next);
            let start = since.max(account.period.start);
            let end = next.min(end_of_view);
            if health != Health::Working && start < end {
                outages.push(Outage {
                    sensor,
                    health,
                    during: Interval { start, end },
                    text,
                });
            }
        }
    }
    outages
}

/// Hours in which at least one sensor of the mission did not work as configured, summed over the
/// sensors.
pub(crate) fn sensor_hours_lost(account: &Account) -> f64 {
    let lengths = outages(account)
        .into_iter()
        .map(|outage| outage.during.length_s());
    lengths.sum::<f64>() / 3_600.0
}

fn sensors(account: &Account) -> Table {
    let l = account.basis.language;
    let rows = outages(account).into_iter().map(|outage| {
        vec![
            Cell::text(outage.sensor.as_str()),
            Cell::text(l.health(outage.health)),
            Cell::text(account.basis.local_interval(outage.during)),
            Cell::Number(outage.during.length_s() / 3_600.0, 1),
            Cell::text(outage.text),
        ]
    });
    Table::new(
        l,
        "sensors-limited",
        "Sensors that did not work as configured",
        "No sensor reported that it was off, disturbed or degraded. A sensor that fails without \
         a word shows up below as a silent feed.",
        &[
            ("sensor", "Sensor"),
            ("state", "State"),
            ("period", "When"),
            ("duration_h", "Hours"),
            ("reason", "Reason given"),
        ],
    )
    .note(l.t(
        "Where a sensor did not work, that nothing was observed says nothing about what happened.",
    ))
    .rows(rows)
}

fn clouds(account: &Account) -> Table {
    let l = account.basis.language;
    let mut rows = Vec::new();
    for observation in &account.conditions {
        let Reading::Weather(weather) = &observation.reading else {
            continue;
        };
        let Some(cloud_fraction) = weather.cloud_fraction else {
            continue;
        };
        let start = observation.observed_at.start.max(account.period.start);
        let end = observation.observed_at.end.min(account.period.end);
        if cloud_fraction < CLOUD_FRACTION_MIN || start > end {
            continue;
        }
        let place = observation
            .location
            .as_ref()
            .and_then(|location| location.place());
        rows.push(vec![
            Cell::text(place.map_or(l.t("not given").to_owned(), |place| {
                relative_place(&account.basis, &place)
            })),
            Cell::text(account.basis.local_interval(Interval { start, end })),
            Cell::Number(cloud_fraction * 100.0, 0),
        ]);
    }
    Table::new(
        l,
        "clouds",
        "Cloud",
        "No weather report of this period gives half or more of the sky as covered.",
        &[
            ("around", "Around"),
            ("period", "When"),
            ("cloud_percent", "Sky covered, %"),
        ],
    )
    .note(l.t("Areas under cloud, which thermal and optical satellites could not see through."))
    .rows(rows)
}

fn feeds(account: &Account) -> Table {
    let l = account.basis.language;
    let rows = account.feeds.iter().map(|feed| {
        let silences = feed.silences.iter();
        let hours: f64 = silences.clone().map(Interval::length_s).sum::<f64>() / 3_600.0;
        let stretches: Vec<String> = silences
            .map(|silence| account.basis.local_interval(*silence))
            .collect();
        vec![
            Cell::text(words::feed(&account.basis.mission, &feed.feed)),
            Cell::Count(feed.messages),
            Cell::Count(feed.observations),
            Cell::Count(feed.rejections),
            Cell::Number(hours, 1),
            Cell::text(stretches.join("; ")),
        ]
    });
    Table::new(
        l,
        "feeds",
        "Feeds",
        "The mission has no feed.",
        &[
            ("feed", "Feed"),
            ("message_count", "Messages"),
            ("observation_count", "Observations"),
            ("rejection_count", "Not decodable"),
            ("silent_h", "Silent, hours"),
            ("silent_during", "Silent during"),
        ],
    )
    .rows(rows)
}
