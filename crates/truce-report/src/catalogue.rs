//! The catalogue: every sentence and word of the reports in all their languages, from
//! `catalogue/texts.txt`.
//!
//! The English text is the key. A text that is missing is a mistake: it stops a debug build, and a
//! release prints the English. Names of places, zones and actors, and what people and the log say,
//! are never translated.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::language::Language;

/// Entries of four lines, apart by an empty line; a line is the language's code and the text.
const TEXTS: &str = include_str!("../catalogue/texts.txt");

/// A text in each language, in the order of [`Language::ALL`].
type Entry = [&'static str; Language::ALL.len()];

fn entries() -> impl Iterator<Item = Entry> {
    TEXTS.split("\n\n").map(|entry| {
        let text = |language: Language| {
            let mut lines = entry.lines().filter_map(|line| line.split_once(' '));
            let found = lines.find(|(code, _)| *code == language.code());
            found.map_or("", |(_, text)| text)
        };
        Language::ALL.map(text)
    })
}

/// A text in a language.
pub(crate) fn translated(language: Language, english: &'static str) -> &'static str {
    static CATALOGUE: OnceLock<BTreeMap<&'static str, Entry>> = OnceLock::new();
    if english.is_empty() {
        return english;
    }
    let catalogue = CATALOGUE.get_or_init(|| entries().map(|entry| (entry[0], entry)).collect());
    let Some(entry) = catalogue.get(english) else {
        debug_assert!(false, "the catalogue has no `{english}`");
        return english;
    };
    entry[language as usize]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_text_is_there_in_every_language() {
        let mut seen = BTreeSet::new();
        for entry in entries() {
            assert!(seen.insert(entry[0]), "twice: {}", entry[0]);
            for text in entry {
                assert!(!text.trim().is_empty(), "no text: {entry:?}");
                let values = |text: &str| text.matches('{').count();
                assert_eq!(values(text), values(entry[0]), "values differ: {text}");
            }
        }
        assert!(seen.len() > 300);
    }

    #[test]
    fn languages_stand_in_their_places() {
        for (language, expected) in Language::ALL.into_iter().zip([
            "Line of contact",
            "Лінія зіткнення",
            "Линия соприкосновения",
            "Ligne de contact",
        ]) {
            assert_eq!(translated(language, "Line of contact"), expected);
        }
    }
}
