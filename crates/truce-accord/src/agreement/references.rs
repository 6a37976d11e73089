//! The names an agreement may refer to, and reading fields that refer to them. What is unknown is
//! reported at its own place with the nearest known name.

use std::cell::RefCell;

use truce_core::Slug;
use truce_core::document::{Fields, Node, Value, one_of, slug};
use truce_core::mission::{Mission, Shape};

use super::WeaponClass;

/// What a name should name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Named {
    /// A party to the agreement.
    Party,
    /// Any actor of the mission.
    Actor,
    /// Any zone.
    Zone,
    /// A zone that is an area.
    Area,
    /// A zone that is a line.
    Line,
    /// A weapon class of the agreement.
    Weapon,
}

impl Named {
    fn what(self) -> &'static str {
        match self {
            Self::Party => "party",
            Self::Actor => "actor",
            Self::Zone => "zone",
            Self::Area => "area",
            Self::Line => "line",
            Self::Weapon => "weapon class",
        }
    }

    fn where_from(self) -> &'static str {
        match self {
            Self::Party => "an actor of role `party` in mission.toml",
            Self::Actor => "an actor in mission.toml",
            Self::Zone | Self::Area | Self::Line => "a feature of zones.geojson",
            Self::Weapon => "a [[weapon]] of this file",
        }
    }
}

/// All names that may be referred to.
pub(super) struct References<'a> {
    mission: &'a Mission,
    weapons: RefCell<Vec<Slug>>,
}

impl<'a> References<'a> {
    /// The names of a mission; weapon classes are added once they are read.
    pub(super) fn new(mission: &'a Mission) -> Self {
        Self {
            mission,
            weapons: RefCell::default(),
        }
    }

    /// Makes weapon classes known.
    pub(super) fn add_weapons(&self, weapons: &[WeaponClass]) {
        let ids = weapons.iter().map(|weapon| weapon.id.clone());
        self.weapons.borrow_mut().extend(ids);
    }

    /// Every party.
    pub(super) fn parties(&self) -> Vec<Slug> {
        self.mission.parties().map(|p| p.id.clone()).collect()
    }

    fn known(&self, named: Named) -> Vec<Slug> {
        let actors = self.mission.actors.iter();
        let zones = self.mission.zones.iter();
        match named {
            Named::Party => self.parties(),
            Named::Actor => actors.map(|actor| actor.id.clone()).collect(),
            Named::Zone => zones.map(|zone| zone.id.clone()).collect(),
            Named::Area => zones
                .filter(|zone| matches!(zone.shape, Shape::Polygons(_)))
                .map(|zone| zone.id.clone())
                .collect(),
            Named::Line => zones
                .filter(|zone| matches!(zone.shape, Shape::Line(_)))
                .map(|zone| zone.id.clone())
                .collect(),
            Named::Weapon => self.weapons.borrow().clone(),
        }
    }

    /// Reads one name; what is unknown is reported and gives `None`.
    pub(super) fn check(
        &self,
        fields: &Fields<'_>,
        key: &str,
        node: &Node,
        named: Named,
    ) -> Option<Slug> {
        let known = self.known(named);
        let words: Vec<(&str, &Slug)> = known.iter().map(|id| (id.as_str(), id)).collect();
        let refusal = match slug(node) {
            Ok(given) if known.contains(&given) => return Some(given),
            Ok(given) => {
                let hint = match one_of(&words)(node) {
                    Err((_, hint)) if !known.is_empty() => hint,
                    _ => format!("it must be {}", named.where_from()),
                };
                (format!("there is no {} `{given}`", named.what()), hint)
            }
            Err(refusal) => refusal,
        };
        fields.refuse(&node.span, format!("`{key}`: {}", refusal.0), refusal.1);
        None
    }

    /// Reads a field with one name.
    pub(super) fn name(&self, fields: &Fields<'_>, key: &str, named: Named) -> Option<Slug> {
        self.check(fields, key, fields.node(key)?, named)
    }

    /// Reads a field with a list of names; `None` when the field is absent. Unknown names are
    /// reported one by one and left out.
    pub(super) fn names(&self, fields: &Fields<'_>, key: &str, named: Named) -> Option<Vec<Slug>> {
        let node = fields.node(key)?;
        let Value::List(items) = &node.value else {
            let message = format!("`{key}`: a list is expected, not {}", node.value.what());
            fields.refuse(&node.span, message, format!("write {key} = [\"…\"]"));
            return Some(Vec::new());
        };
        let read = |item| self.check(fields, key, item, named);
        Some(items.iter().filter_map(read).collect())
    }
}
