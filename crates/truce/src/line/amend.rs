//! Amendment: another version of the engine, or changed files of the mission, take over a log.
//!
//! The new engine is told everything that the log holds. Then a new epoch begins: the changed files,
//! who wanted it and why, and what is concluded otherwise, each as a further revision.

use std::collections::BTreeMap;

use truce_core::record::{Amendment, Epoch, MissionFile};
use truce_core::{Body, Record, Timestamp};
use truce_ledger::Reader;
use truce_store::Store;

use super::replay::Retold;
use super::{Error, Folder, Line, Progress, Replay, mission_files, nanoseconds, new_store};
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
        let mut store = new_store(folder)?;
        let reader = Reader::open(&folder.log())?;
        let succession = succession(&reader, files, Some(&mut store), progress)?;
        let mut line = Self::assemble(folder, succession.engine, ledger, store);
        line.seals_logged = succession.seals;
        line.begin_epoch(files, Some(amendment), now)?;
        line.store.begin()?;
        line.conclude(succession.records, nanoseconds(now))?;
        line.store.commit()?;
        line.commit(now)?;
        Ok((line, succession.amended))
    }

    /// Logs the files by which everything is concluded from here on, and by whom.
    pub(super) fn begin_epoch(
        &mut self,
        files: Option<&BTreeMap<String, String>>,
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
        self.store.begin()?;
        if let Some(files) = files {
            let files: Vec<Record> = files.iter().map(file).collect();
            self.append(&files, nanoseconds(now))?;
        }
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
    Ok(succession(&reader, files, None, progress)?.amended)
}

fn succession(
    reader: &Reader,
    files: Option<&BTreeMap<String, String>>,
    store: Option<&mut Store>,
    progress: Progress<'_>,
) -> Result<Succession, Error> {
    let setup = match files {
        Some(files) => Setup::read(files),
        None => Setup::read(&mission_files(reader)?),
    };
    let setup = setup.map_err(Error::Mission)?;
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

    use super::*;

    const MOVEMENT: &str = r#"{"speaker":"patrol","observed_at":"2025-07-10T12:00:00Z",
        "about":"movement","lat_deg":48.15,"lon_deg":36.6,"count":20,"object_kind":"vehicle",
        "text":"a column","grade":"A1"}"#;

    #[test]
    fn an_amendment_that_was_cut_off_is_completed() {
        let folder = tempfile::tempdir().unwrap();
        let folder = Folder::at(&folder.path().join("data"));
        let mission = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../missions/ukraine-2025");
        let read = |name: &&str| {
            let text = fs::read_to_string(mission.join(name)).unwrap();
            ((*name).to_owned(), text)
        };
        let mut files: BTreeMap<String, String> = MISSION_FILES.iter().map(read).collect();
        let now = Timestamp::now();
        let mut line = Line::create(&folder, &files, now).unwrap();
        let moved = Record::new(Body::Raw(RawMessage {
            source: "patrols".parse().unwrap(),
            received_at: "2025-07-10T12:30:00Z".parse().unwrap(),
            bytes: MOVEMENT.into(),
        }));
        let told = line.submit(vec![moved], now).unwrap().outputs.len();
        assert!(told > 1, "an incident with its assessments");
        line.commit(now).unwrap();
        drop(line);

        // Up to where the epoch stands in the log, and no further.
        let agreement = files.get_mut("agreement.toml").unwrap();
        *agreement = agreement.replace("breach = 0.8", "breach = 0.99");
        let reader = Reader::open(&folder.log()).unwrap();
        let mut store = new_store(&folder).unwrap();
        let tables = Some(&mut store);
        let cut_off = succession(&reader, Some(&files), tables, &mut |_, _| ()).unwrap();
        assert_eq!(cut_off.amended.revised, 1);
        let (ledger, _) = folder.open_ledger().unwrap();
        let mut line = Line::assemble(&folder, cut_off.engine, ledger, store);
        line.begin_epoch(Some(&files), None, now).unwrap();
        drop(line);

        let (line, opened) = Line::open(&folder, &mut |_, _| ()).unwrap();
        assert_eq!(opened.records_completed, cut_off.records.len() as u64);
        let Body::Incident(revised) = &cut_off.records[0].body else {
            panic!("{:?}", cut_off.records[0]);
        };
        let stored = line.store().incident(revised.id).unwrap().unwrap();
        assert_eq!(stored.incident, *revised);
        drop(line);
        let (_, opened) = Line::open(&folder, &mut |_, _| ()).unwrap();
        assert_eq!(opened.records_completed, 0);
    }
}
