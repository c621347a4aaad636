/** What limits on wall time and memory are measured with; for one thread at a time. */
import { getHeapStatistics } from 'node:v8';
import type { Probe } from '../run/run.ts';

export function threadProbe(): Probe {
  return {
    wallSeconds: () => performance.now() / 1000,
    // Of this thread alone: what its neighbours hold must not end a run.
    residentBytes: () => {
      const { used_heap_size: heap, external_memory: outside } = getHeapStatistics();
      return heap + outside;
    },
  };
}
