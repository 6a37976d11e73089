//! Where and when events may have been: for every cell of a grid the arrivals, each moved back by
//! its travel time and weighted by what it tells for an event there, are added up over time (source
//! scanning; Kao and Shan 2004). Peaks in space and time are starting points, no more.

#![allow(clippy::cast_possible_truncation)] // Bins and cells are few, and casts of floats saturate.

use super::likelihood::{Medium, World};
use super::model::{STRENGTHS, Seen};
use super::picks::{Entry, Picks};

/// Cells at most; a larger area gets larger cells.
const CELLS_MAX: usize = 40_000;
/// Bins of time worked on at once, at most: the sums stay within the second-level cache.
const WINDOW_MAX: usize = 8_192;
/// Bins that are added up side by side, in registers.
const BLOCK: usize = 16;
/// Parts of a bin, as a power of two.
const TICK_BITS: u32 = 6;
const TICKS_PER_BIN: f64 = 64.0;
/// An arrival of which no more than this share is free is left out.
const FREE_MIN: f32 = 0.1;
/// A peak is the greatest so many bins before and after.
const PEAK_BINS: usize = 2;
/// Room for the kernels at both ends of a window.
const PAD: usize = 16;
/// Strengths that the weights are made for: weak events must be found, strong ones will be.
const WEAK: std::ops::Range<usize> = 0..STRENGTHS / 2;
/// Below this probability of being noticed a channel tells nothing about a weak event.
const SEEN_MIN: f64 = 0.08;
/// A cell's half diagonal, in what the finest standard deviation of a picked time is in distance.
const CELL_SIGMAS: f64 = 3.5;
/// Half width of a kernel: so much of the travel time from a cell's middle to its corner, and so
/// many standard deviations of a picked time.
const KERNEL_CORNER: f64 = 0.8;
const KERNEL_SIGMAS: f64 = 1.6;
/// A possible event.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peak {
    pub(super) x_m: f64,
    pub(super) y_m: f64,
    /// Since the epoch of the arrivals, seconds.
    pub(super) at_s: f64,
    score: f32,
    cell: usize,
    /// Within the window.
    bin: usize,
}

/// One channel as a cell hears it.
#[derive(Debug, Clone, Copy)]
struct Path {
    channel: usize,
    /// Number among the waves that are added up.
    wave: usize,
    travel_s: f64,
    seen: f64,
}

/// A free arrival.
#[derive(Debug, Clone, Copy)]
struct Tick {
    /// Time in small parts of a bin.
    at: i64,
    free: f32,
}

/// Sums over a window of time.
struct Sums {
    start_s: f64,
    /// Before the kernel, by wave, with room for the kernel at both ends; empty for the waves that
    /// are not added up.
    by_wave: Vec<Vec<f32>>,
    /// Of the window, and of what the peaks at its ends are compared with.
    total: Vec<f32>,
}

impl Sums {
    /// For at least so many bins, with kernels of these widths.
    fn new(bins: usize, widths: &[usize]) -> Self {
        let bins = (bins + 2 * PEAK_BINS).next_multiple_of(BLOCK);
        let room = |&width: &usize| vec![0.0; if width > 0 { bins + 2 * PAD } else { 0 }];
        Self {
            start_s: 0.0,
            by_wave: widths.iter().map(room).collect(),
            total: vec![0.0; bins],
        }
    }

    /// Bins of the window itself.
    fn window(&self) -> usize {
        self.total.len() - 2 * PEAK_BINS
    }
}

/// The grid and its paths.
#[derive(Debug, Clone)]
pub(super) struct Stack {
    columns: usize,
    rows: usize,
    pub(super) cell_m: f64,
    bin_s: f64,
    /// Width in bins of the kernel by wave that is added up; zero for those that are not.
    widths: Vec<usize>,
    centres: Vec<[f64; 2]>,
    paths: Vec<Path>,
    /// First path by cell.
    first: Vec<usize>,
    /// Logarithm of the probability that a weak event goes unnoticed everywhere, by cell.
    unseen: Vec<f32>,
    travel_s_max: f64,
}

impl Stack {
    pub(super) fn new(world: &World) -> Self {
        let sharp = || world.media.iter().filter(|medium| medium.sharp);
        let finest_m = sharp().map(Medium::sharp_m).fold(f64::INFINITY, f64::min);
        let (east_m, north_m) = world.area.extent_m();
        let least_m = (east_m * north_m / CELLS_MAX as f64).sqrt();
        let cell_m = (CELL_SIGMAS * finest_m * std::f64::consts::SQRT_2).max(least_m);
        let half_s = |medium: &Medium| {
            let corner_s = cell_m * std::f64::consts::FRAC_1_SQRT_2 * medium.slowness_s_m;
            KERNEL_CORNER * corner_s + KERNEL_SIGMAS * medium.pick_s_sigma
        };
        let bin_s = sharp().map(half_s).fold(f64::INFINITY, f64::min);
        let width = |medium: &Medium| match medium.sharp {
            true => ((2.0 * half_s(medium) / bin_s).round() as usize).clamp(1, PAD),
            false => 0,
        };
        let columns = (east_m / cell_m).ceil().max(1.0) as usize;
        let rows = (north_m / cell_m).ceil().max(1.0) as usize;
        let mut stack = Self {
            columns,
            rows,
            cell_m,
            bin_s,
            widths: world.media.iter().map(width).collect(),
            centres: Vec::with_capacity(columns * rows),
            paths: Vec::new(),
            first: vec![0],
            unseen: Vec::with_capacity(columns * rows),
            travel_s_max: 0.0,
        };
        for cell in 0..columns * rows {
            let share = |n: usize, of: usize| (n as f64 + 0.5) / of as f64;
            let x_m = world.area.x_m_min + share(cell % columns, columns) * east_m;
            let y_m = world.area.y_m_min + share(cell / columns, rows) * north_m;
            stack.centres.push([x_m, y_m]);
            stack.add_paths(world, [x_m, y_m]);
        }
        stack
    }

    fn add_paths(&mut self, world: &World, [x_m, y_m]: [f64; 2]) {
        let mut unseen = 0.0;
        for (station, at) in world.stations.iter().enumerate() {
            let distance_m = libm::hypot(x_m - at[0], y_m - at[1]);
            for (wave, medium) in world.media.iter().enumerate() {
                let Some(seen) = medium.seen.at(Seen::row(distance_m)) else {
                    continue;
                };
                let seen = seen[WEAK].iter().sum::<f64>() / WEAK.len() as f64;
                if seen < SEEN_MIN || !medium.sharp {
                    continue;
                }
                unseen += libm::log1p(-seen);
                let travel_s = distance_m * medium.slowness_s_m;
                self.travel_s_max = self.travel_s_max.max(travel_s);
                self.paths.push(Path {
                    channel: station * world.media.len() + wave,
                    wave,
                    travel_s,
                    seen,
                });
            }
        }
        self.first.push(self.paths.len());
        self.unseen.push(unseen as f32);
    }

    /// All peaks of at least `least`, the greatest first. `free` is the share of each pick that no
    /// event claims, `rate` that of free arrivals by channel, per second.
    pub(super) fn peaks(&self, picks: &Picks, free: &[f64], rate: &[f64], least: f32) -> Vec<Peak> {
        let weight = |path: &Path| {
            let within = 1.0 / (self.widths[path.wave] as f64 * self.bin_s * rate[path.channel]);
            libm::log1p(path.seen * within / (1.0 - path.seen)) as f32
        };
        let weights: Vec<f32> = self.paths.iter().map(weight).collect();
        let channels: Vec<Vec<Tick>> = (0..rate.len())
            .map(|channel| self.ticks(picks.all(channel), free))
            .collect();
        let mut peaks = Vec::new();
        let bins = ((picks.span_s + self.travel_s_max) / self.bin_s) as usize + 1;
        let windows = bins.div_ceil(WINDOW_MAX);
        let mut sums = Sums::new(bins.div_ceil(windows), &self.widths);
        for window in 0..windows {
            let before = (window * sums.window()) as f64;
            sums.start_s = before * self.bin_s - self.travel_s_max;
            let found = peaks.len();
            for cell in 0..self.centres.len() {
                self.add_up(cell, &channels, &weights, &mut sums);
                self.find(cell, least - self.unseen[cell], &sums, &mut peaks);
            }
            self.thin(&mut peaks, found);
        }
        peaks.sort_by(|a: &Peak, b| {
            b.score
                .total_cmp(&a.score)
                .then(a.bin.cmp(&b.bin))
                .then(a.cell.cmp(&b.cell))
        });
        peaks
    }

    /// The free arrivals of a channel.
    fn ticks(&self, entries: &[Entry], free: &[f64]) -> Vec<Tick> {
        let tick = |entry: &Entry| Tick {
            at: (entry.at_s / self.bin_s * TICKS_PER_BIN) as i64,
            free: free[entry.pick as usize] as f32,
        };
        entries
            .iter()
            .map(tick)
            .filter(|tick| tick.free >= FREE_MIN)
            .collect()
    }

    /// The sums of a cell over one window; the first bin is `PEAK_BINS` before its start.
    fn add_up(&self, cell: usize, channels: &[Vec<Tick>], weights: &[f32], sums: &mut Sums) {
        for row in &mut sums.by_wave {
            row.fill(0.0);
        }
        let begin_s = sums.start_s - (PEAK_BINS + PAD) as f64 * self.bin_s;
        let range = self.first[cell]..self.first[cell + 1];
        for (path, &weight) in self.paths[range.clone()].iter().zip(&weights[range]) {
            // An even kernel lies around the edge of two bins.
            let half = if self.widths[path.wave].is_multiple_of(2) {
                0.5
            } else {
                0.0
            };
            let first = ((begin_s + path.travel_s) / self.bin_s - half) * TICKS_PER_BIN;
            let first = first as i64;
            let into = &mut sums.by_wave[path.wave];
            let ticks = &channels[path.channel];
            let skip = ticks.partition_point(|tick| tick.at < first);
            for tick in &ticks[skip..] {
                let bin = ((tick.at - first) >> TICK_BITS) as usize;
                let Some(sum) = into.get_mut(bin) else { break };
                *sum += weight * tick.free;
            }
        }
        for (block, total) in sums.total.chunks_exact_mut(BLOCK).enumerate() {
            let mut added = [0.0; BLOCK];
            for (row, &width) in sums.by_wave.iter().zip(&self.widths) {
                let first = block * BLOCK + PAD + 1 - width.div_ceil(2);
                for shift in first..first + width {
                    for (sum, part) in added.iter_mut().zip(&row[shift..shift + BLOCK]) {
                        *sum += part;
                    }
                }
            }
            total.copy_from_slice(&added);
        }
    }

    /// The peaks in time of one cell; of equals the first.
    fn find(&self, cell: usize, least: f32, sums: &Sums, peaks: &mut Vec<Peak>) {
        let [x_m, y_m] = self.centres[cell];
        for first in (PEAK_BINS..PEAK_BINS + sums.window()).step_by(BLOCK) {
            // Most of the time nothing happens anywhere near.
            let end = (first + BLOCK).min(PEAK_BINS + sums.window());
            let block = sums.total[first..end].iter();
            if block.map(|&score| u32::from(score >= least)).sum::<u32>() == 0 {
                continue;
            }
            for at in first..end {
                let score = sums.total[at];
                let (before, after) = (&sums.total[at - PEAK_BINS..at], &sums.total[at + 1..]);
                if score < least
                    || before.iter().any(|&sum| sum >= score)
                    || after[..PEAK_BINS].iter().any(|&sum| sum > score)
                {
                    continue;
                }
                let bin = at - PEAK_BINS;
                peaks.push(Peak {
                    x_m,
                    y_m,
                    at_s: sums.start_s + (bin as f64 + 0.5) * self.bin_s,
                    score: score + self.unseen[cell],
                    cell,
                    bin,
                });
            }
        }
    }

    /// Drops the peaks from `found` on, in order of cell and time, that have a greater neighbour.
    fn thin(&self, peaks: &mut Vec<Peak>, found: usize) {
        let mut first = vec![found; self.centres.len() + 1];
        for (index, peak) in (found..).zip(&peaks[found..]) {
            first[peak.cell + 1] = index + 1;
        }
        for cell in 0..self.centres.len() {
            first[cell + 1] = first[cell + 1].max(first[cell]);
        }
        let near = |cell: usize, bin: usize| {
            let all = &peaks[first[cell]..first[cell + 1]];
            let skip = all.partition_point(|peak| peak.bin + PEAK_BINS < bin);
            all[skip..]
                .iter()
                .take_while(move |peak| peak.bin <= bin + PEAK_BINS)
        };
        let greatest = |peak: &Peak| {
            let (column, row) = (peak.cell % self.columns, peak.cell / self.columns);
            let rows = row.saturating_sub(1)..(row + 2).min(self.rows);
            rows.flat_map(|row| {
                let columns = column.saturating_sub(1)..(column + 2).min(self.columns);
                columns.map(move |column| row * self.columns + column)
            })
            .flat_map(|cell| near(cell, peak.bin))
            .all(|other| (other.score, peak.cell) <= (peak.score, other.cell))
        };
        let kept: Vec<Peak> = peaks[found..].iter().copied().filter(greatest).collect();
        peaks.truncate(found);
        peaks.extend(kept);
    }
}
