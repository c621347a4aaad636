/**
 * All invariants of a run at work: attaches them to a world, collects what they report, judges at the
 * end what had to come true, and is saved and restored with the world.
 */
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';
import type { RaftDurable, RaftState } from '../protocol/raft/types.ts';
import { RAFT_MACHINE, RaftNote } from '../protocol/raft/vocabulary.ts';
import type { InvariantName } from '../../scenarios/vocabulary.ts';
import { AcknowledgedWrites } from './acknowledged.ts';
import { CommittedLog } from './committed.ts';
import type { CheckContext, Expectation, Invariant, InvariantCheck } from './invariant.ts';
import type { ServerRef, Settle, Violation } from './invariant.ts';
import { labelOf } from './labels.ts';

/** Violations of one invariant that are kept; a broken cluster breaks again every millisecond. */
const VIOLATIONS_MAX = 100;

export interface ChecksOptions {
  readonly world: World;
  readonly invariants: readonly Invariant[];
  readonly servers: readonly ServerRef[];
  readonly settle: Settle;
}

/** Verdicts are the caller's: which violations count depends on the scenario. */
export interface CheckSummary {
  readonly name: InvariantName;
  readonly expectation: Expectation;
  /** 0: never exercised. */
  readonly exercised: number;
  readonly violations: readonly Violation[];
}

interface Running {
  readonly invariant: Invariant;
  readonly check: InvariantCheck;
  violations: Violation[];
}

interface ChecksState {
  readonly acknowledged: unknown;
  readonly committed: unknown;
  readonly violations: readonly (readonly Violation[])[];
}

export class Checks implements Observer {
  readonly wants: readonly NoteKind[] = [RaftNote.committed];
  /** Whoever runs the load tells it what clients were told. */
  readonly acknowledged: AcknowledgedWrites;
  private readonly committed: CommittedLog;
  private readonly running: Running[];
  private readonly world: World;

  /** Observes the world from now on: make it before the servers start. */
  constructor({ world, invariants, servers, settle }: ChecksOptions) {
    this.world = world;
    this.acknowledged = new AcknowledgedWrites(world);
    const access = accessTo(world, servers);
    this.committed = new CommittedLog(access);
    // Shared views first, so that every invariant finds them up to date.
    world.observe(this);
    this.running = invariants.map((invariant) => {
      const violations: Violation[] = [];
      const context: CheckContext = {
        ...access,
        world,
        servers,
        settle,
        acknowledged: this.acknowledged,
        committed: this.committed,
        report: (message, processes) => this.report(running, message, processes),
      };
      const running: Running = { invariant, check: invariant.create(context), violations };
      world.observe(running.check);
      return running;
    });
  }

  onNote(_kind: NoteKind, process: ProcessIndex): void {
    this.committed.onCommitted(process);
  }

  /** What must have come true by now and has not becomes a violation; once, at the end of settle. */
  judgeEventual(name?: InvariantName): void {
    for (const running of this.running) {
      if (name !== undefined && running.invariant.name !== name) continue;
      const sentence = running.check.pending?.() ?? null;
      if (sentence !== null) this.report(running, sentence, []);
    }
  }

  /** Names of invariants and what they still wait for. */
  pending(): readonly (readonly [InvariantName, string])[] {
    return this.running.flatMap(({ invariant, check }) => {
      const sentence = check.pending?.() ?? null;
      return sentence === null ? [] : [[invariant.name, sentence] as const];
    });
  }

  summaries(): CheckSummary[] {
    return this.running.map(({ invariant: { name, expectation }, check, violations }) => ({
      name,
      expectation,
      exercised: check.exercised,
      violations,
    }));
  }

  /** All violations in the order of their events; of one event in the order of the invariants. */
  violations(): Violation[] {
    const all = this.running.flatMap(({ violations }) => violations);
    return all
      .map((violation, order) => ({ violation, order }))
      .sort(earlier)
      .map(unwrap);
  }

  private report(running: Running, message: string, processes: readonly ProcessIndex[]): void {
    const { world } = this;
    const { name } = running.invariant;
    const { violations } = running;
    if (violations.length >= VIOLATIONS_MAX) return;
    if (violations.some((violation) => violation.message === message)) return;
    const hosts = [...new Set(processes.map((process) => world.processes[process].host.name))];
    const label = labelOf(name, world.marks, world.event);
    const time = world.now / 1e6;
    violations.push({ invariant: name, time, event: world.event, message, hosts, ...label });
  }

  /** The checks themselves are observers of their own, and saved as such. */
  save(): unknown {
    return {
      acknowledged: this.acknowledged.save(),
      committed: this.committed.save(),
      violations: this.running.map(({ violations }) => violations.slice()),
    } satisfies ChecksState;
  }

  restore(state: unknown): void {
    const { acknowledged, committed, violations } = state as ChecksState;
    this.acknowledged.restore(acknowledged);
    this.committed.restore(committed);
    this.running.forEach((running, index) => {
      running.violations = violations[index].slice();
    });
  }
}

interface Ordered {
  readonly violation: Violation;
  readonly order: number;
}

function earlier(one: Ordered, other: Ordered): number {
  return one.violation.event - other.violation.event || one.order - other.order;
}

function unwrap({ violation }: Ordered): Violation {
  return violation;
}

type Access = Pick<CheckContext, 'isServer' | 'raft' | 'durable' | 'name'>;

function accessTo(world: World, servers: readonly ServerRef[]): Access {
  const isServer = world.processes.map(({ index }) =>
    servers.some(({ process }) => process === index),
  );
  const slots = world.processes.map(({ slotByNumber }) => slotByNumber[RAFT_MACHINE]);
  return {
    isServer: (process) => isServer[process],
    raft: (process) => {
      if (world.processes[process].status === 'down') return undefined;
      return slots[process]!.state as RaftState | undefined;
    },
    durable: (process) => slots[process]!.durable as RaftDurable,
    name: (process) => world.processes[process].name,
  };
}
