//! The daily report of a mission as HTML, CSV and GeoJSON.
