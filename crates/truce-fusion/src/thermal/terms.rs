//! What is measured of a cluster of anomalies. Each measure is one line of the explanation.

/// A measure, by its place in [`TERMS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum TermName {
    /// Confirmed events within about 2 km, forgotten in ten days: ln(0.02 + their weights' sum).
    Events2Km,
    /// The same within about 5 km.
    Events5Km,
    /// Within about 10 km, forgotten in sixty days: sources place events where they did before.
    Events10Km,
    /// Within about 40 km, forgotten in three days: how fierce it is around just now.
    Events40Km,
    /// 1 on the held side of the line of control, or beyond the border nearer to it; else 0.
    Held,
    /// How much nearer the line is than three weeks before: ln of the ratio of both distances,
    /// each plus one kilometre.
    LineNearer,
    /// Clusters of the same day within 10 km, itself counted: ln of the number.
    SameDay,
    /// Clusters of the same day within 400 km that have no confirmed event of two months within
    /// 30 km: ln(1 + their number). They tell how much the fields burn.
    QuietDay,
    /// Anomalies that peaceful years had within 10 km in this season: ln(1 + number a year).
    Season,
    /// The same all year round: ln(1 + number in the length of a season). Against it a season
    /// stands out.
    Year,
    /// Days on which it burnt within 1.5 km in peaceful years: ln(1 + days a year). Works,
    /// flares and dumps burn all year round.
    Lasting,
}

/// Every measure, in the order in which they are stored and shown.
pub const TERMS: [TermName; 11] = [
    TermName::Events2Km,
    TermName::Events5Km,
    TermName::Events10Km,
    TermName::Events40Km,
    TermName::Held,
    TermName::LineNearer,
    TermName::SameDay,
    TermName::QuietDay,
    TermName::Season,
    TermName::Year,
    TermName::Lasting,
];

/// The measures of one cluster in the order of [`TERMS`]; `None` is unknown, not zero.
pub type Features = [Option<f64>; TERMS.len()];

impl TermName {
    /// The name under which the parameter file holds its weight.
    #[must_use]
    pub fn key(self) -> &'static str {
        match self {
            Self::Events2Km => "events_2_km_10_days",
            Self::Events5Km => "events_5_km_10_days",
            Self::Events10Km => "events_10_km_60_days",
            Self::Events40Km => "events_40_km_3_days",
            Self::Held => "held",
            Self::LineNearer => "line_nearer",
            Self::SameDay => "same_day",
            Self::QuietDay => "quiet_day",
            Self::Season => "season",
            Self::Year => "year",
            Self::Lasting => "lasting",
        }
    }

    /// What an officer reads beside the term's log-odds.
    #[must_use]
    pub fn text(self) -> &'static str {
        match self {
            Self::Events2Km => "Confirmed events of recent weeks within 2 km",
            Self::Events5Km => "Confirmed events of recent weeks within 5 km",
            Self::Events10Km => "Confirmed events of recent months within 10 km",
            Self::Events40Km => "Confirmed events of recent days within 40 km",
            Self::Held => "Side of the line of control",
            Self::LineNearer => "Line of control came nearer in three weeks",
            Self::SameDay => "Other thermal anomalies of the day within 10 km",
            Self::QuietDay => "Fires of the day within 400 km where nothing was confirmed",
            Self::Season => "Fires of this season in peaceful years within 10 km",
            Self::Year => "Fires of all seasons in peaceful years within 10 km",
            Self::Lasting => "Heat at this place all through peaceful years",
        }
    }
}
