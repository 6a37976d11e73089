// Takes screenshots of a served page: node dev/shot.mjs http://127.0.0.1:8091/ [#/hash …]
// $ONLY picks some, such as `1400-light,390-dark`.
import { mkdirSync } from 'node:fs';
import { launch } from '../test/browser/chromium.mjs';

const [address, ...hashes] = process.argv.slice(2);
const only = process.env.ONLY?.split(',');
const SIZES = [
  [1400, 900],
  [390, 844],
];
mkdirSync('test-results', { recursive: true });
const browser = await launch();
for (const scheme of ['light', 'dark']) {
  for (const [width, height] of SIZES) {
    if (only && !only.includes(`${width}-${scheme}`)) continue;
    const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme });
    const page = await context.newPage();
    page.on(
      'console',
      (message) => message.type() === 'error' && console.log('console:', message.text()),
    );
    page.on('pageerror', (error) => console.log('page error:', error.message));
    for (const hash of hashes.length ? hashes : ['']) {
      await page.goto(address + hash);
      await page.waitForTimeout(Number(process.env.WAIT ?? 4000));
      const name = (hash.replace(/[^a-z0-9]+/gi, '-') || 'home').slice(0, 30);
      await page.screenshot({ path: `test-results/shot-${name}-${width}-${scheme}.png` });
    }
    await context.close();
  }
}
await browser.close();
