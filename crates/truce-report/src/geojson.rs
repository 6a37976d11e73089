//! The counted incidents of the period as GeoJSON (RFC 7946).

use serde_json::{Value, json};
use truce_core::{Slug, Verdict};

use crate::counts::{counted, is_violation};
use crate::violations::number;
use crate::{BOUNDARIES_DISCLAIMER, Daily, Reported, words};

/// A FeatureCollection of points; the uncertainty is in the properties.
#[must_use]
pub fn daily_geojson(daily: &Daily) -> String {
    let features: Vec<Value> = counted(daily).map(feature).collect();
    let collection = json!({
        "type": "FeatureCollection",
        "features": features,
        "period": { "start": daily.period.start, "end": daily.period.end },
        "log_root": daily.log.root,
        "disclaimer": BOUNDARIES_DISCLAIMER,
    });
    collection.to_string()
}

fn feature(reported: &Reported) -> Value {
    let incident = &reported.incident;
    let breaches: Vec<&Slug> = reported
        .assessments
        .iter()
        .filter(|assessment| assessment.verdict == Verdict::Breach)
        .map(|assessment| &assessment.clause)
        .collect();
    let finding = reported.finding.as_ref();
    json!({
        "type": "Feature",
        "id": incident.id,
        "geometry": { "type": "Point", "coordinates": incident.place.position.to_xy() },
        "properties": {
            "number": number(reported),
            "kind": incident.kind,
            "what": words::what(incident),
            "occurred": incident.occurred,
            "probability": incident.probability,
            "semi_major_m": incident.place.uncertainty.semi_major_m,
            "semi_minor_m": incident.place.uncertainty.semi_minor_m,
            "ellipse_bearing_deg": incident.place.uncertainty.bearing_deg,
            "sector": reported.sector,
            "status": finding.map(|finding| finding.status).unwrap_or_default(),
            "attributed_to": finding.and_then(|finding| finding.attributed_to.as_ref()),
            "violation": is_violation(reported),
            "breaches": breaches,
        },
    })
}
