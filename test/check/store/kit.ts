/** Runs of loads whose writes are compared with the committed log. */
import { SESSION_MACHINE } from '../../../sim/consul/session/vocabulary.ts';
import type { SessionState } from '../../../sim/consul/session/state.ts';
import type { Store } from '../../../sim/consul/state/store.ts';
import type { Execution } from '../../../sim/run/execution.ts';
import { begin, parse } from '../../run/kit.ts';

export const SECOND = 1_000_000;

export function steady(load: string, more = '', seed = 1): Execution {
  const text = `
name: steady
duration: 60s
settle: 20s
cluster: { agent: { performance: { raft_multiplier: 1 } } }
load: { ${load} }
known_issues: fix
${more}`;
  return begin(parse(text), seed);
}

export const LOCKS =
  'locks: { kind: lock, clients: 4, keys: 1, ttl: 10s, lock_delay: 5s, hold: 500ms..2s, think: exp 200ms, destroys: 20%, silent: 5% }';

export function storesOf({ simulation }: Execution): Store[] {
  return simulation.servers.map(({ process }) => simulation.raft(process)!.fsm as Store);
}

export function sessionTimers({ simulation, world }: Execution): SessionState[] {
  return simulation.servers.map(
    ({ process }) => world.processes[process]!.slotByNumber[SESSION_MACHINE]!.state as SessionState,
  );
}

/** Invariants that have something to say which is not allowed, and how often each was exercised. */
export function judged(execution: Execution) {
  while (execution.step());
  execution.finish(true);
  const all = execution.checks!.violations();
  const real = all.filter(({ status }) => status !== 'allowed');
  const summaries = execution.checks!.summaries();
  return {
    wrong: [...new Set(real.map(({ invariant }) => invariant))],
    messages: all.map(({ message }) => message),
    exercised: Object.fromEntries(summaries.map(({ name, exercised }) => [name, exercised])),
    undecided: execution.checks!.undecided(),
  };
}
