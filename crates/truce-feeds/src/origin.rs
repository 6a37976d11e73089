//! Who sends: the feed a decoder works for, and the mission's sensors and posts it may name.

use std::collections::BTreeMap;

use truce_core::mission::{Feed, SensorErrors, SensorNetwork};
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
    /// NORAD number of the satellite that carries it.
    norad_number: Option<u32>,
    /// True when its messages come by this feed.
    of_this_feed: bool,
}

/// A feed with everything its messages may refer to.
#[derive(Debug, Clone)]
pub(crate) struct Origin {
    /// The feed.
    pub(crate) feed: Slug,
    /// The grade of messages that carry none.
    pub(crate) grade: Grade,
    /// The sensor of messages that name none.
    sensor: Option<Slug>,
    sites: BTreeMap<Slug, Site>,
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
        let sites = network.sensors.iter().map(|sensor| {
            let post = sensor.post.as_ref().and_then(|post| posts.get(post));
            let platform = sensor.platform.as_ref();
            let site = Site {
                id: sensor.id.clone(),
                position: sensor.position.or(post.copied()),
                errors: sensor.errors.clone(),
                norad_number: platform.and_then(|id| norad_numbers.get(id).copied()),
                of_this_feed: sensor.feed == feed.id,
            };
            (sensor.id.clone(), site)
        });
        Self {
            feed: feed.id.clone(),
            grade: feed.grade,
            sensor: feed.sensor.clone(),
            sites: sites.collect(),
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
        let mut sites = self.sites.values();
        sites.find(|site| site.of_this_feed && site.norad_number == Some(norad_number))
    }

    /// The sensor of this feed that goes by a station's name: its whole name, or the part of it
    /// after the last `/`.
    pub(crate) fn receiver(&self, station: &str) -> Option<&Site> {
        let short = |site: &&Site| site.id.as_str().rsplit('/').next() == Some(station);
        self.sites.get(station).or_else(|| {
            let mut sites = self.sites.values().filter(|site| site.of_this_feed);
            sites.find(short)
        })
    }

    /// Where a named post or sensor is.
    pub(crate) fn named_place(&self, name: &str) -> Option<Position> {
        let post = self.posts.get(name).copied();
        post.or_else(|| self.sites.get(name).and_then(|site| site.position))
    }
}
