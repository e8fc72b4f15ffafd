import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['unit/*_test.ts'],
    setupFiles: ['unit/setup.ts'],
    pool: 'threads',
    poolOptions: { threads: { maxThreads: 2, minThreads: 1 } },
    testTimeout: 30_000,
  },
});
