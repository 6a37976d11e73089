use super::Entry;
pub(super) const ALL: &[Entry] = &[];
