//! Incidents: the list, one with everything about it, decisions and replies.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Json;
use serde::Deserialize;
use serde_json::{Value, json};
use truce_accord::ladder::{self, Procedure, clocks_at};
use truce_core::mission::{Feed, Mission};
use truce_core::{
    Action, Assessment, Decision, Finding, IncidentId, Observation, RawMessage, Reading, Reply,
    Slug, Stance, Timestamp,
};
use truce_store::{IncidentQuery, LogPosition, PAGE_ITEMS_MAX, Sort, Store};

use super::error::Failure;
use super::parameters::{Body, Parameters};
use super::state::{App, AppState};
use super::summary::present;
use super::{evidence, log};

/// Incidents on a page when no limit is given.
const PAGE_DEFAULT: u32 = 500;

/// `GET /api/incidents`
pub(super) async fn list(
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Json<Value>, Failure> {
    let (from, to) = parameters.period()?;
    let query = IncidentQuery {
        kinds: parameters.words("kind")?,
        statuses: parameters.words("status")?,
        clause: parameters.parsed("clause")?,
        verdict: parameters.word("verdict")?,
        sector: parameters.parsed("sector")?,
        from,
        to,
        probability_min: parameters.parsed("probability_min")?,
        text: parameters.text("text"),
        without_withdrawn: false,
        sort: sort(parameters.text("sort"))?,
        limit: Some(parameters.parsed("limit")?.unwrap_or(PAGE_DEFAULT)),
        after: parameters.text("after"),
    };
    parameters.finish()?;
    let page = app
        .state
        .read(move |store, _| Ok(store.incidents(&query)?))
        .await?;
    Ok(Json(
        json!({ "items": page.items, "next": page.next, "total": page.total }),
    ))
}

/// `GET /api/known`: incidents as the mission knew them at an instant.
pub(super) async fn known(
    State(app): State<App>,
    mut parameters: Parameters,
) -> Result<Json<Value>, Failure> {
    let at: Option<Timestamp> = parameters.parsed("at")?;
    let after = parameters.parsed("after")?.unwrap_or(0);
    let limit = parameters.parsed("limit")?.unwrap_or(PAGE_ITEMS_MAX);
    parameters.finish()?;
    let read = move |store: &Store, _: &AppState| {
        let at = at.map_or_else(|| present(store), Ok)?;
        Ok(store.known_at(at, after, limit)?)
    };
    let page = app.state.read(read).await?;
    Ok(Json(json!({ "items": page.items, "next": page.next })))
}

fn sort(word: Option<String>) -> Result<Sort, Failure> {
    match word.as_deref() {
        None | Some("time") => Ok(Sort::Time),
        Some("clock") => Ok(Sort::Clock),
        Some("probability") => Ok(Sort::Probability),
        Some(other) => {
            let message = format!("`sort={other:.40}`: clock, time or probability is expected");
            Err(Failure::bad_request(message))
        }
    }
}

/// The incident of a name or the beginning of one.
pub(super) fn resolve(store: &Store, name: &str) -> Result<IncidentId, Failure> {
    let unknown = || {
        Failure::not_found(format!("there is no incident `{name:.80}`"))
            .hint("give its whole name, or at least its first six digits")
    };
    store.find_incident(name)?.ok_or_else(unknown)
}

/// `GET /api/incidents/{id}`
pub(super) async fn one(
    State(app): State<App>,
    Path(id): Path<String>,
) -> Result<Json<Value>, Failure> {
    let read = move |store: &Store, state: &AppState| {
        let id = resolve(store, &id)?;
        let (evidence, raw) = evidence::items(store, state.log(), id)?;
        Ok((id, detail(store, state, id, evidence)?, raw))
    };
    let (id, detail, raw) = app.state.read(read).await?;
    evidence::log_access(&app, id, raw).await?;
    Ok(Json(detail))
}

fn detail(
    store: &Store,
    state: &AppState,
    id: IncidentId,
    evidence: Vec<Value>,
) -> Result<Value, Failure> {
    let unknown = || Failure::not_found(format!("there is no incident {id}"));
    let summary = store.incident_summary(id)?.ok_or_else(unknown)?;
    let stored = store.incident(id)?.ok_or_else(unknown)?;
    let finding = store.finding(id)?;
    let newest = finding.as_ref().map_or(stored.at, |(_, at)| *at);
    let finding = finding.map(|(finding, _)| finding);
    let rules = &state.agreement().clocks;
    let now = present(store)?;
    let assessments = store.assessments(id)?.into_iter();
    let assessments: Result<Vec<Value>, _> = assessments
        .map(|(assessment, _)| with_clause(state, &assessment))
        .collect();
    Ok(json!({
        "summary": summary,
        "incident": stored.incident,
        "revisions": store.revisions(id)?,
        "evidence": evidence,
        "assessments": assessments?,
        "allowed": ladder::allowed(finding.as_ref()),
        "procedure": finding.as_ref().map(Procedure::of).unwrap_or_default(),
        "clocks": finding.as_ref().map(|finding| clocks_at(finding, rules, now)),
        "finding": finding,
        "revoked_keys": store.rests_on_revoked_keys(id)?,
        "proof": proof(state, newest)?,
    }))
}

/// An assessment with the words of its clause, in the version by which it was made.
fn with_clause(state: &AppState, assessment: &Assessment) -> Result<Value, Failure> {
    let versions = state.agreement().versions.iter();
    let clause = versions
        .filter(|version| version.effective_from == assessment.agreement_effective_from)
        .flat_map(|version| &version.clauses)
        .find(|clause| clause.id == assessment.clause);
    let mut value = json!(assessment);
    value["clause_title"] = json!(clause.map_or(assessment.clause.as_str(), |c| &c.title));
    value["clause_text"] = json!(clause.map_or("", |c| &c.terms.text));
    value["article"] = json!(
        clause
            .and_then(|c| c.article.as_deref())
            .unwrap_or_default()
    );
    Ok(value)
}

/// Where the newest word on an incident lies in the log, and what covers it.
fn proof(state: &AppState, at: LogPosition) -> Result<Value, Failure> {
    let checkpoint = state.log().checkpoint()?;
    Ok(json!({
        "entry": at.entry,
        "row": at.row,
        "log_size": checkpoint.size,
        "logged": at.entry < checkpoint.size,
        "witnessed": at.entry < log::witnessed_size(state)?,
        "checkpoint": checkpoint.to_string(),
    }))
}

/// What an officer decides.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct DecisionBody {
    officer: Slug,
    action: Action,
    #[serde(default)]
    reason: String,
}

/// `POST /api/incidents/{id}/decisions`
pub(super) async fn decide(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body<DecisionBody>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let incident = app.state.read(move |store, _| resolve(store, &id)).await?;
    let decision = Decision {
        incident,
        officer: body.officer,
        decided_at: Timestamp::now(),
        action: body.action,
        reason: body.reason,
    };
    Ok(created(&app.line().await?.decide(decision).await?))
}

/// What a party replies.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ReplyBody {
    party: Slug,
    stance: Stance,
    text: String,
}

/// `POST /api/incidents/{id}/replies`: the reply goes through the party's own feed, as it would if
/// the party had sent it there.
pub(super) async fn reply(
    State(app): State<App>,
    Path(id): Path<String>,
    Body(body): Body<ReplyBody>,
) -> Result<(StatusCode, Json<Value>), Failure> {
    let incident = app.state.read(move |store, _| resolve(store, &id)).await?;
    let reply = Reply {
        incident,
        party: body.party,
        replied_at: Timestamp::now(),
        stance: body.stance,
        text: body.text,
    };
    let message = reply_message(app.state.mission(), reply)?;
    let finding = app.line().await?.reply(message).await?;
    let kept = "the reply was received and kept, and no finding followed from it";
    Ok(created(&finding.ok_or_else(|| Failure::conflict(kept))?))
}

fn created(finding: &Finding) -> (StatusCode, Json<Value>) {
    (StatusCode::CREATED, Json(json!({ "finding": finding })))
}

/// A reply as a message of the feed of the party that gives it.
fn reply_message(mission: &Mission, reply: Reply) -> Result<RawMessage, Failure> {
    if !mission.parties().any(|party| party.id == reply.party) {
        let parties: Vec<&str> = mission.parties().map(|party| party.id.as_str()).collect();
        let message = format!("`{}` is no party to the agreement", reply.party);
        return Err(Failure::bad_request(message).hint(format!("one of {}", parties.join(", "))));
    }
    let format = truce_feeds::Format::ReportJson;
    let carries = |feed: &&Feed| feed.format.as_str() == format.slug();
    let feeds = || mission.network.feeds.iter().filter(carries);
    let own = feeds().find(|feed| feed.operator.as_ref() == Some(&reply.party));
    let feed = own.or_else(|| feeds().next()).ok_or_else(|| {
        Failure::conflict("the mission has no feed that carries replies").hint(format!(
            "add a feed of format `{}` to sensors.toml",
            format.slug()
        ))
    })?;
    let received_at = reply.replied_at;
    let observed_at = truce_core::Interval::instant(received_at);
    // The encoder reads the reading; the names follow from the message when it is decoded.
    let nameless = truce_core::MessageId(truce_core::Digest([0; 32]));
    let observation = Observation {
        id: Observation::name(nameless, 0, observed_at),
        message: nameless,
        source: feed.id.clone(),
        sensor: None,
        observed_at,
        received_at,
        location: None,
        reading: Reading::Reply(reply),
        grade: feed.grade,
        signed_by: None,
    };
    let lines = format.encode(&observation);
    let lines = lines.map_err(|error| Failure::bad_request(error.to_string()))?;
    Ok(RawMessage {
        source: feed.id.clone(),
        received_at,
        bytes: lines.concat().into_bytes(),
    })
}
