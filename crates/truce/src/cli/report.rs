//! `truce report`: reports as files.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use truce_report::{Document, Language, to_csv, to_geojson, to_html};
use truce_store::SectorMap;

use super::export::open_to_read;
use super::{DataArgument, Failure, terminal};
use crate::engine::Setup;
use crate::line::{Error, mission_files};
use crate::report::{Kind, Refusal, Sources, Wish, document};

/// Write a report: daily, weekly, annex, spot, dossier or patrol order.
///
/// A period ends at the mission's cut-off time on a local date and begins a day before. Without
/// --date it is the newest period that has ended and holds incidents.
#[derive(Debug, Args)]
pub(super) struct Report {
    /// Which report.
    #[arg(value_enum, default_value_t)]
    kind: Kind,
    #[command(flatten)]
    data: DataArgument,
    /// Local date on which the period ends.
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<jiff::civil::Date>,
    /// Local date on which an annex begins; without it a month before its end.
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<jiff::civil::Date>,
    /// The incident of a spot report or dossier: its name, or its first six digits or more.
    #[arg(long, value_name = "INCIDENT")]
    incident: Option<String>,
    /// How many patrols are sent out; six when not given.
    #[arg(long, value_name = "N")]
    patrols: Option<usize>,
    /// Language: en, uk, ru or fr.
    #[arg(long, value_name = "LANGUAGE", default_value_t)]
    lang: Language,
    /// What is written.
    #[arg(long, value_enum, default_value_t)]
    format: ReportForm,
    /// File to write, or for CSV the folder for one file per table.
    #[arg(long, value_name = "PATH")]
    out: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
enum ReportForm {
    /// One self-contained page.
    #[default]
    Html,
    /// Pages to print; the program must have been built with `--features pdf`.
    Pdf,
    /// One file per table.
    Csv,
    /// The rows of all tables that have a place, as features.
    Geojson,
}

impl Report {
    pub(super) fn run(self) -> Result<(), Failure> {
        self.check()?;
        let (store, reader) = open_to_read(&self.data.folder())?;
        let setup = Setup::read(&mission_files(&reader)?).map_err(Error::Mission)?;
        store
            .set_sectors(SectorMap::of(&setup.mission))
            .map_err(Error::from)?;
        let as_of = store.last_recorded_at().map_err(Error::from)?;
        let sources = Sources {
            store: &store,
            reader: &reader,
            mission: &setup.mission,
            agreement: &setup.agreement,
            as_of: as_of.unwrap_or_default(),
        };
        let wish = Wish {
            kind: self.kind,
            date: self.date,
            from: self.from,
            incident: self.incident.clone(),
            patrols: self.patrols,
            language: self.lang,
        };
        let document = document(&sources, &wish).map_err(|refusal| match refusal {
            Refusal::Read(error) => Failure::from(error),
            refused => Failure::Usage(refused.to_string()),
        })?;
        let out = match &self.out {
            Some(path) => path.clone(),
            None => PathBuf::from(self.file_name(&document)),
        };
        self.write(&document, &out)?;
        terminal::say(&format!("wrote {}: {}", out.display(), document.title()));
        Ok(())
    }

    /// Refuses what this kind of report has no use for: it would be left out without a word.
    fn check(&self) -> Result<(), Failure> {
        let (kind, of_one) = (self.kind, self.kind.needs_incident());
        let of_period = !of_one && kind != Kind::PatrolOrder;
        for (option, given, used) in [
            ("--date", self.date.is_some(), of_period),
            ("--from", self.from.is_some(), kind == Kind::Annex),
            ("--incident", self.incident.is_some(), of_one),
            (
                "--patrols",
                self.patrols.is_some(),
                kind == Kind::PatrolOrder,
            ),
        ] {
            if given && !used {
                let kind = kind.word();
                return Err(Failure::Usage(format!(
                    "{option} means nothing to the report `{kind}`: leave it out, or name another"
                )));
            }
        }
        Ok(())
    }

    fn write(&self, document: &Document, out: &Path) -> Result<(), Failure> {
        match self.format {
            ReportForm::Html => write(out, to_html(document).as_bytes())?,
            ReportForm::Pdf => write(out, &pdf(document)?)?,
            ReportForm::Geojson => {
                let placed = document.tables().filter(|table| table.has_places());
                write(out, to_geojson(document, placed).as_bytes())?;
            }
            ReportForm::Csv => {
                std::fs::create_dir_all(out).map_err(|e| Error::file("make the folder", out, e))?;
                for table in document.tables() {
                    let file = out.join(format!("{}.csv", table.id));
                    write(&file, to_csv(table).as_bytes())?;
                }
            }
        }
        Ok(())
    }

    fn file_name(&self, document: &Document) -> String {
        let name = document.file_name();
        match self.format {
            ReportForm::Html => format!("{name}.html"),
            ReportForm::Pdf => format!("{name}.pdf"),
            ReportForm::Csv => name,
            ReportForm::Geojson => format!("{name}.geojson"),
        }
    }
}

#[cfg(feature = "pdf")]
fn pdf(document: &Document) -> Result<Vec<u8>, Failure> {
    truce_report::to_pdf(document).map_err(|error| Failure::Outside(error.to_string()))
}

#[cfg(not(feature = "pdf"))]
fn pdf(_: &Document) -> Result<Vec<u8>, Failure> {
    let message = "this program was built without PDF: build it with `cargo build --release -p \
                   truce --features pdf`, or print the HTML";
    Err(Failure::Usage(message.to_owned()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    std::fs::write(path, bytes).map_err(|e| Error::file("write", path, e))
}
