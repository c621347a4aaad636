/**
 * The checks of all datacenters. Each has a log, a store and a LAN pool of its own, so each is judged
 * by itself: by what happens on its hosts and what its clients were told. Calls may go anywhere, so that
 * the invariants about them look at all of it, once.
 */
import type { World } from '../core/world.ts';
import type { InvariantName } from '../../scenarios/vocabulary.ts';
import { isOfCalls } from './calls/callers.ts';
import { Checks } from './checks.ts';
import type { CheckSummary } from './checks.ts';
import type { Invariant, ServerRef, Settle, Violation } from './invariant.ts';

export interface AllChecksOptions {
  readonly world: World;
  readonly invariants: readonly Invariant[];
  /** Servers of each datacenter. */
  readonly clusters: readonly (readonly ServerRef[])[];
  readonly settle: Settle;
}

export class AllChecks {
  /** One for each datacenter, in their order. */
  readonly clusters: readonly Checks[];

  /** Observes the world from now on: make it before the servers start. */
  constructor({ world, invariants, clusters, settle }: AllChecksOptions) {
    if (clusters.length === 1) {
      this.clusters = [new Checks({ world, invariants, servers: clusters[0], settle })];
      return;
    }
    this.clusters = clusters.map((servers, at) => {
      const { datacenter } = world.hosts[servers[0].host];
      const judged = invariants.filter(({ name }) => at === 0 || !isOfCalls(name));
      return new Checks({ world, invariants: judged, servers, settle, datacenter });
    });
  }

  judgeEventual(name?: InvariantName): void {
    for (const checks of this.clusters) checks.judgeEventual(name);
  }

  judgeHistories(): void {
    for (const checks of this.clusters) checks.judgeHistories();
  }

  pending(): readonly (readonly [InvariantName, string])[] {
    return this.clusters.flatMap((checks) => checks.pending());
  }

  undecided(): string[] {
    return this.clusters.flatMap((checks) => checks.undecided());
  }

  /** One for each invariant, with what was found anywhere. */
  summaries(): CheckSummary[] {
    const [first, ...others] = this.clusters.map((checks) => checks.summaries());
    return first.map((summary) =>
      others
        .flat()
        .reduce((sum, other) => (other.name === sum.name ? joined(sum, other) : sum), summary),
    );
  }

  /** In the order of their events; of one event in the order of datacenters. */
  violations(): Violation[] {
    const all = this.clusters.map((checks) => checks.violations());
    if (all.length === 1) return all[0];
    return all
      .flat()
      .map((violation, order) => ({ violation, order }))
      .sort((a, b) => a.violation.event - b.violation.event || a.order - b.order)
      .map(({ violation }) => violation);
  }
}

function joined(one: CheckSummary, other: CheckSummary): CheckSummary {
  return {
    ...one,
    exercised: one.exercised + other.exercised,
    violations: [...one.violations, ...other.violations],
    undecided: one.undecided ?? other.undecided,
  };
}
