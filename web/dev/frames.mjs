// Measures frames a second while the map is moved, with as many incidents and tracks as the map is built
// for: node dev/frames.mjs http://127.0.0.1:8040/ [incidents] [tracks]. Says which renderer drew, how long
// the page's thread and its scripts were busy for a frame, and what is left when the map is not rasterised.
// Without a graphics processor the browser still puts the page together in software then, which the frames
// a second show and the page's thread does not.
import { launch } from '../test/browser/chromium.mjs';

const [address, incidents = '50000', tracks = '5000'] = process.argv.slice(2);
const SECONDS = 8;
const WEST = 30;
const SOUTH = 44;

/** A repeatable spread of numbers in [0, 1) (golden ratio), so that two runs draw the same. */
const spread = (i, k) => (i * 0.618033988749895 * (k + 1) + k * 0.137) % 1;

function incident(template, i) {
  const at = new Date(Date.parse(template.occurred.start) - i * 1000).toISOString();
  return {
    ...template,
    id: i.toString(16).padStart(64, '0'),
    short_id: i.toString(16).padStart(12, '0'),
    occurred: { start: at, end: at },
    probability: 0.05 + 0.9 * spread(i, 2),
    place: {
      ...template.place,
      position: { lat_deg: SOUTH + 7 * spread(i, 0), lon_deg: WEST + 9 * spread(i, 1) },
    },
  };
}

function track(template, i) {
  const [lon, lat] = [28 + 9 * spread(i, 3), 41.5 + 4.5 * spread(i, 4)];
  const tail = Array.from({ length: 20 }, (_, k) => [lon - k * 0.01, lat - k * 0.004, 1e9 - 60 * k]);
  return {
    ...template,
    id: i.toString(16).padStart(64, 'f'),
    last: { ...template.last, place: { ...template.last.place, position: { lat_deg: lat, lon_deg: lon } } },
    tail: tail.reverse(),
  };
}

/** Counts what the page tells the graphics processor to draw, and leaves it out when `draws` is false. */
function meterDrawing() {
  window.drawing = { draws: true, calls: 0, corners: 0 };
  const gl = WebGL2RenderingContext.prototype;
  for (const [name, at] of [
    ['drawArrays', 2],
    ['drawElements', 1],
    ['drawArraysInstanced', 2],
    ['drawElementsInstanced', 1],
  ]) {
    const draw = gl[name];
    gl[name] = function (...args) {
      window.drawing.calls += 1;
      window.drawing.corners += args[at];
      if (window.drawing.draws) draw.apply(this, args);
    };
  }
}

const browser = await launch();
const page = await browser.newPage({ viewport: { width: 1400, height: 900 } });
await page.addInitScript(meterDrawing);
const read = async (path) => (await page.request.get(address + path)).json();
const [oneIncident] = (await read('api/incidents?limit=1')).items;
const [oneTrack] = (await read('api/tracks?limit=1')).items;
const all = Array.from({ length: Number(incidents) }, (_, i) => incident(oneIncident, i));
const moving = Array.from({ length: Number(tracks) }, (_, i) => track(oneTrack, i));
await page.route('**/api/incidents?*', (route) => {
  const from = Number(new URL(route.request().url()).searchParams.get('after') ?? 0);
  const items = all.slice(from, from + 5000);
  const next = from + 5000 < all.length ? String(from + 5000) : null;
  return route.fulfill({ json: { items, next, total: all.length } });
});
await page.route('**/api/tracks?*', (route) => route.fulfill({ json: { items: moving } }));
await page.goto(address);
await page.waitForSelector('[data-testid=map][data-ready=true]', { timeout: 120_000 });
await page.locator('[data-incident]').first().waitFor({ timeout: 120_000 });
await page.waitForTimeout(5000);
const renderer = await page.evaluate(() => {
  const gl = document.createElement('canvas').getContext('webgl2');
  const info = gl?.getExtension('WEBGL_debug_renderer_info');
  return info ? gl.getParameter(info.UNMASKED_RENDERER_WEBGL) : 'unknown';
});
const box = await page.getByTestId('map').boundingBox();
const chrome = await page.context().newCDPSession(page);
await chrome.send('Performance.enable');
/** How long the page's thread was busy so far, with everything and with scripts alone. */
async function busy_s() {
  const { metrics } = await chrome.send('Performance.getMetrics');
  const of = (wanted) => metrics.find(({ name }) => name === wanted).value;
  return { all: of('TaskDuration'), scripts: of('ScriptDuration') };
}

/** Moves the map in circles, with the drawing itself or without it, and prints what a frame took. */
async function measure(label, draws) {
  await page.evaluate((draws) => Object.assign(window.drawing, { draws, calls: 0, corners: 0 }), draws);
  const before = await busy_s();
  const counting = page.evaluate((ms) => {
    const times = [];
    const until = performance.now() + ms;
    return new Promise((done) => {
      const frame = (now) => {
        times.push(now);
        if (now < until) requestAnimationFrame(frame);
        else done(times);
      };
      requestAnimationFrame(frame);
    });
  }, SECONDS * 1000);
  const end = Date.now() + SECONDS * 1000;
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.down();
  for (let i = 0; Date.now() < end; i++) {
    const angle = i / 12;
    await page.mouse.move(
      box.x + box.width / 2 + 160 * Math.cos(angle),
      box.y + box.height / 2 + 120 * Math.sin(angle),
    );
  }
  await page.mouse.up();
  const times = await counting;
  const after = await busy_s();
  const a_frame_ms = (what) => ((1000 * (after[what] - before[what])) / times.length).toFixed(1);
  const gaps = times.slice(1).map((at, i) => at - times[i]);
  gaps.sort((a, b) => a - b);
  const rate = (1000 * gaps.length) / gaps.reduce((n, gap) => n + gap, 0);
  const { calls, corners } = await page.evaluate(() => window.drawing);
  console.log(
    `${label}: ${rate.toFixed(1)} frames a second; median ${gaps[gaps.length >> 1].toFixed(0)} ms, ` +
      `95 % within ${gaps[Math.floor(gaps.length * 0.95)].toFixed(0)} ms; the page's thread busy ` +
      `${a_frame_ms('all')} ms, of it scripts ${a_frame_ms('scripts')} ms, ${Math.round(calls / times.length)} draws of ` +
      `${Math.round(corners / times.length)} corners a frame`,
  );
}

console.log(`${all.length} incidents, ${moving.length} tracks, ${renderer}`);
await measure('drawn', true);
await measure('all but the drawing', false);
await browser.close();
