/**
 * All invariants of a run at work: attaches them to a world, collects what they report, judges at the
 * end what had to come true, and is saved and restored with the world.
 */
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';
import type { RaftDurable, RaftState } from '../protocol/raft/types.ts';
import { RAFT_MACHINE } from '../protocol/raft/vocabulary.ts';
import type { InvariantName } from '../../scenarios/vocabulary.ts';
import { AcknowledgedWrites } from './acknowledged.ts';
import { ClientHistory } from './client-history.ts';
import { Commits } from './commits.ts';
import type { CheckContext, Expectation, Invariant, InvariantCheck } from './invariant.ts';
import type { ReportDetails, ServerRef, Settle, Violation } from './invariant.ts';
import { labelOf } from './labels.ts';
import { ReadFloors } from './reads/floors.ts';
import { StoreReplay } from './store/replay.ts';
import { Told } from './store/told.ts';
import { WatchAnswers } from './watches/answers.ts';
import { LogBook } from './log-book.ts';
import { ClientSessions } from './session-guarantees/client-sessions.ts';
import { LeaderWindows } from './session-guarantees/leader-windows.ts';
import { isOfCalls } from './calls/callers.ts';
import { within } from './within.ts';

/** Violations of one invariant that are kept; a broken cluster breaks again every millisecond. */
const VIOLATIONS_MAX = 100;
/** Allowed anomalies of one invariant and reference that are kept; the others are counted. */
const ALLOWED_MAX = 3;

export interface ChecksOptions {
  readonly world: World;
  readonly invariants: readonly Invariant[];
  readonly servers: readonly ServerRef[];
  readonly settle: Settle;
  /** What happens on hosts of others is none of its business; left out, there are no others. */
  readonly datacenter?: string;
}

/** Verdicts are the caller's: which violations count depends on the scenario. */
export interface CheckSummary {
  readonly name: InvariantName;
  readonly expectation: Expectation;
  /** 0: never exercised. */
  readonly exercised: number;
  readonly violations: readonly Violation[];
  /** What could not be judged within the limits, or null. */
  readonly undecided: string | null;
}

interface Running {
  readonly invariant: Invariant;
  readonly check: InvariantCheck;
  violations: Violation[];
  /** Allowed anomalies by reference. */
  allowed: Map<string, number>;
}

interface ChecksState {
  readonly acknowledged: unknown;
  readonly sessions: unknown;
  readonly floors: unknown;
  readonly violations: readonly (readonly Violation[])[];
  readonly allowed: readonly ReadonlyMap<string, number>[];
}

export class Checks implements Observer {
  readonly wants: readonly NoteKind[] = [];
  /** Whoever runs the load tells it what clients were told. */
  readonly acknowledged: AcknowledgedWrites;
  /** And this the rest of what they asked and were told. */
  readonly history = new ClientHistory();
  private readonly sessions = new ClientSessions();
  /** Whoever runs the load feeds these, too. */
  readonly floors: ReadFloors;
  readonly watches = new WatchAnswers();
  readonly told = new Told();
  private readonly running: Running[];
  private readonly world: World;

  /** Observes the world from now on: make it before the servers start. */
  constructor({ world, invariants, servers, settle, datacenter }: ChecksOptions) {
    this.world = world;
    this.acknowledged = new AcknowledgedWrites(world);
    const access = accessTo(world, servers, datacenter);
    const observe = (observer: Observer): void => {
      world.observe(datacenter === undefined ? observer : within(observer, access.concerns));
    };
    // Shared views first, so that every invariant finds them up to date.
    observe(this);
    const book = new LogBook({ world, servers, ...access });
    const commits = new Commits({ book, ...access });
    observe(commits);
    const replay = new StoreReplay(commits, world);
    observe(replay);
    this.floors = new ReadFloors(world);
    const windows = new LeaderWindows({ world, servers, ...access });
    observe(windows);
    this.history.listen((record) => this.sessions.onRecord(record));
    observe(book);
    this.running = invariants.map((invariant) => {
      const context: CheckContext = {
        ...access,
        world,
        servers,
        settle,
        acknowledged: this.acknowledged,
        committed: commits.log,
        commits,
        windows,
        book,
        history: this.history,
        sessions: this.sessions,
        floors: this.floors,
        told: this.told,
        replay,
        watches: this.watches,
        report: (message, processes, details) =>
          this.report(running, message, processes, details ?? {}),
      };
      const check = invariant.create(context);
      const running: Running = { invariant, check, violations: [], allowed: new Map() };
      if (isOfCalls(invariant.name)) world.observe(check);
      else observe(check);
      return running;
    });
  }

  onNote(): void {}

  /** What must have come true by now and has not becomes a violation; once, at the end of settle. */
  judgeEventual(name?: InvariantName): void {
    for (const running of this.running) {
      if (name !== undefined && running.invariant.name !== name) continue;
      const sentence = running.check.pending?.() ?? null;
      if (sentence === null) continue;
      this.report(running, sentence, [], running.check.pendingDetails?.() ?? {});
    }
  }

  /** The run is over, however it ended: the answers of clients are judged as a whole. */
  judgeHistories(): void {
    for (const { check } of this.running) check.judge?.();
  }

  /** Names of invariants and what they still wait for. */
  pending(): readonly (readonly [InvariantName, string])[] {
    return this.running.flatMap(({ invariant, check }) => {
      const sentence = check.pending?.() ?? null;
      return sentence === null ? [] : [[invariant.name, sentence] as const];
    });
  }

  /** What could not be judged within the limits, in sentences. */
  undecided(): string[] {
    return this.running.flatMap(({ check }) => check.undecided ?? []);
  }

  summaries(): CheckSummary[] {
    return this.running.map((running) => {
      const { invariant, check } = running;
      const { name, expectation } = invariant;
      const violations = counted(running);
      const undecided = check.undecided ?? null;
      return { name, expectation, exercised: check.exercised, violations, undecided };
    });
  }

  /** All violations in the order of their events; of one event in the order of the invariants. */
  violations(): Violation[] {
    const all = this.running.flatMap(counted);
    return all
      .map((violation, order) => ({ violation, order }))
      .sort(earlier)
      .map(unwrap);
  }

  private report(
    running: Running,
    message: string,
    processes: readonly ProcessIndex[],
    details: ReportDetails,
  ): void {
    const { world } = this;
    const { name } = running.invariant;
    const { violations } = running;
    if (violations.some((violation) => violation.message === message)) return;
    const event = details.event ?? world.event;
    const { status, reference = '' } = details;
    const allowed = status === 'allowed';
    if (allowed ? !isKept(running, reference) : violations.length >= VIOLATIONS_MAX) return;
    const hosts = [...new Set(processes.map((process) => world.processes[process].host.name))];
    const label = allowed ? { status, reference } : labelOf(name, world.marks, event);
    const time = (details.micros ?? world.now) / 1e6;
    violations.push({ invariant: name, time, event, message, hosts, ...label });
  }

  /** The checks themselves are observers of their own, and saved as such. */
  save(): unknown {
    return {
      acknowledged: this.acknowledged.save(),
      sessions: this.sessions.save(),
      floors: this.floors.save(),
      violations: this.running.map(({ violations }) => violations.slice()),
      allowed: this.running.map(({ allowed }) => new Map(allowed)),
    } satisfies ChecksState;
  }

  restore(state: unknown): void {
    const { acknowledged, sessions, floors, violations, allowed } = state as ChecksState;
    this.acknowledged.restore(acknowledged);
    this.sessions.restore(sessions);
    this.floors.restore(floors);
    this.running.forEach((running, index) => {
      running.violations = violations[index].slice();
      running.allowed = new Map(allowed[index]);
    });
  }
}

/** Counts one more allowed anomaly; whether it is among those that are kept. */
function isKept({ allowed }: Running, reference: string): boolean {
  const count = (allowed.get(reference) ?? 0) + 1;
  allowed.set(reference, count);
  return count <= ALLOWED_MAX;
}

/** Violations as they are reported: the last one kept of a kind says how many there were. */
function counted({ violations, allowed }: Running): Violation[] {
  const seen = new Map<string, number>();
  return violations.map((violation) => {
    const { status, reference, message } = violation;
    if (status !== 'allowed') return violation;
    const place = (seen.get(reference) ?? 0) + 1;
    seen.set(reference, place);
    const more = allowed.get(reference)! - ALLOWED_MAX;
    if (place < ALLOWED_MAX || more <= 0) return violation;
    return { ...violation, message: `${message}, and ${more} more like it` };
  });
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

type Access = Pick<CheckContext, 'isServer' | 'raft' | 'durable' | 'name' | 'concerns'>;

function accessTo(world: World, servers: readonly ServerRef[], datacenter?: string): Access {
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
    concerns: (process) =>
      datacenter === undefined || world.processes[process].host.datacenter === datacenter,
  };
}
