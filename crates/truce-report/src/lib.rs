//! Reports for people: daily and weekly report, Security Council annex, spot report, incident
//! dossier and patrol order, as self-contained HTML, PDF, CSV and GeoJSON, in four languages.
//!
//! The caller brings what a report speaks of; this room counts, arranges and words it. It reads no
//! file and no clock, judges nothing, and words everything from fixed templates. Likelihood uses
//! the words of ICD 203; confidence never stands in the same sentence. Text from outside is escaped
//! wherever it appears.
//!
//! Each kind of report is one function from what happened to a [`Document`]: headings, sentences,
//! drawings and tables. A document is then written in any form.

mod account;
mod actions;
mod annex;
mod basemap;
mod body;
mod case;
mod catalogue;
mod chart;
mod counts;
mod csv;
mod daily;
mod document;
mod dossier;
mod events;
mod geojson;
mod html;
mod language;
mod limits;
mod map;
mod names;
mod observability;
mod overview;
mod page;
mod patrol;
mod period;
mod place;
mod room;
mod spot;
mod symbols;
mod table;
mod truces;
#[cfg(feature = "pdf")]
mod typeset;
mod violations;
mod weapons;
mod weekly;
mod words;

pub use account::{
    Account, Basis, Clause, FeedLine, LogLine, Reported, Revised, Silence, Truce, Watch,
};
pub use annex::annex;
pub use case::{Case, Exhibit, LogPlace, RevisionLine};
pub use csv::to_csv;
pub use daily::daily;
pub use document::Document;
pub use dossier::dossier;
pub use geojson::to_geojson;
pub use language::Language;
pub use page::to_html;
pub use patrol::{PatrolOrder, Request, Route, Stop, patrol_order};
pub use period::{Error, local, local_date, newest_period, period_ending_on, week_ending_on};
pub use place::relative_place;
pub use spot::spot;
pub use table::{Cell, Column, Row, Table};
#[cfg(feature = "pdf")]
pub use typeset::{PdfError, to_pdf};
pub use weekly::weekly;

/// What is printed under every map and report.
pub const BOUNDARIES_DISCLAIMER: &str = "The boundaries, lines and names shown and the \
    designations used in this report do not imply any opinion on the legal status of any territory \
    or on the delimitation of frontiers. The line of contact and the zones are those of the \
    agreement's annexes as the mission holds them.";
