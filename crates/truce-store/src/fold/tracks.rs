//! Tracks: their present state, and a thinned history of their points.
//!
//! The rule of thinning: of the points of a track within one minute of UTC the earliest is kept.
//! It does not depend on the order of arrival. The newest point is always kept beside them.

use std::collections::HashMap;

use rusqlite::{OptionalExtension, params};
use truce_core::{Label, Slug, Track, TrackId, TrackPoint};

use super::Folding;
use crate::LogPosition;
use crate::error::Result;
use crate::words::{nanoseconds, signed, word};

/// Width of the windows in which one point is kept.
const THINNING_NS: i64 = 60_000_000_000;

/// Tracks remembered while folding; when there are more, all are forgotten and looked up again.
/// A mission follows some thousands at a time.
const TRACKS_KNOWN_MAX: usize = 65_536;

/// What is remembered of tracks, so that most of their points cost no look into the tables. Only
/// looked up by name, never walked.
#[derive(Debug, Default)]
pub(crate) struct KnownTracks(HashMap<TrackId, KnownTrack>);

#[derive(Debug, Clone, Copy)]
struct KnownTrack {
    n: i64,
    /// The window of the point written last, and when that was observed.
    written: Option<(i64, i64)>,
}

impl Folding<'_> {
    pub(super) fn fold_track(
        &mut self,
        at: LogPosition,
        label: &Label,
        track: &Track,
    ) -> Result<()> {
        let mut known = match self.known_tracks.0.get(&track.id) {
            Some(known) => *known,
            None => KnownTrack {
                n: self.track_number(track)?,
                written: None,
            },
        };
        self.write_track(known.n, at, label, track)?;
        for point in &track.points {
            let observed_ns = nanoseconds(point.observed_at);
            let window = observed_ns.div_euclid(THINNING_NS);
            // A later point of a window that holds one cannot win.
            if known
                .written
                .is_some_and(|(w, first_ns)| w == window && observed_ns > first_ns)
            {
                continue;
            }
            self.write_point(known.n, window, observed_ns, point)?;
            known.written = Some((window, observed_ns));
        }
        if self.known_tracks.0.len() >= TRACKS_KNOWN_MAX {
            self.known_tracks.0.clear();
        }
        self.known_tracks.0.insert(track.id, known);
        Ok(())
    }

    /// The number of a track in the tables; a new track gets the next one.
    fn track_number(&self, track: &Track) -> Result<i64> {
        let sql = "SELECT n FROM track WHERE id = ?1";
        let mut statement = self.connection.prepare_cached(sql)?;
        let id = track.id.0.0;
        if let Some(n) = statement.query_row([id], |row| row.get(0)).optional()? {
            return Ok(n);
        }
        self.run(
            "INSERT INTO track (id, kind, existence, observation_count, first_observed_ns,
               last_observed_ns, entry, row, label)
             VALUES (?1, '', 0, 0, 0, ?2, 0, 0, '')",
            params![id, i64::MIN],
        )?;
        Ok(self.connection.last_insert_rowid())
    }

    fn write_track(&self, n: i64, at: LogPosition, label: &Label, track: &Track) -> Result<()> {
        let newest = track.points.iter().max_by_key(|point| point.observed_at);
        let newest_json = newest.map(serde_json::to_string).transpose()?;
        let newest_ns = newest.map_or(nanoseconds(track.first_observed_at), |point| {
            nanoseconds(point.observed_at)
        });
        let identity = track.identity.as_ref();
        self.run(
            "UPDATE track SET kind = ?2, identity_json = ?3, name = ?4, actor = ?5,
               existence = ?6, observation_count = ?7, first_observed_ns = ?8,
               last_point_json = CASE WHEN ?10 IS NOT NULL AND ?9 >= last_observed_ns
                 THEN ?10 ELSE last_point_json END,
               last_observed_ns = max(?9, last_observed_ns), entry = ?11, row = ?12, label = ?13
             WHERE n = ?1",
            params![
                n,
                word(&track.kind)?,
                identity.map(serde_json::to_string).transpose()?,
                track.name,
                track.actor.as_ref().map(Slug::as_str),
                track.existence,
                signed(track.observation_count),
                nanoseconds(track.first_observed_at),
                newest_ns,
                newest_json,
                signed(at.entry),
                at.row,
                serde_json::to_string(label)?
            ],
        )?;
        Ok(())
    }

    fn write_point(&self, n: i64, minute: i64, observed_ns: i64, point: &TrackPoint) -> Result<()> {
        let (position, ellipse) = (point.place.position, point.place.uncertainty);
        self.run(
            "INSERT INTO track_point VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)
             ON CONFLICT DO UPDATE SET observed_at_ns = excluded.observed_at_ns,
               lat_deg = excluded.lat_deg, lon_deg = excluded.lon_deg,
               semi_major_m = excluded.semi_major_m, semi_minor_m = excluded.semi_minor_m,
               ellipse_bearing_deg = excluded.ellipse_bearing_deg, height_m = excluded.height_m,
               height_above = excluded.height_above, speed_m_s = excluded.speed_m_s,
               course_deg = excluded.course_deg, observation = excluded.observation
             WHERE (excluded.observed_at_ns, excluded.observation)
               <= (observed_at_ns, observation)",
            params![
                n,
                minute,
                observed_ns,
                position.lat_deg,
                position.lon_deg,
                ellipse.semi_major_m,
                ellipse.semi_minor_m,
                ellipse.bearing_deg,
                point.height.map(|height| height.height_m),
                point
                    .height
                    .map(|height| word(&height.above))
                    .transpose()?,
                point.speed_m_s,
                point.course_deg,
                point.observation.0.0
            ],
        )?;
        Ok(())
    }
}
