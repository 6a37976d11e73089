//! Amendment: another version of the engine, or changed files of the mission, take over a log.
//!
//! The new engine is told everything that the log holds. Then a new epoch begins: the changed files,
//! who wanted it and why, and what is concluded otherwise, each as a further revision.

use std::borrow::Cow;
use std::collections::BTreeMap;

use truce_core::record::{Amendment, Epoch, MissionFile};
use truce_core::time::nanoseconds;
use truce_core::{Body, Record, Timestamp};
use truce_ledger::Reader;
use truce_store::Store;

use super::replay::Retold;
use super::{Error, Folder, Line, Progress, Replay, Tables, mission_files};
use crate::engine::{Amended, ENGINE_VERSION, Engine, Setup};

/// A log that a new engine was told, and what that concludes otherwise.
struct Succession {
    engine: Engine,
    records: Vec<Record>,
    amended: Amended,
    seals: usize,
}

impl Line {
    /// Has this version of the engine take over a log, under the mission's files as the log holds
    /// them or as they are given.
    ///
    /// # Errors
    /// Mistakes in the files, or files of another log; a log that another process holds, that is
    /// damaged or cannot be written. Nothing was amended then, unless the last entry says so.
    pub fn amend(
        folder: &Folder,
        files: Option<&BTreeMap<String, String>>,
        amendment: Amendment,
        now: Timestamp,
        progress: Progress<'_>,
    ) -> Result<(Self, Amended), Error> {
        let (mut ledger, _) = folder.open_ledger()?;
        ledger.commit(ledger.committed_at_ns())?;
        let mut store = Tables::create(folder)?;
        let reader = Reader::open(&folder.log())?;
        let files = files_of(&reader, files)?;
        let succession = succession(&reader, &files, Some(&mut store), progress)?;
        let mut line = Self::assemble(folder, succession.engine, ledger, store);
        line.seals_logged = succession.seals;
        line.begin_epoch(&files, Some(amendment), now)?;
        line.store.begin()?;
        line.conclude(succession.records, nanoseconds(now))?;
        line.store.commit()?;
        line.commit(now)?;
        Ok((line, succession.amended))
    }

    /// Logs the files by which everything is concluded from here on, and by whom. The files stand
    /// before each epoch, changed or not: those of an amendment that was cut off count for none.
    pub(super) fn begin_epoch(
        &mut self,
        files: &BTreeMap<String, String>,
        amendment: Option<Amendment>,
        now: Timestamp,
    ) -> Result<(), Error> {
        let file = |(name, text): (&String, &String)| {
            Record::new(Body::MissionFile(MissionFile {
                name: name.clone(),
                text: text.clone(),
            }))
        };
        let epoch = Record::new(Body::Epoch(Epoch {
            engine: ENGINE_VERSION,
            began_at: now,
            amendment,
        }));
        let files: Vec<Record> = files.iter().map(file).collect();
        self.store.begin()?;
        self.append(&files, nanoseconds(now))?;
        self.append(&[epoch], nanoseconds(now))?;
        self.ledger.sync()?;
        self.store.commit()?;
        Ok(())
    }
}

/// What [`Line::amend`] would change; only reads the published log.
///
/// # Errors
/// As [`Line::amend`].
pub fn preview_amendment(
    folder: &Folder,
    files: Option<&BTreeMap<String, String>>,
    progress: Progress<'_>,
) -> Result<Amended, Error> {
    let reader = Reader::open(&folder.log())?;
    let files = files_of(&reader, files)?;
    Ok(succession(&reader, &files, None, progress)?.amended)
}

/// The mission's files as given, or as the log holds them.
fn files_of<'f>(
    reader: &Reader,
    given: Option<&'f BTreeMap<String, String>>,
) -> Result<Cow<'f, BTreeMap<String, String>>, Error> {
    Ok(match given {
        Some(files) => Cow::Borrowed(files),
        None => Cow::Owned(mission_files(reader)?),
    })
}

fn succession(
    reader: &Reader,
    files: &BTreeMap<String, String>,
    store: Option<&mut Store>,
    progress: Progress<'_>,
) -> Result<Succession, Error> {
    let setup = Setup::read(files).map_err(Error::Mission)?;
    let (logged, given) = (reader.checkpoint()?.origin, &setup.mission.log_origin);
    if logged != *given {
        let given = given.clone();
        return Err(Error::OtherLog { logged, given });
    }
    let Retold { mut told, seals } = Replay::retell(reader, setup, store, progress)?;
    let (concluded, amended) = told.engine.succeed(told.before, told.again);
    let mut records = told.unlogged;
    records.extend(concluded);
    Ok(Succession {
        engine: told.engine,
        records,
        amended,
        seals,
    })
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use truce_core::RawMessage;
    use truce_core::mission::MISSION_FILES;

    use super::super::Opened;
    use super::*;

    const MOVEMENT: &str = r#"{"speaker":"patrol","observed_at":"2025-07-10T12:00:00Z",
        "about":"movement","lat_deg":48.15,"lon_deg":36.6,"count":20,"object_kind":"vehicle",
        "text":"a column","grade":"A1"}"#;

    /// The example mission's files, and a line for them that has concluded something.
    fn begun(folder: &Folder) -> BTreeMap<String, String> {
        let mission = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../missions/ukraine-2025");
        let read = |name: &&str| {
            let text = fs::read_to_string(mission.join(name)).unwrap();
            ((*name).to_owned(), text)
        };
        let files: BTreeMap<String, String> = MISSION_FILES.iter().map(read).collect();
        let now = Timestamp::now();
        let mut line = Line::create(folder, &files, now).unwrap();
        let moved = Record::new(Body::Raw(RawMessage {
            source: "patrols".parse().unwrap(),
            received_at: "2025-07-10T12:30:00Z".parse().unwrap(),
            bytes: MOVEMENT.into(),
        }));
        let told = line.submit(vec![moved], now).unwrap().outputs.len();
        assert!(told > 1, "an incident with its assessments");
        line.commit(now).unwrap();
        files
    }

    /// The same files with another agreement.
    fn stricter(mut files: BTreeMap<String, String>) -> BTreeMap<String, String> {
        let agreement = files.get_mut("agreement.toml").unwrap();
        *agreement = agreement.replace("breach = 0.8", "breach = 0.99");
        files
    }

    fn open(folder: &Folder) -> (Line, Opened) {
        Line::open(folder, &mut |_, _| ()).unwrap()
    }

    #[test]
    fn an_amendment_that_was_cut_off_is_completed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Folder::at(&folder.path().join("data"));
        let files = stricter(begun(&folder));

        // Up to where the epoch stands in the log, and no further.
        let reader = Reader::open(&folder.log()).unwrap();
        let mut store = Tables::create(&folder).unwrap();
        let cut_off = succession(&reader, &files, Some(&mut store), &mut |_, _| ()).unwrap();
        assert_eq!(cut_off.amended.revised, 1);
        let (ledger, _) = folder.open_ledger().unwrap();
        let mut line = Line::assemble(&folder, cut_off.engine, ledger, store);
        line.begin_epoch(&files, None, Timestamp::now()).unwrap();
        drop(line);

        let (line, opened) = open(&folder);
        assert_eq!(opened.records_completed, cut_off.records.len() as u64);
        let Body::Incident(revised) = &cut_off.records[0].body else {
            panic!("{:?}", cut_off.records[0]);
        };
        let stored = line.store().incident(revised.id).unwrap().unwrap();
        assert_eq!(stored.incident, *revised);
        drop(line);
        assert_eq!(open(&folder).1.records_completed, 0);
    }

    #[test]
    fn files_of_an_amendment_that_was_cut_off_before_its_epoch_count_for_none() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Folder::at(&folder.path().join("data"));
        let files = begun(&folder);
        let (mut line, _) = open(&folder);
        let file = |(name, text): (&String, &String)| {
            let (name, text) = (name.clone(), text.clone());
            Record::new(Body::MissionFile(MissionFile { name, text }))
        };
        let amended: Vec<Record> = stricter(files.clone()).iter().map(file).collect();
        line.append(&amended, nanoseconds(Timestamp::now()))
            .unwrap();
        line.commit(Timestamp::now()).unwrap();
        drop(line);
        let reader = Reader::open(&folder.log()).unwrap();
        assert_eq!(mission_files(&reader).unwrap(), files);
        drop(open(&folder));

        // Nor do they for an amendment that changes no files.
        let amendment = Amendment {
            by: "head-of-mission".to_owned(),
            reason: "another engine".to_owned(),
        };
        let now = Timestamp::now();
        let amended = Line::amend(&folder, None, amendment, now, &mut |_, _| ()).unwrap();
        assert_eq!((amended.1.before, amended.1.unchanged), (1, 1));
        drop(amended);
        assert_eq!(mission_files(&reader).unwrap(), files);
        assert_eq!(open(&folder).1.records_completed, 0);
    }
}
