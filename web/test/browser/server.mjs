// Starts what is tested: the real binary with a simulated mission, or, with TRUCE_MOCK=1 for work on
// these tests alone, the mock server. The command line stands here and nowhere else.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const WEB = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
/** Time to simulate the hours and run them through the line, also with a debug build. */
const START_MS = 300_000;
const ADDRESS = /http:\/\/127\.0\.0\.1:\d+\//;

function binary() {
  const named = process.env.TRUCE_BIN;
  const built = ['release', 'debug'].map((profile) => join(WEB, '../target', profile, 'truce'));
  const found = named ? resolve(named) : built.find(existsSync);
  if (!found || !existsSync(found)) {
    throw new Error(
      `no truce program at ${named ?? built.join(' or ')}; build it or set TRUCE_BIN`,
    );
  }
  return found;
}

/** The address once it is printed, what was printed, and how to end the server. */
export async function start() {
  const folder = mkdtempSync(join(tmpdir(), 'truce-browser-'));
  const mock = process.env.TRUCE_MOCK === '1';
  const mission = join(WEB, '../missions/ukraine-2025');
  const [program, args] = mock
    ? [process.execPath, [join(WEB, 'dev/mock.mjs')]]
    : [
        binary(),
        [
          'demo',
          mission,
          '--hours',
          '2',
          '--seed',
          '7',
          '--port',
          '0',
          '--data',
          join(folder, 'data'),
          '--no-open',
        ],
      ];
  const child = spawn(program, args, { env: { ...process.env, PORT: '0' } });
  let printed = '';
  let ended = null;
  child.on('exit', (code) => (ended = code ?? 'a signal'));
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text) => (printed += text));
  }
  const stop = async () => {
    child.kill('SIGTERM');
    for (let i = 0; i < 100 && ended === null; i++)
      await new Promise((done) => setTimeout(done, 100));
    if (ended === null) child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  const until = Date.now() + START_MS;
  while (!ADDRESS.test(printed)) {
    if (ended !== null || Date.now() > until) {
      await stop();
      throw new Error(`the server did not start (${ended ?? 'no address in time'}):\n${printed}`);
    }
    await new Promise((done) => setTimeout(done, 100));
  }
  return { address: ADDRESS.exec(printed)[0], stop, folder, mock, printed: () => printed };
}

/** Verifies an evidence file with the program itself; what it said, and whether it is proven. */
export function verify(file, key) {
  const { status, stdout, stderr } = spawnSync(binary(), ['verify', file, '--key', key], {
    encoding: 'utf8',
  });
  return { proven: status === 0, said: stdout + stderr };
}
