//! Where a vessel may leave a corridor by the clauses that watch it: by its ends
//! ([`truce_core::way::Ends`]), and from there to the areas that a clause names. Beside an approach
//! as much is tolerated as beside the corridor.

use truce_core::way::{Ends, Strip, strip};

use super::fence::{Effect, Fence};
use crate::zones::ZoneIndex;

/// The ends of the corridor that a fence against deviation watches; `None` for all other fences and
/// for an area that has no ends.
pub(super) fn ends_of(fence: &Fence, zones: &ZoneIndex) -> Option<Ends> {
    if fence.effect != Effect::Deviation {
        return None;
    }
    let mut ends = Ends::of(&zones.zone(&fence.zone)?.shape)?;
    for guard in &fence.guards {
        let others = guard.others.iter().filter_map(|other| zones.zone(other));
        let others: Vec<Strip> = others.filter_map(|zone| strip(&zone.shape)).collect();
        for area in guard.ends.iter().filter_map(|area| zones.zone(area)) {
            ends.lead_to(&area.id, &area.shape, &others);
        }
    }
    Some(ends)
}
