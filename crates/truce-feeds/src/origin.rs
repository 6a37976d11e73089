//! Who sends: the feed a decoder works for, and the mission's sensors and posts it may name.

use std::collections::BTreeMap;

use truce_core::mission::{Decoding, Feed, Sensor, SensorErrors, SensorNetwork};
use truce_core::{Grade, Position, Slug};

use crate::fault::{Fault, RejectionClass, excerpt};

/// A sensor as far as a decoder needs it.
#[derive(Debug, Clone)]
pub(crate) struct Site {
    /// Its name.
    pub(crate) id: Slug,
    /// Where it stands: its own position, else its post's.
    pub(crate) position: Option<Position>,
    /// Its errors.
    pub(crate) errors: SensorErrors,
}

/// A feed with everything its messages may refer to.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// The feed.
    pub(crate) feed: Slug,
    /// The grade of messages that carry none.
    pub(crate) grade: Grade,
    /// What the mission says of how to read it.
    pub(crate) decoding: Decoding,
    /// The sensor of messages that name none.
    sensor: Option<Slug>,
    sites: BTreeMap<Slug, Site>,
    /// Sensors of this feed by the NORAD number of the satellite that carries them.
    satellites: BTreeMap<u32, Slug>,
    /// Sensors of this feed by the part of their name after the last `/`.
    short_names: BTreeMap<String, Slug>,
    posts: BTreeMap<Slug, Position>,
}

impl Origin {
    pub(crate) fn new(feed: &Feed, network: &SensorNetwork) -> Self {
        let posts: BTreeMap<Slug, Position> = network
            .posts
            .iter()
            .map(|post| (post.id.clone(), post.position))
            .collect();
        let norad_numbers: BTreeMap<&Slug, u32> = network
            .platforms
            .iter()
            .filter_map(|platform| Some((&platform.id, platform.norad_number?)))
            .collect();
        let site = |sensor: &Sensor| {
            let post = sensor.post.as_ref().and_then(|post| posts.get(post));
            let site = Site {
                id: sensor.id.clone(),
                position: sensor.position.or(post.copied()),
                errors: sensor.errors.clone(),
            };
            (sensor.id.clone(), site)
        };
        let sites = network.sensors.iter().map(site).collect();
        // Of two sensors with the same satellite or short name the first one counts.
        let mut satellites = BTreeMap::new();
        let mut short_names = BTreeMap::new();
        for sensor in network
            .sensors
            .iter()
            .filter(|sensor| sensor.feed == feed.id)
        {
            let platform = sensor.platform.as_ref();
            if let Some(number) = platform.and_then(|id| norad_numbers.get(id)) {
                satellites
                    .entry(*number)
                    .or_insert_with(|| sensor.id.clone());
            }
            if let Some(name) = sensor.id.as_str().rsplit('/').next() {
                let known = short_names.entry(name.to_owned());
                known.or_insert_with(|| sensor.id.clone());
            }
        }
        Self {
            feed: feed.id.clone(),
            grade: feed.grade,
            decoding: feed.decoding.clone(),
            sensor: feed.sensor.clone(),
            sites,
            satellites,
            short_names,
            posts,
        }
    }

    /// The sensor of messages that name none.
    pub(crate) fn default_site(&self) -> Option<&Site> {
        self.sites.get(self.sensor.as_ref()?)
    }

    /// The sensor with a name.
    pub(crate) fn site(&self, name: &str) -> Result<&Site, Fault> {
        self.sites.get(name).ok_or_else(|| {
            let reason = format!("no sensor of the mission is called `{}`", excerpt(name));
            Fault::new(RejectionClass::UnknownSensor, reason)
        })
    }

    /// The sensor with a name, and where it stands.
    pub(crate) fn station(&self, name: &str) -> Result<(&Site, Position), Fault> {
        let site = self.site(name)?;
        let position = site.position.ok_or_else(|| {
            let reason = format!("the sensor `{}` has no position of its own", site.id);
            Fault::new(RejectionClass::UnknownSensor, reason)
        })?;
        Ok((site, position))
    }

    /// The sensor of this feed on a satellite.
    pub(crate) fn on_satellite(&self, norad_number: u32) -> Option<&Site> {
        self.sites.get(self.satellites.get(&norad_number)?)
    }

    /// The sensor that goes by a station's name: its whole name, or in this feed the part of it
    /// after the last `/`.
    pub(crate) fn receiver(&self, station: &str) -> Option<&Site> {
        let short = || self.sites.get(self.short_names.get(station)?);
        self.sites.get(station).or_else(short)
    }

    /// Where a named post or sensor is.
    pub(crate) fn named_place(&self, name: &str) -> Option<Position> {
        let post = self.posts.get(name).copied();
        post.or_else(|| self.sites.get(name).and_then(|site| site.position))
    }
}
