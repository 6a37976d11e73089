//! The ceasefire agreement as data: zones, clauses, assessments, the status ladder and its clocks.
