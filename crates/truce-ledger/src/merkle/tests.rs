//! The published vectors of RFC 6962, and every small tree against its proofs.

use super::*;
use proptest::prelude::*;

/// The eight leaves of the certificate-transparency reference tests
/// (google/certificate-transparency, `merkle_tree_test`), as hexadecimal.
const REFERENCE_LEAVES: [&str; 8] = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
];

/// The roots over the first 1 to 8 of them.
const REFERENCE_ROOTS: [&str; 8] = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn unhex(text: &str) -> Vec<u8> {
    let digits = text.as_bytes().chunks(2);
    digits
        .map(|d| u8::from_str_radix(std::str::from_utf8(d).unwrap(), 16).unwrap())
        .collect()
}

fn leaves(n: u64) -> Vec<Digest> {
    (0..n).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

#[test]
fn the_empty_root_is_the_one_of_the_standard() {
    let expected = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(empty_root().to_vec(), unhex(expected));
    assert_eq!(Accumulator::new().root(), empty_root());
    assert_eq!(MemoryTree::new(Vec::new()).root(), empty_root());
}

#[test]
fn the_reference_leaves_have_the_reference_roots() {
    let mut tree = Accumulator::new();
    for (leaf, root) in REFERENCE_LEAVES.iter().zip(REFERENCE_ROOTS) {
        tree.push(leaf_hash(&unhex(leaf)));
        assert_eq!(tree.root().to_vec(), unhex(root), "size {}", tree.size());
    }
}

/// PATH and PROOF examples of RFC 6962 §2.1.3 / RFC 9162 §2.1.5, spelt out over the tree of 7.
#[test]
fn proofs_of_the_tree_of_seven_are_those_of_the_standard() {
    let l = leaves(7);
    let tree = MemoryTree::new(l.clone());
    let (a, b, c, d, e, f, j) = (l[0], l[1], l[2], l[3], l[4], l[5], l[6]);
    let (g, h, i) = (node_hash(&a, &b), node_hash(&c, &d), node_hash(&e, &f));
    let (k, m) = (node_hash(&g, &h), node_hash(&i, &j));
    assert_eq!(tree.inclusion(0).unwrap(), [b, h, m]);
    assert_eq!(tree.inclusion(3).unwrap(), [c, g, m]);
    assert_eq!(tree.inclusion(4).unwrap(), [f, j, k]);
    assert_eq!(tree.inclusion(6).unwrap(), [i, k]);
    assert_eq!(tree.consistency(3, 7).unwrap(), [c, d, g, m]);
    assert_eq!(tree.consistency(4, 7).unwrap(), [m]);
    assert_eq!(tree.consistency(6, 7).unwrap(), [i, j, k]);
}

fn check_all_proofs(size: u64, olds: impl Iterator<Item = u64>) {
    let all = leaves(size);
    let tree = MemoryTree::new(all.clone());
    let root = tree.root();
    assert_eq!(root, root_of(&all));
    for index in 0..size {
        let leaf = &all[usize::try_from(index).unwrap()];
        let path = tree.inclusion(index).unwrap();
        verify_inclusion(leaf, index, size, &path, &root).unwrap();
        let elsewhere = verify_inclusion(leaf, (index + 1) % size, size, &path, &root);
        assert!(size == 1 || elsewhere.is_err(), "{index} of {size}");
        let longer = [path.clone(), vec![root]].concat();
        assert!(verify_inclusion(leaf, index, size, &longer, &root).is_err());
        if let Some((_, shorter)) = path.split_last() {
            assert!(verify_inclusion(leaf, index, size, shorter, &root).is_err());
        }
    }
    for old in olds {
        let old_root = root_of(&all[..usize::try_from(old).unwrap()]);
        let path = tree.consistency(old, size).unwrap();
        verify_consistency(old, &old_root, size, &root, &path).unwrap();
        assert!(verify_consistency(old, &[7; 32], size, &root, &path).is_err());
        assert!(old == 0 || verify_consistency(old, &old_root, size, &[7; 32], &path).is_err());
        let longer = [path.clone(), vec![root]].concat();
        assert!(verify_consistency(old, &old_root, size, &root, &longer).is_err());
        for at in 0..path.len() {
            let mut changed = path.clone();
            changed[at][5] ^= 1;
            assert!(verify_consistency(old, &old_root, size, &root, &changed).is_err());
        }
    }
}

#[test]
fn all_proofs_of_all_small_trees_verify() {
    for size in 0..=64 {
        check_all_proofs(size, 0..=size);
    }
}

#[test]
fn proofs_around_a_full_tile_verify() {
    for size in 255..=258 {
        check_all_proofs(
            size,
            [0, 1, 2, 127, 128, 129, 254, 255, size - 1, size].into_iter(),
        );
    }
}

#[test]
fn proofs_outside_the_tree_are_refused() {
    let tree = MemoryTree::new(leaves(5));
    assert!(tree.inclusion(5).is_err());
    assert!(tree.consistency(6, 5).is_err());
    assert!(tree.consistency(3, 6).is_err());
    assert!(verify_inclusion(&[0; 32], 0, 0, &[], &empty_root()).is_err());
    assert!(verify_consistency(6, &[0; 32], 5, &[0; 32], &[]).is_err());
}

proptest! {
    #[test]
    fn no_proof_makes_the_verifiers_panic(
        index in any::<u64>(), size in any::<u64>(), hashes in 0usize..70,
    ) {
        let path = vec![[3; 32]; hashes];
        prop_assert!(verify_inclusion(&[1; 32], index, size, &path, &[2; 32]).is_err());
        prop_assert!(verify_consistency(index, &[1; 32], size, &[2; 32], &path).is_err());
    }
}
