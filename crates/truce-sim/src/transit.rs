//! What happens to messages on their way: feeds that fall silent, messages that come late or twice,
//! and lines that arrive cut off or damaged. The truth names each of the last, so that rejections
//! can be counted against it.

use std::collections::BTreeMap;

use truce_core::mission::{Mission, Transport};
use truce_core::time::{plus_seconds, seconds_between};
use truce_core::{Interval, RawMessage, Slug};

use crate::Options;
use crate::random::Stream;
use crate::truth::TruthEvent;

/// Feeds that fall silent on a day, and for how long at most, seconds (illustrative).
const SILENCES_PER_DAY: f64 = 3.0;
const SILENCE_S: (f64, f64) = (900.0, 3_600.0);

/// After a silence what was kept comes within so long, seconds.
const BACKLOG_S: f64 = 60.0;

/// Share of messages that come late, and how late, seconds (illustrative).
const LATE: f64 = 0.002;
const LATE_S: (f64, f64) = (600.0, 3_600.0);

/// Share of messages that come twice, and how long after, seconds (illustrative).
const TWICE: f64 = 0.002;
const TWICE_S: (f64, f64) = (1.0, 120.0);

/// One line in so many is broken, and one at least of a feed that carries some.
const BROKEN_ONE_IN: f64 = 2_000.0;
const BROKEN_FROM: usize = 50;

/// Disturbs messages. Those received outside the period are taken out.
pub(crate) fn disturb(
    mission: &Mission,
    options: &Options,
    messages: &mut Vec<RawMessage>,
) -> Vec<TruthEvent> {
    let within = options.start..options.end();
    messages.retain(|message| within.contains(&message.received_at));
    let mut truth = silence(mission, options, messages);
    truth.extend(delay_and_repeat(options, messages));
    messages.retain(|message| within.contains(&message.received_at));
    truth.extend(break_lines(options, messages));
    truth
}

fn silence(
    mission: &Mission,
    options: &Options,
    messages: &mut Vec<RawMessage>,
) -> Vec<TruthEvent> {
    let mut stream = Stream::new(options.seed, "silent feeds");
    let counts = counts(messages);
    let feeds: Vec<&Slug> = counts.keys().collect();
    let mut truth = Vec::new();
    for _ in 0..stream.about(SILENCES_PER_DAY * options.hours / 24.0) {
        let Some(&feed) = stream.one_of(&feeds) else {
            break;
        };
        let from_s = stream.between(0.0, options.hours * 3_600.0);
        let from = plus_seconds(options.start, from_s);
        let lasts_s = stream.between(SILENCE_S.0, SILENCE_S.1);
        let during = Interval::between(from, plus_seconds(from, lasts_s));
        let transport = mission.network.feed(feed).map(|feed| &feed.transport);
        let lost = matches!(transport, Some(Transport::Udp { .. }));
        let concerned = |message: &RawMessage| {
            message.source == *feed && (during.start..during.end).contains(&message.received_at)
        };
        if lost {
            messages.retain(|message| !concerned(message));
        } else {
            for message in messages.iter_mut().filter(|message| concerned(message)) {
                let share = seconds_between(during.start, message.received_at) / lasts_s;
                message.received_at = plus_seconds(during.end, share * BACKLOG_S);
            }
        }
        let fate = if lost {
            "its messages were lost"
        } else {
            "its messages came afterwards"
        };
        truth.push(TruthEvent {
            object: Some(feed.to_string()),
            ..TruthEvent::remark(during, format!("the feed fell silent; {fate}"))
        });
    }
    truth
}

/// Messages of each feed.
fn counts(messages: &[RawMessage]) -> BTreeMap<Slug, usize> {
    let mut counts = BTreeMap::new();
    for message in messages {
        *counts.entry(message.source.clone()).or_default() += 1;
    }
    counts
}

/// True for a message that says something without another one: all but parts of AIS messages.
fn is_whole(message: &RawMessage) -> bool {
    const PART: &[u8] = b"!AIVDM,2,";
    !message
        .bytes
        .windows(PART.len())
        .any(|window| window == PART)
}

fn delay_and_repeat(options: &Options, messages: &mut Vec<RawMessage>) -> Vec<TruthEvent> {
    let mut stream = Stream::new(options.seed, "late and twice");
    let mut again = Vec::new();
    let mut late: BTreeMap<Slug, usize> = BTreeMap::new();
    let mut twice: BTreeMap<Slug, usize> = BTreeMap::new();
    for message in messages.iter_mut().filter(|message| is_whole(message)) {
        if stream.chance(LATE) {
            let by_s = stream.between(LATE_S.0, LATE_S.1);
            message.received_at = plus_seconds(message.received_at, by_s);
            *late.entry(message.source.clone()).or_default() += 1;
        }
        if stream.chance(TWICE) {
            let after_s = stream.between(TWICE_S.0, TWICE_S.1);
            let received_at = plus_seconds(message.received_at, after_s);
            again.push(RawMessage {
                received_at,
                ..message.clone()
            });
            *twice.entry(message.source.clone()).or_default() += 1;
        }
    }
    messages.extend(again);
    let whole = Interval::between(options.start, options.end());
    let remark = |(feed, count): (Slug, usize), what: &str| TruthEvent {
        object: Some(feed.to_string()),
        ..TruthEvent::remark(whole, format!("{count} messages {what}"))
    };
    let late = late
        .into_iter()
        .map(|entry| remark(entry, "were sent late"));
    let twice = twice
        .into_iter()
        .map(|entry| remark(entry, "were sent twice"));
    late.chain(twice).collect()
}

fn break_lines(options: &Options, messages: &mut [RawMessage]) -> Vec<TruthEvent> {
    let mut truth = Vec::new();
    for (feed, count) in counts(messages) {
        let mut stream = Stream::new(options.seed, &format!("broken lines {feed}"));
        let least = usize::from(count >= BROKEN_FROM);
        let wanted = stream.about(count as f64 / BROKEN_ONE_IN).max(least);
        let mut left: Vec<usize> = (0..messages.len())
            .filter(|&index| messages[index].source == feed && is_whole(&messages[index]))
            .collect();
        for _ in 0..wanted.min(left.len()) {
            let index = left.swap_remove(stream.below(left.len()));
            let message = &mut messages[index];
            let how = break_line(&mut message.bytes, &mut stream);
            truth.push(TruthEvent {
                object: Some(message.id().to_string()),
                observed_by: vec![feed.clone()],
                ..TruthEvent::remark(Interval::instant(message.received_at), how.to_owned())
            });
        }
    }
    truth
}

/// Cuts a line off in its first half, or puts a byte that is no text into its last quarter.
fn break_line(bytes: &mut Vec<u8>, stream: &mut Stream) -> &'static str {
    let length = bytes.len();
    if stream.chance(0.5) {
        bytes.truncate(length / 4 + stream.below(length / 4));
        return "broken line: cut off";
    }
    let index = length - 1 - stream.below(length / 4);
    bytes[index] = 0xFF;
    "broken line: a byte was damaged"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_messages_are_told_from_whole_ones() {
        let message = |text: &str| RawMessage {
            source: Slug::new("ais").unwrap(),
            received_at: "2025-03-01T00:00:00Z".parse().unwrap(),
            bytes: text.as_bytes().to_vec(),
        };
        assert!(is_whole(&message("\\s:a*00\\!AIVDM,1,1,,A,13,0*00")));
        assert!(is_whole(&message("post-1,2,3")));
        assert!(!is_whole(&message("\\g:1-2-3*00\\!AIVDM,2,1,3,A,13,0*00")));
        assert!(!is_whole(&message("!AIVDM,2,2,3,A,13,0*00")));
    }

    #[test]
    fn a_broken_line_is_never_the_line_it_was() {
        let mut stream = Stream::new(1, "test");
        for _ in 0..200 {
            let mut bytes = b"0123456789abcdef".to_vec();
            let how = break_line(&mut bytes, &mut stream);
            let cut = bytes.len() < 16;
            assert_ne!(cut, bytes.contains(&0xFF), "{how}");
            assert!((4..=16).contains(&bytes.len()));
        }
    }
}
