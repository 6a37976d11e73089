//! A report before it is written: the same blocks become HTML, PDF, CSV and GeoJSON.

use truce_core::{Digest, Interval};

use crate::account::Basis;
use crate::language::Language;
use crate::table::Table;

/// A report.
#[derive(Debug, Clone)]
pub struct Document {
    /// Its kind, as in file names: `daily`, `spot`.
    pub(crate) kind: &'static str,
    /// Its language.
    pub(crate) language: Language,
    /// The mission's title.
    pub(crate) mission: String,
    /// Its own title.
    pub(crate) title: String,
    /// What stands under the title, name and value.
    pub(crate) head: Vec<(&'static str, String)>,
    /// A warning that stands above everything else.
    pub(crate) notice: Option<(&'static str, &'static str)>,
    /// The incident it speaks of, in short.
    pub(crate) incident: Option<String>,
    /// The period it speaks of.
    pub(crate) period: Option<Interval>,
    /// The root of the log it rests on.
    pub(crate) root: Digest,
    /// What it says, in order.
    pub(crate) blocks: Vec<Block>,
    /// What stands at its end, name and value: the log and its root.
    pub(crate) foot: Vec<(&'static str, String)>,
}

/// A part of a report.
#[derive(Debug, Clone)]
pub(crate) enum Block {
    /// A heading over several tables.
    Heading(&'static str),
    /// A sentence or several.
    Text(String),
    /// Small print.
    Note(&'static str),
    /// Sentences, one after the other.
    List(Vec<String>),
    /// Key figures.
    Figures(Vec<Figure>),
    /// Names and values.
    Facts(Vec<(&'static str, String)>),
    /// A drawing as SVG, with a heading and a caption.
    Drawing {
        /// Its heading; empty when it has none.
        title: &'static str,
        /// The drawing: escaped SVG.
        svg: String,
        /// What it shows.
        caption: String,
    },
    /// A table.
    Table(Table),
}

/// A key figure.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Figure {
    /// The figure.
    pub(crate) value: String,
    /// What it counts.
    pub(crate) name: &'static str,
    /// That of the period before.
    pub(crate) before: Option<String>,
}

impl Document {
    pub(crate) fn new(kind: &'static str, basis: &Basis, title: String) -> Self {
        let l = basis.language;
        let witnessed = if basis.log.witnessed {
            l.t("yes, by the quorum")
        } else {
            l.t("no: logged, but the witnesses' quorum has not signed this root")
        };
        Self {
            kind,
            language: l,
            mission: basis.mission.title.clone(),
            title,
            head: Vec::new(),
            notice: None,
            incident: None,
            period: None,
            root: basis.log.root,
            blocks: Vec::new(),
            foot: vec![
                (l.t("Log"), basis.log.origin.clone()),
                (l.t("Entries"), basis.log.size.to_string()),
                (l.t("Root hash"), basis.log.root.to_string()),
                (l.t("Witnessed"), witnessed.to_owned()),
            ],
        }
    }

    /// Its title.
    #[must_use]
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Its name as a file, without an ending: kind, what it speaks of, and the language.
    #[must_use]
    pub fn file_name(&self) -> String {
        let about = match (&self.incident, self.period) {
            (Some(incident), _) => format!("-{incident}"),
            (None, Some(period)) => format!("-{}", period.end.strftime("%Y-%m-%d")),
            (None, None) => String::new(),
        };
        match self.language {
            Language::English => format!("{}{about}", self.kind),
            other => format!("{}{about}-{other}", self.kind),
        }
    }

    /// Its tables, those included that are too long to print.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Table(table) => Some(table),
            _ => None,
        })
    }

    pub(crate) fn push(&mut self, block: Block) -> &mut Self {
        self.blocks.push(block);
        self
    }

    pub(crate) fn table(&mut self, table: Table) -> &mut Self {
        self.push(Block::Table(table))
    }
}
