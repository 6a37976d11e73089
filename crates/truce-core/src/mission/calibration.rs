//! Reads calibration.toml: how stated probabilities are mapped so that they hold. The file is
//! optional, written by `truce calibrate`, and part of the mission's digest like any other.

use serde::{Deserialize, Serialize};

use crate::document::{Document, Issues, Node, Refusal, in_range};

/// The version of the file that this code reads.
pub const CALIBRATION_VERSION: u32 = 1;

/// A logistic map (Platt 1999): log-odds x become `intercept + slope · x`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Calibration {
    /// Natural log-odds added to all.
    pub intercept: f64,
    /// Factor on the log-odds, above 0.
    pub slope: f64,
}

/// Largest intercept that is read: beyond it every probability is near 0 or 1.
const INTERCEPT_MAX: f64 = 20.0;
/// Slopes that are read.
const SLOPES: std::ops::RangeInclusive<f64> = 0.01..=10.0;

pub(super) fn read(document: &Document, issues: &Issues) -> Option<Calibration> {
    let fields = document.fields(issues);
    let version = fields.need("version", version);
    let intercept = fields.need("intercept", in_range(-INTERCEPT_MAX..=INTERCEPT_MAX));
    let slope = fields.need("slope", in_range(SLOPES));
    // How many outcomes are behind it and where they came from is told to people.
    fields.maybe("outcomes", in_range(0.0..=1e12));
    fields.maybe("fitted_on", crate::document::text);
    fields.finish();
    version?;
    Some(Calibration {
        intercept: intercept?,
        slope: slope?,
    })
}

fn version(node: &Node) -> Result<(), Refusal> {
    let version = crate::document::number(node)?;
    if version == f64::from(CALIBRATION_VERSION) {
        return Ok(());
    }
    let hint =
        format!("this program reads version {CALIBRATION_VERSION}; run truce calibrate anew");
    Err((format!("version {version} is not known"), hint))
}
