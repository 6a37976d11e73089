//! The columns of an observations table. `src`, which only a scorer may know, is never read.

/// One row.
#[derive(Debug, Clone)]
pub(crate) struct Row {
    pub(crate) line: String,
    pub(crate) sensor: String,
    pub(crate) kind: String,
    pub(crate) observed_s: f64,
    pub(crate) received_s: f64,
    /// Where the event was, kilometres.
    pub(crate) at_km: Option<[f64; 2]>,
    /// Kilometres for places, seconds for arrivals.
    pub(crate) sigma: Option<f64>,
    pub(crate) station: String,
    pub(crate) station_km: Option<[f64; 2]>,
    pub(crate) bearing_deg: Option<f64>,
    pub(crate) bearing_deg_sigma: Option<f64>,
    pub(crate) class: String,
    pub(crate) side: String,
}

/// Reads a table with a header.
pub(crate) fn read(text: &str) -> Result<Vec<Row>, String> {
    let mut lines = text.lines();
    let header: Vec<&str> = lines
        .next()
        .ok_or("the table is empty")?
        .split(',')
        .collect();
    let column = |name: &str| {
        let found = header.iter().position(|column| *column == name);
        found.ok_or_else(|| format!("the table has no column `{name}`"))
    };
    let names = [
        "sensor",
        "kind",
        "t_obs",
        "t_ingest",
        "x",
        "y",
        "sigma",
        "station",
        "sx",
        "sy",
        "bearing_deg",
        "bearing_sigma",
        "claim_class",
        "claim_side",
    ];
    let columns = names
        .map(column)
        .into_iter()
        .collect::<Result<Vec<_>, _>>()?;
    let rows = lines.enumerate().map(|(number, line)| {
        let cells: Vec<&str> = line.split(',').collect();
        let cell = |index: usize| cells.get(columns[index]).copied().unwrap_or_default();
        let number_of = |index: usize| cell(index).parse::<f64>().ok().filter(|n| n.is_finite());
        let pair = |x, y| Some([number_of(x)?, number_of(y)?]);
        let need = |index: usize| {
            let why = || format!("row {}: `{}` is no number", number + 2, names[index]);
            number_of(index).ok_or_else(why)
        };
        Ok(Row {
            // What a scorer knows must not even decide names.
            line: columns
                .iter()
                .flat_map(|c| [cells.get(*c).copied().unwrap_or(""), ","])
                .collect(),
            sensor: cell(0).to_owned(),
            kind: cell(1).to_owned(),
            observed_s: need(2)?,
            received_s: need(3)?,
            at_km: pair(4, 5),
            sigma: number_of(6),
            station: cell(7).to_lowercase(),
            station_km: pair(8, 9),
            bearing_deg: number_of(10),
            bearing_deg_sigma: number_of(11),
            class: cell(12).to_owned(),
            side: cell(13).to_lowercase(),
        })
    });
    rows.collect()
}
