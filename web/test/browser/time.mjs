// The timeline: periods, moments, playing, what was known then, bookmarks and exports.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { check, eventually, row, step } from './page.mjs';

const counted = (page) => page.getByTestId('queue-count').textContent();
const shownOf = async (page) => Number((await counted(page)).replace(/\D.*$/, ''));

export async function period(page) {
  const before = await counted(page);
  const chart = await page.locator('.chart svg').boundingBox();
  const y = chart.y + 20;
  await page.mouse.move(chart.x + chart.width * 0.2, y);
  await page.mouse.down();
  await page.mouse.move(chart.x + chart.width * 0.4, y, { steps: 4 });
  await page.mouse.up();
  await eventually('a period in the address', () => page.url().includes('from='));
  await eventually('fewer incidents', async () => (await counted(page)) !== before);
  await page.getByRole('button', { name: 'Show everything' }).click();
  await eventually('no period', () => !page.url().includes('from='));
}

export async function scrub(page, server, shot) {
  await step('scrubbing takes the whole page to an earlier moment, and the address with it', async () => {
    await row(page, 0).waitFor();
    const live = await shownOf(page);
    const slider = page.getByTestId('slider');
    await slider.focus();
    for (let i = 0; i < 3; i++) await page.keyboard.press('PageDown');
    await page.getByTestId('moment').waitFor();
    await eventually('fewer incidents', async () => (await shownOf(page)) < live);
    await eventually('the moment in the address', () => page.url().includes('at='));
    const at = Date.parse(new URLSearchParams(page.url().split('?')[1]).get('at'));
    check(Number.isFinite(at), page.url());
    const kept = await shownOf(page);
    await page.reload();
    await eventually('the same moment after loading again', async () => {
      const text = await page.getByTestId('moment').textContent({ timeout: 5000 });
      return text !== '' && (await shownOf(page)) === kept;
    });
  });
  await step('as known then is what the server says was known, and no more', async () => {
    await page.getByTestId('knowledge').selectOption('then');
    await eventually('the address says so', () => page.url().includes('known=then'));
    const at = new URLSearchParams(page.url().split('?')[1]).get('at');
    const path = `${server.address}api/known?at=${at}`;
    const known = (await (await page.request.get(path)).json()).items;
    const standing = known.filter((item) => {
      const middle = (Date.parse(item.occurred.start) + Date.parse(item.occurred.end)) / 2;
      // The filter of the step before still holds.
      const breach = item.verdicts.some(({ verdict }) => verdict === 'breach');
      return breach && !item.withdrawn && middle < Date.parse(at) + 1;
    });
    await eventually('as many as were known', async () => (await shownOf(page)) === standing.length);
    await shot('known-then');
  });
  await step('time plays, and live is one click away', async () => {
    const text = () => page.getByTestId('moment').textContent();
    const before = await text();
    await page.getByLabel('Speed of playing').selectOption('3600');
    await page.getByTestId('play').click();
    await eventually('a later moment', async () => {
      const gone = (await page.getByTestId('moment').count()) === 0;
      return gone || (await text()) !== before;
    });
    await page.getByTestId('go-live').click();
    await eventually('no moment in the address', () => !page.url().includes('at='));
  });
  await step('exports hold exactly what is shown', async () => {
    await page.getByRole('searchbox').fill('breach-nothing-has');
    await eventually('nothing', async () => (await shownOf(page)) === 0);
    await page.getByRole('searchbox').fill('');
    await page.getByRole('button', { name: 'Export what is shown' }).click();
    const download = page.waitForEvent('download');
    await page.getByRole('button', { name: 'Incidents as CSV' }).click();
    const file = join(server.folder, 'incidents.csv');
    await (await download).saveAs(file);
    const lines = readFileSync(file, 'utf8').trim().split('\r\n');
    const shown = await shownOf(page);
    check(lines.length - 1 === shown, `${lines.length - 1} rows for ${shown} incidents`);
    await page.keyboard.press('Escape');
  });
  await step('a bookmark brings a view back', async () => {
    await page.getByRole('button', { name: 'Bookmarks' }).click();
    await page.getByLabel('Name of this moment').fill('Night watch');
    await page.getByRole('button', { name: 'Keep', exact: true }).click();
    await page.getByRole('link', { name: 'Night watch' }).waitFor();
    await page.keyboard.press('Escape');
  });
}
