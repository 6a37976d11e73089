//! What is measured of a cluster of anomalies. Each measure is one line of the explanation.

/// A measure, by its place in [`TERMS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TermName {
    /// Confirmed events within about 2 km: ln(0.02 + their sum, an event losing weight with age).
    Events2Km,
    /// The same within about 5 km.
    Events5Km,
    /// The same within about 10 km.
    Events10Km,
    /// The same within about 20 km.
    Events20Km,
    /// Distance to the line of control: ln(1 + kilometres).
    Line,
    /// 1 on the held side of the line of control, or beyond the border nearer to it; else 0.
    Held,
    /// How much nearer the line is than three weeks before: ln of the ratio of both distances,
    /// each plus one kilometre.
    LineNearer,
    /// Clusters of the same day within 10 km, itself counted: ln of the number.
    SameDay,
    /// Anomalies that peaceful years had within 10 km in this season: ln(1 + number a year).
    Season,
    /// Days on which it burnt within 1.5 km in peaceful years: ln(1 + days a year). Works,
    /// flares and dumps burn all year round.
    Lasting,
}

/// Every measure, in the order in which they are stored and shown.
pub const TERMS: [TermName; 10] = [
    TermName::Events2Km,
    TermName::Events5Km,
    TermName::Events10Km,
    TermName::Events20Km,
    TermName::Line,
    TermName::Held,
    TermName::LineNearer,
    TermName::SameDay,
    TermName::Season,
    TermName::Lasting,
];

/// The measures of one cluster in the order of [`TERMS`]; `None` is unknown, not zero.
pub type Features = [Option<f64>; TERMS.len()];

impl TermName {
    /// The name under which the parameter file holds its weight.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Events2Km => "events_2_km",
            Self::Events5Km => "events_5_km",
            Self::Events10Km => "events_10_km",
            Self::Events20Km => "events_20_km",
            Self::Line => "line",
            Self::Held => "held",
            Self::LineNearer => "line_nearer",
            Self::SameDay => "same_day",
            Self::Season => "season",
            Self::Lasting => "lasting",
        }
    }

    /// What an officer reads beside the term's log-odds.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Events2Km => "Confirmed events of recent weeks within 2 km",
            Self::Events5Km => "Confirmed events of recent weeks within 5 km",
            Self::Events10Km => "Confirmed events of recent weeks within 10 km",
            Self::Events20Km => "Confirmed events of recent weeks within 20 km",
            Self::Line => "Distance to the line of control",
            Self::Held => "Side of the line of control",
            Self::LineNearer => "Line of control came nearer in three weeks",
            Self::SameDay => "Other thermal anomalies of the day within 10 km",
            Self::Season => "Fires of this season in peaceful years within 10 km",
            Self::Lasting => "Heat at this place all through peaceful years",
        }
    }
}
