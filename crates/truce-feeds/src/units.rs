//! Units of the sea and the air, and what one is in SI.

/// A nautical mile, metres (BIPM, SI Brochure, 8th edition, table 8).
pub(crate) const NAUTICAL_MILE_M: f64 = 1852.0;
/// A knot, a nautical mile an hour, metres per second.
pub(crate) const KNOT_M_S: f64 = NAUTICAL_MILE_M / 3600.0;
/// An international foot, metres.
pub(crate) const FOOT_M: f64 = 0.3048;
