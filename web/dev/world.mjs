// A made-up day for the mock server: same seed, same day. Nothing here is real, and nothing here
// belongs to the product; it only has the shapes of the HTTP contract.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

export const NOW = Date.parse('2025-05-12T18:00:00Z');
const DAY_MS = 86_400_000;
const digest = (text) => createHash('sha256').update(text).digest('hex');
const iso = (ms) => new Date(ms).toISOString().replace('.000', '');

export function generator(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
  return {
    next,
    between: (a, b) => a + (b - a) * next(),
    pick: (list) => list[Math.floor(next() * list.length)],
    weighted(pairs) {
      let left = next() * pairs.reduce((sum, [, w]) => sum + w, 0);
      for (const [value, w] of pairs) if ((left -= w) <= 0) return value;
      return pairs[0][0];
    },
  };
}

const given = JSON.parse(
  readFileSync(new URL('../../missions/ukraine-2025/zones.geojson', import.meta.url), 'utf8'),
);
const LINE = given.features.find((z) => z.properties.kind === 'line_of_contact').geometry
  .coordinates;

export const SECTORS = ['sector-north-east', 'sector-east', 'sector-south-east', 'sector-sea'];
const CLAUSES = [
  [
    'c-1-no-fire',
    'no_fire',
    'Cessation of fire',
    '1',
    'From the hour of entry into force the Parties shall cease all use of weapons across and along the line of contact.',
    ['buffer-zone', 'line-of-contact'],
  ],
  [
    'c-2-no-presence',
    'no_presence',
    'Demilitarised zone',
    '2',
    'No troops, weapons or military aircraft of either Party shall be inside the buffer zone.',
    ['buffer-zone', 'line-of-contact'],
  ],
  [
    'c-3-withdrawal',
    'withdrawal',
    'Withdrawal of artillery',
    '3',
    'Artillery of 100 mm and above shall be withdrawn behind the withdrawal lines within thirty days.',
    ['withdrawal-line-artillery-ukraine', 'withdrawal-line-artillery-russian-federation'],
  ],
  [
    'c-5-corridor',
    'corridor',
    'Freedom of the corridor',
    '5',
    'Merchant vessels in the corridor shall not be obstructed, diverted or approached within ten nautical miles by warships.',
    ['corridor-odesa-bosphorus'],
  ],
  [
    'c-6-protected',
    'protected_objects',
    'Protected objects',
    '6',
    'The objects in the annex shall not be attacked, nor used for military ends.',
    ['energy-c1'],
  ],
  [
    'c-8-access',
    'access',
    'Access of the mission',
    '8',
    'The Parties shall grant the mission safe and undelayed movement and shall not disturb its sensors.',
    [],
  ],
];
const clauseOf = {
  physical_event: 0,
  presence: 1,
  weapon_sighting: 2,
  corridor_deviation: 3,
  obstruction: 3,
  unauthorised_stop: 3,
  object_damaged: 4,
  access_denied: 5,
  gnss_interference: 5,
};

export const zones = {
  type: 'FeatureCollection',
  features: given.features.map(({ geometry, properties: p }) => ({
    type: 'Feature',
    geometry,
    properties: {
      id: p.id,
      name: p.name,
      kind: p.kind,
      party: p.party ?? null,
      weapon: p.weapon ?? null,
      basis: p.basis ?? null,
      clauses: CLAUSES.filter((c) => c[5].includes(p.id)).map((c) => c[0]),
    },
  })),
};

export const mission = {
  mission: {
    name: 'mock',
    title: 'Mock mission, Ukraine 2025',
    summary: 'A made-up day for the development of this page.',
    log_origin: 'truce.example/mock',
    report: { time_zone: 'Europe/Kyiv', cut_off_hour: 19, cut_off_minute: 30 },
    horizon_s: 21600,
    attribution_threshold: 0.7,
    alert_threshold: 0.5,
    actors: [
      { id: 'ukraine', name: 'Ukraine', role: 'party' },
      { id: 'russian-federation', name: 'Russian Federation', role: 'party' },
      { id: 'guarantor', name: 'Guarantor', role: 'guarantor' },
      { id: 'mission', name: 'The mission', role: 'mission' },
    ],
    sectors: SECTORS.map((id) => ({
      id,
      name: given.features.find((z) => z.properties.id === id).properties.name,
      zone: id,
    })),
  },
  agreement: {
    title: 'Ceasefire agreement (made up)',
    versions: [
      {
        effective_from: '2025-05-01T00:00:00Z',
        clauses: CLAUSES.map(([id, kind, title, article, text, where]) => ({
          id,
          kind,
          title,
          article,
          text,
          binds: ['ukraine', 'russian-federation'],
          zones: where,
        })),
      },
    ],
    clocks: [],
    standards: [{ status: 'corroborated', text: 'Two sources that do not depend on each other agree.' }],
  },
  disclaimer: 'The boundaries and names shown on this map do not imply endorsement or acceptance.',
};

function likelihood(p) {
  const bands = [
    [0.05, 'almost no chance'],
    [0.2, 'very unlikely'],
    [0.45, 'unlikely'],
    [0.55, 'roughly even chance'],
    [0.8, 'likely'],
    [0.95, 'very likely'],
    [2, 'almost certain'],
  ];
  return bands.find(([most]) => p < most)[1];
}

function alongLine(r) {
  const at = r.next() * (LINE.length - 1.001);
  const [a, b] = [LINE[Math.floor(at)], LINE[Math.floor(at) + 1]];
  const f = at % 1;
  const spread = () => (r.next() + r.next() + r.next() - 1.5) * 0.25;
  return {
    lon_deg: a[0] + (b[0] - a[0]) * f + spread(),
    lat_deg: a[1] + (b[1] - a[1]) * f + spread() * 0.6,
  };
}

const KINDS = [
  ['physical_event', 60],
  ['presence', 9],
  ['weapon_sighting', 6],
  ['access_denied', 4],
  ['gnss_interference', 3],
  ['object_damaged', 2],
  ['corridor_deviation', 6],
  ['obstruction', 3],
  ['unauthorised_stop', 4],
  ['signal_gap', 5],
];
const SEA = new Set(['corridor_deviation', 'obstruction', 'unauthorised_stop', 'signal_gap']);

/** One incident with everything its page shows. */
export function incident(r, n, at) {
  const kind = r.weighted(KINDS);
  const sea = SEA.has(kind);
  const position = sea
    ? { lon_deg: r.between(29, 31.4), lat_deg: r.between(42.5, 46) }
    : alongLine(r);
  const id = digest(`incident ${n}`);
  const major = r.between(120, 1800);
  const uncertainty = {
    semi_major_m: major,
    semi_minor_m: major * r.between(0.25, 0.9),
    bearing_deg: r.between(0, 180),
  };
  const terms = explain(r, kind);
  const p = 1 / (1 + Math.exp(-terms.reduce((sum, t) => sum + t.log_odds, 0)));
  const classes =
    kind === 'physical_event'
      ? {
          artillery: p * 0.7,
          drone_strike: p * 0.22,
          small_arms: p * 0.08,
          farm_fire: (1 - p) * 0.75,
          other: (1 - p) * 0.25,
        }
      : {};
  const topClass = Object.entries(classes).sort((a, b) => b[1] - a[1])[0]?.[0] ?? null;
  const clause = CLAUSES[clauseOf[kind] ?? 0];
  const verdict = p > 0.8 ? 'breach' : p > 0.3 ? 'undetermined' : 'compliant';
  const a = r.between(0.05, 0.85);
  const parties = { ukraine: a, 'russian-federation': (1 - a) * r.between(0.1, 0.7) };
  const leading = Object.entries(parties).sort((x, y) => y[1] - x[1])[0];
  const end = at + (kind === 'presence' ? r.between(6e4, 36e5) : 0);
  const sector = sea
    ? SECTORS[3]
    : SECTORS[position.lat_deg > 49.2 ? 0 : position.lat_deg > 48 ? 1 : 2];
  const clock = verdict === 'breach' && r.next() < 0.2 ? iso(at + DAY_MS) : null;
  const item = {
    summary: {
      id,
      short_id: id.slice(0, 12),
      revision: 2,
      kind,
      class: topClass,
      occurred: { start: iso(at), end: iso(end) },
      place: { position, uncertainty },
      probability: p,
      likelihood: likelihood(p),
      status: 'reported',
      serial: null,
      disputed_by: [],
      sector,
      zone: sea ? 'corridor-odesa-bosphorus' : 'buffer-zone',
      verdicts: [{ clause: clause[0], clause_kind: clause[1], verdict }],
      attributed_to: null,
      leading_party: { party: leading[0], p: leading[1] },
      evidence_count: terms.length - 2,
      first_reported_at: iso(at + 40_000),
      updated_at: iso(at + 300_000),
      next_clock: clock,
      withdrawn: false,
    },
    incident: {
      id,
      revision: 2,
      kind,
      occurred: { start: iso(at), end: iso(end) },
      place: { position, uncertainty },
      probability: p,
      classes,
      attribution: {
        parties,
        terms: [
          [
            leading[0],
            {
              name: 'geometry',
              text: `The place lies on the side of ${leading[0]}.`,
              log_odds: 0.8,
            },
          ],
          [
            leading[0],
            {
              name: 'launch',
              text: 'A launch was heard from that side 31 s before.',
              log_odds: 0.6,
            },
          ],
        ],
      },
      evidence: [],
      explanation: terms,
      zone: sea ? 'corridor-odesa-bosphorus' : 'buffer-zone',
      attributes: kind === 'weapon_sighting' ? { weapon: 'artillery', count: '2' } : {},
    },
    revisions: [1, 2].map((revision) => ({
      revision,
      recorded_at: iso(at + revision * 150_000),
      probability: revision === 1 ? p * 0.6 : p,
      evidence_count: revision,
      entry: 40 + n,
      row: revision,
    })),
    evidence: evidence(r, id, kind, position, at, Math.max(1, terms.length - 2)),
    assessments: [
      {
        incident: id,
        revision: 2,
        clause: clause[0],
        clause_kind: clause[1],
        agreement_effective_from: '2025-05-01T00:00:00Z',
        verdict,
        reasons: [
          `The place lies in the zone with probability 0.97.`,
          `Probability ${p.toFixed(2)} against the threshold 0.80.`,
        ],
        clause_title: clause[2],
        clause_text: clause[4],
        article: clause[3],
      },
    ],
    finding: null,
  };
  item.incident.evidence = item.evidence.map((e) => e.observation.id);
  return item;
}

function explain(r, kind) {
  const terms = [
    {
      name: 'prior',
      text: 'Background rate for this place, season and hour.',
      log_odds: r.between(-2.4, -0.6),
    },
  ];
  const count = 1 + Math.floor(r.next() * 4);
  for (let i = 0; i < count; i++) {
    const sensor =
      kind === 'physical_event'
        ? `post-${1 + Math.floor(r.next() * 9)}/acoustic-1`
        : `uav-${i + 1}/payload`;
    terms.push({
      name: 'detection',
      text: `${sensor} reported a signal that fits in time and direction.`,
      log_odds: r.between(0.4, 2.2),
      sensor,
    });
  }
  terms.push({
    name: 'silence',
    text: 'The thermal imager passed over a clear sky and saw nothing.',
    log_odds: -r.between(0.1, 0.9),
    sensor: 'viirs-n20',
  });
  return terms;
}

function evidence(r, id, kind, at, ms, count) {
  return Array.from({ length: count }, (_, i) => {
    const observer = {
      lon_deg: at.lon_deg + r.between(-0.12, 0.12),
      lat_deg: at.lat_deg + r.between(-0.08, 0.08),
    };
    const k = Math.cos((at.lat_deg * Math.PI) / 180);
    const bearing =
      (Math.atan2((at.lon_deg - observer.lon_deg) * k, at.lat_deg - observer.lat_deg) * 180) /
      Math.PI;
    const sound = kind === 'physical_event';
    const received_at = iso(ms + 40_000 + i * 65_000);
    return {
      observation: {
        id: digest(`${id} ${i}`),
        message: digest(`${id} message ${i}`),
        source: sound ? 'acoustic' : 'patrol-reports',
        sensor: sound ? `post-${i + 3}/acoustic-1` : `patrol-${i + 1}`,
        observed_at: { start: iso(ms), end: iso(ms) },
        received_at,
        location: sound
          ? { bearing: { observer, bearing_deg: (bearing + 360) % 360, bearing_deg_sigma: 2.1 } }
          : {
              fix: {
                place: {
                  position: at,
                  uncertainty: { semi_major_m: 150, semi_minor_m: 150, bearing_deg: 0 },
                },
              },
            },
        reading: sound
          ? {
              acoustic: {
                class: 'artillery',
                launch: false,
                level_db: 92.4,
                signal_to_noise_db: 14.1,
              },
            }
          : {
              claim: {
                speaker: 'patrol',
                about: kind,
                text: 'Seen from the road, two vehicles, marked.',
              },
            },
        grade: { reliability: 'B', credibility: '2' },
      },
      raw: {
        source: sound ? 'acoustic' : 'patrol-reports',
        received_at,
        text: sound
          ? `post-${i + 3}/acoustic-1,${iso(ms)},${bearing.toFixed(1)},2.1,artillery,92.4`
          : `{"patrol":"patrol-${i + 1}","at":"${iso(ms)}","what":"${kind}","text":"Seen from the road, two vehicles, marked."}`,
      },
      entry: 30 + i,
      row: i,
    };
  });
}

export function tracks(r) {
  return Array.from({ length: 36 }, (_, i) => {
    const uav = i % 4 === 0;
    const course = r.between(0, 360);
    const start = uav ? alongLine(r) : { lon_deg: r.between(28.9, 33), lat_deg: r.between(42, 46) };
    const step = uav ? 0.004 : 0.01;
    const tail = Array.from({ length: 40 }, (_, j) => {
      const turn = ((course + Math.sin(j / 6 + i) * 25) * Math.PI) / 180;
      start.lon_deg += step * Math.sin(turn);
      start.lat_deg += step * Math.cos(turn) * 0.7;
      return [start.lon_deg, start.lat_deg, NOW / 1000 - (40 - j) * 60];
    });
    const last = tail.at(-1);
    return {
      id: digest(`track ${i}`),
      kind: uav ? 'uav' : 'vessel',
      identity: uav ? null : { mmsi: 271000000 + i },
      name: uav ? null : `VESSEL ${i}`,
      actor: null,
      existence: 0.98,
      observation_count: 240 + i,
      first_observed_at: iso(NOW - 3e6),
      last: {
        observed_at: iso(NOW),
        place: {
          position: { lon_deg: last[0], lat_deg: last[1] },
          uncertainty: { semi_major_m: 20, semi_minor_m: 20, bearing_deg: 0 },
        },
        speed_m_s: uav ? 24 : 6.1,
        course_deg: course,
      },
      tail,
    };
  });
}

export function sensors(r) {
  const features = [];
  for (let i = 0; i < 40; i++) {
    const p = alongLine(r);
    const at = { type: 'Point', coordinates: [p.lon_deg, p.lat_deg] };
    const health = r.weighted([
      ['working', 30],
      ['degraded', 4],
      ['jammed', 2],
      ['off', 2],
      ['unknown', 2],
    ]);
    const base = {
      health,
      last_message_at: iso(NOW - r.between(1e3, 9e5)),
      sector: SECTORS[i % 3],
    };
    features.push({
      type: 'Feature',
      geometry: at,
      properties: { id: `post-${i}`, name: `Post ${i}`, type: 'post', kind: null, ...base },
    });
    const by = { type: 'Point', coordinates: [p.lon_deg + 0.02, p.lat_deg] };
    features.push({
      type: 'Feature',
      geometry: by,
      properties: {
        id: `post-${i}/acoustic-1`,
        name: `Post ${i}, acoustic array`,
        type: 'sensor',
        kind: 'acoustic_array',
        ...base,
      },
    });
  }
  return { type: 'FeatureCollection', features };
}

export const feeds = ['acoustic', 'ais', 'firms', 'uav-detections', 'patrol-reports'].map(
  (id, i) => ({
    id,
    name: S(id),
    format: `truce-${id}`,
    purpose: i === 2 ? 'background' : 'live',
    messages: 12000 * (i + 1),
    observations: 11800 * (i + 1),
    rejections: i === 4 ? 0 : 17 * (i + 1),
    duplicates: i * 4,
    last_received_at: i === 3 ? null : iso(NOW - i * 4e5),
    transport: 'tcp_server',
    quota_per_s: 1000,
    rate_per_s: i === 3 ? 0 : 4.5 / (i + 1),
    clock_offset_s: i === 3 ? null : [0, 2, 9000, null, -40][i],
    lost: i === 1 ? 12 : 0,
    silence:
      i === 4
        ? {
            since: iso(NOW - i * 4e5),
            noticed_at: iso(NOW - 2e5),
            expected_s: 600,
            own_rate: true,
          }
        : null,
    link: {
      state: i === 3 ? 'waiting' : 'listening',
      text: '127.0.0.1:5631',
      since: iso(NOW - 9e6),
      waiting: 0,
      lost: 0,
      refused: 0,
    },
    keys: [],
    rejection_classes:
      i === 4
        ? []
        : [
            {
              class: 'checksum',
              count: 12 * (i + 1),
              example: '!AIVDM,1,1,,A,13HOI:0P0000VOHLCnHQKwvL05Ip,0*00',
            },
            { class: 'column_count', count: 5 * (i + 1), example: 'a,b,c' },
          ],
  }),
);
function S(id) {
  return id.charAt(0).toUpperCase() + id.slice(1).replace('-', ' ');
}

export function day(seed = 7, count = 700) {
  const r = generator(seed);
  const items = new Map();
  for (let n = 0; n < count; n++) {
    const hour = Math.floor(24 * (0.5 + 0.5 * Math.sin(n)) * r.next());
    const made = incident(r, n, NOW - DAY_MS + hour * 36e5 + r.next() * 36e5 * 0.98);
    items.set(made.summary.id, made);
  }
  return { items, tracks: tracks(r), sensors: sensors(r), r };
}
