// What the tests know of the page: how to find its parts, and what must hold on each.

import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { TIMEOUT_MS } from './chromium.mjs';

export const RESULTS = join(dirname(fileURLToPath(import.meta.url)), '../../test-results');
mkdirSync(RESULTS, { recursive: true });

export function check(holds, otherwise) {
  if (!holds) throw new Error(otherwise);
}

/** One thing that has to hold, with the time it took. */
export async function step(name, run) {
  const from = performance.now();
  await run();
  console.log(`ok   ${name} (${((performance.now() - from) / 1000).toFixed(1)} s)`);
}

/** Asks again until the answer is truthy. */
export async function eventually(what, ask, within_ms = TIMEOUT_MS) {
  const until = Date.now() + within_ms;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    check(Date.now() < until, `in vain: ${what}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** A page of a size that keeps account of errors and of requests to anyone but the server. */
export async function open(browser, address, [width, height], colorScheme) {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme });
  context.setDefaultTimeout(TIMEOUT_MS);
  await context.addInitScript(readPixels);
  const page = await context.newPage();
  const faults = [];
  page.on('pageerror', (error) => faults.push(`exception: ${error.message}`));
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') {
      faults.push(`console ${message.type()}: ${message.text()}`);
    }
  });
  page.on('request', (request) => {
    const url = request.url();
    const own = url.startsWith(address) || url.startsWith('data:') || url.startsWith('blob:');
    if (!own) faults.push(`request to ${url}`);
  });
  const name = `${width}x${height}-${colorScheme}`;
  return {
    page,
    context,
    shot: (what) => picture(page, { path: join(RESULTS, `${what}-${name}.png`) }),
    faultless: () => check(faults.length === 0, faults.join('\n')),
  };
}

/** A picture of the page. Chromium now and then refuses one outright, and takes it when asked again. */
export async function picture(page, options) {
  try {
    return await page.screenshot(options);
  } catch (error) {
    if (!error.message.includes('Unable to capture screenshot')) throw error;
    await page.waitForTimeout(250);
    return page.screenshot(options);
  }
}

/** Lets the page read shots of itself: red, green, blue and alpha of each pixel of a PNG in base64. */
function readPixels() {
  window.pixelsOf = async (png) => {
    const image = new Image();
    image.src = `data:image/png;base64,${png}`;
    await image.decode();
    const canvas = document.createElement('canvas');
    [canvas.width, canvas.height] = [image.width, image.height];
    const context = canvas.getContext('2d');
    context.drawImage(image, 0, 0);
    return context.getImageData(0, 0, image.width, image.height).data;
  };
}

/** Nothing sticks out to the side, except inside what is meant to be scrolled or moved sideways. */
export async function fitsWidth(page, where) {
  const out = await page.evaluate(() => {
    const moves = (e) =>
      e !== null &&
      (e.matches('[data-testid=map]') ||
        /auto|scroll/.test(getComputedStyle(e).overflowX) ||
        moves(e.parentElement));
    return [...document.querySelectorAll('body *')]
      .filter((e) => e.getClientRects().length > 0 && !e.matches('.skip, .sr-only'))
      .filter((e) => e.getBoundingClientRect().right > window.innerWidth + 1)
      .filter((e) => !moves(e.parentElement))
      .map((e) => `${e.tagName} "${(e.textContent ?? '').trim().slice(0, 40)}"`);
  });
  check(out.length === 0, `${where} sticks out: ${out.slice(0, 3).join(', ')}`);
}

/** The map shows something: many colours, and land and sea in large shares. */
export async function mapIsDrawn(page) {
  await page.waitForSelector('[data-testid=map][data-ready=true]');
  await eventually('a map that shows land, sea and more', async () => {
    // The page is shot and not the element: an element is waited for until it stands still.
    const clip = await page.getByTestId('map').boundingBox();
    const png = (await picture(page, { clip })).toString('base64');
    const { colours, large } = await page.evaluate(async (png) => {
      const seen = new Map();
      const pixels = new Uint32Array((await window.pixelsOf(png)).buffer);
      for (const pixel of pixels) seen.set(pixel, (seen.get(pixel) ?? 0) + 1);
      const most = [...seen.values()].filter((n) => n > pixels.length / 50);
      return { colours: seen.size, large: most.length };
    }, png);
    return colours > 200 && large >= 2;
  });
}

export const row = (page, n) => page.locator('[data-incident]').nth(n);
export const status = (page) => page.getByTestId('incident').getByTestId('status');

/** Chooses an action, gives name and reason, and waits until it is recorded. */
export async function decide(page, label, officer, reason, party) {
  const form = page.getByTestId('decide');
  await form.getByText(label, { exact: true }).click();
  if (party) await form.locator('select').selectOption({ index: party });
  await form.getByLabel('Officer').fill(officer);
  await form.getByLabel('Reason').fill(reason);
  await form.getByRole('button', { name: 'Record decision' }).click();
  await eventually(`"${label}" recorded`, async () => {
    const said = (await form.getByRole('status').textContent())?.trim() ?? '';
    check(said === '' || said.startsWith('Recorded'), `"${label}" was refused: ${said}`);
    return said.startsWith('Recorded');
  });
}
