//! Reports over the tables: the list of what can be asked for, and each report in any form.

use axum::body::Body;
use axum::extract::{Path, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Json, Response};
use serde_json::{Value, json};
use truce_core::mission::Mission;
use truce_core::{Interval, Timestamp};
use truce_report::{
    Document, Language, Table, local_date, period_ending_on, to_csv, to_geojson, to_html,
};
use truce_store::Store;

use super::error::Failure;
use super::parameters::Parameters;
use super::state::{App, AppState};
use crate::report::{self, Kind, Refusal, Sources, Wish};

/// Periods listed, the newest first: two months of days.
const PERIODS_MAX: usize = 62;

impl From<Refusal> for Failure {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Wish(message) => Self::bad_request(message),
            Refusal::UnknownIncident(_) => Self::not_found(refusal.to_string()),
            Refusal::Read(error) => error.into(),
        }
    }
}

/// What reports are gathered from, now.
pub(super) fn sources<'a>(store: &'a Store, state: &'a AppState) -> Sources<'a> {
    Sources {
        store,
        reader: state.log(),
        mission: state.mission(),
        agreement: state.agreement(),
        as_of: Timestamp::now(),
    }
}

/// `GET /api/reports`: kinds, forms, languages, and the periods that hold incidents.
pub(super) async fn list(State(app): State<App>) -> Result<Json<Value>, Failure> {
    let read = |store: &Store, state: &AppState| {
        let newest = report::newest_with_incidents(&sources(store, state))?;
        let first = store.incident_span()?.map(|span| span.start);
        let periods = periods(state.mission(), newest, first)?;
        let with_incident = Kind::ALL.into_iter().filter(|kind| kind.needs_incident());
        Ok(json!({
            "kinds": Kind::ALL.map(Kind::word),
            "kinds_of_incident": with_incident.map(Kind::word).collect::<Vec<_>>(),
            "formats": FORMS,
            "languages": Language::ALL.map(Language::code),
            "periods": periods,
        }))
    };
    Ok(Json(app.state.read(read).await?))
}

/// Cut-off periods from the newest back to the first incident.
fn periods(
    mission: &Mission,
    newest: Interval,
    first: Option<Timestamp>,
) -> Result<Vec<Value>, Refusal> {
    let mut date = local_date(&mission.report, newest.end)?;
    let mut all = Vec::new();
    while all.len() < PERIODS_MAX {
        let period = period_ending_on(&mission.report, date)?;
        if first.is_none_or(|first| period.end <= first) {
            break;
        }
        all.push(json!({ "date": date, "start": period.start, "end": period.end }));
        let Ok(yesterday) = date.yesterday() else {
            break;
        };
        date = yesterday;
    }
    Ok(all)
}

#[cfg(feature = "pdf")]
const FORMS: [&str; 5] = ["html", "json", "csv", "geojson", "pdf"];
#[cfg(not(feature = "pdf"))]
const FORMS: [&str; 4] = ["html", "json", "csv", "geojson"];

/// `GET /api/report/{kind}`
pub(super) async fn one(
    State(app): State<App>,
    Path(kind): Path<String>,
    mut parameters: Parameters,
) -> Result<Response, Failure> {
    let known = Kind::ALL.into_iter().find(|known| known.word() == kind);
    let kind = known.ok_or_else(|| {
        let words = Kind::ALL.map(Kind::word).join(", ");
        Failure::not_found(format!("there is no report `{kind:.40}`"))
            .hint(format!("one of {words}"))
    })?;
    let wish = Wish {
        kind,
        date: parameters.parsed("date")?,
        from: parameters.parsed("from")?,
        incident: parameters.text("incident"),
        patrols: parameters.parsed("patrols")?,
        language: parameters.parsed("lang")?.unwrap_or_default(),
    };
    let table = parameters.text("table");
    let form = parameters.text("format");
    parameters.finish()?;
    let read = move |store: &Store, state: &AppState| {
        let document = report::document(&sources(store, state), &wish)?;
        written(
            &document,
            form.as_deref().unwrap_or("html"),
            table.as_deref(),
        )
    };
    app.state.read(read).await
}

/// The report, or one table of it, in a form.
fn written(document: &Document, form: &str, table: Option<&str>) -> Result<Response, Failure> {
    let one = table.map(|id| find(document, id)).transpose()?;
    let ending = match table {
        Some(id) => format!("-{id}.{form}"),
        None => format!(".{form}"),
    };
    let (media_type, body) = match form {
        "html" if one.is_none() => ("text/html; charset=utf-8", Body::from(to_html(document))),
        "json" => return Ok(Json(as_json(document, one)).into_response()),
        "csv" => match one {
            Some(table) => ("text/csv; charset=utf-8", Body::from(to_csv(table))),
            None => return Err(name_a_table(document)),
        },
        "geojson" => {
            let wanted = |known: &&Table| match one {
                Some(one) => known.id == one.id,
                None => known.has_places(),
            };
            let text = to_geojson(document, document.tables().filter(wanted));
            ("application/geo+json", Body::from(text))
        }
        #[cfg(feature = "pdf")]
        "pdf" if one.is_none() => {
            let bytes = truce_report::to_pdf(document).map_err(|error| {
                tracing::error!(%error, "a report could not be typeset");
                Failure::internal()
            })?;
            ("application/pdf", Body::from(bytes))
        }
        other => {
            let message = format!("`format={other:.20}`: there is no such form of this");
            return Err(Failure::bad_request(message).hint(format!("one of {}", FORMS.join(", "))));
        }
    };
    // A page opens where it is; everything else is a file with a name.
    let place = match form {
        "html" => "inline".to_owned(),
        _ => format!("attachment; filename=\"{}{ending}\"", document.file_name()),
    };
    let head = [
        (CONTENT_TYPE, media_type.to_owned()),
        (CONTENT_DISPOSITION, place),
    ];
    Ok((head, body).into_response())
}

fn find<'a>(document: &'a Document, id: &str) -> Result<&'a Table, Failure> {
    let found = document.tables().find(|table| table.id == id);
    found.ok_or_else(|| name_a_table(document))
}

fn name_a_table(document: &Document) -> Failure {
    let ids: Vec<&str> = document.tables().map(|table| table.id).collect();
    Failure::bad_request("`table` names no table of this report")
        .hint(format!("one of {}", ids.join(", ")))
}

/// Tables with their cells as written.
fn as_json(document: &Document, one: Option<&Table>) -> Value {
    let table = |table: &Table| {
        let columns = table.columns.iter();
        let columns: Vec<Value> = columns
            .map(|column| json!({ "key": column.key, "title": column.title }))
            .collect();
        let rows = table.rows.iter();
        let rows: Vec<Vec<String>> = rows
            .map(|row| row.cells.iter().map(truce_report::Cell::written).collect())
            .collect();
        json!({
            "id": table.id,
            "title": table.title,
            "note": table.note,
            "empty": table.empty,
            "columns": columns,
            "rows": rows,
        })
    };
    let wanted = document
        .tables()
        .filter(|known| one.is_none_or(|one| one.id == known.id));
    json!({ "title": document.title(), "tables": wanted.map(table).collect::<Vec<_>>() })
}
