/**
 * Which write each read saw, and which of two writes to a key came first, as far as a history
 * tells: by Raft index where answers carry one, otherwise by unique values and real time.
 *
 * Real time orders writes even where reads may be stale: a value that somebody had read before a
 * write was called is older than that write.
 */
import type { Operation, Scalar } from '../linearizability/operation.ts';
import { canonical } from '../linearizability/operation.ts';
import { isReadVerb, isWriteVerb } from '../linearizability/models/verbs.ts';

/** One value that a key had. */
export interface Version {
  readonly key: string;
  /** Undefined for what was there at first, or was written before the history began. */
  readonly write: Operation | undefined;
  readonly value: Scalar;
  /** Raft index; 0 where it is not known. */
  readonly index: number;
  /** The write took effect after this position ... */
  readonly after: number;
  /** ... and before this one: its own end, or that of the first read that saw it. */
  readonly before: number;
  /** Time of `before` in microseconds; Infinity where not known. */
  readonly beforeMicros: number;
}

type Draft = { -readonly [Name in keyof Version]: Version[Name] };

export interface Versions {
  /** What a read saw; undefined when several writes had the value. */
  seenBy(read: Operation): Version | undefined;
  /** What a write made. */
  madeBy(write: Operation): Version | undefined;
  /** All versions of a key, in no particular order. */
  ofKey(key: string): readonly Version[];
  /** Answers that nobody had written, or that were read before they were written. */
  readonly impossible: readonly Operation[];
}

/** True when it is certain that `left` is older than `right`. Both are of the same key. */
export function isOlder(left: Version, right: Version): boolean {
  if (left === right) return false;
  if (left.index > 0 && right.index > 0) return left.index < right.index;
  return left.before < right.after;
}

/** Operations that change a key, as far as they can be told apart by what they leave there. */
export function isKeyWrite({ f }: Operation): boolean {
  return isWriteVerb(f) || f === 'cas' || f === 'acquire' || f === 'release' || f === 'delete';
}

export function versionsOf(operations: readonly Operation[]): Versions {
  const table = new Table();
  for (const operation of operations) {
    if (isKeyWrite(operation) && operation.outcome !== 'refused') table.addWrite(operation);
  }
  for (const operation of operations) {
    if (isReadVerb(operation.f) && operation.outcome === 'ok') table.addRead(operation);
  }
  return table;
}

class Table implements Versions {
  readonly #byKey = new Map<string, Draft[]>();
  readonly #byValue = new Map<string, Draft[]>();
  readonly #byIndex = new Map<string, Draft>();
  readonly #made = new Map<Operation, Draft>();
  readonly #seen = new Map<Operation, Draft>();
  readonly #deleted = new Set<string>();
  readonly impossible: Operation[] = [];

  addWrite(write: Operation): void {
    const { key, f, input, index, call, return: end, returnMicros } = write;
    const written = Array.isArray(input) && f === 'cas' ? input[1]! : input;
    const value = f === 'delete' ? null : canonical(written);
    if (value === null) this.#deleted.add(key);
    const beforeMicros = returnMicros >= 0 ? returnMicros : Infinity;
    const version = { key, write, value, index, after: call, before: end, beforeMicros };
    this.#made.set(write, version);
    this.#add(version);
  }

  addRead(read: Operation): void {
    const version = this.#find(read);
    if (version === undefined) return;
    if (version === 'impossible') {
      this.impossible.push(read);
      return;
    }
    this.#seen.set(read, version);
    if (read.return >= version.before) return;
    version.before = read.return;
    if (read.returnMicros >= 0) version.beforeMicros = read.returnMicros;
  }

  seenBy(read: Operation): Version | undefined {
    return this.#seen.get(read);
  }

  madeBy(write: Operation): Version | undefined {
    return this.#made.get(write);
  }

  ofKey(key: string): readonly Version[] {
    return this.#byKey.get(key) ?? [];
  }

  #add(version: Draft): void {
    push(this.#byKey, version.key, version);
    push(this.#byValue, nameOf(version.key, version.value), version);
    if (version.index > 0) this.#byIndex.set(nameOf(version.key, version.index), version);
  }

  #find(read: Operation): Draft | 'impossible' | undefined {
    const { key, output, index, return: end } = read;
    const value = canonical(output);
    if (value === null) return this.#absent(key);
    const known = index > 0 ? this.#byIndex.get(nameOf(key, index)) : undefined;
    if (known !== undefined) {
      return known.value === value && known.after < end ? known : 'impossible';
    }
    const written = this.#byValue.get(nameOf(key, value)) ?? [];
    const possible = written.filter(
      (version) => version.after < end && (index === 0 || version.index === 0),
    );
    if (possible.length === 0) return 'impossible';
    const [only] = possible;
    if (possible.length > 1) return undefined;
    if (index > 0) {
      only!.index = index;
      this.#byIndex.set(nameOf(key, index), only!);
    }
    return only;
  }

  /** Before the first write; after a deletion it could be any of several absences. */
  #absent(key: string): Draft | undefined {
    if (this.#deleted.has(key)) return undefined;
    const name = nameOf(key, null);
    const known = this.#byValue.get(name)?.[0];
    if (known !== undefined) return known;
    const version: Draft = {
      key,
      write: undefined,
      value: null,
      index: 0,
      after: -1,
      before: -1,
      beforeMicros: -1,
    };
    this.#add(version);
    return version;
  }
}

function nameOf(key: string, value: Scalar): string {
  return `${typeof value === 'string' ? '"' : ''}${value}\u0000${key}`;
}

function push<T>(lists: Map<string, T[]>, name: string, item: T): void {
  const list = lists.get(name);
  if (list === undefined) lists.set(name, [item]);
  else list.push(item);
}
