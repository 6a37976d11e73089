//! Which bands of which files an item names.

use super::*;

/// The bands of an item with some assets, each as `name href index/count`.
fn bands_of(assets: &str) -> Result<Vec<String>, String> {
    let text = format!(
        r#"{{"id": "s", "properties": {{"datetime": "2025-03-01T00:00:00Z"}}, "assets": {assets}}}"#
    );
    let item = SceneItem::read(&text).map_err(|error| error.to_string())?;
    let words = |band: &Band| {
        let BandPlace { index, count } = band.place;
        format!("{} {} {index}/{count}", band.name, band.href)
    };
    Ok(item.bands.iter().map(words).collect())
}

fn check(assets: &str, expected: &[&str]) {
    assert_eq!(bands_of(assets).unwrap(), expected, "{assets}");
}

#[test]
fn an_asset_is_called_like_its_band_or_lists_it() {
    check(
        r#"{"vv": {"href": "a.tif"}, "VH": {"href": "b.tif"}}"#,
        &["vh b.tif 0/1", "vv a.tif 0/1"],
    );
    check(
        r#"{"B04": {"href": "a", "eo:bands": [{"name": "B04", "common_name": "red"}]}}"#,
        &["b04 a 0/1"],
    );
    // Radar as one file of two bands, by STAC 1.1.
    check(
        r#"{"data": {"href": "a", "bands": [{"name": "VV"}, {"name": "VH"}]}}"#,
        &["vh a 1/2", "vv a 0/2"],
    );
    // Optical bands by name, else by common name, by the EO extension and by STAC 1.1.
    check(
        r#"{"image": {"href": "a", "eo:bands": [{"name": "B02", "common_name": "blue"},
            {"name": "B8A", "common_name": "nir"}, {"name": "B04", "common_name": "red"}]}}"#,
        &["b02 a 0/3", "b04 a 2/3"],
    );
    check(
        r#"{"image": {"href": "a", "bands": [{"eo:common_name": "blue"}, {"name": "x"},
            {"name": "y", "eo:common_name": "nir"}]}}"#,
        &["blue a 0/3", "nir a 2/3"],
    );
    // The same file under both names.
    check(
        r#"{"vv": {"href": "a", "bands": [{"name": "vv"}, {"name": "vh"}]},
            "vh": {"href": "a", "bands": [{"name": "vv"}, {"name": "vh"}]}}"#,
        &["vh a 1/2", "vv a 0/2"],
    );
    // An asset of its own goes before one that only lists it.
    check(
        r#"{"vv": {"href": "a"}, "both": {"href": "b", "bands": [{"name": "vv"}, {"name": "vh"}]}}"#,
        &["vv a 0/1", "vh b 1/2"],
    );
    // Pictures are no measurement.
    let picture = r#""eo:bands": [{"name": "red"}, {"name": "green"}, {"name": "blue"}]"#;
    check(&format!(r#"{{"visual": {{"href": "a", {picture}}}}}"#), &[]);
    check(
        &format!(r#"{{"tci": {{"href": "a", "roles": ["data", "visual"], {picture}}}}}"#),
        &[],
    );
}

#[test]
fn what_is_not_clear_is_refused() {
    let cases = [
        (
            r#"{"vv": {"href": "a", "bands": [{"name": "one"}, {"name": "two"}]}}"#,
            "asset `vv` lists several bands, not one `vv`",
        ),
        (
            r#"{"data": {"href": "a", "bands": [{"name": "vv"}, {"name": "VV"}]}}"#,
            "asset `data` lists two bands `vv`",
        ),
        (
            r#"{"a": {"href": "a", "bands": [{"name": "vv"}, {"name": "vh"}]},
                "b": {"href": "b", "bands": [{"name": "vv"}, {"name": "hh"}]}}"#,
            "two assets list a band `vv`",
        ),
    ];
    for (assets, reason) in cases {
        let refused = bands_of(assets).unwrap_err();
        assert!(refused.ends_with(reason), "{assets}: {refused}");
    }
}

#[test]
fn a_band_has_its_own_scale_and_unit() {
    let text = r#"{"id": "s", "properties": {"datetime": "2025-03-01T00:00:00Z"}, "assets": {
        "image": {"href": "a", "eo:bands": [{"name": "red"}, {"name": "nir"}],
            "raster:bands": [{"scale": 0.5}, {"scale": 0.25, "offset": -0.1}]},
        "radar": {"href": "b", "bands": [{"name": "vv", "unit": "dB"}, {"name": "vh"}]}}}"#;
    let measures: Vec<Measure> = SceneItem::read(text)
        .unwrap()
        .bands
        .iter()
        .map(|band| band.measure)
        .collect();
    let reflectance = |scale, offset| Measure::Reflectance { scale, offset };
    let expected = [
        reflectance(0.25, -0.1),
        reflectance(0.5, 0.0),
        Measure::Backscatter,
        Measure::BackscatterDb,
    ];
    assert_eq!(measures, expected);
}
