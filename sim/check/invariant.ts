/**
 * What an invariant is: a statement, where it comes from, and a check that looks at a running world.
 * Notes tell when to look; the state of the servers is the evidence.
 */
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';
import type { RaftDurable, RaftState } from '../protocol/raft/types.ts';
import type { InvariantName } from '../../scenarios/vocabulary.ts';
import type { AcknowledgedWrites } from './acknowledged.ts';
import type { ClientHistory } from './client-history.ts';
import type { Commits } from './commits.ts';
import type { CommittedLog } from './committed.ts';
import type { LogBook } from './log-book.ts';
import type { ReadFloors } from './reads/floors.ts';
import type { StoreReplay } from './store/replay.ts';
import type { Told } from './store/told.ts';
import type { WatchAnswers } from './watches/answers.ts';
import type { ClientSessions } from './session-guarantees/client-sessions.ts';
import type { LeaderWindows } from './session-guarantees/leader-windows.ts';

/**
 * `always`: at every moment. `eventually`: at the end of settle, or within its time. `sometimes`: at
 * least once in the run.
 */
export type Expectation = 'always' | 'eventually' | 'sometimes';

export interface Invariant {
  readonly name: InvariantName;
  readonly expectation: Expectation;
  /** One sentence that is true of every correct run. */
  readonly statement: string;
  /** Paper and section, or rule of the reference. */
  readonly source: string;
  /** Only some scenarios give it anything to do: `--strict` does not ask for that. */
  readonly occasional?: true;
  create(context: CheckContext): InvariantCheck;
}

export interface InvariantCheck extends Observer {
  /** Opportunities to find a violation that the check has had. */
  readonly exercised: number;
  /** `eventually` only: a sentence about what has not come true yet, or null. */
  pending?(): string | null;
  /** What else is known of what `pending` says. */
  pendingDetails?(): ReportDetails;
  /** Once, when the run is over, however it ended: judges what the answers so far do not show. */
  judge?(): void;
  /** A sentence about what could not be judged within the limits, or null. */
  readonly undecided?: string | null;
  save(): unknown;
  restore(state: unknown): void;
}

export interface ServerRef {
  readonly process: ProcessIndex;
  readonly host: number;
}

/** Virtual times in microseconds of the last part of a run, in which all faults are healed. */
export interface Settle {
  readonly fromMicros: number;
  /** The load goes on until then, at a tenth of its rate. */
  readonly loadUntilMicros: number;
}

export interface CheckContext {
  readonly world: World;
  readonly servers: readonly ServerRef[];
  /** What clients were told; shared by all invariants. */
  readonly acknowledged: AcknowledgedWrites;
  /** What leaders have committed; shared by all invariants. */
  readonly committed: CommittedLog;
  /** Tells of commits; shared by all invariants. */
  readonly commits: Commits;
  /** What logs are compared with; shared by all invariants. */
  readonly book: LogBook;
  readonly settle: Settle;
  isServer(process: ProcessIndex): boolean;
  /** It runs in the datacenter that is judged. */
  concerns(process: ProcessIndex): boolean;
  /** Live memory, or undefined while the server is down. */
  raft(process: ProcessIndex): RaftState | undefined;
  durable(process: ProcessIndex): RaftDurable;
  /** Name of the server's host. */
  name(process: ProcessIndex): string;
  /** When leaders may have given stale answers; shared by all invariants. */
  readonly windows: LeaderWindows;
  /** Every answer that clients got; shared by all invariants. */
  readonly history: ClientHistory;
  /** What reads had to know; shared by all invariants. */
  readonly floors: ReadFloors;
  /** What clients were told of each operation; shared by all invariants. */
  readonly told: Told;
  /** The store as the committed log makes it; shared by all invariants. */
  readonly replay: StoreReplay;
  /** What watchers were told; shared by all invariants. */
  readonly watches: WatchAnswers;
  /** What each client had read and written; shared by all invariants. */
  readonly sessions: ClientSessions;
  /** Tells of a violation by these servers at this moment, in one sentence without its full stop. */
  report(message: string, servers: readonly ProcessIndex[], details?: ReportDetails): void;
}

export type ViolationStatus = 'violation' | 'known' | 'allowed';

/** What a check knows better than whoever it reports to. */
export interface ReportDetails {
  /** `allowed`: documented behaviour, with its reference. */
  readonly status?: 'violation' | 'allowed';
  readonly reference?: string;
  /** When and where it happened, if that was not now. */
  readonly micros?: number;
  readonly event?: number;
}

/** As the result of a run shows it (design §7). */
export interface Violation {
  readonly invariant: InvariantName;
  /** Seconds. */
  readonly time: number;
  readonly event: number;
  readonly message: string;
  readonly hosts: readonly string[];
  readonly status: ViolationStatus;
  /** Issue or rule behind a known or allowed one, or "". */
  readonly reference: string;
}

/** A time as messages show it. */
export function inSeconds(micros: number): string {
  return `${(micros / 1e6).toFixed(3)} s`;
}

export type { NoteKind, ProcessIndex };
