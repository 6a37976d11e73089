// What axe-core finds on a page (WCAG 2.2 A and AA, and its best practices): nothing serious may stay.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { check } from './page.mjs';

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const SERIOUS = new Set(['serious', 'critical']);

/** Runs axe in the page; through the debugger, since the content policy allows no foreign script. */
export async function accessible(page, where) {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(SOURCE);
  const violations = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ['violations'] });
    return violations.map(({ id, impact, help, nodes }) => ({
      id,
      impact,
      help,
      nodes: nodes.map(({ target, failureSummary }) => `${target} ${failureSummary}`),
    }));
  });
  const serious = violations.filter(({ impact }) => SERIOUS.has(impact));
  const said = serious.map(
    ({ id, help, nodes }) => `${id}: ${help}\n    ${nodes.slice(0, 4).join('\n    ')}`,
  );
  check(serious.length === 0, `axe on ${where}:\n  ${said.join('\n  ')}`);
}
