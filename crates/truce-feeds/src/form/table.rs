//! Claims as rows of a table (CSV after RFC 4180), columns named by a header and explained by a
//! mapping of the mission. Commas or semicolons part the cells, whichever the header has more of.

use truce_core::Observation;
use truce_core::mission::CLAIM_FIELDS;

use super::answers::Answers;
use super::{say, texts};
use crate::decoder::{Decoded, Job, Reader};
use crate::fault::{Fault, RejectionClass, Unencodable};
use crate::table::{Cells, RowWriter};

/// Reads the rows of one feed.
#[derive(Debug, Default)]
pub(crate) struct Rows {
    cells: Cells,
    header: Vec<String>,
}

impl Reader for Rows {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let Some(text) = job.text()? else {
            return Ok(());
        };
        if self.header.is_empty() || self.is_header(text)? {
            return self.begin(text, job);
        }
        let cells = self.cells.split(text)?;
        if cells.len() != self.header.len() {
            let (found, wanted) = (cells.len(), self.header.len());
            let reason = format!("{found} columns where the header has {wanted}");
            return Err(Fault::new(RejectionClass::ColumnCount, reason));
        }
        let mut answers = Answers::default();
        for (name, cell) in self.header.iter().zip(cells.iter()) {
            answers.add(name, cell)?;
        }
        say(job, &answers, out)
    }
}

impl Rows {
    /// True for the same header once more, as files that follow each other bring it.
    fn is_header(&mut self, text: &str) -> Result<bool, Fault> {
        let cells = self.cells.split(text)?;
        Ok(cells.iter().eq(self.header.iter().map(String::as_str)))
    }

    /// Takes the header. A row that names no column which the mapping asks for is none.
    fn begin(&mut self, text: &str, job: &Job<'_>) -> Result<(), Fault> {
        let count = |separator| text.matches(separator).count();
        let separator = if count(';') > count(',') { b';' } else { b',' };
        self.cells = Cells::parted_by(separator);
        let cells = self.cells.split(text)?;
        let mapping = job.origin.decoding.mapping.as_ref();
        let wanted = |cell: &str| {
            let asked =
                mapping.is_some_and(|mapping| mapping.questions.values().any(|q| q == cell));
            asked || CLAIM_FIELDS.contains(&cell)
        };
        let known = cells.iter().filter(|cell| wanted(cell)).count();
        if known == 0 {
            let reason = "the first row names no column that the mapping asks for";
            return Err(Fault::new(RejectionClass::Header, reason));
        }
        self.header = cells.iter().map(str::to_owned).collect();
        Ok(())
    }
}

/// The header of rows as [`encode`] writes them.
#[must_use]
pub fn header() -> String {
    CLAIM_FIELDS.join(",")
}

/// Writes a claim as a row under [`header`].
///
/// # Errors
/// [`Unencodable`] for other readings, and for objects other than vessels.
pub fn encode(observation: &Observation) -> Result<Vec<String>, Unencodable> {
    let texts = texts(observation, "claims-csv")?;
    let mut row = RowWriter::default();
    for field in CLAIM_FIELDS {
        let text = texts.iter().find(|(name, _)| name == field);
        row.maybe(text.map(|(_, text)| text.as_str()));
    }
    Ok(vec![row.finish()])
}
