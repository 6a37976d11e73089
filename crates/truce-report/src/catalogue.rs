//! The catalogue: every sentence and word of the reports in all their languages.
//!
//! The English text is the key. A text that is missing is a mistake: it stops a debug build, and a
//! release prints the English. Names of places, zones and actors, and what people and the log say,
//! are never translated.

mod pages;
mod tables;
mod words;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::language::Language;

/// English, Ukrainian, Russian, French.
type Entry = [&'static str; 4];

fn catalogue() -> &'static BTreeMap<&'static str, &'static Entry> {
    static CATALOGUE: OnceLock<BTreeMap<&'static str, &'static Entry>> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let all = words::ALL.iter().chain(tables::ALL).chain(pages::ALL);
        all.map(|entry| (entry[0], entry)).collect()
    })
}

/// A text in a language.
pub(crate) fn translated(language: Language, english: &'static str) -> &'static str {
    if english.is_empty() {
        return english;
    }
    let Some(entry) = catalogue().get(english) else {
        debug_assert!(false, "the catalogue has no `{english}`");
        return english;
    };
    entry[language as usize]
}
