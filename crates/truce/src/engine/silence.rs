//! Silence of feeds: when one has not been heard for longer than expected, and when it is heard again.
//!
//! What is expected stands in the mission's files, or follows from the feed's own rate: a multiple of
//! the longest gap it made lately. Time is what the log's inputs say, so that a replay gives the same
//! alarms. A feed is heard when a reading or a rejection follows from its messages.

use std::collections::{BTreeMap, BTreeSet};

use truce_core::mission::{Feed, FeedUse, SensorNetwork, Transport};
use truce_core::time::seconds_between;
use truce_core::{FeedChange, FeedEvent, Slug, Timestamp};

/// A silence so many times as long as the longest gap is none that the feed makes by itself.
const GAPS: f64 = 3.0;

/// Shorter silences are no alarm where the mission's files do not ask for it, seconds: a restart of a
/// sensor takes about so long.
const SILENCE_S_MIN: f64 = 60.0;

/// Messages after which a feed's rate is known.
const HEARD_MIN: u32 = 30;

/// Time after which a gap counts half, seconds: a day, since sensors have days and nights.
const GAP_HALF_LIFE_S: f64 = 86_400.0;

/// The feeds, as far as they were heard.
#[derive(Debug, Default)]
pub(super) struct Silence {
    feeds: BTreeMap<Slug, Heard>,
    began_at: Option<Timestamp>,
}

#[derive(Debug)]
struct Heard {
    /// As the mission's files say, seconds.
    configured_s: Option<f64>,
    /// Whether its own rate may tell.
    own_rate: bool,
    last_at: Option<Timestamp>,
    count: u32,
    /// The longest gap lately, seconds; fades with time.
    gap_s: f64,
    alarmed: bool,
}

impl Silence {
    pub(super) fn new(network: &SensorNetwork) -> Self {
        let heard = |feed: &Feed| {
            let comes_by_itself = feed.transport != Transport::File;
            let heard = Heard {
                configured_s: feed.silence_s_max.map(f64::from),
                own_rate: comes_by_itself && feed.purpose == FeedUse::Live,
                last_at: None,
                count: 0,
                gap_s: 0.0,
                alarmed: false,
            };
            (feed.id.clone(), heard)
        };
        Self {
            feeds: network.feeds.iter().map(heard).collect(),
            began_at: None,
        }
    }

    /// Takes note of when feeds were heard, and of the time it is now; gives what changed.
    pub(super) fn advance(
        &mut self,
        heard: BTreeSet<(Slug, Timestamp)>,
        now: Timestamp,
    ) -> Vec<FeedChange> {
        if now == Timestamp::MIN {
            // The mission's files come first and carry no time.
            return Vec::new();
        }
        let began_at = *self.began_at.get_or_insert(now);
        let mut changes = Vec::new();
        let mut tell = |source: &Slug, event| {
            changes.push(FeedChange {
                source: source.clone(),
                noticed_at: now,
                event,
            });
        };
        for (source, at) in heard {
            let silent_since = self.feeds.get_mut(&source).and_then(|feed| feed.hear(at));
            if let Some(since) = silent_since {
                let silent_since = since.unwrap_or(began_at);
                tell(&source, FeedEvent::Heard { silent_since });
            }
        }
        for (source, feed) in &mut self.feeds {
            let since = feed.last_at.unwrap_or(began_at);
            let Some((expected_s, own_rate)) = feed.expected_s() else {
                continue;
            };
            if !feed.alarmed && seconds_between(since, now) > expected_s {
                feed.alarmed = true;
                let event = FeedEvent::Silent {
                    since,
                    expected_s,
                    own_rate,
                };
                tell(source, event);
            }
        }
        changes
    }
}

impl Heard {
    /// Notes that it was heard. When that ends an alarm, gives when it was heard before, if ever.
    fn hear(&mut self, at: Timestamp) -> Option<Option<Timestamp>> {
        let last_at = self.last_at;
        if last_at.is_some_and(|last| at < last) {
            return None;
        }
        self.last_at = Some(at);
        self.count = self.count.saturating_add(1);
        if std::mem::take(&mut self.alarmed) {
            // A failure is not how the feed usually is.
            return Some(last_at);
        }
        if let Some(last) = last_at {
            let gap_s = seconds_between(last, at);
            let faded_s = self.gap_s * libm::exp2(-gap_s / GAP_HALF_LIFE_S);
            self.gap_s = faded_s.max(gap_s);
        }
        None
    }

    /// Longest silence expected, seconds, and whether its own rate says so.
    fn expected_s(&self) -> Option<(f64, bool)> {
        if let Some(configured_s) = self.configured_s {
            return Some((configured_s, false));
        }
        let known = self.own_rate && self.count >= HEARD_MIN;
        known.then(|| ((GAPS * self.gap_s).max(SILENCE_S_MIN), true))
    }
}

#[cfg(test)]
mod tests {
    use truce_core::time::plus_seconds;

    use super::*;

    fn silence(silence_s_max: Option<u32>, transport: Transport) -> Silence {
        let mut feed = crate::connect::stage::network(transport).feeds.remove(0);
        feed.silence_s_max = silence_s_max;
        Silence::new(&SensorNetwork {
            feeds: vec![feed],
            ..SensorNetwork::default()
        })
    }

    fn at(second: f64) -> Timestamp {
        plus_seconds("2025-06-01T00:00:00Z".parse().unwrap(), second)
    }

    /// Heard at some seconds, asked at some; gives the alarms as (second, silent or not).
    fn alarms(silence: &mut Silence, heard: &[f64], until: f64) -> Vec<(f64, bool)> {
        let source: Slug = "post-1/feed".parse().unwrap();
        let mut alarms = Vec::new();
        let mut second = 0.0;
        while second <= until {
            let now = heard
                .iter()
                .filter(|h| **h > second - 10.0 && **h <= second);
            let now = now.map(|h| (source.clone(), at(*h))).collect();
            for change in silence.advance(now, at(second)) {
                let silent = matches!(change.event, FeedEvent::Silent { .. });
                alarms.push((second, silent));
            }
            second += 10.0;
        }
        alarms
    }

    #[test]
    fn the_missions_files_say_what_is_too_long() {
        let udp = || Transport::Udp {
            address: "127.0.0.1:1".into(),
        };
        let mut asked = silence(Some(100), udp());
        let found = alarms(&mut asked, &[5.0, 50.0, 300.0], 500.0);
        assert_eq!(found, [(160.0, true), (300.0, false), (410.0, true)]);
        // One that was never heard is missed from the beginning of the log on.
        assert_eq!(
            alarms(&mut silence(Some(100), udp()), &[], 200.0),
            [(110.0, true)]
        );
        // The log begins with the mission's files, before any time is known.
        let mut fresh = silence(Some(100), udp());
        assert_eq!(fresh.advance(BTreeSet::new(), Timestamp::MIN), []);
        assert_eq!(alarms(&mut fresh, &[], 100.0), []);
        // Without a word nothing is expected of one that was never heard.
        assert_eq!(alarms(&mut silence(None, udp()), &[], 900.0), []);
    }

    #[test]
    fn a_feeds_own_rate_tells_what_is_too_long() {
        let often: Vec<f64> = (0..40).map(|n| f64::from(n) * 50.0).collect();
        let mut feed = silence(None, Transport::HttpPush);
        // Heard every 50 s up to second 1950, and then no more.
        assert_eq!(alarms(&mut feed, &often, 3_000.0), [(2_110.0, true)]);
        let mut seldom = silence(None, Transport::HttpPush);
        assert_eq!(
            alarms(&mut seldom, &often[..20], 3_000.0),
            [],
            "too few to know"
        );
        let mut file = silence(None, Transport::File);
        assert_eq!(
            alarms(&mut file, &often, 3_000.0),
            [],
            "files are read when someone does"
        );
    }
}
