//! Training: what sites and courses hold against what instructors are pledged for.

use serde::{Deserialize, Serialize};
use truce_core::Slug;

use crate::MONTH_DAYS;
use crate::assess::Plan;
use crate::coalition::{Coalition, Course};

/// How many people a site trains.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Throughput {
    /// The site.
    pub site: Slug,
    /// How many trainees its courses would hold at a time.
    pub seats: u32,
    /// How many it lodges.
    pub trainees_max: u32,
    /// What its courses and beds would let through, trainees a month, by requirement.
    pub per_month: Vec<(Slug, f64)>,
}

/// What a training requirement gets: the lesser of seats and instructors.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Training {
    /// The requirement.
    pub requirement: Slug,
    /// Trainees a month that are needed.
    pub needed: u32,
    /// Trainees a month for whom instructors are certain.
    pub instructors: u32,
    /// Trainees a month for whom courses and beds are there.
    pub seats: f64,
}

impl Training {
    /// Trainees a month who can be trained.
    #[must_use]
    pub fn per_month(&self) -> f64 {
        f64::from(self.instructors).min(self.seats)
    }
}

/// The throughput of every site. A site with more seats than beds runs its courses in part.
#[must_use]
pub fn throughput(coalition: &Coalition) -> Vec<Throughput> {
    let seats = |course: &Course| course.trainees.saturating_mul(course.parallel);
    let of = |site: &crate::coalition::Site| {
        let courses: Vec<&Course> = coalition
            .courses
            .iter()
            .filter(|course| course.site == site.id)
            .collect();
        let taken = courses
            .iter()
            .fold(0u32, |sum, course| sum.saturating_add(seats(course)));
        let share = f64::from(site.trainees_max.min(taken)) / f64::from(taken.max(1));
        let flow = |course: &Course| {
            f64::from(seats(course)) * share * MONTH_DAYS / f64::from(course.days)
        };
        let mut per_month: Vec<(Slug, f64)> = Vec::new();
        for course in &courses {
            match per_month
                .iter_mut()
                .find(|(id, _)| *id == course.requirement)
            {
                Some((_, sum)) => *sum += flow(course),
                None => per_month.push((course.requirement.clone(), flow(course))),
            }
        }
        Throughput {
            site: site.id.clone(),
            seats: taken,
            trainees_max: site.trainees_max,
            per_month,
        }
    };
    coalition.sites.iter().map(of).collect()
}

/// Every requirement that courses serve, with what limits it.
#[must_use]
pub fn training(coalition: &Coalition, plan: &Plan) -> Vec<Training> {
    let sites = throughput(coalition);
    let taught = |id: &Slug| {
        coalition
            .courses
            .iter()
            .any(|course| course.requirement == *id)
    };
    let line = |met: &crate::assess::Fulfilment| {
        let flows = sites.iter().flat_map(|site| &site.per_month);
        let seats = flows
            .filter(|(id, _)| *id == met.requirement)
            .map(|(_, flow)| flow)
            .sum();
        Training {
            requirement: met.requirement.clone(),
            needed: met.needed,
            instructors: met.met,
            seats,
        }
    };
    let requirements = plan.requirements.iter();
    requirements
        .filter(|met| taught(&met.requirement))
        .map(line)
        .collect()
}
