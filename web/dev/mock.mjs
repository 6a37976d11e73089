// A small stand-in for `truce serve`, for work on the page alone: `npm run mock`, then `npm run dev`,
// or open the printed address for the built page under the server's content policy.
// It speaks the HTTP contract with made-up data and forgets everything when it ends.

import { createServer } from 'node:http';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { day, feeds, incident, mission, NOW, zones } from './world.mjs';

const DIST = join(dirname(fileURLToPath(import.meta.url)), '..', 'dist');
const PORT = Number(process.env.PORT ?? 8091);
const EVERY_MS = Number(process.env.EVERY_MS ?? 4000);
const COUNT = Number(process.env.COUNT ?? 700);
const CSP =
  "default-src 'self'; script-src 'self'; worker-src 'self' blob:; img-src 'self' data: blob:; " +
  "style-src 'self' 'unsafe-inline'; connect-src 'self'; frame-ancestors 'none'";
const TYPES = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.json': 'application/json',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
};
const LADDER = {
  reported: ['under_verification', 'not_a_violation', 'unverifiable'],
  under_verification: ['corroborated', 'not_a_violation', 'unverifiable'],
  corroborated: ['verified', 'not_a_violation', 'unverifiable'],
  verified: ['closed', 'retracted'],
  attributed: ['closed', 'retracted'],
};

const world = day(7, COUNT);
let size = 4200;
let serials = 0;
let now = NOW;
const listeners = new Set();
const iso = (ms) => new Date(ms).toISOString();

function publish(event, data) {
  size += 1;
  const text = `event: ${event}\nid: ${size}\ndata: ${JSON.stringify(data)}\n\n`;
  for (const response of listeners) response.write(text);
}

const log = () => ({
  origin: 'truce.example/mock',
  size,
  root: 'c0ffee'.repeat(10) + 'beef',
  published_at: iso(now),
  verifier_key: 'truce.example/mock+1a2b3c4d+AQ3dGFzZSB0ZXN0IGtleSBub3QgcmVhbCBhdCBhbGwhISE=',
  checkpoint: `truce.example/mock\n${size}\nwP/u7sD/7u7A/+7uwP/u7sD/7u7A/+7uwP/u7sD/7u4=\n\n— truce.example/mock GiszTQ==\n`,
  witnessed: false,
  witnesses: [],
  epochs: [{ entry: 1, engine: 5, began_at: '2025-03-01T00:00:00Z', by: null, reason: null }],
  opening: null,
});

function summary() {
  const hours = new Map();
  const tally = (into, key) => (into[key] = (into[key] ?? 0) + 1);
  const by = { incidents_by_kind: {}, incidents_by_status: {}, breaches_by_clause: {} };
  for (const { summary: s } of world.items.values()) {
    const hour = s.occurred.start.slice(0, 13) + ':00:00Z';
    const cell = hours.get(hour) ?? { hour, count: 0, breaches: 0 };
    const breach = s.verdicts.some((v) => v.verdict === 'breach');
    hours.set(hour, { hour, count: cell.count + 1, breaches: cell.breaches + (breach ? 1 : 0) });
    tally(by.incidents_by_kind, s.kind);
    tally(by.incidents_by_status, s.status);
    for (const v of s.verdicts) if (v.verdict === 'breach') tally(by.breaches_by_clause, v.clause);
  }
  const hourly = [...hours.values()].sort((a, b) => (a.hour < b.hour ? -1 : 1));
  const period = { start: hourly[0]?.hour ?? null, end: iso(now) };
  return { ...by, hourly, tracks: world.tracks.length, observations: 48000, period, now: iso(now) };
}

function allowed({ summary: s }) {
  const next = (LADDER[s.status] ?? []).map((to) => ({
    action: { move_to: to },
    label: `Move to ${to}`,
    needs: ['reason'],
  }));
  const name = {
    action: 'attribute',
    label: 'Name a party',
    needs: ['reason', 'party', 'second_officer'],
  };
  return [
    ...next,
    ...(s.status === 'verified' ? [name] : []),
    { action: 'remark', label: 'Remark', needs: ['reason'] },
  ];
}

const detail = (item) => ({
  ...item,
  allowed: allowed(item),
  proof: {
    entry: size - 20,
    row: 3,
    log_size: size,
    logged: true,
    witnessed: false,
    checkpoint: log().checkpoint,
  },
});

function step(item, made) {
  const s = item.summary;
  item.finding ??= {
    serial: ++serials,
    incident: s.id,
    incident_revision: s.revision,
    status: s.status,
    history: [],
  };
  const f = item.finding;
  f.history.push(made);
  if (made.reply?.stance === 'disputes')
    f.disputed_by = [...new Set([...(f.disputed_by ?? []), made.reply.party])];
  const action = made.decision?.action;
  if (action?.move_to) f.status = action.move_to;
  if (action?.attribute) {
    const [party, first] = f.attribution_proposed ?? [];
    if (party === action.attribute.party && first !== made.decision.officer) {
      f.status = 'attributed';
      f.attributed_to = party;
      delete f.attribution_proposed;
    } else f.attribution_proposed = [action.attribute.party, made.decision.officer];
  }
  Object.assign(s, {
    serial: f.serial,
    status: f.status,
    disputed_by: f.disputed_by ?? [],
    attributed_to: f.attributed_to ?? null,
  });
  publish('finding', f);
  publish('incident', s);
  publish('checkpoint', log());
  return { finding: f };
}

function fail(status, code, message) {
  return { status, body: { error: { code, message, hint: '' } } };
}

function decide(item, body) {
  if (!body.officer || !body.reason)
    return fail(422, 'incomplete', 'officer and reason are needed');
  const to = body.action?.move_to;
  if (to && !(LADDER[item.summary.status] ?? []).includes(to)) {
    return fail(409, 'ladder', `${item.summary.status} cannot become ${to}`);
  }
  const decision = { incident: item.summary.id, decided_at: iso(now), ...body };
  return { status: 201, body: step(item, { decision }) };
}

function find(id) {
  return world.items.get(id) ?? [...world.items.values()].find((i) => i.summary.id.startsWith(id));
}

function incidents(query) {
  const all = [...world.items.values()]
    .map((i) => i.summary)
    .sort((a, b) => (a.occurred.start > b.occurred.start ? -1 : 1));
  const from = Number(query.get('after') ?? 0);
  const to = from + Number(query.get('limit') ?? 500);
  return {
    items: all.slice(from, to),
    next: to < all.length ? String(to) : null,
    total: all.length,
  };
}

const FIXED = {
  '/api/mission': () => mission,
  '/api/zones': () => zones,
  '/api/sensors': () => world.sensors,
  '/api/feeds': () => ({ items: feeds }),
  '/api/notify': () => ({ items: [] }),
  '/api/summary': summary,
  '/api/log': log,
  '/api/tracks': () => ({ items: world.tracks }),
};

function answer(method, url, body) {
  if (method === 'GET' && FIXED[url.pathname]) return { status: 200, body: FIXED[url.pathname]() };
  if (url.pathname === '/api/incidents') return { status: 200, body: incidents(url.searchParams) };
  const [, id, what] = /^\/api\/incidents\/([0-9a-f]+)(?:\/(\w+))?$/.exec(url.pathname) ?? [];
  const item = id && find(id);
  if (!item) return fail(404, 'not_found', 'there is nothing here');
  if (method === 'POST' && what === 'decisions') return decide(item, body);
  if (method === 'POST') {
    const reply = { incident: item.summary.id, replied_at: iso(now), ...body };
    return { status: 201, body: step(item, { reply }) };
  }
  return { status: 200, body: what ? { evidence_of: id } : detail(item) };
}

function file(response, path) {
  const name = join(DIST, normalize(path === '/' ? '/index.html' : path));
  const there = name.startsWith(DIST) && existsSync(name) && statSync(name).isFile();
  const head = { 'content-security-policy': CSP, 'x-content-type-options': 'nosniff' };
  if (!there) return response.writeHead(404, head).end('not found');
  response.writeHead(200, {
    ...head,
    'content-type': TYPES[extname(name)] ?? 'application/octet-stream',
  });
  return response.end(readFileSync(name));
}

const server = createServer(async (request, response) => {
  const url = new URL(request.url, 'http://mock');
  if (url.pathname === '/api/events') {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`event: hello\ndata: {"size":${size}}\n\n`);
    listeners.add(response);
    request.on('close', () => listeners.delete(response));
    return;
  }
  if (url.pathname === '/api/report/daily') {
    response.writeHead(200, { 'content-type': 'text/html' }).end('<h1>Daily report (mock)</h1>');
    return;
  }
  if (url.pathname === '/checkpoint') {
    response.end(log().checkpoint);
    return;
  }
  if (!url.pathname.startsWith('/api/')) {
    file(response, url.pathname);
    return;
  }
  let text = '';
  for await (const chunk of request) text += chunk;
  const { status, body } = answer(request.method, url, text ? JSON.parse(text) : {});
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
});

let made = 100_000;
setInterval(() => {
  now += 30_000;
  const item = incident(world.r, made++, now - 20_000);
  world.items.set(item.summary.id, item);
  publish('incident', item.summary);
  const track = world.tracks[made % world.tracks.length];
  track.last.place.position.lat_deg += 0.01;
  track.tail = [
    ...track.tail.slice(1),
    [track.last.place.position.lon_deg, track.last.place.position.lat_deg, now / 1000],
  ];
  publish('track', track);
  publish('checkpoint', log());
}, EVERY_MS);

server.listen(PORT, '127.0.0.1', () => {
  console.log(`http://127.0.0.1:${server.address().port}/`);
});
