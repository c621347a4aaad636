/**
 * `kv.linearizable`: clients cannot tell the store from one that handles a single operation at a
 * time. Answers are compared as they arrive, by their Raft indexes; when the run is over, the
 * histories of all keys that indexes alone do not order are judged as a whole.
 *
 * Locks are not judged here: their sessions end unseen by clients. `kv.lock-exclusive` compares them with
 * the log.
 *
 * Consul promises less than that for reads that are not `consistent`: their stale answers are
 * allowed anomalies where the mode documents them, and violations elsewhere.
 */
import { Budget } from './linearizability/budget.ts';
import type { Contradicted } from './linearizability/incremental.ts';
import { HistoryWatch } from './linearizability/incremental.ts';
import { createModel } from './linearizability/models/index.ts';
import type { Operation } from './linearizability/operation.ts';
import type { RunRecord } from './linearizability/operation-log.ts';
import type { Finding } from './linearizability/verdict.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind } from './invariant.ts';
import { allowance, checkConsulMode } from './session-guarantees/consul-modes.ts';
import type { ConsulModeVerdict } from './session-guarantees/consul-modes.ts';
import { hasHeld } from './store/answers.ts';

/** What the judgement of a whole run may take: a second or two, and 64 MiB of tables. */
export const JUDGEMENT = { steps: 10_000_000, bytes: 64 * 1024 * 1024 } as const;

/** Of reads that name no mode. */
const DEFAULT_MODE = 'default';

interface State {
  readonly watch: unknown;
  readonly exercised: number;
  readonly told: readonly number[];
  readonly broken: readonly string[];
  readonly undecided: string | null;
}

export class Linearizable implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [];
  /** Answers that were compared with those before them. */
  exercised = 0;
  undecided: string | null = null;
  private readonly context: CheckContext;
  private readonly budget: { readonly steps: number; readonly bytes: number };
  private readonly watch: HistoryWatch;
  /** Places in the history of the calls of stale reads that have been reported. */
  private told = new Set<number>();
  /** Digests of writes whose outcome nobody knows, by operation. */
  private readonly unknown = new Map<number, number>();
  /** Keys with a violation: what follows from it is not told again. */
  private broken = new Set<string>();

  constructor(context: CheckContext, budget: { steps: number; bytes: number } = JUDGEMENT) {
    this.context = context;
    this.budget = budget;
    const { history } = context;
    this.watch = new HistoryWatch(createModel('consul-kv')!, (at) => history.record(at));
    context.history.listen((record) => this.onRecord(record));
    context.replay.start();
    context.told.listen((_process, { id, digest }, ending) => {
      if (ending === 'unknown') this.unknown.set(id, digest);
    });
  }

  onNote(): void {}

  private onRecord(record: RunRecord): void {
    const answered = this.watch.exercised;
    const contradicted = this.watch.append(record);
    // What the store holds from the beginning is in the history too, as written by nobody's client.
    if (record.op >= 0) this.exercised += this.watch.exercised - answered;
    // Whether the answers of a key have an order is for the end, which knows what may be stale.
    if (contradicted !== undefined && contradicted.kind !== 'unordered') this.onWrong(contradicted);
  }

  private onWrong({ message, operation, kind }: Contradicted): void {
    const { windows } = this.context;
    const mode = operation.mode === '' ? DEFAULT_MODE : operation.mode;
    const allowed = kind === 'stale' ? allowance(mode, operation, windows.windows()) : undefined;
    if (allowed === undefined) {
      this.broken.add(operation.key);
      this.context.report(capitalized(message), []);
    } else {
      this.told.add(operation.call);
      this.context.report(capitalized(message), [], { status: 'allowed', reference: allowed });
    }
  }

  /**
   * Judges the keys whose answers, as they came, left something open, and are not known as broken. The
   * committed log tells what became of writes of unknown outcome: an order in which they take effect
   * where it has them is one of those that clients cannot rule out. Where there is no such order, the
   * log is not asked.
   */
  judge(): void {
    const open = new Set(this.watch.unsettled().filter((key) => !this.broken.has(key)));
    if (open.size === 0) return;
    const operations = concerned(this.watch.known(), open);
    const { replay, windows } = this.context;
    const allowed = windows.windows();
    if (replay.complete) {
      const placed = numbered(operations.flatMap((one) => this.placed(one) ?? []));
      const result = checkConsulMode(placed, DEFAULT_MODE, new Budget(this.budget), allowed);
      if (result.verdict === 'pass') {
        this.reportAnomalies(result);
        return;
      }
    }
    const budget = new Budget(this.budget);
    const result = checkConsulMode(numbered(operations), DEFAULT_MODE, budget, allowed);
    this.reportAnomalies(result);
    for (const finding of result.linearizable.findings) this.onFinding(finding);
  }

  /** With its place in the log, if its outcome is unknown; undefined: it has never had an effect. */
  private placed(operation: Operation): Operation | undefined {
    if (operation.outcome !== 'unknown') return operation;
    const { history, replay } = this.context;
    const digest = this.unknown.get(history.record(operation.call).op);
    // Who has not been told anything yet has no digest here.
    if (digest === undefined) return operation;
    const index = replay.indexOf(digest);
    return index > 0 && hasHeld(replay.resultAt(index, digest))
      ? { ...operation, outcome: 'ok', index }
      : undefined;
  }

  private reportAnomalies({ anomalies }: ConsulModeVerdict): void {
    for (const { message, operations: involved, status, reference } of anomalies) {
      const read = involved.at(-1)!;
      if (this.told.has(read.call)) continue;
      this.context.report(capitalized(message), [], { status, reference, ...placeOf(read) });
    }
  }

  private onFinding({ verdict, keys, reason, involved, window }: Finding): void {
    const subject = keys.join(', ');
    if (verdict === 'unknown') {
      const from = Math.min(...window.operations.map(({ callMicros }) => callMicros));
      const since = Number.isFinite(from) ? ` from ${(from / 1e6).toFixed(3)} s on` : '';
      this.undecided ??= `The operations on ${subject}${since} could not be judged: ${reason}`;
      return;
    }
    const last = involved.reduce<Operation | undefined>(
      (found, one) => (found === undefined || one.returnMicros > found.returnMicros ? one : found),
      undefined,
    );
    const place = last === undefined ? {} : placeOf(last);
    this.context.report(`The operations on ${subject} have no order: ${reason}`, [], place);
  }

  save(): unknown {
    return {
      watch: this.watch.save(),
      exercised: this.exercised,
      told: [...this.told],
      broken: [...this.broken],
      undecided: this.undecided,
    } satisfies State;
  }

  restore(state: unknown): void {
    const { watch, exercised, told, broken, undecided } = state as State;
    this.watch.restore(watch);
    this.exercised = exercised;
    this.told = new Set(told);
    this.broken = new Set(broken);
    this.undecided = undecided;
  }
}

/** Those on the keys, and the transactions that tie others to them. */
function concerned(operations: readonly Operation[], keys: ReadonlySet<string>): Operation[] {
  const all = new Set(keys);
  for (const { f, input } of operations) {
    if (f !== 'txn') continue;
    for (const [, key] of input as unknown as readonly (readonly [string, string])[]) all.add(key);
  }
  return operations.filter(
    ({ f, key, session }) => session === '' && (f === 'txn' || all.has(key)),
  );
}

function numbered(operations: readonly Operation[]): Operation[] {
  return operations.map((operation, id) => ({ ...operation, id }));
}

function capitalized(sentence: string): string {
  return sentence.charAt(0).toUpperCase() + sentence.slice(1);
}

/** When and with which event an operation was answered. */
function placeOf({ returnMicros, event }: Operation): { micros: number; event: number } {
  return { micros: returnMicros, event };
}

export const linearizable: Invariant = {
  name: 'kv.linearizable',
  expectation: 'always',
  statement:
    'One order of all operations, consistent with real time, explains every answer; reads of the ' +
    'modes default and stale may be older where Consul documents it.',
  source:
    'Herlihy and Wing, Linearizability (1990); exceptions: consul#54, consul#2644, consistency modes',
  create: (context) => new Linearizable(context),
};
