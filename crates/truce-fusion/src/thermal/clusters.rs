//! Clusters of a day's anomalies: what lies within a kilometre of one another, link by link, is
//! one fire or one bombardment seen in several pixels.

use std::collections::BTreeMap;

use super::plane::{Point, Points};

/// Longest link between two anomalies of a cluster, metres. A pixel of VIIRS is 375 m wide at
/// nadir and about 800 m at the edge of the swath (VIIRS active fire user guide, 375 m product).
const LINK_M: f64 = 1_000.0;

/// The numbers of the points in each cluster, ordered by their first point.
pub(super) fn clusters(points: &[Point]) -> Vec<Vec<usize>> {
    let mut index = Points::new(LINK_M);
    let mut parents: Vec<usize> = (0..points.len()).collect();
    for (number, point) in points.iter().enumerate() {
        index.near(*point, LINK_M, |_, other| join(&mut parents, number, other));
        index.insert(*point, number);
    }
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for number in 0..points.len() {
        groups
            .entry(root(&mut parents, number))
            .or_default()
            .push(number);
    }
    groups.into_values().collect()
}

/// The smallest number of a cluster stands for it.
fn join(parents: &mut [usize], a: usize, b: usize) {
    let (a, b) = (root(parents, a), root(parents, b));
    parents[a.max(b)] = a.min(b);
}

fn root(parents: &mut [usize], mut number: usize) -> usize {
    while parents[number] != number {
        parents[number] = parents[parents[number]];
        number = parents[number];
    }
    number
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_of_a_kilometre_make_clusters() {
        let check = |easts_m: &[f64], expected: &[&[usize]]| {
            let points: Vec<Point> = easts_m.iter().map(|east_m| [*east_m, 0.0]).collect();
            assert_eq!(clusters(&points), expected, "{easts_m:?}");
        };
        check(&[], &[]);
        check(&[0.0], &[&[0]]);
        check(&[0.0, 1_000.0], &[&[0, 1]]);
        check(&[0.0, 1_001.0], &[&[0], &[1]]);
        // A late point joins two clusters.
        check(&[0.0, 5_000.0, 1_800.0, 900.0], &[&[0, 2, 3], &[1]]);
        check(&[7.0, 7.0, 7.0], &[&[0, 1, 2]]);
    }
}
