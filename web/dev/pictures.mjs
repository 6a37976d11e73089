// Takes the pictures of docs/mission.md of a served example mission: node dev/pictures.mjs ADDRESS
import { mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch } from '../test/browser/chromium.mjs';

const [address] = process.argv.slice(2);
const OUT = join(dirname(fileURLToPath(import.meta.url)), '../../docs/pictures');
mkdirSync(OUT, { recursive: true });

const browser = await launch();
const context = await browser.newContext({ viewport: { width: 1240, height: 760 } });
const page = await context.newPage();
const { items } = await (
  await page.request.get(`${address}api/incidents?verdict=breach&kind=physical_event&sort=probability&limit=1`)
).json();
const { now } = await (await page.request.get(`${address}api/summary`)).json();
const noon = new Date(Date.parse(now) - 10 * 3_600_000).toISOString();
const scenario = 'assume=ceasefire=true,us-backstop=true';
const PICTURES = {
  zone: `#/picture?at=${noon}&trail=6&show=coverage&map=7.2/48.3/37.2`,
  sea: '#/sea',
  incident: `#/incident/${items[0].id}`,
  forces: '#/forces?assume=ceasefire=true,council-mandate=true,funding=true',
  backstop: `#/coverage?${scenario}`,
  mandate: '#/mandate',
  unlock: '#/forces',
  sky: '#/sky',
  chain: `#/coverage?${scenario},access-guaranteed=true,funding=true,european-troops=true`,
  log: '#/log',
};
for (const [name, hash] of Object.entries(PICTURES)) {
  await page.goto('about:blank');
  await page.goto(address + hash);
  await page.waitForTimeout(name === 'zone' || name === 'incident' ? 16_000 : 5000);
  if (name === 'unlock') {
    await page.getByTestId('unlock-layer').selectOption('western-presence');
    await page.waitForTimeout(4000);
    await page.getByTestId('unlock-layer').scrollIntoViewIfNeeded();
    await page.evaluate(() => document.querySelector('main.page').scrollBy(0, 560));
  }
  await page.screenshot({ path: join(OUT, `${name}.jpg`), type: 'jpeg', quality: 52 });
}
await browser.close();
