/**
 * Watches a running history of a key-value store. Where answers carry Raft indexes, each one is
 * compared at once with what had been answered before its call, in constant time; keys without
 * indexes are judged again whenever their operations have doubled. At the end the whole history is
 * judged as if it had been recorded.
 */
import type { Budget } from './budget.ts';
import { Budget as BudgetClass } from './budget.ts';
import { checkHistory } from './check.ts';
import { judgePart } from './judge.ts';
import type { Model } from './model.ts';
import type { RunRecord } from './operation-log.ts';
import { OperationLog } from './operation-log.ts';
import type { Operation, Value } from './operation.ts';
import { valueText } from './operation.ts';
import type { Verdict } from './verdict.ts';
import { VersionedKey } from './versioned-key.ts';

/** What the record just appended contradicts. */
export interface Contradicted {
  /** A sentence without its full stop. */
  readonly message: string;
  readonly operation: Operation;
  /**
   * `stale`: the answer of an earlier state. `wrong`: no state gives it. `unordered`: the answers
   * of the key so far have no order, and this is the last of them.
   */
  readonly kind: 'stale' | 'wrong' | 'unordered';
}

/** Operations on a key before it is judged for the first time without indexes. */
const FIRST_JUDGEMENT = 64;
/** Steps of one such judgement; deterministic, unlike a time. */
const JUDGEMENT_STEPS = 20_000;

interface KeyWatch {
  readonly versions: VersionedKey;
  /** Operations of the key, by id. */
  readonly ids: number[];
  /** False from the first operation on that indexes alone cannot place. */
  indexed: boolean;
  /** Transactions tie it to others. */
  tied: boolean;
  nextJudgement: number;
}

export class HistoryWatch {
  readonly #model: Model;
  #log: OperationLog;
  #keys = new Map<string, KeyWatch>();
  /** Where nobody else keeps them. Those behind the count stay, for a later state to be restored. */
  readonly #records: RunRecord[] = [];
  readonly #keeps: boolean;
  readonly #recall: (at: number) => RunRecord;
  #count = 0;
  #exercised = 0;
  /** Everything up to here has been taken; `#count` lies behind it after a return to the past. */
  #taken = 0;
  /** Of each record that was taken: what it says in a number, and answers compared until then. */
  readonly #digests: number[] = [];
  readonly #exercisedBy: number[] = [];
  /** By the place of the record that it is about. */
  readonly #contradicted = new Map<number, Contradicted>();

  /**
   * @param model one that is judged key by key
   * @param recall gives a record that was appended, by its place; left out, they are kept here
   */
  constructor(model: Model, recall?: (at: number) => RunRecord) {
    this.#model = model;
    this.#keeps = recall === undefined;
    this.#recall = recall ?? ((at) => this.#records[at]!);
    this.#log = new OperationLog(this.#recall);
  }

  /** Answers that were compared with something. */
  get exercised(): number {
    return this.#exercised;
  }

  /** Takes the next record; returns what it contradicts, if anything. */
  append(record: RunRecord): Contradicted | undefined {
    const at = this.#count++;
    if (this.#keeps) this.#records[at] = record;
    const digest = digestOf(record);
    if (at < this.#taken) {
      // The same history once more: what it contradicts is known.
      if (this.#digests[at] === digest) {
        this.#exercised = this.#exercisedBy[at]!;
        return this.#contradicted.get(at);
      }
      this.#takeAgain(at);
    }
    const contradicted = this.#take(record);
    this.#taken = at + 1;
    this.#digests[at] = digest;
    this.#exercisedBy[at] = this.#exercised;
    if (contradicted !== undefined) this.#contradicted.set(at, contradicted);
    else this.#contradicted.delete(at);
    return contradicted;
  }

  /**
   * Keys whose operations are not settled as they came: indexes alone do not order all answers, so
   * that a judgement of all operations of the key has to.
   */
  unsettled(): string[] {
    this.#standHere();
    const open = Array.from(this.#keys).filter(
      ([, { indexed, versions }]) => !indexed || !versions.settled,
    );
    return open.map(([name]) => name);
  }

  /** Operations so far, without those that failed, as checks take them. */
  known(): Operation[] {
    this.#standHere();
    return this.#log.known();
  }

  /** The verdict on everything so far. */
  finish(budget: Budget): Verdict {
    this.#standHere();
    return checkHistory(this.#log.known(), this.#model, budget, { failed: this.#log.failures() });
  }

  save(): unknown {
    return this.#count;
  }

  /**
   * Goes back to a state saved before, or forward again, at once: records that come again are only
   * recognised. The first that differs makes everything before it be taken anew.
   */
  restore(state: unknown): void {
    const count = state as number;
    if (count > this.#taken) this.#takeAgain(count);
    this.#count = count;
    this.#exercised = count === 0 ? 0 : this.#exercisedBy[count - 1]!;
  }

  /** Whoever asks for everything so far is not told of a future that is known. */
  #standHere(): void {
    if (this.#count < this.#taken) this.#takeAgain(this.#count);
  }

  /** Takes the first `count` records anew, and nothing behind them. */
  #takeAgain(count: number): void {
    this.#log = new OperationLog(this.#recall);
    this.#keys = new Map();
    this.#exercised = 0;
    for (let at = 0; at < count; at++) {
      const record = this.#recall(at);
      const contradicted = this.#take(record);
      this.#digests[at] = digestOf(record);
      this.#exercisedBy[at] = this.#exercised;
      if (contradicted !== undefined) this.#contradicted.set(at, contradicted);
    }
    this.#taken = count;
  }

  #take(record: RunRecord): Contradicted | undefined {
    const operation = this.#log.append(record);
    if (operation === undefined || isOfLocks(operation.f)) return undefined;
    if (operation.f === 'txn') return this.#takeTransaction(record, operation);
    const key = this.#keyOf(operation.key);
    if (record.type === 'invoke') {
      key.ids.push(operation.id);
      // Deletions and locks may take effect unnoticed, and leave no version behind.
      key.indexed &&= key.versions.call(operation);
      return undefined;
    }
    if (record.type === 'fail' && this.#log.failed.has(operation.id)) {
      key.versions.fail(operation);
      return undefined;
    }
    if (operation.outcome === 'unknown') return undefined;
    this.#exercised++;
    if (key.indexed) {
      const result = key.versions.complete(operation);
      if (result === 'unplaced') key.indexed = false;
      else if (result !== undefined) {
        const { reason, stale } = result;
        const message = this.#place(operation, reason);
        return { message, operation, kind: stale ? 'stale' : 'wrong' };
      }
    }
    return key.indexed || key.tied ? undefined : this.#judge(key, operation);
  }

  /** Its keys are judged together with others, at the end. */
  #takeTransaction({ type }: RunRecord, { input, outcome }: Operation): undefined {
    if (type !== 'invoke') {
      if (outcome !== 'unknown') this.#exercised++;
      return;
    }
    for (const [, name] of input as readonly (readonly Value[])[]) {
      const key = this.#keyOf(name as string);
      key.indexed = false;
      key.tied = true;
    }
  }

  #keyOf(name: string): KeyWatch {
    let key = this.#keys.get(name);
    if (key === undefined) {
      const versions = new VersionedKey();
      const nextJudgement = FIRST_JUDGEMENT;
      key = { versions, ids: [], indexed: true, tied: false, nextJudgement };
      this.#keys.set(name, key);
    }
    return key;
  }

  #judge(key: KeyWatch, last: Operation): Contradicted | undefined {
    if (key.ids.length < key.nextJudgement) return undefined;
    key.nextJudgement = 2 * key.ids.length;
    const { failed } = this.#log;
    const own = key.ids.filter((id) => !failed.has(id)).map((id) => this.#log.operation(id));
    const budget = new BudgetClass({ steps: JUDGEMENT_STEPS });
    const { verdict, reason } = judgePart(this.#model, own, budget);
    if (verdict !== 'fail') return undefined;
    return { message: this.#place(last, reason!), operation: last, kind: 'unordered' };
  }

  #place({ process, f, key, output, input }: Operation, reason: string): string {
    const value = valueText(output ?? input);
    return `${reason} (process ${process}, ${f} ${value} of ${key})`;
  }
}

/** Sessions end unseen, and with them locks: who holds what is for those who know the log. */
function isOfLocks(f: string): boolean {
  return f === 'acquire' || f === 'release' || f.startsWith('session-');
}

const TYPE_NUMBERS = { invoke: 1, ok: 2, fail: 3, info: 4 } as const;

/** Equal for equal records; of others only by chance. */
function digestOf(record: RunRecord): number {
  const { type, time, op, index = -1, leaderIndex = -1, event = 0, value, error } = record;
  let digest = Math.imul(op, 31) + TYPE_NUMBERS[type];
  for (const part of [time, event, index, leaderIndex]) digest = mixed(digest, part);
  digest = mixedText(digest, typeof value === 'string' ? value : JSON.stringify(value));
  return error === undefined ? digest : mixedText(digest, error);
}

function mixed(digest: number, part: number): number {
  return Math.imul(digest, 0x01000193) ^ (part | 0);
}

function mixedText(digest: number, text: string): number {
  let all = digest;
  for (let i = 0; i < text.length; i++) all = mixed(all, text.charCodeAt(i));
  return all;
}
