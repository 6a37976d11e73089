//! Tracks: the list with short tails, and one track with its points.

use rusqlite::{Row, params};
use serde::{Deserialize, Serialize};
use truce_core::{
    Ellipse, Height, ObjectIdentity, ObjectKind, ObservationId, Place, Position, Slug, Timestamp,
    Track, TrackId, TrackPoint,
};

use crate::Store;
use crate::error::Result;
use crate::words::{count, from_word, instant, name, nanoseconds, word};

/// Points in the tail of a listed track.
pub const TAIL_POINTS_MAX: u32 = 60;

/// Most tracks in one answer.
const TRACKS_MAX: u32 = 5_000;

/// Which tracks. `None` sets no limit.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct TrackQuery {
    /// Of this kind.
    pub kind: Option<ObjectKind>,
    /// Observed at or after this instant.
    pub from: Option<Timestamp>,
    /// First observed before this instant.
    pub to: Option<Timestamp>,
    /// At most this many, up to 5,000; the last observed come first.
    pub limit: Option<u32>,
}

/// A track in a list.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrackItem {
    /// Its name.
    pub id: TrackId,
    /// What it is.
    pub kind: ObjectKind,
    /// The identity it gives itself.
    pub identity: Option<ObjectIdentity>,
    /// Name or call sign.
    pub name: Option<String>,
    /// The actor it belongs to.
    pub actor: Option<Slug>,
    /// Probability that it exists.
    pub existence: f64,
    /// Observations in it.
    pub observation_count: u64,
    /// When it was first observed.
    pub first_observed_at: Timestamp,
    /// Its newest point.
    pub last: Option<TrackPoint>,
    /// Its newest points, thinned, oldest first: longitude and latitude in degrees, and seconds
    /// since 1970 UTC.
    pub tail: Vec<(f64, f64, i64)>,
}

/// Most points in one answer of [`Store::track_paths`]; an hour of 5,000 tracks fits.
pub const PATH_POINTS_MAX: usize = 400_000;

/// Where a track was in a period.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TrackPath {
    /// The track.
    pub id: TrackId,
    /// Its points, oldest first: longitude and latitude in degrees, seconds since 1970 UTC, and
    /// course in degrees when it is known.
    pub points: Vec<(f64, f64, i64, Option<f64>)>,
}

impl Store {
    /// Where each track was in a half-open period, thinned to a point a minute; no more than
    /// [`PATH_POINTS_MAX`] points, the tracks in the order in which they were first recorded.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn track_paths(&self, from: Timestamp, to: Timestamp) -> Result<Vec<TrackPath>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT track.id, lon_deg, lat_deg, observed_at_ns, course_deg
             FROM track JOIN track_point ON track_point.track = track.n
               AND minute >= ?1 / 60000000000 - 1 AND minute <= ?2 / 60000000000
             WHERE last_observed_ns >= ?1 AND first_observed_ns < ?2
               AND observed_at_ns >= ?1 AND observed_at_ns < ?2
             ORDER BY track.n, minute LIMIT ?3",
        )?;
        let mut rows = statement.query(params![
            nanoseconds(from),
            nanoseconds(to),
            i64::try_from(PATH_POINTS_MAX).unwrap_or(i64::MAX)
        ])?;
        let mut paths: Vec<TrackPath> = Vec::new();
        while let Some(row) = rows.next()? {
            let id = TrackId(name(row, "id")?);
            let observed_ns: i64 = row.get("observed_at_ns")?;
            let point = (
                row.get("lon_deg")?,
                row.get("lat_deg")?,
                observed_ns.div_euclid(1_000_000_000),
                row.get("course_deg")?,
            );
            match paths.last_mut() {
                Some(path) if path.id == id => path.points.push(point),
                _ => paths.push(TrackPath {
                    id,
                    points: vec![point],
                }),
            }
        }
        Ok(paths)
    }

    /// Tracks, the last observed first.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn tracks(&self, query: &TrackQuery) -> Result<Vec<TrackItem>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT * FROM track
             WHERE (?1 IS NULL OR kind = ?1) AND last_observed_ns >= ?2 AND first_observed_ns < ?3
             ORDER BY last_observed_ns DESC, n LIMIT ?4",
        )?;
        let mut rows = statement.query(params![
            query.kind.as_ref().map(word).transpose()?,
            query.from.map_or(i64::MIN, nanoseconds),
            query.to.map_or(i64::MAX, nanoseconds),
            query.limit.unwrap_or(TRACKS_MAX).min(TRACKS_MAX)
        ])?;
        let mut items = Vec::new();
        while let Some(row) = rows.next()? {
            items.push(self.item_of(row)?);
        }
        Ok(items)
    }

    /// One track as lists show it.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn track_item(&self, id: TrackId) -> Result<Option<TrackItem>> {
        let sql = "SELECT * FROM track WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = statement.query([id.0.0])?;
        let row = rows.next()?;
        row.map(|row| self.item_of(row)).transpose()
    }

    /// One track with its points: the earliest of every minute, and the newest.
    ///
    /// # Errors
    /// [`crate::Error::Sqlite`] when the file cannot be read.
    pub fn track(&self, id: TrackId) -> Result<Option<Track>> {
        let Some(item) = self.track_item(id)? else {
            return Ok(None);
        };
        let mut statement = self.connection.prepare_cached(
            "SELECT * FROM track_point WHERE track = (SELECT n FROM track WHERE id = ?1)
             ORDER BY observed_at_ns",
        )?;
        let mut rows = statement.query([id.0.0])?;
        let mut points = Vec::new();
        while let Some(row) = rows.next()? {
            points.push(point_of(row)?);
        }
        if let Some(last) = item.last {
            match points.last_mut() {
                Some(point) if point.observation == last.observation => *point = last,
                _ => points.push(last),
            }
        }
        Ok(Some(Track {
            id,
            kind: item.kind,
            identity: item.identity,
            name: item.name,
            actor: item.actor,
            existence: item.existence,
            observation_count: item.observation_count,
            first_observed_at: item.first_observed_at,
            points,
        }))
    }

    fn item_of(&self, row: &Row<'_>) -> Result<TrackItem> {
        let identity: Option<String> = row.get("identity_json")?;
        let last: Option<String> = row.get("last_point_json")?;
        let last: Option<TrackPoint> = last.as_deref().map(serde_json::from_str).transpose()?;
        let actor: Option<String> = row.get("actor")?;
        Ok(TrackItem {
            id: TrackId(name(row, "id")?),
            kind: from_word(row.get("kind")?)?,
            identity: identity.as_deref().map(serde_json::from_str).transpose()?,
            name: row.get("name")?,
            actor: actor.map(from_word).transpose()?,
            existence: row.get("existence")?,
            observation_count: count(row, "observation_count")?,
            first_observed_at: instant(row.get("first_observed_ns")?),
            tail: self.tail(row.get("n")?, last.as_ref())?,
            last,
        })
    }

    fn tail(&self, n: i64, last: Option<&TrackPoint>) -> Result<Vec<(f64, f64, i64)>> {
        let mut statement = self.connection.prepare_cached(
            "SELECT lon_deg, lat_deg, observed_at_ns FROM track_point WHERE track = ?1
             ORDER BY minute DESC LIMIT ?2",
        )?;
        let points = statement.query_map(params![n, TAIL_POINTS_MAX - 1], |row| {
            let observed_ns: i64 = row.get(2)?;
            Ok((
                row.get(0)?,
                row.get(1)?,
                observed_ns.div_euclid(1_000_000_000),
            ))
        })?;
        let mut tail: Vec<(f64, f64, i64)> = points.collect::<rusqlite::Result<_>>()?;
        tail.reverse();
        if let Some(last) = last {
            let [lon_deg, lat_deg] = last.place.position.to_xy();
            let newest = (lon_deg, lat_deg, last.observed_at.as_second());
            if tail.last() != Some(&newest) {
                tail.push(newest);
            }
        }
        Ok(tail)
    }
}

fn point_of(row: &Row<'_>) -> Result<TrackPoint> {
    let height_m: Option<f64> = row.get("height_m")?;
    let above: Option<String> = row.get("height_above")?;
    let above = above.map(from_word).transpose()?;
    Ok(TrackPoint {
        observed_at: instant(row.get("observed_at_ns")?),
        place: Place {
            position: Position {
                lat_deg: row.get("lat_deg")?,
                lon_deg: row.get("lon_deg")?,
            },
            uncertainty: Ellipse {
                semi_major_m: row.get("semi_major_m")?,
                semi_minor_m: row.get("semi_minor_m")?,
                bearing_deg: row.get("ellipse_bearing_deg")?,
            },
        },
        height: height_m
            .zip(above)
            .map(|(height_m, above)| Height { height_m, above }),
        speed_m_s: row.get("speed_m_s")?,
        course_deg: row.get("course_deg")?,
        observation: ObservationId(name(row, "observation")?),
    })
}
