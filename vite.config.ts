import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Builds the page. Relative addresses, so that the same files serve `app://howdah/` and `http://127.0.0.1:<port>/`. */
export default defineConfig({
  root: 'renderer',
  base: './',
  plugins: [react()],
  build: {
    outDir: '../dist/renderer',
    emptyOutDir: true,
    target: 'es2022',
    // The polyfill would be an inline script, which the page's content security policy forbids.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 1500,
  },
});
