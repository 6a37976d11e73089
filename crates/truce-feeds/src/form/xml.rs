//! XForm submissions: the instance that ODK Collect, KoBoCollect and Enketo send (ODK XForms
//! Specification, "Instance"; OpenRosa Metadata Schema 1.0).
//!
//! ```text
//! <data id="patrol" version="4" xmlns:orx="http://openrosa.org/xforms">
//!   <start>2025-03-01T14:02:11.000+02:00</start>       question `start`
//!   <where>48.1 37.9 120.0 4.8</where>                 question `where`, a geopoint
//!   <harm><kind>injured</kind><n>2</n></harm>          questions `harm/kind`, `harm/n`
//!   <harm><kind>killed</kind><n>1</n></harm>           the same again: a repetition
//!   <orx:meta><orx:instanceID>uuid:…</orx:instanceID></orx:meta>
//! </data>
//! ```

use truce_core::Observation;

use super::answers::Answers;
use super::{say, texts};
use crate::decoder::{Decoded, Job, Reader};
use crate::fault::{Fault, Unencodable};
use crate::xml::{self, Element};

/// Reads the submissions of one feed.
#[derive(Debug)]
pub(crate) struct Submissions;

impl Reader for Submissions {
    fn read(&mut self, job: &Job<'_>, out: &mut Decoded) -> Result<(), Fault> {
        let Some(text) = xml::text(job)? else {
            return Ok(());
        };
        let root = xml::parse(&text)?;
        let mut answers = Answers::default();
        for (name, value) in &root.attributes {
            if matches!(*name, "id" | "version") {
                answers.add(&format!("@{name}"), value)?;
            }
        }
        gather(&root, "", &mut answers)?;
        say(job, &answers, out)
    }
}

/// Gathers the answers below an element. Elements of the same name side by side that hold others
/// are repetitions; a single one is both a group and a repetition, since it may be either.
fn gather(element: &Element<'_>, path: &str, answers: &mut Answers) -> Result<(), Fault> {
    for child in &element.children {
        let path = match path {
            "" => child.name.to_owned(),
            path => format!("{path}/{}", child.name),
        };
        if child.children.is_empty() {
            answers.add(&path, &child.text)?;
            continue;
        }
        let mut repetition = Answers::default();
        gather(child, &path, &mut repetition)?;
        answers.repeat(&path, repetition)?;
        gather(child, &path, answers)?;
    }
    Ok(())
}

/// Writes a claim as a submission whose questions are called as the fields of `report-json`.
///
/// # Errors
/// [`Unencodable`] for other readings, and for objects other than vessels.
pub fn encode(observation: &Observation) -> Result<Vec<String>, Unencodable> {
    let mut text = String::from("<data id=\"truce\">");
    for (name, answer) in texts(observation, "odk-xml")? {
        text += &format!("<{name}>{}</{name}>", xml::escape(&answer));
    }
    text += &format!(
        "<meta><instanceID>truce:{}</instanceID></meta></data>",
        observation.id
    );
    Ok(vec![text])
}
