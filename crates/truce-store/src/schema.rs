//! The tables, and how the file is created, opened and closed.
//!
//! Every choice here serves two folds giving the same bytes: a fixed page size, row numbers that
//! follow from the order of the records, no statistics, no vacuum.

use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags};

use crate::error::{Error, Result};

/// Version of these tables. A file of another version is rebuilt from the log.
pub(crate) const VERSION: i64 = 5;

/// How long a connection waits for another's lock before it gives up.
const BUSY_WAIT: Duration = Duration::from_secs(10);

/// Prepared statements kept per connection: all that the fold and the views use.
const STATEMENTS_MAX: usize = 96;

/// Memory for pages, kibibytes; the busy parts of a day's tables fit.
const CACHE_KIB: i64 = 64 * 1024;

/// `_ns`: nanoseconds since 1970 UTC. `known_at_ns`: when the mission could have said it, which for
/// messages read in afterwards is when the newest of them had been received. `label` and columns named `…_json`: canonical JSON.
/// `entry` and `row`: where the record lies in the log.
const TABLES: &str = "
CREATE TABLE entry (
  entry INTEGER PRIMARY KEY, class INTEGER NOT NULL, recorded_at_ns INTEGER NOT NULL,
  row_count INTEGER NOT NULL);
CREATE TABLE mission_file (
  entry INTEGER NOT NULL, row INTEGER NOT NULL, name TEXT NOT NULL, text TEXT NOT NULL,
  PRIMARY KEY (entry, row)) WITHOUT ROWID;
CREATE TABLE epoch (
  entry INTEGER NOT NULL, row INTEGER NOT NULL, epoch_json TEXT NOT NULL,
  PRIMARY KEY (entry, row)) WITHOUT ROWID;
CREATE TABLE import (
  entry INTEGER NOT NULL, row INTEGER NOT NULL, source TEXT NOT NULL, file_name TEXT NOT NULL,
  digest BLOB NOT NULL, message_count INTEGER NOT NULL, imported_at_ns INTEGER NOT NULL,
  PRIMARY KEY (entry, row)) WITHOUT ROWID;
CREATE TABLE seal (
  entry INTEGER NOT NULL, row INTEGER NOT NULL, segment TEXT NOT NULL, digest BLOB NOT NULL,
  PRIMARY KEY (entry, row)) WITHOUT ROWID;
CREATE TABLE name_index (
  class INTEGER NOT NULL, entry INTEGER NOT NULL, names BLOB NOT NULL,
  PRIMARY KEY (class, entry)) WITHOUT ROWID;
CREATE TABLE feed (
  source TEXT PRIMARY KEY, messages INTEGER NOT NULL, observations INTEGER NOT NULL,
  rejections INTEGER NOT NULL, duplicates INTEGER NOT NULL, last_received_ns INTEGER NOT NULL,
  recent_messages REAL NOT NULL) WITHOUT ROWID;
CREATE TABLE feed_health (
  source TEXT PRIMARY KEY, lost INTEGER NOT NULL, silence_json TEXT) WITHOUT ROWID;
CREATE TABLE feed_offset (
  source TEXT NOT NULL, hour INTEGER NOT NULL, step INTEGER NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (source, hour, step)) WITHOUT ROWID;
CREATE TABLE revoked_key (
  source TEXT NOT NULL, key TEXT NOT NULL, revoked_at_ns INTEGER NOT NULL,
  PRIMARY KEY (source, key)) WITHOUT ROWID;
CREATE TABLE signed_observation (
  name BLOB PRIMARY KEY, source TEXT NOT NULL, key TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE feed_hour (
  hour INTEGER NOT NULL, source TEXT NOT NULL, messages INTEGER NOT NULL,
  observations INTEGER NOT NULL, rejections INTEGER NOT NULL,
  PRIMARY KEY (hour, source)) WITHOUT ROWID;
CREATE TABLE rejection (
  source TEXT NOT NULL, class TEXT NOT NULL, count INTEGER NOT NULL,
  PRIMARY KEY (source, class)) WITHOUT ROWID;
CREATE TABLE rejection_example (
  source TEXT NOT NULL, class TEXT NOT NULL, entry INTEGER NOT NULL, row INTEGER NOT NULL,
  message BLOB NOT NULL, received_at_ns INTEGER NOT NULL, reason TEXT NOT NULL,
  PRIMARY KEY (source, class, entry, row)) WITHOUT ROWID;
CREATE TABLE sensor (
  sensor TEXT PRIMARY KEY, observations INTEGER NOT NULL, last_received_ns INTEGER NOT NULL,
  health TEXT, health_since_ns INTEGER, health_text TEXT) WITHOUT ROWID;
CREATE TABLE condition (
  entry INTEGER NOT NULL, row INTEGER NOT NULL, start_ns INTEGER NOT NULL, end_ns INTEGER NOT NULL,
  sensor TEXT, observation_json TEXT NOT NULL, label TEXT NOT NULL,
  PRIMARY KEY (entry, row)) WITHOUT ROWID;
CREATE TABLE incident (
  n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, revision INTEGER NOT NULL, kind TEXT NOT NULL,
  class TEXT, occurred_start_ns INTEGER NOT NULL, occurred_end_ns INTEGER NOT NULL,
  lat_deg REAL NOT NULL, lon_deg REAL NOT NULL, probability REAL NOT NULL, zone TEXT,
  evidence_count INTEGER NOT NULL, leading_party TEXT, leading_p REAL,
  withdrawn INTEGER NOT NULL, first_reported_ns INTEGER NOT NULL, updated_ns INTEGER NOT NULL,
  entry INTEGER NOT NULL, row INTEGER NOT NULL, label TEXT NOT NULL, search TEXT NOT NULL,
  incident_json TEXT NOT NULL);
CREATE INDEX incident_by_time ON incident (occurred_start_ns);
CREATE INDEX incident_by_entry ON incident (entry);
CREATE TABLE incident_revision (
  incident INTEGER NOT NULL, revision INTEGER NOT NULL, recorded_at_ns INTEGER NOT NULL,
  probability REAL NOT NULL, evidence_count INTEGER NOT NULL, entry INTEGER NOT NULL,
  row INTEGER NOT NULL, known_at_ns INTEGER NOT NULL, kind TEXT NOT NULL, class TEXT,
  occurred_start_ns INTEGER NOT NULL, occurred_end_ns INTEGER NOT NULL, lat_deg REAL NOT NULL,
  lon_deg REAL NOT NULL, semi_major_m REAL NOT NULL, semi_minor_m REAL NOT NULL,
  ellipse_bearing_deg REAL NOT NULL, zone TEXT, leading_party TEXT, leading_p REAL,
  withdrawn INTEGER NOT NULL,
  PRIMARY KEY (incident, revision)) WITHOUT ROWID;
CREATE TABLE evidence (
  incident INTEGER NOT NULL, observation BLOB NOT NULL, entry INTEGER, row INTEGER,
  PRIMARY KEY (incident, observation)) WITHOUT ROWID;
CREATE TABLE assessment (
  incident BLOB NOT NULL, clause TEXT NOT NULL, revision INTEGER NOT NULL,
  clause_kind TEXT NOT NULL, verdict TEXT NOT NULL, entry INTEGER NOT NULL, row INTEGER NOT NULL,
  label TEXT NOT NULL, assessment_json TEXT NOT NULL,
  PRIMARY KEY (incident, clause)) WITHOUT ROWID;
CREATE INDEX assessment_by_clause ON assessment (clause, verdict);
CREATE TABLE verdict_revision (
  incident BLOB NOT NULL, revision INTEGER NOT NULL, clause TEXT NOT NULL,
  entry INTEGER NOT NULL, clause_kind TEXT NOT NULL, verdict TEXT NOT NULL,
  PRIMARY KEY (incident, revision, clause, entry)) WITHOUT ROWID;
CREATE TABLE finding (
  serial INTEGER PRIMARY KEY, incident BLOB NOT NULL, status TEXT NOT NULL, attributed_to TEXT,
  due_at_ns INTEGER, first_recorded_ns INTEGER NOT NULL, updated_ns INTEGER NOT NULL,
  entry INTEGER NOT NULL, row INTEGER NOT NULL, label TEXT NOT NULL, finding_json TEXT NOT NULL);
CREATE INDEX finding_by_incident ON finding (incident);
CREATE INDEX finding_by_entry ON finding (entry);
CREATE TABLE finding_revision (
  incident BLOB NOT NULL, entry INTEGER NOT NULL, row INTEGER NOT NULL,
  known_at_ns INTEGER NOT NULL, finding_json TEXT NOT NULL,
  PRIMARY KEY (incident, entry, row)) WITHOUT ROWID;
CREATE TABLE track (
  n INTEGER PRIMARY KEY, id BLOB NOT NULL UNIQUE, kind TEXT NOT NULL, identity_json TEXT,
  name TEXT, actor TEXT, existence REAL NOT NULL, observation_count INTEGER NOT NULL,
  first_observed_ns INTEGER NOT NULL, last_observed_ns INTEGER NOT NULL, last_point_json TEXT,
  entry INTEGER NOT NULL, row INTEGER NOT NULL, label TEXT NOT NULL);
CREATE TABLE track_point (
  track INTEGER NOT NULL, minute INTEGER NOT NULL, observed_at_ns INTEGER NOT NULL,
  lat_deg REAL NOT NULL, lon_deg REAL NOT NULL, semi_major_m REAL NOT NULL,
  semi_minor_m REAL NOT NULL, ellipse_bearing_deg REAL NOT NULL, height_m REAL, height_above TEXT,
  speed_m_s REAL, course_deg REAL, observation BLOB NOT NULL,
  PRIMARY KEY (track, minute)) WITHOUT ROWID;
";

/// All tables with the order in which the digest reads them.
pub(crate) const TABLE_ORDERS: [(&str, &str); 25] = [
    ("entry", "entry"),
    ("mission_file", "entry, row"),
    ("epoch", "entry, row"),
    ("import", "entry, row"),
    ("seal", "entry, row"),
    ("name_index", "class, entry"),
    ("feed", "source"),
    ("feed_hour", "hour, source"),
    ("feed_health", "source"),
    ("feed_offset", "source, hour, step"),
    ("revoked_key", "source, key"),
    ("signed_observation", "name"),
    ("rejection", "source, class"),
    ("rejection_example", "source, class, entry, row"),
    ("sensor", "sensor"),
    ("condition", "entry, row"),
    ("incident", "n"),
    ("incident_revision", "incident, revision"),
    ("evidence", "incident, observation"),
    ("assessment", "incident, clause"),
    ("verdict_revision", "incident, revision, clause, entry"),
    ("finding", "serial"),
    ("finding_revision", "incident, entry, row"),
    ("track", "n"),
    ("track_point", "track, minute"),
];

/// Creates the file with its tables.
pub(crate) fn create(path: &Path) -> Result<Connection> {
    let connection = Connection::open(path)?;
    // The page size must be chosen before the first page is written. 8 KiB holds a usual
    // incident in one page.
    connection.pragma_update(None, "page_size", 8192)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    tune(&connection)?;
    connection.execute_batch(&format!("BEGIN; {TABLES} COMMIT;"))?;
    connection.pragma_update(None, "user_version", VERSION)?;
    Ok(connection)
}

/// Opens the file to read and write.
pub(crate) fn open(path: &Path) -> Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    require_version(&connection, path)?;
    tune(&connection)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    Ok(connection)
}

/// Opens the file to read.
pub(crate) fn open_read_only(path: &Path) -> Result<Connection> {
    let shared = Connection::open_with_flags(path, READ_ONLY)?;
    match tune(&shared).and_then(|()| require_version(&shared, path)) {
        Ok(()) => Ok(shared),
        Err(Error::Sqlite(error)) if needs_writing(&error) => match open_unshared(path)? {
            Some(connection) => Ok(connection),
            None => Err(error.into()),
        },
        Err(error) => Err(error),
    }
}

const READ_ONLY: OpenFlags =
    OpenFlags::SQLITE_OPEN_READ_ONLY.union(OpenFlags::SQLITE_OPEN_NO_MUTEX);

/// True when SQLite wanted to write beside the file: a reader of a write-ahead log shares memory
/// with writers there (sqlite.org/wal.html, "Read-Only Databases").
fn needs_writing(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{CannotOpen, ReadOnly};
    let code = error.sqlite_error_code();
    matches!(code, Some(ReadOnly | CannotOpen))
}

/// Opens a file that nobody writes: there is no write-ahead log beside it, and in this folder this
/// process cannot write one. `None` when there is.
fn open_unshared(path: &Path) -> Result<Option<Connection>> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    let Some(text) = path.to_str().filter(|_| !Path::new(&log).exists()) else {
        return Ok(None);
    };
    // sqlite.org/uri.html: these three have a meaning in the path of a URI.
    let text = text
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    let uri = format!("file:{text}?immutable=1");
    let connection = Connection::open_with_flags(uri, READ_ONLY | OpenFlags::SQLITE_OPEN_URI)?;
    tune(&connection)?;
    require_version(&connection, path)?;
    Ok(Some(connection))
}

fn tune(connection: &Connection) -> Result<()> {
    connection.busy_timeout(BUSY_WAIT)?;
    // With the write-ahead log this waits for the disk at its checkpoints alone, of which the last
    // comes when the file is closed.
    connection.pragma_update(None, "synchronous", "NORMAL")?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS_MAX);
    connection.pragma_update(None, "cache_size", -CACHE_KIB)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // Views may hold what a hostile message said: nothing in the file may call functions.
    connection.pragma_update(None, "trusted_schema", false)?;
    Ok(())
}

fn require_version(connection: &Connection, path: &Path) -> Result<()> {
    let found: i64 = connection.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if found == VERSION {
        Ok(())
    } else {
        Err(Error::Version {
            path: path.into(),
            found,
            expected: VERSION,
        })
    }
}

/// Moves what the write-ahead file holds into the one file, durably. The journal mode of that file is
/// `DELETE`, so that it can be opened from a read-only folder too.
pub(crate) fn finish(connection: &Connection) -> Result<()> {
    connection.flush_prepared_statement_cache();
    Ok(connection.pragma_update(None, "journal_mode", "DELETE")?)
}

/// SQLite's own check of the file's structure.
pub(crate) fn check(connection: &Connection) -> Result<()> {
    let found: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found == "ok" {
        Ok(())
    } else {
        Err(Error::Damaged { found })
    }
}
