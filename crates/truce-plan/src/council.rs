//! Votes of the Security Council: Article 27 of the Charter of the United Nations.
//!
//! Nine affirmative votes carry a procedural decision (27(2)); any other needs nine affirmative
//! votes and no vote against by a permanent member (27(3)). A permanent member that abstains or is
//! absent casts no veto (International Court of Justice, Namibia opinion of 21 June 1971, para 22).
//!
//! The proviso of 27(3), "in decisions under Chapter VI, and under paragraph 3 of Article 52, a
//! party to a dispute shall abstain from voting", is read in two ways and both are shown: by its
//! text such a ballot counts as an abstention; in practice ballots count as they are cast.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truce_core::Slug;

/// Affirmative votes that a decision needs (Article 27(2) and (3)).
pub const VOTES_NEEDED: usize = 9;

/// How a member votes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ballot {
    /// In favour.
    Yes,
    /// Against.
    No,
    /// Neither, or absent.
    Abstain,
}

/// What a vote decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Matter {
    /// Procedure (27(2)).
    Procedural,
    /// A decision under Chapter VI or Article 52(3), to which the proviso applies.
    PacificSettlement,
    /// Any other decision.
    Other,
}

/// How the proviso of Article 27(3) is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Proviso {
    /// As written: a party to the dispute is counted as abstaining.
    Text,
    /// As handled: ballots count as cast.
    #[default]
    Practice,
}

/// A member of the Council.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    /// Its name.
    pub id: Slug,
    /// Its name for people.
    pub name: String,
    /// True for the five of Article 23(1).
    pub permanent: bool,
}

/// What a vote gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// How the proviso was read.
    pub proviso: Proviso,
    /// Votes in favour.
    pub yes: usize,
    /// Votes against.
    pub no: usize,
    /// Abstentions and absences.
    pub abstain: usize,
    /// Permanent members whose vote against stops the decision.
    pub vetoed_by: Vec<Slug>,
    /// True when the decision is adopted.
    pub adopted: bool,
}

/// Counts a vote. A member without a ballot abstains; a ballot of someone who is no member is not
/// counted.
#[must_use]
pub fn count(
    members: &[Member],
    ballots: &BTreeMap<Slug, Ballot>,
    matter: Matter,
    parties_to_dispute: &[Slug],
    proviso: Proviso,
) -> Tally {
    let mut tally = Tally {
        proviso,
        yes: 0,
        no: 0,
        abstain: 0,
        vetoed_by: Vec::new(),
        adopted: false,
    };
    let bound = matter == Matter::PacificSettlement && proviso == Proviso::Text;
    for member in members {
        let cast = ballots.get(&member.id).copied().unwrap_or(Ballot::Abstain);
        let must_abstain = bound && parties_to_dispute.contains(&member.id);
        match if must_abstain { Ballot::Abstain } else { cast } {
            Ballot::Yes => tally.yes += 1,
            Ballot::Abstain => tally.abstain += 1,
            Ballot::No => {
                tally.no += 1;
                if member.permanent && matter != Matter::Procedural {
                    tally.vetoed_by.push(member.id.clone());
                }
            }
        }
    }
    tally.adopted = tally.yes >= VOTES_NEEDED && tally.vetoed_by.is_empty();
    tally
}

/// The single ballots that would turn the outcome as the Council counts in practice: who would have
/// to vote how.
#[must_use]
pub fn turning(
    members: &[Member],
    ballots: &BTreeMap<Slug, Ballot>,
    matter: Matter,
) -> Vec<(Slug, Ballot)> {
    let adopted = |ballots: &BTreeMap<Slug, Ballot>| {
        count(members, ballots, matter, &[], Proviso::Practice).adopted
    };
    let as_cast = adopted(ballots);
    let mut turning = Vec::new();
    for member in members {
        for ballot in [Ballot::Yes, Ballot::Abstain, Ballot::No] {
            let mut other = ballots.clone();
            other.insert(member.id.clone(), ballot);
            if adopted(&other) != as_cast {
                turning.push((member.id.clone(), ballot));
                break;
            }
        }
    }
    turning
}

#[cfg(test)]
mod tests {
    use super::*;

    const BALLOTS: [Ballot; 3] = [Ballot::Yes, Ballot::No, Ballot::Abstain];

    fn members() -> Vec<Member> {
        let member = |i: usize| Member {
            id: Slug::new(&format!("m{i:02}")).unwrap(),
            name: String::new(),
            permanent: i < 5,
        };
        (0..15).map(member).collect()
    }

    /// The members, made once, so that millions of votes can be counted.
    struct Room(Vec<Member>);

    impl Room {
        fn adopted(&self, ballots: &[Ballot], how: (Matter, Proviso), disputing: bool) -> bool {
            let ids = self.0.iter().map(|member| member.id.clone());
            let cast: BTreeMap<Slug, Ballot> = ids.zip(ballots.iter().copied()).collect();
            let parties = if disputing {
                vec![self.0[0].id.clone()]
            } else {
                vec![]
            };
            count(&self.0, &cast, how.0, &parties, how.1).adopted
        }
    }

    fn choose(n: u32, k: u32) -> u64 {
        (0..u64::from(k)).fold(1, |c, i| c * (u64::from(n) - i) / (i + 1))
    }

    /// Every vector of ballots, as one representative for each way the ten elected members can be
    /// split, with the number of vectors it stands for.
    fn all_vectors(mut visit: impl FnMut(&[Ballot], u64)) {
        for permanent in 0..3usize.pow(5) {
            let ballot = |i: u32| BALLOTS[permanent / 3usize.pow(i) % 3];
            let mut ballots: Vec<Ballot> = (0..5).map(ballot).collect();
            for yes in 0..=10u32 {
                for no in 0..=10 - yes {
                    ballots.truncate(5);
                    let abstain = 10 - yes - no;
                    for (ballot, times) in BALLOTS.into_iter().zip([yes, no, abstain]) {
                        ballots.extend((0..times).map(|_| ballot));
                    }
                    let ways = choose(10, yes) * choose(10 - yes, no);
                    visit(&ballots, ways);
                }
            }
        }
    }

    /// The counts come from closed sums: `p` permanent members in favour and the others abstaining,
    /// `k` of ten elected members in favour and the others against or abstaining.
    #[test]
    fn all_14_348_907_vectors_are_decided_as_the_charter_says() {
        let room = Room(members());
        let (mut all, mut substantive, mut procedural) = (0, 0, 0);
        let carried = |ballots: &[Ballot], matter| {
            u64::from(room.adopted(ballots, (matter, Proviso::Text), false))
        };
        all_vectors(|ballots, ways| {
            all += ways;
            substantive += ways * carried(ballots, Matter::Other);
            procedural += ways * carried(ballots, Matter::Procedural);
        });
        assert_eq!(all, 14_348_907);
        let split = |n: u32, k: u32| choose(n, k) * 2u64.pow(n - k);
        let elected = |least: u32| -> u64 { (least..=10).map(|k| split(10, k)).sum() };
        let expected: u64 = (0..=5).map(|p| choose(5, p) * elected(9 - p)).sum();
        assert_eq!(substantive, expected);
        let expected: u64 = (9..=15).map(|k| split(15, k)).sum();
        assert_eq!(procedural, expected);
    }

    /// Under the proviso's text the vote of a permanent party to the dispute makes no difference;
    /// in practice it can be a veto. Other decisions know no proviso.
    #[test]
    fn the_proviso_is_read_both_ways() {
        let room = Room(members());
        let pacific = |proviso| (Matter::PacificSettlement, proviso);
        all_vectors(|ballots, _| {
            let text = room.adopted(ballots, pacific(Proviso::Text), true);
            let mut abstaining = ballots.to_vec();
            abstaining[0] = Ballot::Abstain;
            let expected = room.adopted(&abstaining, pacific(Proviso::Practice), false);
            assert_eq!(text, expected, "{ballots:?}");
            let other = room.adopted(ballots, (Matter::Other, Proviso::Text), true);
            let expected = room.adopted(ballots, (Matter::Other, Proviso::Practice), false);
            assert_eq!(other, expected, "{ballots:?}");
        });
        let mut ballots = [Ballot::Yes; 15];
        ballots[0] = Ballot::No;
        assert!(room.adopted(&ballots, pacific(Proviso::Text), true));
        assert!(!room.adopted(&ballots, pacific(Proviso::Practice), true));
    }

    /// With nine in favour each of them could stop it, and each permanent member by its vote
    /// against; with eight any other member could carry it.
    #[test]
    fn single_ballots_turn_close_votes() {
        let members = members();
        for (yes, expected) in [(9, 9), (8, 7), (7, 0), (15, 5)] {
            let cast = members
                .iter()
                .take(yes)
                .map(|member| (member.id.clone(), Ballot::Yes));
            let found = turning(&members, &cast.collect(), Matter::Other);
            assert_eq!(found.len(), expected, "{yes} in favour: {found:?}");
        }
    }

    #[test]
    fn who_is_no_member_does_not_count() {
        let stranger = Slug::new("stranger").unwrap();
        let ballots = BTreeMap::from([(stranger, Ballot::No)]);
        let tally = count(&members(), &ballots, Matter::Other, &[], Proviso::Practice);
        assert_eq!((tally.yes, tally.no, tally.abstain), (0, 0, 15));
    }
}
