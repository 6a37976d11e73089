import { describe, expect, test } from 'vitest';
import type { IncidentSummary, Term, TrackPath, TrackSummary } from '../../src/api';
import { csvLine, incidentsCsv, incidentsGeojson } from '../../src/model/export';
import { attributionShares, probabilityOf, ranked, runningSum } from '../../src/model/belief';
import {
  dueAt,
  NO_FILTER,
  passes,
  select,
  worstVerdict,
  type Filter,
} from '../../src/model/filter';
import { along, boundsOf, ellipseRing, insideRing, SIGMAS_90 } from '../../src/model/geometry';
import { binned, dragged, hourly, shifted } from '../../src/model/histogram';
import { describe as inWords, drawing } from '../../src/model/place';
import {
  gaps,
  nearest,
  stated,
  stateOf,
  type Permission,
  type Step,
  type Truth,
} from '../../src/model/planning';
import { heardLately, LOST_S, periodAt, trackAt, unknownThen } from '../../src/model/shown';
import { keepStill, rowsInView, settle } from '../../src/model/queue';
import { HOME, readRoute, writeRoute, type Route } from '../../src/model/route';
import { clock, duration, moment, span, zoneName } from '../../src/model/time';
import { evidenceFileName, verifyCommand } from '../../src/model/verify';
import { likelihood, metres, percent, position, signed, slug } from '../../src/model/words';

const ID = 'ab'.repeat(32);
const PLACE = {
  position: { lat_deg: 48, lon_deg: 37 },
  uncertainty: { semi_major_m: 1000, semi_minor_m: 500, bearing_deg: 90 },
};

function incident(change: Partial<IncidentSummary> = {}): IncidentSummary {
  const at = '2025-03-01T12:00:00Z';
  return {
    id: ID,
    short_id: ID.slice(0, 12),
    revision: 1,
    kind: 'physical_event',
    class: 'artillery',
    occurred: { start: at, end: at },
    place: PLACE,
    probability: 0.7,
    likelihood: 'likely',
    status: 'reported',
    serial: null,
    disputed_by: [],
    sector: 'north',
    zone: 'buffer',
    verdicts: [],
    attributed_to: null,
    leading_party: null,
    evidence_count: 1,
    first_reported_at: at,
    updated_at: at,
    next_clock: null,
    withdrawn: false,
    ...change,
  };
}

describe('words', () => {
  test.each([
    [0, 'almost no chance'],
    [0.05, 'very unlikely'],
    [0.2, 'unlikely'],
    [0.5, 'roughly even chance'],
    [0.55, 'likely'],
    [0.8, 'very likely'],
    [0.95, 'almost certain'],
  ])('%d is %s', (p, words) => expect(likelihood(p)).toBe(words));

  test.each([
    [0, '0 %'],
    [0.004, '< 1 %'],
    [0.874, '87 %'],
    [0.996, '> 99 %'],
    [1, '100 %'],
  ])('%d reads %s', (p, text) => expect(percent(p)).toBe(text));
  test.each([
    [3.25, '3.3 m'],
    [820, '820 m'],
    [1149, '1.1 km'],
    [23_400, '23 km'],
  ])('%d m reads %s', (m, text) => expect(metres(m)).toBe(text));
  test.each([
    ['Anna Kowalska', 'anna-kowalska'],
    [' Jörg  Weiß-Ö ', 'jorg-wei-o'],
    ['---', ''],
    ['a/b.c', 'a/b.c'],
    ['x'.repeat(200), 'x'.repeat(96)],
  ])('%j signs as %j', (name, text) => expect(slug(name)).toBe(text));

  test('signs and hemispheres', () => {
    expect([signed(-0.6), signed(2)]).toEqual(['−0.60', '+2.00']);
    expect(position(-1.5, 37)).toBe('1.5000° S, 37.0000° E');
  });
});

describe('time', () => {
  const winter = Date.parse('2025-01-10T22:30:05Z');
  test('mission time names its zone, and moves with summer time', () => {
    expect(clock(winter, 'Europe/Kyiv')).toBe('00:30:05');
    expect(moment(winter, 'Europe/Kyiv')).toBe('11 Jan 00:30');
    expect(zoneName(winter, 'Europe/Kyiv')).not.toBe(
      zoneName(winter + 180 * 86_400_000, 'Europe/Kyiv'),
    );
  });
  test.each([
    [5, '5 s'],
    [-90, '1 min'],
    [7200, '2 h'],
    [12_000, '3 h 20 min'],
    [260_000, '3 d'],
  ])('%d s reads %s', (s, text) => expect(duration(s)).toBe(text));
  test('an interval says the day once', () => {
    const interval = { start: '2025-01-10T10:00:00Z', end: '2025-01-10T11:00:00Z' };
    expect(span(interval, 'UTC')).toBe('10 January 2025, 10:00:00 – 11:00:00');
    expect(span({ ...interval, end: interval.start }, 'UTC')).toBe('10 January 2025, 10:00:00');
  });
});

describe('belief', () => {
  const terms: Term[] = [
    { name: 'prior', text: '', log_odds: -2 },
    { name: 'a', text: '', log_odds: 3 },
    { name: 'silence', text: '', log_odds: -0.5 },
  ];
  test('lines add up to the last probability', () => {
    const lines = runningSum(terms);
    expect(lines.map((line) => line.after)).toEqual([-2, 1, 0.5]);
    expect(lines.at(-1)?.probability).toBeCloseTo(probabilityOf(0.5), 12);
  });
  test('what parties leave is undetermined', () => {
    const shares = attributionShares({ parties: { a: 0.2, b: 0.5 } });
    expect(shares.map((share) => share.name)).toEqual(['b', 'a', null]);
    expect(shares.at(-1)?.p).toBeCloseTo(0.3, 12);
  });
  test('classes come most probable first', () => {
    expect(ranked({ thunder: 0.1, artillery: 0.9 })[0]).toEqual(['artillery', 0.9]);
  });
});

describe('filter', () => {
  const breach = { clause: 'c-1', clause_kind: 'no_fire', verdict: 'breach' } as const;
  const kept = { ...breach, verdict: 'compliant' } as const;
  const noon = Date.parse('2025-03-01T12:00:00Z');
  const cases: [string, Partial<Filter>, Partial<IncidentSummary>, boolean][] = [
    ['nothing asked', {}, {}, true],
    ['kind', { kind: 'presence' }, {}, false],
    ['status', { status: 'reported' }, {}, true],
    ['verdict', { verdict: 'breach' }, { verdicts: [kept, breach] }, true],
    ['no clause', { verdict: 'none' }, { verdicts: [breach] }, false],
    ['sector', { sector: 'south' }, {}, false],
    ['probability, just', { probabilityMin: 0.7 }, {}, true],
    ['probability, not', { probabilityMin: 0.71 }, {}, false],
    ['every word of a text', { text: 'artill c-1' }, { verdicts: [breach] }, true],
    ['not half of them', { text: 'artill c-2' }, { verdicts: [breach] }, false],
    ['serial number', { text: 'f-000012' }, { serial: 12 }, true],
    ['withdrawn', {}, { withdrawn: true }, false],
    ['withdrawn, asked for', { withdrawn: true }, { withdrawn: true }, true],
  ];
  test.each(cases)('%s', (_, filter, change, expected) => {
    expect(passes(incident(change), { ...NO_FILTER, ...filter }, null)).toBe(expected);
  });
  test('periods are half-open', () => {
    expect(passes(incident(), NO_FILTER, { from: noon, to: noon + 1 })).toBe(true);
    expect(passes(incident(), NO_FILTER, { from: noon - 1, to: noon })).toBe(false);
  });
  test('a breach outweighs everything', () => {
    expect(worstVerdict(incident({ verdicts: [kept, breach] }))).toBe('breach');
    expect(worstVerdict(incident())).toBe('none');
  });
  test('orders', () => {
    const later = { start: '2025-03-01T13:00:00Z', end: '2025-03-01T13:00:00Z' };
    const items = [
      incident({ id: 'a', probability: 0.9 }),
      incident({ id: 'b', occurred: later }),
      incident({ id: 'c', next_clock: '2025-03-02T00:00:00Z', probability: 0.1 }),
    ];
    const order = (sort: 'clock' | 'time' | 'probability'): string =>
      select(items, NO_FILTER, null, sort)
        .map((item) => item.id)
        .join('');
    expect([order('clock'), order('time'), order('probability')]).toEqual(['cba', 'bac', 'abc']);
  });
  test('a clock may be an instant or a clock', () => {
    const due_at = '2025-03-02T00:00:00Z';
    const whole = { name: 'response', starts_at: '2025-03-01T00:00:00Z', due_at };
    expect(dueAt(incident({ next_clock: whole }))).toBe(dueAt(incident({ next_clock: due_at })));
    expect(dueAt(incident())).toBeNull();
  });
});

describe('route', () => {
  const full: Route = {
    ...HOME,
    sort: 'probability',
    hidden: ['tracks', 'places'],
    at: Date.parse('2025-03-01T12:00:00Z'),
    knowledge: 'then',
    trail_h: 6,
    assume: ['ceasefire=true', 'funding=unknown'],
    ballots: ['draft-chapter-vi:china=no'],
    without: ['ships'],
    level: 'delivered',
    violation: 'works',
    filter: {
      kind: 'presence',
      status: 'reported',
      verdict: 'breach',
      sector: 'north',
      probabilityMin: 0.55,
      text: 'a&b #1',
      withdrawn: true,
      only: 'mine',
    },
    period: { from: Date.parse('2025-03-01T00:00:00Z'), to: Date.parse('2025-03-02T00:00:00Z') },
    view: { zoom: 7.25, lat: 48.1, lon: -36.2 },
  };
  test.each([HOME, full, { ...full, incident: ID }, { ...HOME, page: 'log' as const }])(
    'reads what it wrote',
    (route) => expect(readRoute(writeRoute(route))).toEqual(route),
  );
  test.each([
    '',
    '#',
    '#/nowhere',
    '#/incident/xyz',
    '#/picture?p=7&map=99/1/1&sort=x&from=2025&hide=all',
  ])('nonsense is home: %j', (hash) => expect({ ...readRoute(hash), period: null }).toEqual(HOME));
});

describe('geometry', () => {
  test('the ring holds 90 %: its axes are 2.146 standard deviations', () => {
    const ring = ellipseRing(PLACE.position, PLACE.uncertainty);
    const box = boundsOf([{ type: 'Polygon', coordinates: [ring] }]) ?? [0, 0, 0, 0];
    const height_m = (box[3] - box[1]) * 111_320;
    const width_m = (box[2] - box[0]) * 111_320 * Math.cos((48 * Math.PI) / 180);
    expect(width_m).toBeCloseTo(2 * SIGMAS_90 * 1000, 3);
    expect(height_m).toBeCloseTo(2 * SIGMAS_90 * 500, 3);
    expect(ring.at(0)).toEqual(ring.at(-1));
    expect(Math.exp(-(SIGMAS_90 ** 2) / 2)).toBeCloseTo(0.1, 3);
  });
  test('bearings turn clockwise from north', () => {
    const [lon, lat] = along({ lat_deg: 0, lon_deg: 0 }, 90, 111_320);
    expect([lon, lat]).toEqual([expect.closeTo(1, 6), expect.closeTo(0, 6)]);
  });
  test('inside and outside', () => {
    const square = [
      [0, 0],
      [2, 0],
      [2, 2],
      [0, 2],
      [0, 0],
    ];
    expect([insideRing(square, [1, 1]), insideRing(square, [3, 1])]).toEqual([true, false]);
    expect(boundsOf([])).toBeNull();
  });
});

describe('places in words', () => {
  const observer = { lat_deg: 48, lon_deg: 37 };
  test('a bearing', () => {
    const location = { bearing: { observer, bearing_deg: 44.6, bearing_deg_sigma: 2 } };
    expect(inWords(location)).toBe('45° ± 2.0° from 48.0000° N, 37.0000° E');
    const drawn = drawing({
      id: ID,
      message: ID,
      source: 's',
      location,
      reading: {},
      received_at: '',
      observed_at: { start: '', end: '' },
      grade: { reliability: 'B', credibility: '2' },
    });
    expect(drawn.map((feature) => feature.geometry.type)).toEqual(['Point', 'LineString']);
  });
  test('as people say it', () => {
    const from = {
      from: 'post-17',
      reference: observer,
      bearing_deg: 45,
      distance_m: 3000,
      sigma_m: 400,
    };
    expect(inWords({ relative: from })).toBe('3.0 km at 45° from post-17 ± 400 m');
  });
});

describe('histogram', () => {
  const HOUR = 3_600_000;
  const noon = Date.UTC(2025, 2, 1, 12);
  const at = (h: number): IncidentSummary => {
    const start = new Date(noon + h * HOUR).toISOString();
    return incident({ occurred: { start, end: start } });
  };
  test.each([
    [1, 24],
    [24, 24],
    [24, 200],
    [2000, 90],
  ])('%d hours in at most %d bars lose no incident', (hours, most) => {
    const domain = { from: noon, to: noon + hours * HOUR };
    const items = [at(0), at(0.5), at(hours - 0.01)];
    const all = binned(items, domain, most);
    expect(all.length).toBeLessThanOrEqual(most);
    expect(all.reduce((n, bar) => n + bar.count, 0)).toBe(3);
    expect(all.slice(1).every((bar, i) => bar.from === all[i]?.to)).toBe(true);
  });
  test('the server counts by the hour, and no bar is narrower', () => {
    const hour = (h: number, count: number) => ({
      hour: new Date(noon + h * HOUR).toISOString(),
      count,
      breaches: 1,
    });
    const all = hourly([hour(0, 2), hour(3, 4)], { from: noon, to: noon + 4 * HOUR }, 100);
    expect(all.every((bar) => bar.to - bar.from >= HOUR)).toBe(true);
    expect(all.reduce((n, bar) => n + bar.count, 0)).toBe(6);
    expect(all.reduce((n, bar) => n + bar.breaches, 0)).toBe(2);
  });
  test('a drag goes both ways and moves on', () => {
    const all = binned([], { from: noon, to: noon + 10 * HOUR }, 12);
    expect(dragged(all, 4, 2)).toEqual(dragged(all, 2, 4));
    const period = dragged(all, 2, 3);
    expect(period && period.to - period.from).toBe(2 * HOUR);
    expect(period && shifted(period, 1).from).toBe(period?.to);
    expect(dragged([], 0, 0)).toBeNull();
  });
});

describe('a moment', () => {
  const HOUR = 3_600_000;
  const noon = Date.UTC(2025, 2, 1, 12);
  test.each([
    [null, null, null, null],
    [null, noon, null, { from: -8.64e15, to: noon + 1 }],
    [null, noon, 2, { from: noon - 2 * HOUR, to: noon + 1 }],
    [{ from: noon - HOUR, to: noon + HOUR }, noon, 6, { from: noon - HOUR, to: noon + 1 }],
    [{ from: noon + HOUR, to: noon + 2 * HOUR }, noon, null, { from: noon + HOUR, to: noon + HOUR }],
  ])('the period %j at %j with a trail of %j h', (period, at, trail, expected) => {
    expect(periodAt(period, at, trail)).toEqual(expected);
  });
  test('what was not known then is told apart', () => {
    const early = incident({ id: 'a'.repeat(64) });
    const late = incident({ id: 'b'.repeat(64) });
    const known = new Map([[early.id, early]]);
    expect(unknownThen([early, late], known, NO_FILTER, null)).toEqual([late]);
    const none = { from: 0, to: 1 };
    expect(unknownThen([early, late], known, NO_FILTER, none)).toEqual([]);
  });
  const track: TrackSummary = {
    id: 'c'.repeat(64),
    kind: 'vessel',
    identity: null,
    name: null,
    actor: null,
    existence: 1,
    observation_count: 2,
    first_observed_at: new Date(noon).toISOString(),
    last: { observed_at: new Date(noon).toISOString(), place: PLACE },
    tail: [],
  };
  const s = noon / 1000;
  const points: TrackPath['points'] = [
    [30, 45, s, 90],
    [31, 45, s + 600, null],
    [35, 45, s + 6000, null],
  ];
  test.each([
    [-1, null],
    [0, 30],
    [300, 30.5],
    [600, 31],
    // Too far apart to say what lay between.
    [1200, 31],
    [2401, null],
    [6000, 35],
    [7801, null],
  ])('after %d s the track is at %j', (after, lon) => {
    const stood = trackAt(track, points, noon + after * 1000);
    expect(stood?.last.place.position.lon_deg ?? null).toBe(lon);
  });
  test('a track that was not heard of for half an hour is nowhere', () => {
    const heard = noon;
    expect(heardLately([track], heard + LOST_S * 1000)).toEqual([track]);
    expect(heardLately([track], heard + LOST_S * 1000 + 1)).toEqual([]);
  });
});

describe('exports', () => {
  test('cells are quoted, and no spreadsheet runs one', () => {
    expect(csvLine(['a,b', 'say "x"', null, 0, '=1+1', -2])).toBe(`"a,b","say ""x""",,0,'=1+1,-2`);
  });
  test('every incident is a row and a point', () => {
    const items = [incident(), incident({ id: 'b'.repeat(64), serial: 7 })];
    const lines = incidentsCsv(items).trim().split('\r\n');
    expect(lines.length).toBe(3);
    const columns = lines.map((line) => line.split(',').length);
    expect(new Set(columns).size).toBe(1);
    const map = JSON.parse(incidentsGeojson(items));
    expect(map.features.map((f: { id: string }) => f.id)).toEqual(items.map((item) => item.id));
    expect(map.features[0].geometry.coordinates).toEqual([37, 48]);
  });
});

describe('planning', () => {
  test('a state is given, changed and taken back', () => {
    const once = stated(['a=true'], 'b', 'false');
    expect(once).toEqual(['a=true', 'b=false']);
    expect(stated(once, 'a', 'unknown')).toEqual(['b=false', 'a=unknown']);
    expect(stated(once, 'b', null)).toEqual(['a=true']);
    expect([stateOf(once, 'b'), stateOf(once, 'c')]).toEqual(['false', null]);
  });
  test('the nearest basis is the permitted one, then the one with fewest steps', () => {
    const of = (basis: string, state: Truth, missing: Step[]): Permission => ({
      layer: 'l',
      territory: 't',
      basis,
      state,
      only: [],
      missing,
    });
    const far = of('far', 'false', ['renew', 'renew']);
    const near = of('near', 'false', ['renew']);
    const out = of('out', 'false', ['out_of_reach']);
    expect(nearest([out, far, near]).map((p) => p.basis)).toEqual(['near']);
    expect(nearest([near, of('yes', 'true', [])]).map((p) => p.basis)).toEqual(['yes']);
  });
  test('gaps are those below the least, the worst first', () => {
    const chances = (violation: string, delivered: number) => ({
      violation,
      access: 1,
      planned: 1,
      delivered,
      delivered_least: 0,
      by_satellites: 0,
    });
    const area = {
      area: 'a',
      area_km2: 1,
      accesses_per_day: 1,
      gap_h_max: 1,
      wait_h_mean: 1,
      violations: [chances('x', 0.4), chances('y', 0.9), chances('z', 0.1)],
    };
    expect(gaps([area], 0.5).map((gap) => gap.violation)).toEqual(['z', 'x']);
  });
});

describe('queue', () => {
  const [a, b, c] = ['a', 'b', 'c'].map((id) => incident({ id }));
  test('new ones wait and nothing moves', () => {
    if (!a || !b || !c) throw new Error('three incidents');
    const still = keepStill(settle([a, b]), [c, b, a]);
    expect(still).toEqual({ order: ['a', 'b'], waiting: ['c'] });
  });
  test.each([
    [0, 600, 1000, [0, 15]],
    [7200, 600, 1000, [94, 115]],
    [0, 600, 3, [0, 3]],
    [9e9, 600, 10, [10, 10]],
  ] as [number, number, number, [number, number]][])(
    'rows at %d',
    (top, height, total, [first, last]) => {
      expect(rowsInView(top, height, 72, total)).toEqual({ first, last });
    },
  );
});

test('the command to check a file quotes the key', () => {
  const file = evidenceFileName('abc');
  expect(verifyCommand(file, "o+1+k'x\n")).toBe(
    `echo 'o+1+k'\\''x' > log.pub\ntruce verify ${file} --key log.pub`,
  );
});
