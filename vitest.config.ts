import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Worker threads start faster than processes, and no test changes process-wide state.
    pool: 'threads',
    // By itself it leaves one core to others.
    maxWorkers: '100%',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    watch: false,
  },
});
