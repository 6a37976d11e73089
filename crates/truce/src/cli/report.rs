//! `truce report`: the daily report as a file.

use std::path::{Path, PathBuf};

use clap::{Args, ValueEnum};
use truce_core::Interval;

use super::export::open_to_read;
use super::{DataArgument, Failure, terminal};
use crate::daily;
use crate::engine::Setup;
use crate::line::{Error, mission_files};

/// Write the daily report of one cut-off period.
///
/// A period ends at the mission's cut-off time on a local date and begins a day before. Without
/// --date it is the newest period that has ended by the log's last record.
#[derive(Debug, Args)]
pub(super) struct Report {
    #[command(flatten)]
    data: DataArgument,
    /// Local date on which the period ends.
    #[arg(long, value_name = "YYYY-MM-DD")]
    date: Option<jiff::civil::Date>,
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
    /// One file per table.
    Csv,
    /// Incidents and findings as features.
    Geojson,
}

impl Report {
    pub(super) fn run(self) -> Result<(), Failure> {
        let (store, reader) = open_to_read(&self.data.folder())?;
        let setup = Setup::read(&mission_files(&reader)?).map_err(Error::Mission)?;
        let schedule = &setup.mission.report;
        let as_of = store
            .last_recorded_at()
            .map_err(Error::from)?
            .unwrap_or_default();
        let period = match self.date {
            Some(date) => truce_report::period_ending_on(schedule, date),
            None => truce_report::newest_period(schedule, as_of),
        };
        let period = period.map_err(|error| Failure::Usage(error.to_string()))?;
        let daily = daily::gather(
            &store,
            &reader,
            &setup.mission,
            &setup.agreement,
            period,
            as_of,
        )?;
        let default = PathBuf::from(default_name(&daily.period, self.format));
        let out = self.out.as_ref().unwrap_or(&default);
        match self.format {
            ReportForm::Html => write(out, &truce_report::daily_html(&daily))?,
            ReportForm::Geojson => write(out, &truce_report::daily_geojson(&daily))?,
            ReportForm::Csv => {
                std::fs::create_dir_all(out).map_err(|e| Error::file("make the folder", out, e))?;
                for table in truce_report::daily_tables(&daily) {
                    let file = out.join(format!("{}.csv", table.id));
                    write(&file, &truce_report::to_csv(&table))?;
                }
            }
        }
        terminal::say(&format!(
            "wrote {}: {} incidents between {} and {}",
            out.display(),
            daily.incidents.len(),
            truce_report::local(schedule, period.start),
            truce_report::local(schedule, period.end),
        ));
        Ok(())
    }
}

fn default_name(period: &Interval, form: ReportForm) -> String {
    let date = period.end.strftime("%Y-%m-%d");
    match form {
        ReportForm::Html => format!("report-{date}.html"),
        ReportForm::Csv => format!("report-{date}"),
        ReportForm::Geojson => format!("report-{date}.geojson"),
    }
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    std::fs::write(path, text).map_err(|e| Error::file("write", path, e))
}
