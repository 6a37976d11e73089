//! The arrivals in flat arrays: one channel for each station and wave, each in order of time.

use super::{Arrival, Wave};

/// Buckets of time over all channels at most: 16 MB of indices.
const BUCKETS_MAX: usize = 1 << 22;
/// Buckets of time for each entry of a channel in the mean.
const BUCKETS_PER_ENTRY: usize = 8;

/// An arrival as one wave at one station. An arrival of unknown wave is in every channel of its
/// station.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    /// Seconds since the epoch of the list.
    pub(super) at_s: f64,
    /// As stated by the arrival; zero when it states none.
    pub(super) sigma_s: f32,
    /// Number among the distinct arrivals.
    pub(super) pick: u32,
}

/// All arrivals, and where to find those of a channel from a time on.
#[derive(Debug)]
pub(super) struct Picks {
    pub(super) epoch_s: f64,
    /// From the first to the last, seconds.
    pub(super) span_s: f64,
    /// Position in the caller's list by pick.
    pub(super) origin: Vec<usize>,
    /// Station and wave by pick: the station's number times one more than there are waves, plus the
    /// wave's number; after the last wave come those of unknown wave.
    pub(super) class: Vec<u32>,
    entries: Vec<Entry>,
    /// First entry by channel and bucket of time; the last of a channel is its end.
    first: Vec<u32>,
    buckets: usize,
    buckets_per_s: f64,
}

/// An arrival in the order that does not depend on the caller's.
struct Sorted {
    at_s: f64,
    class: u32,
    sigma_s: f32,
    origin: usize,
}

impl Picks {
    /// Sorts arrivals that have been checked. Waves that are not in `waves` are left out; of equals
    /// one is kept.
    #[allow(clippy::cast_possible_truncation)] // Checked; and a sigma needs no 15 digits.
    pub(super) fn new(arrivals: &[Arrival], stations: usize, waves: &[Wave]) -> Self {
        let classes = waves.len() + 1;
        let number = |wave: Option<Wave>| match wave {
            Some(wave) => waves.iter().position(|&known| known == wave),
            None => Some(waves.len()),
        };
        let sorted = |(origin, arrival): (usize, &Arrival)| {
            Some(Sorted {
                at_s: arrival.at_s,
                class: (arrival.station * classes + number(arrival.wave)?) as u32,
                sigma_s: arrival.sigma_s.unwrap_or(0.0) as f32,
                origin,
            })
        };
        let mut sorted: Vec<_> = arrivals.iter().enumerate().filter_map(sorted).collect();
        sorted.sort_by(|a, b| {
            let by_time = a.at_s.total_cmp(&b.at_s).then(a.class.cmp(&b.class));
            by_time
                .then(a.sigma_s.total_cmp(&b.sigma_s))
                .then(a.origin.cmp(&b.origin))
        });
        sorted.dedup_by(|b, a| (a.at_s, a.class, a.sigma_s) == (b.at_s, b.class, b.sigma_s));
        let epoch_s = sorted.first().map_or(0.0, |first| first.at_s);
        let mut channels = vec![Vec::new(); stations * waves.len()];
        for (pick, own) in (0u32..).zip(&sorted) {
            let (station, class) = (own.class as usize / classes, own.class as usize % classes);
            let first = station * waves.len();
            let into = match class < waves.len() {
                true => first + class..first + class + 1,
                false => first..first + waves.len(),
            };
            for channel in &mut channels[into] {
                channel.push(Entry {
                    at_s: own.at_s - epoch_s,
                    sigma_s: own.sigma_s,
                    pick,
                });
            }
        }
        let mut picks = Self {
            epoch_s,
            span_s: sorted.last().map_or(0.0, |last| last.at_s - epoch_s),
            origin: sorted.iter().map(|own| own.origin).collect(),
            class: sorted.iter().map(|own| own.class).collect(),
            entries: Vec::with_capacity(sorted.len()),
            first: Vec::new(),
            buckets: 1,
            buckets_per_s: 0.0,
        };
        picks.index(&channels);
        picks
    }

    /// Buckets so short that most are empty.
    #[allow(clippy::cast_possible_truncation)] // There are fewer than 2³² entries.
    fn index(&mut self, channels: &[Vec<Entry>]) {
        let total: usize = channels.iter().map(Vec::len).sum();
        let most = BUCKETS_MAX / channels.len();
        self.buckets = (BUCKETS_PER_ENTRY * total / channels.len()).clamp(1, most.max(1));
        self.buckets_per_s = self.buckets as f64 / (self.span_s + 1.0);
        for channel in channels {
            let mut next = 0;
            for bucket in 0..=self.buckets {
                while next < channel.len() && self.bucket(channel[next].at_s) < bucket {
                    next += 1;
                }
                self.first.push((self.entries.len() + next) as u32);
            }
            self.entries.extend_from_slice(channel);
        }
    }

    /// All before the first time is bucket zero.
    #[allow(clippy::cast_possible_truncation)] // A cast from a float saturates.
    fn bucket(&self, at_s: f64) -> usize {
        (at_s * self.buckets_per_s) as usize
    }

    /// The entries of a channel at most `gate_s` away from a time.
    pub(super) fn near(&self, channel: usize, at_s: f64, gate_s: f64) -> &[Entry] {
        let row = channel * (self.buckets + 1);
        let (from_s, to_s) = (at_s - gate_s, at_s + gate_s);
        let begin = self.first[row + self.bucket(from_s).min(self.buckets)];
        let end = self.first[row + (self.bucket(to_s) + 1).min(self.buckets)];
        // Most looks find nothing, and need no look at the entries themselves.
        if begin == end {
            return &[];
        }
        let all = &self.entries[begin as usize..end as usize];
        let before = all.iter().take_while(|entry| entry.at_s < from_s);
        let all = &all[before.count()..];
        let within = all.iter().take_while(|entry| entry.at_s <= to_s);
        &all[..within.count()]
    }

    /// All entries of a channel.
    pub(super) fn all(&self, channel: usize) -> &[Entry] {
        let row = channel * (self.buckets + 1);
        &self.entries[self.first[row] as usize..self.first[row + self.buckets] as usize]
    }

    /// Number of distinct arrivals.
    pub(super) fn len(&self) -> usize {
        self.origin.len()
    }

    /// Share of arrivals of unknown wave, when there are `classes` a station.
    pub(super) fn unnamed_share(&self, classes: usize) -> f64 {
        let unnamed = |class: &&u32| **class as usize % classes + 1 == classes;
        self.class.iter().filter(unnamed).count() as f64 / self.len().max(1) as f64
    }
}
