//! `truce plan forces`: shortfall per requirement and sector, over time, scenario by scenario.

use clap::Args;
use serde::Serialize;
use truce_core::{Slug, Timestamp};
use truce_plan::assess::{Fulfilment, Gap, Help};
use truce_plan::coalition::Requirement;
use truce_plan::timeline::{Stretch, timeline};
use truce_plan::training::{Throughput, Training, throughput, training};
use truce_plan::{Assumptions, Plan, Truth, assess};

use super::super::terminal::grouped;
use super::super::{Failure, Form, terminal};
use super::mandate::step;
use super::question::{Asked, Question};
use super::table::Table;
use super::word;
use crate::planning::{assumption, conditions, instant, resolve};

/// Show what is needed, what the pledges bring, and what is lacking, requirement by requirement.
///
/// Met counts only what is certain: pledges that are given, whose conditions hold, where a legal
/// basis permits them. Could be is the best consistent world in which nothing unknown fails. With
/// --assume or --scenario the table compares worlds:
#[derive(Debug, Args)]
pub(super) struct ForcesCommand {
    #[command(flatten)]
    question: Question,
    /// Compare a scenario, as TITLE: NAME=STATE, NAME=STATE; may be repeated.
    #[arg(long, value_name = "TITLE: NAME=STATE,...", value_parser = scenario)]
    scenario: Vec<Scenario>,
    /// Explain one requirement: who serves it, why it falls short, who could help.
    #[arg(long, value_name = "REQUIREMENT")]
    why: Option<String>,
    /// Show shortfalls over time from this day on.
    #[arg(long, value_name = "DAY", value_parser = instant, requires = "until")]
    from: Option<Timestamp>,
    /// The end of the time shown.
    #[arg(long, value_name = "DAY", value_parser = instant, requires = "from")]
    until: Option<Timestamp>,
}

/// A scenario as the command line gives it.
#[derive(Debug, Clone)]
struct Scenario {
    title: String,
    assume: Vec<(String, Truth)>,
}

fn scenario(text: &str) -> Result<Scenario, String> {
    let (title, list) = text
        .split_once(':')
        .ok_or("TITLE: NAME=STATE, ... is expected")?;
    let parts = list
        .split(',')
        .map(str::trim)
        .filter(|part| !part.is_empty());
    Ok(Scenario {
        title: title.trim().to_owned(),
        assume: parts.map(assumption).collect::<Result<_, _>>()?,
    })
}

/// A plan with its name.
#[derive(Serialize)]
struct Column {
    title: String,
    plan: Plan,
    training: Vec<Training>,
    timeline: Vec<Stretch>,
}

impl ForcesCommand {
    pub(super) fn run(self) -> Result<(), Failure> {
        let asked = self.question.read()?;
        if let Some((from, until)) = self.from.zip(self.until)
            && until <= from
        {
            return Err(Failure::Usage(
                "--until must be later than --from".to_owned(),
            ));
        }
        let columns = self.columns(&asked)?;
        let known: Vec<&Slug> = asked
            .setup
            .coalition
            .requirements
            .iter()
            .map(|r| &r.id)
            .collect();
        let why = self
            .why
            .as_ref()
            .map(|id| resolve("requirement", id, &known))
            .transpose()?;
        match self.question.format {
            Form::Json => terminal::say_json(&serde_json::json!({
                "scenarios": columns,
                "sites": throughput(&asked.setup.coalition),
            })),
            Form::Text => match why {
                Some(id) => columns
                    .iter()
                    .for_each(|column| explain(&asked, column, &id)),
                None => answer(&asked, &columns),
            },
        }
        Ok(())
    }

    fn columns(&self, asked: &Asked) -> Result<Vec<Column>, Failure> {
        let mut named = vec![("as filed".to_owned(), asked.as_filed.clone())];
        if asked.assumes() {
            named.push(("assumed".to_owned(), asked.assumed.clone()));
        }
        for scenario in &self.scenario {
            let mut assumptions = asked.assumed.clone();
            assumptions
                .conditions
                .extend(conditions(&asked.setup.coalition, &scenario.assume)?);
            named.push((scenario.title.clone(), assumptions));
        }
        let column = |(title, assumptions)| self.column(asked, title, &assumptions);
        Ok(named.into_iter().map(column).collect())
    }

    fn column(&self, asked: &Asked, title: String, assumptions: &Assumptions) -> Column {
        let (coalition, mandate) = (&asked.setup.coalition, &asked.setup.mandate);
        let plan = assess(coalition, mandate, assumptions);
        let period = self.from.zip(self.until);
        let over = |period| timeline(coalition, mandate, assumptions, period);
        Column {
            title,
            training: training(coalition, &plan),
            timeline: period.map(over).unwrap_or_default(),
            plan,
        }
    }
}

fn answer(asked: &Asked, columns: &[Column]) {
    let requirements = &asked.setup.coalition.requirements;
    let mut names = vec![
        "where".to_owned(),
        "requirement".to_owned(),
        ">needed".to_owned(),
    ];
    names.extend(
        columns
            .iter()
            .map(|column| format!(">met: {}", column.title)),
    );
    names.extend([">could be".to_owned(), "permitted".to_owned()]);
    let mut table = Table::new(&names);
    let mut order: Vec<usize> = (0..requirements.len()).collect();
    order.sort_by_key(|i| {
        let requirement = &requirements[*i];
        (
            place_order(asked, requirement),
            &requirement.place,
            requirement.priority,
        )
    });
    let mut place = None;
    for i in order {
        let requirement = &requirements[i];
        let new = place.replace(&requirement.place) != Some(&requirement.place);
        let last = &columns[columns.len() - 1].plan.requirements[i];
        let mut cells = vec![
            if new {
                requirement.place.to_string()
            } else {
                String::new()
            },
            requirement.id.to_string(),
            grouped(u64::from(last.needed)),
        ];
        cells.extend(
            columns
                .iter()
                .map(|column| met(&column.plan.requirements[i])),
        );
        cells.push(grouped(u64::from(last.could_be_met)));
        cells.push(word(last.permitted).to_owned());
        table.row(cells);
    }
    table.lines().iter().for_each(|line| terminal::say(line));
    for column in columns {
        for exclusion in &column.plan.contradictions {
            let title = &column.title;
            terminal::say(&format!(
                "\n{title}: this contradicts the exclusion {exclusion}."
            ));
        }
    }
    courses(asked, columns);
    columns.iter().for_each(stretches);
    terminal::say(
        "\nPeople, aircraft, ships, orbits, batteries, sets, trainees a month. --why NAME explains one line.",
    );
}

/// Sectors in the order of the mission, then other places.
fn place_order(asked: &Asked, requirement: &Requirement) -> usize {
    let sectors = &asked.setup.mission.sectors;
    let found = sectors
        .iter()
        .position(|sector| sector.id == requirement.place);
    found.unwrap_or(sectors.len())
}

/// What is met, with a bar for the part that is lacking.
fn met(line: &Fulfilment) -> String {
    let mark = match line.shortfall() {
        0 => "  ",
        lacking if lacking == line.needed => " ✗",
        _ => " ◐",
    };
    format!("{}{mark}", grouped(u64::from(line.met)))
}

fn courses(asked: &Asked, columns: &[Column]) {
    let sites: Vec<Throughput> = throughput(&asked.setup.coalition);
    if sites.is_empty() {
        return;
    }
    terminal::say("\nTraining: sites and courses");
    let mut table = Table::new(&["site", ">seats of courses", ">beds", ">trainees a month"]);
    for site in &sites {
        let flow: f64 = site.per_month.iter().map(|(_, flow)| flow).sum();
        table.row(vec![
            site.site.to_string(),
            grouped(u64::from(site.seats)),
            grouped(u64::from(site.trainees_max)),
            format!("{flow:.0}"),
        ]);
    }
    table.lines().iter().for_each(|line| terminal::say(line));
    for column in columns {
        for line in &column.training {
            terminal::say(&format!(
                "{}: {} wants {} a month; instructors for {}, courses and beds for {:.0}: {:.0} can be trained",
                column.title,
                line.requirement,
                line.needed,
                line.instructors,
                line.seats,
                line.per_month(),
            ));
        }
    }
}

fn stretches(column: &Column) {
    if column.timeline.is_empty() {
        return;
    }
    terminal::say(&format!(
        "\nOver time, {}: requirements that fall short",
        column.title
    ));
    let mut table = Table::new(&["from", ">days", "lacking"]);
    for stretch in &column.timeline {
        let short = stretch
            .requirements
            .iter()
            .filter(|line| line.met < line.needed);
        let short = short.map(|line| format!("{} {}", line.requirement, line.needed - line.met));
        table.row(vec![
            stretch.from.strftime("%Y-%m-%d").to_string(),
            format!("{:.0}", stretch.days()),
            short.collect::<Vec<_>>().join(", "),
        ]);
    }
    table.lines().iter().for_each(|line| terminal::say(line));
}

fn explain(asked: &Asked, column: &Column, id: &Slug) {
    let Some(line) = column
        .plan
        .requirements
        .iter()
        .find(|line| line.requirement == *id)
    else {
        return;
    };
    let title = asked
        .setup
        .coalition
        .requirements
        .iter()
        .find(|r| r.id == *id);
    let title = title.map_or("", |requirement| requirement.title.as_str());
    terminal::say(&format!("{} ({}): {title}", id, column.title));
    terminal::say(&format!(
        "  {} of {} met, {} could be; permitted: {}",
        grouped(u64::from(line.met)),
        grouped(u64::from(line.needed)),
        grouped(u64::from(line.could_be_met)),
        word(line.permitted),
    ));
    for (contribution, quantity) in &line.assigned {
        terminal::say(&format!(
            "  served by {contribution} with {}",
            grouped(u64::from(*quantity))
        ));
    }
    if let Some(gap) = &line.gap {
        certificate(gap);
    }
    line.could_help.iter().for_each(helper);
}

fn certificate(gap: &Gap) {
    let list = |ids: &[Slug]| match ids {
        [] => "nothing that is certain".to_owned(),
        ids => ids.iter().map(Slug::as_str).collect::<Vec<_>>().join(", "),
    };
    terminal::say(&format!(
        "  why it falls short: {} want {} together; they can be served by {}, which gives {}",
        list(&gap.requirements),
        grouped(gap.wanted),
        list(&gap.contributions),
        grouped(gap.offered),
    ));
    if !gap.proven_by_sum {
        terminal::say("  (the sum would do, but units that cannot be divided do not fit together)");
    }
}

fn helper(help: &Help) {
    let quantity = help
        .quantity
        .map_or("an amount nobody has named".to_owned(), |quantity| {
            grouped(u64::from(quantity))
        });
    let missing: Vec<String> = help.missing.iter().map(step).collect();
    let state = match (help.refused, missing.is_empty()) {
        (true, _) => "refused".to_owned(),
        (false, true) => "under review".to_owned(),
        (false, false) => format!("needs {}", missing.join(" · ")),
    };
    terminal::say(&format!(
        "  could help: {} with {quantity}: {state}",
        help.contribution
    ));
}
