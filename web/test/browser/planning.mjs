// The planning pages: a switched scenario changes what is met, permitted and detected.

import { check, eventually, step } from './page.mjs';

const go = (page, name) =>
  page.getByRole('navigation').getByText(name, { exact: true }).click();

const condition = (page, id, state) =>
  page.locator(`[data-condition="${id}"][data-state="${state}"]`);

export async function planning(page, shot) {
  await step('a switched condition changes the chance to detect a breach', async () => {
    await go(page, 'Coverage');
    const clauses = page.getByTestId('clauses').locator('tbody tr');
    await clauses.first().waitFor();
    const told = async () => (await page.getByTestId('clauses').textContent()).replace(/\s+/g, ' ');
    const filed = await told();
    await condition(page, 'ceasefire', 'true').click();
    await eventually('other chances', async () => (await told()) !== filed);
    await eventually('the address says what is assumed', () =>
      page.url().includes('assume=ceasefire=true'),
    );
    await shot('coverage');
  });
  await step('the same scenario on the page Forces, and what unlocks a layer', async () => {
    await go(page, 'Forces');
    const lines = page.getByTestId('requirements').locator('tr[data-requirement]');
    await lines.first().waitFor();
    check((await lines.count()) > 5, 'few requirements');
    const met = () =>
      lines.evaluateAll((rows) =>
        rows.reduce((n, r) => n + Number(r.querySelector('[data-met]').dataset.met), 0),
      );
    const before = await met();
    await page.getByRole('button', { name: 'All true' }).click();
    await eventually('more is met when everything is true', async () => (await met()) > before);
    await lines.first().getByRole('button').click();
    await page.locator('tr.detail').waitFor();
    await page.getByTestId('unlock-layer').selectOption({ index: 1 });
    await page.getByTestId('world').first().waitFor();
    await shot('forces');
  });
  await step('a switched ballot turns a vote', async () => {
    await page.getByRole('button', { name: 'As filed' }).click();
    await go(page, 'Mandate');
    const vetoed = page.locator('[data-vote]', {
      has: page.locator('[data-practice=false]', { hasText: /veto of Russian/ }),
    });
    await vetoed.first().waitFor();
    const id = await vetoed.first().getAttribute('data-vote');
    const vote = page.locator(`[data-vote="${id}"]`);
    await vote.getByRole('button', { name: 'Ballots' }).click();
    await vote.getByLabel(/Russian Federation/).selectOption('abstain');
    await eventually('adopted', async () => (await vote.locator('[data-practice=true]').count()) > 0);
    await shot('mandate');
    await vote.getByLabel(/Russian Federation/).selectOption('no');
  });
}
