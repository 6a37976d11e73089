//! Security metadata: the tags of MISB ST 0102.12, table 1, as a set inside ST 0601 (item 48).

use super::value::Kind::{Bytes, Number, Text};
use super::value::Tag;

/// Tag, name, kind, and the bytes that are written.
pub(super) const TAGS: &[Tag] = &[
    // 1 unclassified, 2 restricted, 3 confidential, 4 secret, 5 top secret.
    (1, "classification", Number(1.0), 1),
    (2, "country_coding_method", Number(1.0), 1),
    (3, "classifying_country", Text, 0),
    (4, "special_handling", Text, 0),
    (5, "caveats", Text, 0),
    (6, "releasing_instructions", Text, 0),
    (7, "classified_by", Text, 0),
    (8, "derived_from", Text, 0),
    (9, "classification_reason", Text, 0),
    (10, "declassified_on", Text, 0),
    (11, "marking_system", Text, 0),
    (12, "object_country_coding_method", Number(1.0), 1),
    // UTF-16, unlike all other texts.
    (13, "object_country_codes", Bytes, 0),
    (14, "classification_comments", Text, 0),
    (19, "stream_id", Number(1.0), 1),
    (20, "transport_stream_id", Number(1.0), 2),
    (21, "item_designator", Bytes, 0),
    (22, "version", Number(1.0), 2),
    (23, "country_coding_method_dated", Text, 0),
    (24, "object_country_coding_method_dated", Text, 0),
];
