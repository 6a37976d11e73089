// Screenshots compared: what somebody is sent by its address looks, pixel by pixel, as it does to the
// one who went there step by step.

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { RESULTS, check, open, picture, row, step } from './page.mjs';

/** Of 255 in any channel: smoothed edges waver by less. */
const COLOUR_MAX = 24;
/** Share of pixels that may differ: a number that has moved on between two shots. */
const SHARE_MAX = 0.001;
const OF_ITS_OWN = `
  time.clock, .log { visibility: hidden !important; }
  .unread .what strong::before { display: none !important; }`;
/** Shots until both pages have come to rest. */
const ATTEMPTS = 40;

export async function looks(browser, server, size, scheme, pages) {
  const { page, context, faultless } = await open(browser, server.address, size, scheme);
  const follow = (name) => followed(browser, server, page, size, scheme, name);
  const [width] = size;
  let before;
  await step(`${width} px, ${scheme}: the picture looks the same by its address`, async () => {
    await page.goto(server.address);
    // An hour ago, so that nothing is added between two shots.
    const now = await page.locator('time.clock').getAttribute('datetime');
    const at = new Date(Date.parse(now) - 3_600_000).toISOString();
    await page.goto(`${server.address}#/picture?at=${at}&known=then`);
    await page.getByTestId('moment').waitFor();
    await row(page, 0).waitFor();
    before = await follow('picture');
    await row(page, 0).click();
    await page.getByTestId('explanation').locator('li').first().waitFor();
    before = other(before, await follow('incident'), 'incident');
  });
  for (const name of pages) {
    await step(`${width} px, ${scheme}: ${name} looks the same by its address`, async () => {
      await page.getByRole('navigation').getByText(name, { exact: true }).click();
      await page.locator('main.page').waitFor();
      before = other(before, await follow(name.toLowerCase()), name);
    });
  }
  faultless();
  await context.close();

  function other(one, two, name) {
    check(!one.equals(two), `${name} looks like the page before it`);
    return two;
  }
}

/** The look of a page, once a second browser that was given its address shows the same. */
async function followed(browser, server, page, size, scheme, name) {
  const second = await open(browser, server.address, size, scheme);
  await second.page.goto(page.url());
  let [ours, theirs, share] = [];
  for (let i = 0; i < ATTEMPTS; i++) {
    await page.waitForTimeout(250);
    [ours, theirs] = await Promise.all([look(page), look(second.page)]);
    share = await differing(page, ours, theirs);
    if (share <= SHARE_MAX) break;
  }
  if (share > SHARE_MAX) {
    writeFileSync(join(RESULTS, `differs-${name}-clicked.png`), ours);
    writeFileSync(join(RESULTS, `differs-${name}-by-address.png`), theirs);
  }
  check(share <= SHARE_MAX, `${(100 * share).toFixed(2)} % of ${name} looks otherwise by its address`);
  second.faultless();
  await second.context.close();
  return ours;
}

/** A shot without the clock and without what each browser notes for itself as unread. */
const look = (page) => picture(page, { style: OF_ITS_OWN });

/** The share of pixels whose colours differ. */
function differing(page, ...shots) {
  return page.evaluate(
    async ([most, ...shots]) => {
      const [one, two] = await Promise.all(shots.map(window.pixelsOf));
      let count = 0;
      for (let i = 0; i < one.length; i += 4) {
        const off = (k) => Math.abs(one[i + k] - two[i + k]) > most;
        if (off(0) || off(1) || off(2)) count++;
      }
      return (4 * count) / one.length;
    },
    [COLOUR_MAX, ...shots.map((shot) => shot.toString('base64'))],
  );
}
