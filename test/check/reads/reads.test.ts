/** Invariants of reads and of watchers: silent about healthy runs, and what makes them speak. */
import { describe, expect, test } from 'vitest';
import type { KvLoadState } from '../../../sim/client/kv-load.ts';
import { LOAD_MACHINE } from '../../../sim/client/operation.ts';
import { SERVER_MACHINE } from '../../../sim/consul/requests/inputs.ts';
import type { RequestState } from '../../../sim/consul/requests/state.ts';
import type { KvEntry } from '../../../sim/consul/state/rows.ts';
import type { Store } from '../../../sim/consul/state/store.ts';
import { rowOf, setRow } from '../../../sim/consul/state/table.ts';
import { createWatches } from '../../../sim/consul/state/watches.ts';
import type { Execution } from '../../../sim/run/execution.ts';
import { ref } from '../../support/reference.ts';
import { advance, begin, bundled, parse, run } from '../../run/kit.ts';

const SECOND = 1_000_000;

function steady(load: string): Execution {
  return begin(
    parse(`
name: steady
duration: 20s
settle: 20s
load: { ${load} }
known_issues: fix
`),
  );
}

function storesOf({ simulation }: Execution): Store[] {
  return simulation.servers.map(({ process }) => simulation.raft(process)!.fsm as Store);
}

/** Invariants that have something to say which is not allowed, and how often each was exercised. */
function judged(execution: Execution): { wrong: string[]; exercised: Record<string, number> } {
  while (execution.step());
  execution.finish(true);
  const real = execution.checks!.violations().filter(({ status }) => status !== 'allowed');
  const summaries = execution.checks!.summaries();
  return {
    wrong: [...new Set(real.map(({ invariant }) => invariant))],
    exercised: Object.fromEntries(summaries.map(({ name, exercised }) => [name, exercised])),
  };
}

function readers(mode: string): string {
  return `kv: { kind: kv, clients: 3, rate: 60/s, keys: 1, mix: { put: 5%, get: 95% }, consistency: ${mode} }`;
}

const NAMES = {
  consistent: 'kv.consistent-read-linearizable',
  default: 'kv.default-read-fresh',
  stale: 'kv.stale-read-bounded',
} as const;

describe.each(['consistent', 'default', 'stale'] as const)('%s reads', (mode) => {
  test('of a healthy cluster break nothing', () => {
    const { wrong, exercised } = judged(steady(readers(mode)));
    expect(wrong).toEqual([]);
    for (const [one, name] of Object.entries(NAMES)) {
      if (one === mode) expect(exercised[name]).toBeGreaterThan(100);
      else expect(exercised[name]).toBe(0);
    }
    expect(exercised['kv.index-monotonic']).toBeGreaterThan(100);
  });

  test('that a store answers with an older version are told', () => {
    const execution = steady(readers(mode));
    advance(execution, 10 * SECOND);
    for (const { kv } of storesOf(execution)) {
      const entry = rowOf(kv, 'k0') as KvEntry;
      setRow(kv, 'k0', { ...entry, modifyIndex: entry.createIndex }, false);
    }
    const { wrong } = judged(execution);
    expect(wrong).toContain(NAMES[mode]);
    expect(wrong).toContain('kv.index-monotonic');
  });
});

describe('watchers', () => {
  const WATCH =
    'config: { kind: watch, clients: 4, keys: 5, writes: 4/s, deletes: 20%, wait: 300s }';

  test('of a healthy cluster hear of everything', () => {
    const { wrong, exercised } = judged(steady(WATCH));
    expect(wrong).toEqual([]);
    expect(exercised['watch.monotonic']).toBeGreaterThan(100);
    expect(exercised['watch.final-value']).toBeGreaterThan(100);
  });

  test('that nobody wakes any more did not hear of the last change', () => {
    const execution = steady(WATCH);
    advance(execution, 10 * SECOND);
    for (const { process } of execution.simulation.servers) {
      const { slotByNumber } = execution.world.processes[process];
      (slotByNumber[SERVER_MACHINE]!.state as RequestState).watches = createWatches();
    }
    expect(judged(execution).wrong).toEqual(['watch.final-value']);
  });

  test('that are answered before their time, without anything new, break the law', () => {
    const execution = steady(WATCH);
    advance(execution, 10 * SECOND);
    for (const { slotByNumber } of execution.world.processes) {
      const state = slotByNumber[LOAD_MACHINE]?.state as KvLoadState | undefined;
      if (state?.watch) state.watch.index += 1_000_000;
    }
    expect(judged(execution).wrong).toEqual(['watch.monotonic', 'watch.no-gap']);
  });

  test('saved and restored half-way, a run goes on the same', () => {
    const execution = steady(WATCH);
    advance(execution, 10 * SECOND);
    const saved = execution.world.save();
    advance(execution, 20 * SECOND);
    const fingerprint = execution.world.fingerprint.hex();
    execution.world.restore(saved);
    advance(execution, 20 * SECOND);
    expect(execution.world.fingerprint.hex()).toBe(fingerprint);
    expect(judged(execution).wrong).toEqual([]);
  });
});

describe('B13, consistent reads that do not wait for readiness', () => {
  const broken = (plant: string[], seed: number): string[] => {
    const { result } = run(bundled('planted/unready-leader', plant), { seed });
    const real = result.violations.filter(({ status }) => status !== 'allowed');
    return [...new Set(real.map(({ invariant }) => invariant))];
  };

  test(ref('consul B13', 'is caught by reads that miss acknowledged writes'), () => {
    expect(broken(['plant=[B13]'], 2)).toContain('kv.consistent-read-linearizable');
    expect(broken([], 2)).toEqual([]);
  });
});
