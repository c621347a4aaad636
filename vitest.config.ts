import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // Worker threads start faster than processes, and no test changes process-wide state.
    pool: 'threads',
    testTimeout: 30_000,
    hookTimeout: 30_000,
    watch: false,
  },
});
