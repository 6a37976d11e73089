//! Whose message goes into the line next.
//!
//! Each source has a queue of its own, bounded in messages and bytes. The line is given batches, put
//! together by deficit round robin (Shreedhar and Varghese 1995): a source with much to say gets no
//! more of a batch than others that have something to say. Besides, a source may not send more for
//! long than its quota. One that wants to send more than it may floods: its messages ride along with
//! those of others, hardly any at a time, or make a batch of their own now and then while nobody else
//! has any. The rest waits in its own queue, in front of nobody else.
//!
//! A closed machine: it asks no clock and wakes nobody.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use truce_core::RawMessage;

/// Messages waiting for the line, per source: twenty seconds of the usual quota.
pub const WAITING_MESSAGES_MAX: usize = 20_000;

/// Bytes waiting for the line, per source. Fifty sources that all flood take 400 MiB.
pub const WAITING_BYTES_MAX: usize = 8 << 20;

/// Messages per second that one source may send for long, unless the mission says otherwise: a
/// coastal receiver hears some hundreds. Where an entry costs the disk 4 ms and a message the line
/// 40 µs, others feel a flood of so many as up to 9 % more delay.
pub const QUOTA_PER_S: u32 = 1_000;

/// A source may make up for so many seconds of silence at once.
const BURST_S: f64 = 2.0;

/// Batches of its own that a flood makes per second: few, with time for others between them. Others
/// wait least when such a batch costs about as much for its messages as for its entry.
const SLICES_PER_S: u32 = 10;

/// A flood makes a batch of its own only when others have sent nothing for so long: on a busy line it
/// would meet one of theirs.
const QUIET: Duration = Duration::from_millis(10);

/// Messages of floods that ride along with a batch of others: a hundredth of its time. On a line that
/// always has a batch of others it is all that floods get.
const RIDERS_MAX: usize = 1;

/// Most messages of a batch: some 30 ms of the line's time, which is what a newcomer waits.
pub const BATCH_MESSAGES_MAX: usize = 1_024;

/// Most work of a batch, bytes, but for its last message.
const BATCH_COST_MAX: usize = 2 << 20;

/// What a message costs beside its bytes: decoding and logging a short one takes about as long as
/// copying so many.
const MESSAGE_COST: usize = 256;

/// What a source may take of a batch before it is the next one's turn: some fifty short messages.
const QUANTUM: usize = 16 << 10;

fn cost(message: &RawMessage) -> usize {
    MESSAGE_COST + message.bytes.len()
}

/// The queues of all sources.
#[derive(Debug)]
pub(super) struct Fair {
    lanes: Vec<Lane>,
    turn: usize,
    /// Whose message rides along next.
    riders_turn: usize,
    /// Until when floods make no batch of their own.
    quiet_at: Instant,
}

#[derive(Debug)]
struct Lane {
    waiting: VecDeque<RawMessage>,
    bytes: usize,
    /// Messages that may go into the batch that is put together.
    allowance: usize,
    deficit: usize,
    quota: Quota,
}

/// Messages for the line, and how many of them each source sent.
#[derive(Debug, Default)]
pub(super) struct Batch {
    pub(super) messages: Vec<RawMessage>,
    pub(super) counts: Vec<u32>,
}

impl Fair {
    /// Queues of sources with their quotas in messages per second.
    pub(super) fn new(quotas_per_s: impl Iterator<Item = u32>, now: Instant) -> Self {
        let lane = |per_s| Lane {
            waiting: VecDeque::new(),
            bytes: 0,
            allowance: 0,
            deficit: 0,
            quota: Quota::new(per_s, now),
        };
        Self {
            lanes: quotas_per_s.map(lane).collect(),
            turn: 0,
            riders_turn: 0,
            quiet_at: now,
        }
    }

    /// Takes a source's message; gives it back when its queue is full.
    pub(super) fn push(&mut self, lane: usize, message: RawMessage) -> Result<(), RawMessage> {
        let lane = &mut self.lanes[lane];
        let bytes = lane.bytes + message.bytes.len();
        if lane.waiting.len() >= WAITING_MESSAGES_MAX || bytes > WAITING_BYTES_MAX {
            return Err(message);
        }
        lane.bytes += message.bytes.len();
        lane.waiting.push_back(message);
        Ok(())
    }

    /// Messages of a source that wait.
    pub(super) fn waiting(&self, lane: usize) -> usize {
        self.lanes[lane].waiting.len()
    }

    /// Time until a source's queue has room for so many messages and bytes more, when it has none
    /// now.
    pub(super) fn room_in(&self, lane: usize, messages: usize, bytes: usize) -> Option<Duration> {
        let lane = &self.lanes[lane];
        let excess = (lane.waiting.len() + messages).saturating_sub(WAITING_MESSAGES_MAX);
        let excess_bytes = (lane.bytes + bytes).saturating_sub(WAITING_BYTES_MAX);
        let mean_bytes = lane.bytes / lane.waiting.len().max(1) + 1;
        let leaving = excess.max(excess_bytes.div_ceil(mean_bytes));
        (leaving > 0).then(|| Duration::from_secs_f64(leaving as f64 / lane.quota.per_s))
    }

    /// The next batch; empty when nobody has a message that its quota allows.
    pub(super) fn take(&mut self, now: Instant) -> Batch {
        let mut batch = Batch {
            messages: Vec::new(),
            counts: vec![0; self.lanes.len()],
        };
        for lane in &mut self.lanes {
            lane.quota.fill(now);
            lane.allowance = if lane.floods() { 0 } else { lane.waiting.len() };
        }
        self.share_out(&mut batch);
        if !batch.messages.is_empty() {
            self.quiet_at = now + QUIET;
            self.add_riders(&mut batch);
        } else if self.quiet_at <= now {
            for lane in &mut self.lanes {
                lane.allowance = lane.quota.slice();
            }
            self.share_out(&mut batch);
        }
        batch
    }

    /// Fills a batch by deficit round robin, within the allowances.
    fn share_out(&mut self, batch: &mut Batch) {
        let (mut batch_cost, mut passed_over) = (0, 0);
        while passed_over < self.lanes.len() {
            let lane = &mut self.lanes[self.turn];
            let Some(first) = lane.next_cost() else {
                lane.deficit = 0;
                passed_over += 1;
                self.turn = (self.turn + 1) % self.lanes.len();
                continue;
            };
            passed_over = 0;
            // A source whose turn a full batch cut short goes on with what it had left.
            if lane.deficit < first {
                lane.deficit += QUANTUM;
            }
            while let Some(cost) = lane.next_cost().filter(|cost| *cost <= lane.deficit) {
                if batch.messages.len() >= BATCH_MESSAGES_MAX || batch_cost >= BATCH_COST_MAX {
                    return;
                }
                lane.deficit -= cost;
                lane.allowance -= 1;
                batch_cost += cost;
                batch.counts[self.turn] += 1;
                batch.messages.extend(lane.pop());
            }
            self.turn = (self.turn + 1) % self.lanes.len();
        }
    }

    fn add_riders(&mut self, batch: &mut Batch) {
        let (mut riders, mut passed_over) = (0, 0);
        while riders < RIDERS_MAX && passed_over < self.lanes.len() {
            let lane = &mut self.lanes[self.riders_turn];
            if lane.floods() && lane.quota.left >= 1.0 {
                batch.counts[self.riders_turn] += 1;
                batch.messages.extend(lane.pop());
                (riders, passed_over) = (riders + 1, 0);
            } else {
                passed_over += 1;
            }
            self.riders_turn = (self.riders_turn + 1) % self.lanes.len();
        }
    }

    /// Time until a batch will not be empty; `None` while nothing waits.
    pub(super) fn ready_in(&self, now: Instant) -> Option<Duration> {
        let waiting = self.lanes.iter().filter(|lane| !lane.waiting.is_empty());
        let ready_in = |lane: &Lane| match lane.floods() {
            true => {
                let quiet_in = self.quiet_at.saturating_duration_since(now);
                lane.quota.slice_in(now).max(quiet_in)
            }
            false => Duration::ZERO,
        };
        waiting.map(ready_in).min()
    }

    /// From now on everything that waits may go at once.
    pub(super) fn lift_quotas(&mut self) {
        for lane in &mut self.lanes {
            lane.quota.left = f64::INFINITY;
            lane.quota.burst = f64::INFINITY;
        }
    }
}

impl Lane {
    /// True when it wants to send more than it may.
    fn floods(&self) -> bool {
        self.waiting.len() as f64 > self.quota.left
    }

    /// The cost of its next message, when there is one that is allowed.
    fn next_cost(&self) -> Option<usize> {
        let next = self.waiting.front().filter(|_| self.allowance > 0);
        next.map(cost)
    }

    fn pop(&mut self) -> Option<RawMessage> {
        let message = self.waiting.pop_front()?;
        self.bytes -= message.bytes.len();
        self.quota.left -= 1.0;
        Some(message)
    }
}

/// A bucket that fills with time and is emptied by messages.
#[derive(Debug)]
struct Quota {
    per_s: f64,
    burst: f64,
    left: f64,
    filled_at: Instant,
    /// Messages of a flood's own batch.
    slice: u32,
}

impl Quota {
    fn new(per_s: u32, now: Instant) -> Self {
        let slice = (per_s / SLICES_PER_S).max(1);
        let per_s = f64::from(per_s);
        let burst = (per_s * BURST_S).max(1.0);
        Self {
            per_s,
            burst,
            left: burst,
            filled_at: now,
            slice,
        }
    }

    fn fill(&mut self, now: Instant) {
        let passed_s = now.saturating_duration_since(self.filled_at).as_secs_f64();
        self.filled_at = now;
        self.left = (self.left + passed_s * self.per_s).min(self.burst);
    }

    /// Messages of a flood's own batch; none until all of them are allowed.
    fn slice(&self) -> usize {
        let full = self.left >= f64::from(self.slice);
        if full { self.slice as usize } else { 0 }
    }

    fn slice_in(&self, now: Instant) -> Duration {
        let missing = (f64::from(self.slice) - self.left).max(0.0);
        let full_at = self.filled_at + Duration::from_secs_f64(missing / self.per_s);
        full_at.saturating_duration_since(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(lane: usize, length: usize) -> RawMessage {
        RawMessage {
            source: format!("source-{lane}").parse().unwrap(),
            received_at: truce_core::Timestamp::UNIX_EPOCH,
            bytes: vec![b'x'; length],
        }
    }

    /// A line in virtual time: a batch costs a fixed time (the disk) and a time for each message.
    const BATCH_TIME: Duration = Duration::from_millis(4);
    const MESSAGE_TIME: Duration = Duration::from_micros(40);

    /// Four sources send a message each now and then, one after the other, for 40 s. One more
    /// floods without end. Gives the mean time that the messages of the four took into the log.
    fn mean_delay(every: Duration, quota_of_flood: u32, floods: bool) -> Duration {
        let start = Instant::now();
        let mut fair = Fair::new([QUOTA_PER_S; 4].into_iter().chain([quota_of_flood]), start);
        let count = 4 * (40_000 / u32::try_from(every.as_millis()).unwrap());
        let arrivals: Vec<(usize, Duration)> = (0..count)
            .map(|n| (n as usize % 4, every / 4 * n))
            .collect();
        let (mut next, mut now) = (0, Duration::ZERO);
        let mut sent = vec![VecDeque::new(); 4];
        let (mut total, mut logged) = (Duration::ZERO, 0);
        while logged < count {
            while let Some(&(lane, at)) = arrivals.get(next).filter(|(_, at)| *at <= now) {
                fair.push(lane, message(lane, 48)).unwrap();
                sent[lane].push_back(at);
                next += 1;
            }
            while floods && fair.push(4, message(4, 48)).is_ok() {}
            let batch = fair.take(start + now);
            if batch.messages.is_empty() {
                let quota = fair.ready_in(start + now).map(|wait| now + wait);
                let arrival = arrivals.get(next).map(|(_, at)| *at);
                now = quota.into_iter().chain(arrival).min().unwrap() + Duration::from_nanos(1);
                continue;
            }
            now += BATCH_TIME + MESSAGE_TIME * u32::try_from(batch.messages.len()).unwrap();
            for (lane, sent) in sent.iter_mut().enumerate() {
                for _ in 0..batch.counts[lane] {
                    total += now - sent.pop_front().unwrap();
                    logged += 1;
                }
            }
        }
        total / logged
    }

    #[test]
    fn a_flood_delays_the_others_by_less_than_a_tenth() {
        // From a line that has hardly anything to do to one that is busy nine tenths of its time.
        for every_ms in [4_003, 397, 83, 31, 18] {
            let every = Duration::from_millis(every_ms);
            let delay = |quota, floods| mean_delay(every, quota, floods);
            let (calm, flooded) = (delay(QUOTA_PER_S, false), delay(QUOTA_PER_S, true));
            let more = flooded.as_secs_f64() / calm.as_secs_f64() - 1.0;
            let percent = more * 100.0;
            println!(
                "every {every_ms} ms: {calm:?}, with a flood {flooded:?}, {percent:.1} % more"
            );
            assert!((0.0..0.10).contains(&more), "{calm:?} {flooded:?}");
        }
        // It is the quota that does it: without one the same flood is felt.
        let every = Duration::from_millis(83);
        let unbound = mean_delay(every, 1_000_000, true);
        assert!(
            unbound > mean_delay(every, QUOTA_PER_S, false) * 2,
            "{unbound:?}"
        );
    }

    #[test]
    fn sources_with_much_to_say_get_equal_shares_of_the_line_in_bytes() {
        let start = Instant::now();
        let lengths = [40, 400, 4_000];
        let mut fair = Fair::new([1_000_000; 3].into_iter(), start);
        let mut taken = [0; 3];
        for _ in 0..20 {
            for (lane, length) in lengths.iter().enumerate() {
                while fair.waiting(lane) < 1_500 && fair.push(lane, message(lane, *length)).is_ok()
                {
                }
            }
            for message in fair.take(start).messages {
                let lane = lengths.iter().position(|l| *l == message.bytes.len());
                taken[lane.unwrap()] += cost(&message);
            }
        }
        let (least, most) = (taken.iter().min().unwrap(), taken.iter().max().unwrap());
        assert!(most - least <= 2 * QUANTUM, "{taken:?}");
    }

    #[test]
    fn a_message_longer_than_a_turn_goes_through() {
        let start = Instant::now();
        let mut fair = Fair::new([10; 2].into_iter(), start);
        fair.push(0, message(0, 10 * QUANTUM)).unwrap();
        fair.push(1, message(1, 1)).unwrap();
        let batch = fair.take(start);
        assert_eq!(batch.counts, [1, 1]);
        assert_eq!(batch.messages[0].bytes.len(), 1, "the short one waited");
    }

    #[test]
    fn a_quota_fills_with_time() {
        let start = Instant::now();
        let mut fair = Fair::new([10].into_iter(), start);
        let taken = |fair: &mut Fair, after_ms| {
            let now = start + Duration::from_millis(after_ms);
            let batches = std::iter::from_fn(|| Some(fair.take(now).messages.len()));
            batches.take_while(|n| *n > 0).sum::<usize>()
        };
        (0..100).for_each(|_| fair.push(0, message(0, 1)).unwrap());
        assert_eq!(taken(&mut fair, 0), 20, "the burst");
        let wait = fair.ready_in(start).unwrap().as_secs_f64();
        assert!((0.099..0.101).contains(&wait), "{wait}");
        assert_eq!(taken(&mut fair, 1_050), 10);
        fair.lift_quotas();
        assert_eq!(taken(&mut fair, 1_050), 70);
        assert_eq!(fair.ready_in(start), None);
    }

    #[test]
    fn floods_ride_along_in_turns_and_a_few_at_a_time() {
        let start = Instant::now();
        let mut fair = Fair::new([100; 3].into_iter(), start);
        for lane in [1, 2] {
            (0..WAITING_MESSAGES_MAX).for_each(|_| fair.push(lane, message(lane, 1)).unwrap());
        }
        let mut counts = [0; 3];
        for _ in 0..4 {
            fair.push(0, message(0, 1)).unwrap();
            let batch = fair.take(start);
            assert_eq!(batch.messages.len(), 1 + RIDERS_MAX);
            for (sum, count) in counts.iter_mut().zip(batch.counts) {
                *sum += count;
            }
        }
        assert_eq!(counts, [4, 2, 2]);
    }

    #[test]
    fn queues_are_bounded_in_messages_and_bytes() {
        let mut fair = Fair::new([100; 2].into_iter(), Instant::now());
        (0..WAITING_MESSAGES_MAX).for_each(|_| fair.push(0, message(0, 1)).unwrap());
        assert!(fair.push(0, message(0, 1)).is_err());
        assert_eq!(fair.room_in(0, 50, 50), Some(Duration::from_millis(500)));
        let long = || message(1, WAITING_BYTES_MAX / 2);
        assert!(fair.push(1, long()).is_ok() && fair.push(1, long()).is_ok());
        assert!(fair.push(1, message(1, 1)).is_err());
        assert_eq!(fair.room_in(1, 1, 1), Some(Duration::from_millis(10)));
        assert_eq!(fair.room_in(1, 1, 0), None);
    }
}
