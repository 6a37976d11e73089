//! The daily report, as missions write it: counts, violations, weapons, civilians, freedom of
//! movement, truces, the sea, action taken, what was not observable, and what was revised.
//!
//! Its order and its columns follow the daily reports of the OSCE Special Monitoring Mission.

use crate::account::Account;
use crate::document::Document;
use crate::{body, overview, violations};

/// The daily report of a cut-off period.
#[must_use]
pub fn daily(account: &Account) -> Document {
    let mut document = overview::begin("daily", account, "Daily report");
    document
        .push(overview::figures(account))
        .push(overview::summary(account));
    body::whole(&mut document, account, violations::violations(account));
    document
}
