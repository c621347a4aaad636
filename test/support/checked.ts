/** A cluster for tests with invariants at work on it. */
import { Checks } from '../../sim/check/checks.ts';
import type { CheckSummary } from '../../sim/check/checks.ts';
import type { Settle, Violation } from '../../sim/check/invariant.ts';
import { INVARIANTS } from '../../sim/check/registry.ts';
import { ApplyError } from '../../sim/protocol/raft/types.ts';
import { INVARIANT_NAMES } from '../../scenarios/vocabulary.ts';
import type { InvariantName } from '../../scenarios/vocabulary.ts';
import { raftCluster } from './cluster.ts';
import type { ClusterOptions, RaftCluster } from './cluster.ts';

export interface CheckedOptions extends ClusterOptions {
  /** Left out: all of them. */
  readonly invariants?: readonly InvariantName[];
  readonly settle?: Settle;
}

export interface CheckedCluster extends RaftCluster {
  readonly checks: Checks;
  /** Proposes as a client would, and tells the invariants. */
  write(server: number, digest: number): number;
  summary(name: InvariantName): CheckSummary;
  /** Violations so far. */
  violations(): Violation[];
}

const NO_SETTLE: Settle = { fromMicros: 0, loadUntilMicros: 0 };

/** Every proposal that succeeds counts as acknowledged to a client that sits on the server it asked. */
export function checkedCluster(options: CheckedOptions): CheckedCluster {
  const cluster = raftCluster({
    ...options,
    onOutcome: (outcome) => {
      const { error, index, digest, server } = outcome;
      if (error === ApplyError.none)
        checks.acknowledged.acknowledge({ index, digest, process: server });
      options.onOutcome?.(outcome);
    },
  });
  const { world } = cluster;
  const names = options.invariants ?? INVARIANT_NAMES;
  const checks: Checks = new Checks({
    world,
    invariants: names.map((name) => INVARIANTS[name]),
    servers: world.processes.map(({ index }) => ({ process: index, host: index })),
    settle: options.settle ?? NO_SETTLE,
  });
  return {
    ...cluster,
    checks,
    write: (server, digest) => {
      cluster.at(world.now, () => checks.acknowledged.attempt(server, digest));
      return cluster.propose(server, digest);
    },
    summary: (name) => checks.summaries().find((summary) => summary.name === name)!,
    violations: () => checks.violations(),
  };
}
