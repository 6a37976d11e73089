//! Symmetric positive matrices of the state's size: Cholesky's root, and solving with it.

use super::likelihood::{STATE, State};

/// A matrix of which the first rows and columns are in use.
pub(super) type Matrix = [[f64; STATE]; STATE];

/// The lower triangular root of a symmetric positive matrix of which the lower half is given.
pub(super) fn root(matrix: &Matrix, size: usize) -> Matrix {
    let mut root = [[0.0; STATE]; STATE];
    for i in 0..size {
        for j in 0..=i {
            let known = root[i][..j].iter().zip(&root[j][..j]);
            let rest = matrix[i][j] - known.map(|(a, b)| a * b).sum::<f64>();
            root[i][j] = if i == j {
                // Rounding may leave nothing of an information that is almost none.
                rest.max(f64::MIN_POSITIVE).sqrt()
            } else {
                rest / root[j][j]
            };
        }
    }
    root
}

/// Solves `root rootᵀ x = b`.
pub(super) fn solve(root: &Matrix, b: &State, size: usize) -> State {
    let mut x = *b;
    for i in 0..size {
        for k in 0..i {
            x[i] -= root[i][k] * x[k];
        }
        x[i] /= root[i][i];
    }
    for i in (0..size).rev() {
        for k in i + 1..size {
            x[i] -= root[k][i] * x[k];
        }
        x[i] /= root[i][i];
    }
    x
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_known_system_is_solved() {
        // [[4, 2, 0], [2, 5, 3], [0, 3, 6]] · (1, −2, 3) = (0, 1, 12).
        let mut matrix = [[0.0; STATE]; STATE];
        matrix[0][0] = 4.0;
        matrix[1][..2].copy_from_slice(&[2.0, 5.0]);
        matrix[2][..3].copy_from_slice(&[0.0, 3.0, 6.0]);
        let mut b = [0.0; STATE];
        b[..3].copy_from_slice(&[0.0, 1.0, 12.0]);
        let x = solve(&root(&matrix, 3), &b, 3);
        for (found, expected) in x.iter().zip([1.0, -2.0, 3.0]) {
            assert!((found - expected).abs() < 1e-12, "{x:?}");
        }
    }
}
