//! The daily report over the tables.

use axum::extract::State;
use axum::response::Html;
use jiff::civil::Date;
use truce_core::mission::Mission;
use truce_core::time::plus_seconds;
use truce_core::{Interval, Timestamp};
use truce_report::{daily_html, newest_period, period_ending_on};
use truce_store::Store;

use super::error::Failure;
use super::parameters::Parameters;
use super::state::{App, AppState};

/// `GET /api/report/daily`
pub(super) async fn daily_page(
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Html<String>, Failure> {
    let date: Option<Date> = parameters.parsed("date")?;
    parameters.finish()?;
    let read = move |store: &Store, state: &AppState| {
        let (mission, now) = (state.mission(), Timestamp::now());
        let period = match date {
            Some(date) => period_ending_on(&mission.report, date),
            None => newest_with_incidents(store, mission, now)?,
        };
        let period = period.map_err(|error| Failure::bad_request(error.to_string()))?;
        let daily =
            crate::daily::gather(store, state.log(), mission, state.agreement(), period, now)?;
        Ok(daily_html(&daily))
    };
    Ok(Html(app.state.read(read).await?))
}

type Period = Result<Interval, truce_report::Error>;

/// The newest period that has ended and does not begin behind the last incident, so that the
/// report of an earlier day's records is not empty.
fn newest_with_incidents(
    store: &Store,
    mission: &Mission,
    now: Timestamp,
) -> Result<Period, Failure> {
    let newest = newest_period(&mission.report, now);
    let (Ok(period), Some(span)) = (&newest, store.incident_span()?) else {
        return Ok(newest);
    };
    if period.start <= span.end {
        return Ok(newest);
    }
    // The period that ends at most a day behind the last incident holds it.
    let day_behind = plus_seconds(span.end, 86_400.0);
    Ok(newest_period(&mission.report, day_behind))
}
