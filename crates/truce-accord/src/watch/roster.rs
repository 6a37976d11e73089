//! All objects, flat in memory and found by name at the cost of one look into a table.
//!
//! A track's name is a SHA-256 digest, so its first bytes are as good as any hash of it, and the same
//! on every machine. The order of the objects shows nowhere: whoever needs one sorts by name.

use truce_core::TrackId;

use super::object::Object;

/// An empty place of the table.
const NONE: u32 = u32::MAX;
/// The table has at least this many places for each object, so that a look ends soon.
const PLACES_PER_OBJECT: usize = 2;
const PLACES_MIN: usize = 64;

/// The objects.
#[derive(Debug, Clone, Default)]
pub(super) struct Roster {
    objects: Vec<Object>,
    /// Open addressing with linear steps; the length is a power of two.
    table: Vec<u32>,
}

impl Roster {
    pub(super) fn len(&self) -> usize {
        self.objects.len()
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Object> {
        self.objects.iter()
    }

    pub(super) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Object> {
        self.objects.iter_mut()
    }

    /// The objects in the order of their names.
    pub(super) fn by_name(&self) -> Vec<&Object> {
        let mut all: Vec<&Object> = self.objects.iter().collect();
        all.sort_unstable_by_key(|object| object.id);
        all
    }

    pub(super) fn get(&self, id: TrackId) -> Option<&Object> {
        self.find(id).map(|number| &self.objects[number])
    }

    pub(super) fn get_mut(&mut self, id: TrackId) -> Option<&mut Object> {
        self.find(id).map(|number| &mut self.objects[number])
    }

    /// The object of a name, made when there is none yet.
    pub(super) fn entry(&mut self, id: TrackId, make: impl FnOnce() -> Object) -> &mut Object {
        let number = self.find(id).unwrap_or_else(|| {
            self.objects.push(make());
            if self.table.len() < PLACES_PER_OBJECT * self.objects.len() {
                self.build_table();
            } else {
                self.enlist(self.objects.len() - 1);
            }
            self.objects.len() - 1
        });
        &mut self.objects[number]
    }

    /// Keeps only some objects.
    pub(super) fn retain(&mut self, keep: impl FnMut(&Object) -> bool) {
        let before = self.objects.len();
        self.objects.retain(keep);
        if self.objects.len() < before {
            self.build_table();
        }
    }

    fn find(&self, id: TrackId) -> Option<usize> {
        let mask = self.table.len().checked_sub(1)?;
        let mut place = first_place(id) & mask;
        loop {
            let number = self.table[place];
            if number == NONE {
                return None;
            }
            if self.objects[number as usize].id == id {
                return Some(number as usize);
            }
            place = (place + 1) & mask;
        }
    }

    fn build_table(&mut self) {
        let wanted = 2 * PLACES_PER_OBJECT * self.objects.len();
        self.table.clear();
        self.table
            .resize(wanted.next_power_of_two().max(PLACES_MIN), NONE);
        for number in 0..self.objects.len() {
            self.enlist(number);
        }
    }

    fn enlist(&mut self, number: usize) {
        let mask = self.table.len() - 1;
        let mut place = first_place(self.objects[number].id) & mask;
        while self.table[place] != NONE {
            place = (place + 1) & mask;
        }
        self.table[place] = u32::try_from(number).expect("objects are bounded by OBJECTS_MAX");
    }
}

fn first_place(id: TrackId) -> usize {
    let [a, b, c, d, ..] = id.0.0;
    u32::from_le_bytes([a, b, c, d]) as usize
}
