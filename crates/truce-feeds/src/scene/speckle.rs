//! Speckle of radar: the filter of Lee (1980), which takes an intensity for its surroundings' mean as
//! far as speckle alone explains how they scatter, and leaves it alone where they scatter more.

/// Pixels from the middle of the window to its edge: 5 × 5 pixels, as in the published test.
pub(super) const HALF: usize = 2;

/// Filters the middle row of a window of `2 * HALF + 1` rows. Intensities are linear (power), `looks`
/// is their equivalent number of looks. What is missing is NaN and stays so.
///
/// With the surroundings' mean m and variance v and the speckle's relative variance c² = 1/looks, the
/// scene's own variance is s² = (v − m² c²) / (1 + c²), and the intensity becomes
/// m + (y − m) s² / v (Lee 1980, IEEE Trans. Pattern Anal. Mach. Intell. 2, eq. 16 to 19).
pub(super) fn filter_row(window: &[&[f64]], looks: f64, out: &mut Vec<f64>) {
    let middle = window[window.len() / 2];
    let columns = columns(window);
    let speckle = 1.0 / looks;
    out.clear();
    for (x, own) in middle.iter().enumerate() {
        if own.is_nan() {
            out.push(f64::NAN);
            continue;
        }
        let near = &columns[x.saturating_sub(HALF)..(x + HALF + 1).min(columns.len())];
        let [count, sum, square] = near.iter().fold([0.0; 3], |all, column| {
            [all[0] + column[0], all[1] + column[1], all[2] + column[2]]
        });
        let mean = sum / count;
        let variance = square / count - mean * mean;
        let scene = (variance - mean * mean * speckle) / (1.0 + speckle);
        let weight = if scene > 0.0 { scene / variance } else { 0.0 };
        out.push(mean + weight * (own - mean));
    }
}

/// Count, sum and sum of squares of what is there in each column.
fn columns(window: &[&[f64]]) -> Vec<[f64; 3]> {
    let width = window[0].len();
    let mut columns = vec![[0.0; 3]; width];
    for row in window {
        for (column, value) in columns.iter_mut().zip(*row) {
            if !value.is_nan() {
                column[0] += 1.0;
                column[1] += value;
                column[2] += value * value;
            }
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filtered(window: &[[f64; 7]], looks: f64) -> Vec<f64> {
        let rows: Vec<&[f64]> = window.iter().map(<[f64; 7]>::as_slice).collect();
        let mut out = Vec::new();
        filter_row(&rows, looks, &mut out);
        out
    }

    #[test]
    fn flat_ground_becomes_its_mean_and_a_bright_target_stays() {
        let mut window = [[1.0; 7]; 5];
        window[2][3] = 1.1;
        let flat = filtered(&window, 4.0);
        assert!((flat[3] - (24.0 + 1.1) / 25.0).abs() < 1e-12, "{flat:?}");
        window[2][3] = 1_000.0;
        let target = filtered(&window, 4.0)[3];
        assert!(target > 700.0, "{target}");
    }

    #[test]
    fn what_is_missing_stays_missing_and_counts_for_nothing() {
        let mut window = [[2.0; 7]; 5];
        window[2][0] = f64::NAN;
        window[1] = [f64::NAN; 7];
        let got = filtered(&window, 4.0);
        assert!(got[0].is_nan());
        assert_eq!(got[1..], [2.0; 6]);
    }
}
