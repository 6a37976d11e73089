// Names in the page's head the parts that its script asks for later, so that they are fetched at once.

import type { Plugin } from 'vite';

/** Parts of the page that every visit needs, by their source. */
const NEEDED = ['/src/App.svelte', '/src/map/MapView.svelte'];

export function preload(): Plugin {
  return {
    name: 'preload',
    transformIndexHtml: {
      order: 'post',
      handler(_, { bundle }) {
        const chunks = Object.values(bundle ?? {}).filter((part) => part.type === 'chunk');
        const named = NEEDED.map((source) => {
          const found = chunks.find(({ facadeModuleId }) => facadeModuleId?.endsWith(source));
          if (bundle && !found) throw new Error(`${source} is no part of its own`);
          return found;
        });
        return named
          .filter((chunk) => chunk !== undefined)
          .map(({ fileName }) => ({
            tag: 'link',
            attrs: { rel: 'modulepreload', crossorigin: true, href: `/${fileName}` },
            injectTo: 'head',
          }));
      },
    },
  };
}
