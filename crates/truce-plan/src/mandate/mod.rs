//! Who permits what: layers of the mission, territories, legal bases, the Council and its votes, as
//! `mandate.toml` says them.

pub(crate) mod read;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use truce_core::document::{Document, Issues};
use truce_core::mission::Mission;
use truce_core::{Slug, Timestamp};

use crate::coalition::Capability;
use crate::council::{Ballot, Matter, Member};
use crate::truth::Expression;

/// The legal side of a mission.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Mandate {
    /// Layers of the mission and where each would work.
    pub layers: Vec<Layer>,
    /// Territories and who must consent.
    pub territories: Vec<Territory>,
    /// The Security Council as composed year by year.
    pub councils: Vec<Council>,
    /// Drafts put to the vote, or imagined.
    pub votes: Vec<Vote>,
    /// Legal bases.
    pub bases: Vec<LegalBasis>,
}

/// A layer of the mission, such as the watch over the buffer zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Layer {
    /// Its name.
    pub id: Slug,
    /// Its name for people.
    pub title: String,
    /// Where it works.
    pub territories: Vec<Slug>,
}

/// A territory, or the sea, or space.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Territory {
    /// Its name.
    pub id: Slug,
    /// Its name for people.
    pub title: String,
    /// The actor who holds it; `None` for the high seas, space, and land on both sides of the line.
    pub held_by: Option<Slug>,
    /// Conditions that state the consent of those concerned; none where nobody has to consent.
    pub consents: Vec<Slug>,
}

/// The Council of a year; elected members change on 1 January.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Council {
    /// The year of the composition.
    pub year: u16,
    /// Five permanent and ten elected members (Charter, Article 23).
    pub members: Vec<Member>,
}

/// A draft and how it was voted on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// Its name.
    pub id: Slug,
    /// What it is about.
    pub title: String,
    /// The year whose Council votes.
    pub year: u16,
    /// The day of the vote, when it was held.
    pub date: Option<String>,
    /// What kind of decision.
    pub matter: Matter,
    /// Members that are parties to the dispute.
    pub parties_to_dispute: Vec<Slug>,
    /// False when nobody has voted yet and the ballots are assumptions.
    pub held: bool,
    /// Ballots; a member that is not named abstains or was absent.
    pub ballots: BTreeMap<Slug, Ballot>,
    /// True when it is invented for this example.
    pub illustrative: bool,
    /// Where it comes from.
    pub source: String,
}

/// What kind of legal basis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BasisKind {
    /// The Council under Chapter VI of the Charter, with the consent of those concerned.
    ChapterVi,
    /// The Council under Chapter VII; consent is not needed.
    ChapterVii,
    /// The General Assembly under resolution 377 A (V); it recommends, consent is still needed.
    UnitingForPeace,
    /// A regional arrangement under Chapter VIII, without enforcement; consent is needed.
    ChapterViii,
    /// The invitation of the one who holds the territory; it reaches no farther.
    Invitation,
    /// Collective self-defence (Article 51) at the request of the one attacked; here it reaches
    /// only territory that the requester holds, and the high seas.
    SelfDefence,
    /// The agreement between the parties; consent is its substance.
    Agreement,
    /// What anyone may do anyway, such as flying satellites or sailing the high seas.
    GeneralLaw,
}

impl BasisKind {
    /// True when those who hold the territory must consent as well.
    #[must_use]
    pub fn needs_consent(self) -> bool {
        !matches!(self, Self::ChapterVii | Self::GeneralLaw)
    }

    /// True when it reaches only territory held by the one who gives it.
    #[must_use]
    pub fn ends_at_the_line(self) -> bool {
        matches!(self, Self::Invitation | Self::SelfDefence)
    }

    /// True when it rests on a vote of the Council.
    #[must_use]
    pub fn rests_on_a_vote(self) -> bool {
        matches!(self, Self::ChapterVi | Self::ChapterVii)
    }
}

/// What permits layers of the mission in territories.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LegalBasis {
    /// Its name.
    pub id: Slug,
    /// Its name for people.
    pub title: String,
    /// What kind.
    pub kind: BasisKind,
    /// The vote it rests on.
    pub vote: Option<Slug>,
    /// Who gives it, for an invitation or a request for help.
    pub given_by: Option<Slug>,
    /// What else it hangs on.
    pub needs: Expression,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// What it permits.
    pub permits: Vec<Permit>,
    /// True when it is invented for this example.
    pub illustrative: bool,
    /// Where it comes from.
    pub source: String,
}

/// What a basis covers: every layer in every territory, for every capability listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Permit {
    /// Layers.
    pub layers: Vec<Slug>,
    /// Territories.
    pub territories: Vec<Slug>,
    /// Capabilities; empty: all.
    pub capabilities: Vec<Capability>,
}

impl Mandate {
    /// The Council that votes on a draft; none when its year is not described.
    #[must_use]
    pub fn council_of(&self, vote: &Vote) -> Option<&Council> {
        self.councils
            .iter()
            .find(|council| council.year == vote.year)
    }

    /// Reads `mandate.toml` alone; conditions, which stand in `coalition.toml`, are not looked up.
    /// `None` when anything is wrong.
    #[must_use]
    pub fn read<'d>(document: &'d Document, mission: &Mission, issues: &'d Issues) -> Option<Self> {
        let found_before = issues.len();
        let mut names = crate::names_of(mission);
        let mandate = read::read(document, &mut names, issues);
        names.settle(issues);
        mandate.filter(|_| issues.len() == found_before)
    }
}
