/// <reference types="vitest/config" />
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { basemap } from './basemap.vite';
import { licences } from './licences.vite';
import { preload } from './preload.vite';

// The page is served from `/` by the binary it is embedded in, under a content policy that allows
// nothing but its own files: no inlined assets (data: scripts), no module preload polyfill.
export default defineConfig({
  base: '/',
  plugins: [svelte(), basemap(), licences(), preload()],
  build: {
    target: 'es2022',
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    // MapLibre is one large module, and comes with the map, after the first incidents are shown.
    chunkSizeWarningLimit: 1500,
  },
  worker: { format: 'es' },
  server: { proxy: { '/api': process.env['TRUCE_SERVER'] ?? 'http://127.0.0.1:8091' } },
  test: { include: ['test/unit/**/*.test.ts'], environment: 'node' },
});
