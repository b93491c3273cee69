import { loadEnv } from 'vite';
import { defineConfig } from 'vitest/config';

/** Builds the page into the server's web root: hashed names, nothing inline, as the server's content policy asks. */
export default defineConfig(({ mode }) => {
  const server = loadEnv(mode, '.', 'FRAMEWIRE_').FRAMEWIRE_WEB ?? 'http://127.0.0.1:8080';
  const paths = ['/framewire.v1.Viewing', '/framewire.v1.Recordings', '/recordings', '/streams', '/healthz'];
  const proxy = Object.fromEntries(paths.map((path) => [path, server]));
  return {
    base: '/',
    server: { proxy },
    preview: { proxy },
    build: {
      outDir: '../src/Framewire.Server/wwwroot',
      emptyOutDir: true,
      sourcemap: false,
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // Who wrote what the page is made of, and on what terms.
      license: { fileName: 'third-party.txt' },
    },
    test: { include: ['src/**/*.test.ts'] },
  };
});
