//! Which rows of the log make up the evidence of an incident, what of them is withheld, and the
//! package that carries them with their proofs.

use std::collections::{BTreeMap, BTreeSet};

use truce_core::record::RowPlace;
use truce_core::{Body, IncidentId, Record, fields};
use truce_ledger::{
    Checkpoint, EvidenceFile, EvidenceRow, Package, PackageFiles, Reader, Row, RowContent,
};
use truce_store::{LogPosition, Store};

use crate::line::{Error, entry_records, mission_entry};

/// Everything that is withheld or released about an incident.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Choice {
    /// Withhold the raw messages: they say by what means the mission learnt of it.
    pub without_raw: bool,
    /// Withhold the observations too: only the incident, its assessments and the finding go out.
    pub without_observations: bool,
    /// Fields that are withheld.
    pub redaction: Redaction,
    /// Release every row of each entry concerned, and the entries' own bytes in the log's segments.
    pub whole_entries: bool,
}

/// Names of fields that are withheld wherever they stand.
///
/// What the mission says is committed to field by field, so such a field is withheld and the rest
/// released. A message or reading that holds one is withheld whole, and so is the message of such a
/// reading, which tells the same in the sensor's own words. Files of the mission are never redacted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Redaction {
    fields: BTreeSet<String>,
    /// Fields that were asked for by their own names.
    named: BTreeSet<String>,
}

/// Words that stand for several fields: what would tell the same in other words goes too.
const REDACTION_WORDS: &[(&str, &[&str])] = &[
    (
        "source",
        &[
            "source",
            "sensor",
            "message",
            "observation",
            "evidence",
            "text",
        ],
    ),
    ("operator", &["operator", "officer", "by"]),
];

impl Redaction {
    /// The fields that words stand for; a word without a meaning of its own is a field's name.
    #[must_use]
    pub fn of(words: &[String]) -> Self {
        let mut redaction = Self::default();
        for word in words {
            match REDACTION_WORDS.iter().find(|(known, _)| known == word) {
                Some((_, fields)) => {
                    let fields = fields.iter().map(|field| (*field).to_owned());
                    redaction.fields.extend(fields);
                }
                None => {
                    redaction.fields.insert(word.clone());
                    redaction.named.insert(word.clone());
                }
            }
        }
        redaction
    }

    /// The numbers of a row's parts that are withheld.
    fn parts(&self, row: &Row) -> BTreeSet<u32> {
        let Row::Parts { bytes, .. } = row else {
            return BTreeSet::new();
        };
        let fields = (0u32..).zip(fields::fields(bytes));
        let hidden = fields.filter(|(_, field)| self.fields.contains(field.name));
        hidden.map(|(number, _)| 2 * number + 1).collect()
    }

    /// True when a message or reading holds a field that is withheld.
    fn hides(&self, record: &Record) -> bool {
        let sensed = matches!(
            record.body,
            Body::Raw(_) | Body::Observation(_) | Body::Rejection(_)
        );
        let named = |field: &fields::Field<'_>| self.fields.contains(field.name);
        sensed && !self.fields.is_empty() && fields::fields(&record.canonical()).iter().any(named)
    }
}

/// The rows that speak of an incident: its current revision, assessments, finding, observations,
/// raw messages, and the agreement by which it was assessed.
///
/// # Errors
/// When the tables or the log cannot be read.
pub fn rows(
    store: &Store,
    reader: &Reader,
    incident: IncidentId,
    choice: &Choice,
) -> Result<BTreeSet<LogPosition>, Error> {
    let mut rows = BTreeSet::new();
    let Some(stored) = store.incident(incident)? else {
        return Err(crate::engine::Refused::UnknownIncident { incident }.into());
    };
    rows.insert(stored.at);
    rows.extend(store.assessments(incident)?.into_iter().map(|(_, at)| at));
    rows.extend(store.finding(incident)?.map(|(_, at)| at));
    rows.extend(agreement_row(reader, stored.at.entry)?);
    if choice.without_observations {
        return Ok(rows);
    }
    let mut entries = Entries::new(reader);
    for evidence in store.evidence(incident)? {
        let Some(at) = evidence.at else { continue };
        rows.insert(at);
        if choice.without_raw {
            continue;
        }
        if let Some(Body::Observation(observation)) = entries.record(at)?.map(|r| &r.body) {
            rows.extend(store.find_message(observation.message, at.entry)?);
        }
    }
    Ok(rows)
}

/// The evidence package of an incident: the rows with everything that proves them, under the newest
/// checkpoint, or the newest witnessed one when it covers them all.
///
/// # Errors
/// When the tables or the log cannot be read, or a row is not published yet.
pub fn package(
    store: &Store,
    reader: &Reader,
    incident: IncidentId,
    choice: &Choice,
) -> Result<Package, Error> {
    let mut picks: BTreeMap<u64, Vec<u32>> = BTreeMap::new();
    let mut entries = Entries::new(reader);
    let rows = rows(store, reader, incident, choice)?;
    let hidden = hidden(store, &mut entries, &rows, &choice.redaction)?;
    for at in rows {
        match entries.record(at)? {
            Some(_) if hidden.contains(&at) => {
                picks.entry(at.entry).or_default();
            }
            // Nothing of an erased row can go out; its entry shows that it was there.
            Some(record) if matches!(record.body, Body::Erased(_)) => {
                picks.entry(at.entry).or_default();
            }
            _ => picks.entry(at.entry).or_default().push(at.row),
        }
    }
    let newest = picks.keys().next_back().copied().unwrap_or(0);
    let covers = |checkpoint: &Checkpoint| checkpoint.size > newest;
    let checkpoint = match reader.witnessed()?.filter(covers) {
        Some(witnessed) => witnessed,
        None => reader
            .cosigned()?
            .filter(covers)
            .map_or_else(|| reader.checkpoint(), Ok)?,
    };
    if choice.whole_entries {
        for (entry, rows) in &mut picks {
            *rows = rows_there(&reader.entry(*entry)?.1);
        }
    }
    let picks: Vec<_> = picks.into_iter().collect();
    let mut withhold = |row: &Row| choice.redaction.parts(row);
    let evidence = EvidenceFile::build_with(reader, &checkpoint, &picks, &mut withhold)?;
    let readable = readable(&evidence);
    let mut package = Package::new(evidence, readable)?;
    if choice.whole_entries {
        for (entry, _) in picks {
            package.add_frame(entry, reader.frame(entry)?)?;
        }
    }
    Ok(package)
}

/// The messages and readings that hold a field that is withheld, with the messages of such readings.
fn hidden(
    store: &Store,
    entries: &mut Entries<'_>,
    rows: &BTreeSet<LogPosition>,
    redaction: &Redaction,
) -> Result<BTreeSet<LogPosition>, Error> {
    let mut hidden = BTreeSet::new();
    for at in rows {
        let Some(record) = entries
            .record(*at)?
            .filter(|record| redaction.hides(record))
        else {
            continue;
        };
        hidden.insert(*at);
        if let Body::Observation(observation) = &record.body {
            hidden.extend(store.find_message(observation.message, at.entry)?);
        }
    }
    Ok(hidden)
}

/// The fields of a redaction that no row about an incident has: names that withhold nothing.
///
/// # Errors
/// When the tables or the log cannot be read.
pub fn unknown_fields(
    store: &Store,
    reader: &Reader,
    incident: IncidentId,
    redaction: &Redaction,
) -> Result<BTreeSet<String>, Error> {
    let mut unknown = redaction.named.clone();
    let mut entries = Entries::new(reader);
    for at in rows(store, reader, incident, &Choice::default())? {
        if unknown.is_empty() {
            break;
        }
        let Some(record) = entries.record(at)? else {
            continue;
        };
        for field in fields::fields(&record.canonical()) {
            unknown.remove(field.name);
        }
    }
    Ok(unknown)
}

/// The numbers of all rows that were not erased.
fn rows_there(rows: &[Row]) -> Vec<u32> {
    let rows = (0u32..).zip(rows).filter(|(_, row)| row.bytes().is_some());
    rows.map(|(number, _)| number).collect()
}

/// The places of all rows that a package releases.
#[must_use]
pub fn released(package: &Package) -> Vec<RowPlace> {
    let entries = package.evidence().entries.iter();
    let rows = entries.flat_map(|entry| {
        let place = |row: &EvidenceRow| RowPlace {
            entry: entry.index,
            row: row.index,
        };
        entry.rows.iter().map(place)
    });
    rows.collect()
}

/// What stands for a withheld value in the files for people.
const WITHHELD: &[u8] = b"\"[withheld]\"";

/// The files for people: a README, each released row, and the agreement. They follow from the
/// evidence, so whoever verifies makes them again and compares.
#[must_use]
pub fn readable(evidence: &EvidenceFile) -> PackageFiles {
    let mut files = PackageFiles::new();
    files.insert("README.txt".into(), README.as_bytes().to_vec());
    for entry in &evidence.entries {
        for row in &entry.rows {
            let bytes = shown(&row.row);
            if let Ok(Body::MissionFile(file)) = Record::from_canonical(&bytes).map(|r| r.body) {
                files.insert(format!("mission/{}", file.name), file.text.into_bytes());
            }
            files.insert(format!("rows/{}-{}.json", entry.index, row.index), bytes);
        }
    }
    files
}

fn shown(row: &RowContent) -> Vec<u8> {
    match row {
        RowContent::Text(text) => text.clone().into_bytes(),
        RowContent::Base64(bytes) => bytes.clone(),
        RowContent::Parts(parts) => {
            let parts = parts.iter().map(|part| part.bytes().unwrap_or(WITHHELD));
            parts.collect::<Vec<_>>().concat()
        }
    }
}

const README: &str = "\
EVIDENCE PACKAGE

What this is. Rows of a mission's evidence log, with everything that proves that they stood in the
log when its checkpoint was signed, and that nobody has changed them since. It proves what was
recorded and when. It does not prove that what was recorded is true.

What you need beside it. The log's public key, by a way that you trust and not from whoever gave you
this file; and, if you care who watched the log, a policy file that names the witnesses you trust.

  truce verify FILE --key log.pub --policy witnesses.policy

says line by line what is proven and what is withheld, and needs no network. How to check the same
with Go or Python and none of our programs: docs/verify.md of the project.

What is in it.
  rows/<entry>-<row>.json    what was released, for people. [withheld] stands for a value that was
                             kept back; the names of all fields are proven.
  mission/agreement.toml     the agreement by which the incident was assessed, as the log holds it
  evidence.json              the same rows with their salts and paths: what programs verify
  entries/<entry>            the log entry that commits to the rows, 206 bytes
  proofs/<entry>.tlog-proof  that the entry is in the log (C2SP tlog-proof)
  checkpoint                 the log's signed state, with the cosignatures it has got
  frames/<entry>             only of entries that were released whole: their bytes in the log's
                             sealed segment, entry and rows with salts

Rows that are withheld whole are counted in evidence.json: nobody can hide that they exist.
";

/// Where the agreement's text lies by which an entry was concluded.
fn agreement_row(reader: &Reader, of: u64) -> Result<Option<LogPosition>, Error> {
    let files = mission_entry(reader, of)?;
    let (entry, rows) = reader.entry(files)?;
    let is_agreement = |record: &Record| match &record.body {
        Body::MissionFile(file) => file.name == "agreement.toml",
        _ => false,
    };
    let row = entry_records(&entry, &rows)?.iter().position(is_agreement);
    Ok(row
        .and_then(|row| u32::try_from(row).ok())
        .map(|row| LogPosition { entry: files, row }))
}

/// Entries read so far, so that one with many cited rows is read once.
pub struct Entries<'r> {
    reader: &'r Reader,
    read: BTreeMap<u64, Vec<Record>>,
}

impl<'r> Entries<'r> {
    /// Reads from a log.
    #[must_use]
    pub fn new(reader: &'r Reader) -> Self {
        Self {
            reader,
            read: BTreeMap::new(),
        }
    }

    /// The record at a place.
    ///
    /// # Errors
    /// When the log cannot be read.
    pub fn record(&mut self, at: LogPosition) -> Result<Option<&Record>, Error> {
        if !self.read.contains_key(&at.entry) {
            let (entry, rows) = self.reader.entry(at.entry)?;
            self.read.insert(at.entry, entry_records(&entry, &rows)?);
        }
        let records = self.read.get(&at.entry);
        Ok(records.and_then(|records| records.get(usize::try_from(at.row).ok()?)))
    }
}
