import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

// What the page is made of comes from its own packages, also where a test asks for it.
const d3 = fileURLToPath(new URL('../../../server/dashboard/node_modules/d3-geo', import.meta.url));

export default defineConfig({
  resolve: { alias: { 'd3-geo': d3 } },
  test: {
    include: ['unit/*_test.ts', 'browser/*_test.ts', 'real/*_test.ts'],
    setupFiles: ['unit/setup.ts'],
    pool: 'threads',
    poolOptions: { threads: { maxThreads: 2, minThreads: 1 } },
    // Long enough for a machine that has much else to do: nothing here is about speed.
    testTimeout: 600_000,
    hookTimeout: 300_000,
    expect: { poll: { timeout: 120_000 } },
  },
});
