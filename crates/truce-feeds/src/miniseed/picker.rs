//! Finds where waves arrive in a waveform that comes in pieces.
//!
//! A band-pass takes the waveform's noise away, the ratio of the mean square of the newest seconds to
//! that of the seconds before tells that something came (recursive STA/LTA: Withers et al. 1998,
//! Bulletin of the Seismological Society of America 88, 95–106, equation 4), and the onset is where
//! the waveform changes from one noise to another (Maeda 1985; Zhang, Thurber and Rowe 2003, ibid.
//! 93, 1904–1912, equation 2):
//!
//! AIC(k) = k ln σ²(x₁…x_k) + (N − k − 1) ln σ²(x_{k+1}…x_N)
//!
//! The onset's error follows from the weights exp(−ΔAIC/2) of all places.

use std::collections::VecDeque;

use truce_core::Timestamp;
use truce_core::mission::Picker;
use truce_core::time::SignedDuration;

use super::record::Record;

/// Most samples among which an onset is sought: some tens of seconds at the usual rates.
const WINDOW_MAX: usize = 8_192;

/// Short windows before and behind the trigger among which the onset is sought.
const WINDOWS_BEFORE: usize = 4;
const WINDOWS_BEHIND: usize = 1;

/// Samples at each edge of the window that are no onset: a variance needs some.
const EDGE: usize = 5;

/// A band that reaches this share of the highest frequency of a sampled waveform has no upper corner:
/// the digitizer's own filter lies there.
const BAND_SHARE_MAX: f64 = 0.9;

/// An arrival.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Pick {
    pub(super) at: Timestamp,
    /// Standard deviation of that, seconds.
    pub(super) s_sigma: f64,
    /// Largest ratio of the mean squares until the onset was known.
    pub(super) ratio: f64,
}

/// A second-order section in transposed direct form II.
#[derive(Debug, Clone, Copy)]
struct Section {
    b: [f64; 3],
    a: [f64; 2],
    held: [f64; 2],
}

impl Section {
    /// A Butterworth section by the bilinear transform, with or without what lies above a corner.
    fn butterworth(corner_hz: f64, rate_hz: f64, keeps_high: bool) -> Self {
        let k = libm::tan(std::f64::consts::PI * corner_hz / rate_hz);
        let scale = 1.0 / (1.0 + std::f64::consts::SQRT_2 * k + k * k);
        let (b0, b1) = if keeps_high {
            (1.0, -2.0)
        } else {
            (k * k, 2.0 * k * k)
        };
        Self {
            b: [b0 * scale, b1 * scale, b0 * scale],
            a: [
                2.0 * (k * k - 1.0) * scale,
                (1.0 - std::f64::consts::SQRT_2 * k + k * k) * scale,
            ],
            held: [0.0; 2],
        }
    }

    fn step(&mut self, x: f64) -> f64 {
        let y = self.b[0] * x + self.held[0];
        self.held[0] = self.b[1] * x - self.a[0] * y + self.held[1];
        self.held[1] = self.b[2] * x - self.a[1] * y;
        y
    }
}

/// The picker of one channel.
#[derive(Debug)]
pub(super) struct Channel {
    settings: Picker,
    rate_hz: f64,
    /// When the next sample is due.
    next_at: Timestamp,
    sections: Vec<Section>,
    /// The first sample, taken off all, so that an offset is no step.
    offset: f64,
    short_mean: f64,
    long_mean: f64,
    short_count: usize,
    long_count: usize,
    /// Samples since the beginning.
    count: usize,
    /// The newest samples of the band.
    window: VecDeque<f64>,
    /// The ratio has not fallen since the last pick.
    triggered: bool,
    /// Samples that are awaited until the onset is sought, and the largest ratio so far.
    pending: Option<(usize, f64)>,
}

impl Channel {
    /// A picker that begins with a record.
    pub(super) fn new(settings: &Picker, record: &Record) -> Self {
        let rate_hz = record.sample_rate_hz;
        let mut sections = Vec::new();
        if let Some((low_hz, high_hz)) = settings.band_hz {
            let highest_hz = BAND_SHARE_MAX * rate_hz / 2.0;
            if low_hz < highest_hz {
                sections.push(Section::butterworth(low_hz, rate_hz, true));
            }
            if high_hz < highest_hz {
                sections.push(Section::butterworth(high_hz, rate_hz, false));
            }
        }
        Self {
            settings: settings.clone(),
            rate_hz,
            next_at: record.started_at,
            sections,
            offset: record.samples.first().copied().unwrap_or_default(),
            short_mean: 0.0,
            long_mean: 0.0,
            short_count: samples_in(settings.sta_s, rate_hz),
            long_count: samples_in(settings.lta_s, rate_hz),
            count: 0,
            window: VecDeque::new(),
            triggered: false,
            pending: None,
        }
    }

    /// True when a record goes on where the one before ended, to half a sample.
    pub(super) fn is_continued_by(&self, record: &Record) -> bool {
        let off_s = record.started_at.duration_since(self.next_at).as_secs_f64();
        record.sample_rate_hz == self.rate_hz && off_s.abs() * self.rate_hz <= 0.5
    }

    /// True when a record ends before what came already: it was received twice, or late.
    pub(super) fn is_ahead_of(&self, record: &Record) -> bool {
        let length_s = record.samples.len() as f64 / record.sample_rate_hz;
        let off_s = record.started_at.duration_since(self.next_at).as_secs_f64();
        off_s + length_s <= 0.5 / self.rate_hz
    }

    /// Takes the samples of the next record; gives the arrivals in them.
    pub(super) fn take(&mut self, record: &Record) -> Vec<Pick> {
        let mut picks = Vec::new();
        for (index, sample) in record.samples.iter().enumerate() {
            if self.step(*sample - self.offset)
                && let Some(pick) = self.pick(record, index)
            {
                picks.push(pick);
            }
        }
        let length_s = record.samples.len() as f64 / self.rate_hz;
        self.next_at = later(record.started_at, length_s);
        picks
    }

    /// Takes a sample; true when an onset is due.
    fn step(&mut self, sample: f64) -> bool {
        let filtered = self
            .sections
            .iter_mut()
            .fold(sample, |x, section| section.step(x));
        let square = filtered * filtered;
        self.short_mean += (square - self.short_mean) / self.short_count as f64;
        self.long_mean += (square - self.long_mean) / self.long_count as f64;
        let window =
            (self.short_count * (WINDOWS_BEFORE + WINDOWS_BEHIND)).clamp(4 * EDGE, WINDOW_MAX);
        if self.window.len() == window {
            self.window.pop_front();
        }
        self.window.push_back(filtered);
        self.count += 1;
        // Before the long window has filled the ratio says nothing.
        let warm = self.count > self.long_count && self.long_mean > 0.0;
        let ratio = if warm {
            self.short_mean / self.long_mean
        } else {
            0.0
        };
        if !self.triggered && ratio >= self.settings.on {
            self.triggered = true;
            let behind = self.short_count * WINDOWS_BEHIND;
            self.pending = Some((behind.min(window / (WINDOWS_BEFORE + 1)), ratio));
        } else if self.triggered && ratio < self.settings.off {
            self.triggered = false;
        }
        match &mut self.pending {
            Some((left, most)) => {
                *most = most.max(ratio);
                let due = *left == 0;
                *left = left.saturating_sub(1);
                due
            }
            None => false,
        }
    }

    /// The onset in the window whose newest sample is one of a record.
    fn pick(&mut self, record: &Record, index: usize) -> Option<Pick> {
        let (_, ratio) = self.pending.take()?;
        let (onset, samples_sigma) = onset(self.window.make_contiguous())?;
        let ago = self.window.len() - 1 - onset;
        let offset_s = (index as f64 - ago as f64) / self.rate_hz;
        Some(Pick {
            at: later(record.started_at, offset_s),
            s_sigma: samples_sigma / self.rate_hz,
            ratio,
        })
    }
}

fn samples_in(seconds: f64, rate_hz: f64) -> usize {
    // A window has at least one sample; the settings keep it below four million.
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
    let samples = libm::round(seconds * rate_hz).clamp(1.0, 4e6) as usize;
    samples
}

fn later(at: Timestamp, seconds: f64) -> Timestamp {
    let moved = SignedDuration::try_from_secs_f64(seconds).ok();
    moved
        .and_then(|moved| at.checked_add(moved).ok())
        .unwrap_or(at)
}

/// The first sample of the second noise, and the standard deviation of its place in samples, at least
/// that of a place known to one sample (1/√12).
fn onset(window: &[f64]) -> Option<(usize, f64)> {
    let n = window.len();
    if n < 4 * EDGE {
        return None;
    }
    // Sums up to each place, so that the variance of either side is a difference.
    let mut sums = Vec::with_capacity(n + 1);
    sums.push((0.0, 0.0));
    for x in window {
        let (sum, squares) = sums.last().copied().unwrap_or_default();
        sums.push((sum + x, squares + x * x));
    }
    let floor = (sums[n].1 / n as f64) * 1e-12 + f64::MIN_POSITIVE;
    let log_variance = |from: usize, to: usize| {
        let count = (to - from) as f64;
        let mean = (sums[to].0 - sums[from].0) / count;
        let square = (sums[to].1 - sums[from].1) / count;
        libm::log((square - mean * mean).max(floor))
    };
    let criterion =
        |k: usize| k as f64 * log_variance(0, k) + (n - k - 1) as f64 * log_variance(k, n);
    let places: Vec<(usize, f64)> = (EDGE..n - EDGE).map(|k| (k, criterion(k))).collect();
    let (best, least) = places.iter().copied().min_by(|a, b| a.1.total_cmp(&b.1))?;
    let (mut weights, mut spread) = (0.0, 0.0);
    for (k, value) in places {
        let weight = libm::exp((least - value) / 2.0);
        let off = k as f64 - best as f64;
        weights += weight;
        spread += weight * off * off;
    }
    Some((best, (spread / weights).max(1.0 / 12.0).sqrt()))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Recursive ratios are those of the definition, computed anew for every sample.
    #[test]
    fn an_onset_is_where_the_noise_changes() {
        let quiet = |n: usize| libm::sin(n as f64 * 1.7) * 0.5 + libm::cos(n as f64 * 0.9) * 0.5;
        for place in [40, 60, 75] {
            let window: Vec<f64> = (0..100)
                .map(|n| quiet(n) * if n < place { 1.0 } else { 20.0 })
                .collect();
            let (found, sigma) = onset(&window).unwrap();
            assert!(found.abs_diff(place) <= 2, "{found} {place}");
            assert!((0.28..3.0).contains(&sigma), "{sigma}");
        }
        assert_eq!(onset(&[0.0; 10]), None);
        assert!(onset(&[0.0; 100]).is_some_and(|(_, sigma)| sigma > 10.0));
    }

    /// The gains of a Butterworth filter: one half of the power at its corner.
    #[test]
    fn sections_have_their_corner_at_half_power() {
        for (keeps_high, hz, gain) in [
            (true, 5.0, 0.5_f64.sqrt()),
            (false, 5.0, 0.5_f64.sqrt()),
            (true, 0.1, 0.0),
            (false, 0.1, 1.0),
            (true, 45.0, 1.0),
            (false, 49.9, 0.0),
        ] {
            let mut section = Section::butterworth(5.0, 100.0, keeps_high);
            let wave = |n: u32| libm::sin(std::f64::consts::TAU * hz * f64::from(n) / 100.0);
            let out: Vec<f64> = (0..20_000).map(|n| section.step(wave(n))).collect();
            let power = out[10_000..].iter().map(|y| y * y).sum::<f64>() / 10_000.0;
            let own = (10_000..20_000).map(|n| wave(n).powi(2)).sum::<f64>() / 10_000.0;
            assert!(
                ((power / own).sqrt() - gain).abs() < 2e-3,
                "{keeps_high} {hz}"
            );
        }
    }
}
