//! How good a fix is, by how it came about.

/// How a fix came about (IEC 61162-1, mode indicator of `GNS` and `RMC`, quality of `GGA`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Mode {
    None,
    Simulator,
    Manual,
    Estimated,
    Autonomous,
    Differential,
    Precise,
    FloatRtk,
    Rtk,
}

impl Mode {
    const LETTERS: [(char, Self); 9] = [
        ('N', Self::None),
        ('S', Self::Simulator),
        ('M', Self::Manual),
        ('E', Self::Estimated),
        ('A', Self::Autonomous),
        ('D', Self::Differential),
        ('P', Self::Precise),
        ('F', Self::FloatRtk),
        ('R', Self::Rtk),
    ];

    /// The best of the systems' modes.
    pub(super) fn of_letters(letters: &str) -> Option<Self> {
        let known = |letter| Self::LETTERS.iter().find(|(known, _)| *known == letter);
        letters
            .chars()
            .filter_map(known)
            .map(|(_, mode)| *mode)
            .max()
    }

    pub(super) fn of_quality(quality: &str) -> Option<Self> {
        Some(match quality {
            "0" => Self::None,
            "1" => Self::Autonomous,
            "2" => Self::Differential,
            "3" => Self::Precise,
            "4" => Self::Rtk,
            "5" => Self::FloatRtk,
            "6" => Self::Estimated,
            "7" => Self::Manual,
            "8" => Self::Simulator,
            _ => return None,
        })
    }

    /// Standard deviation of a measured range, metres; `None` for what is not measured. Alone: 7 m
    /// (95 %) of the signal in space (GPS SPS Performance Standard, 5th edition, table 3.4-1), with as
    /// much again for air and receiver. Augmented and military: 2 m. Carrier phase: 0.3 m while its
    /// cycles are not resolved, 0.02 m when they are. Dead reckoning: 30 m (own estimate).
    pub(super) fn range_error_m(self) -> Option<f64> {
        match self {
            Self::None | Self::Simulator | Self::Manual => None,
            Self::Estimated => Some(30.0),
            Self::Autonomous => Some(5.0),
            Self::Differential | Self::Precise => Some(2.0),
            Self::FloatRtk => Some(0.3),
            Self::Rtk => Some(0.02),
        }
    }
}
