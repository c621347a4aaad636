/**
 * Lists that transactions append unique values to and read whole. A read shows the order of all
 * appends before it, so nearly every dependency between transactions can be read off (Kingsbury
 * and Alvaro 2020).
 */
import type { Scalar, Value } from '../linearizability/operation.ts';
import { valueText } from '../linearizability/operation.ts';
import type { GraphBuilder } from './graph.ts';
import { EDGE } from './graph.ts';
import type { Inference } from './inference.ts';
import { Findings } from './inference.ts';
import type { Step, Transaction } from './transaction.ts';
import { isRead } from './transaction.ts';

/** Appends of a key that nobody read: more than these are not ordered after what was read. */
const UNREAD_MAX = 8;

interface Key {
  readonly name: Scalar;
  /** Element number by value. */
  readonly elements: Map<Scalar, number>;
  /** The longest list that a committed transaction read, and who. */
  longest: readonly Scalar[];
  longestReader: number;
  /** Writer of each element of the longest list; -1 when nobody wrote it. */
  writers: Int32Array;
  /** First entry in the table of readers for the list of each length. */
  base: number;
  /** Transaction that appended last so far, and the element. */
  lastWriter: number;
  lastElement: number;
  /** Committed appends that are not in the longest list. */
  readonly unread: number[];
}

export function isAppend(verb: string): boolean {
  return verb === 'append';
}

export class ListAppend implements Inference {
  readonly findings: Findings;
  reason = '';
  readonly #transactions: readonly Transaction[];
  readonly #keys: Key[] = [];
  readonly #numbers = new Map<Scalar, number>();
  /** Writer of each element, and 1 when it is the writer's last append to that key. */
  readonly #writer: number[] = [];
  readonly #final: number[] = [];

  constructor(transactions: readonly Transaction[]) {
    this.#transactions = transactions;
    this.findings = new Findings(transactions);
    for (const transaction of transactions) this.#collect(transaction);
    if (this.reason !== '') return;
    let base = 0;
    for (const key of this.#keys) {
      this.#orderKey(key);
      key.base = base;
      base += key.longest.length + 1;
    }
    this.#findUnread();
  }

  addEdges(builder: GraphBuilder): void {
    const size = this.#keys.reduce((sum, { longest }) => sum + longest.length + 1, 0);
    const readers = new Readers(size);
    for (const transaction of this.#transactions) {
      if (transaction.status === 'committed') this.#addReads(builder, transaction, readers);
    }
    this.#keys.forEach((key, number) => this.#addWrites(builder, key, number, readers));
  }

  describe(kind: number, key: number, version: number, from: string, to: string): string {
    const { name, longest, unread } = this.#keys[key]!;
    const list = `list ${valueText(name)}`;
    const value = (at: number): string =>
      at < longest.length ? valueText(longest[at]!) : `a value nobody read (${unread.length})`;
    if (kind === EDGE.wr) return `${to} read ${value(version)} in ${list}, which ${from} appended`;
    if (kind === EDGE.ww) {
      return `${to} appended ${value(version)} to ${list} after ${from}'s ${value(version - 1)}`;
    }
    const saw = version === 0 ? 'empty' : `up to ${value(version - 1)}`;
    return `${from} read ${list} ${saw}, before ${to} appended ${value(version)}`;
  }

  #keyOf(name: Scalar): Key {
    let number = this.#numbers.get(name);
    if (number === undefined) {
      number = this.#keys.length;
      this.#numbers.set(name, number);
      this.#keys.push({
        name,
        elements: new Map(),
        longest: [],
        longestReader: -1,
        writers: new Int32Array(0),
        base: 0,
        lastWriter: -1,
        lastElement: -1,
        unread: [],
      });
    }
    return this.#keys[number]!;
  }

  #collect({ id, status, steps, operation }: Transaction): void {
    for (const [verb, name, value] of steps) {
      const key = this.#keyOf(name);
      if (isRead(verb)) {
        if (status !== 'committed') continue;
        const list = listOf(value);
        if (key.longestReader < 0 || list.length > key.longest.length) {
          key.longest = list;
          key.longestReader = id;
        }
        continue;
      }
      const element = this.#writer.length;
      if (key.elements.has(value as Scalar) && this.reason === '') {
        const where = operation.callLine > 0 ? `line ${operation.callLine}: ` : '';
        this.reason = `${where}${valueText(value)} is appended to ${valueText(name)} twice`;
      }
      key.elements.set(value as Scalar, element);
      this.#writer.push(id);
      this.#final.push(1);
      if (key.lastWriter === id) this.#final[key.lastElement] = 0;
      key.lastWriter = id;
      key.lastElement = element;
    }
  }

  /** Looks up who wrote what was read, and reports what nobody may have read. */
  #orderKey(key: Key): void {
    const { longest, elements, longestReader } = key;
    key.writers = new Int32Array(longest.length).fill(-1);
    const seen = new Set<number>();
    for (let at = 0; at < longest.length; at++) {
      const element = elements.get(longest[at]!);
      if (element === undefined) {
        this.findings.garbage(longestReader, key.name, longest[at]!);
        continue;
      }
      const writer = this.#writer[element]!;
      key.writers[at] = writer;
      if (seen.has(element)) {
        const text = `${valueText(longest[at]!)} is twice in list ${valueText(key.name)}`;
        this.findings.add('duplicate-element', text, [longestReader]);
      }
      seen.add(element);
      if (this.#transactions[writer]!.status === 'aborted') {
        this.findings.abortedRead(longestReader, writer, key.name, longest[at]!);
      }
    }
  }

  #findUnread(): void {
    for (const key of this.#keys) {
      const read = new Set(key.longest);
      for (const [value, element] of key.elements) {
        if (key.unread.length === UNREAD_MAX) break;
        const writer = this.#writer[element]!;
        if (this.#transactions[writer]!.status !== 'committed' || read.has(value)) continue;
        key.unread.push(writer);
      }
    }
  }

  #addReads(builder: GraphBuilder, { id, steps }: Transaction, readers: Readers): void {
    for (let at = 0; at < steps.length; at++) {
      const [verb, name, value] = steps[at]!;
      if (!isRead(verb)) continue;
      const list = listOf(value);
      const number = this.#numbers.get(name)!;
      const key = this.#keys[number]!;
      const own = this.#checkInternal(id, steps, at, list);
      if (own < 0 || !this.#checkPrefix(id, key, list)) continue;
      const length = list.length - own;
      readers.add(key.base + length, id);
      if (length === 0) continue;
      const writer = key.writers[length - 1]!;
      if (writer < 0 || writer === id) continue;
      builder.add(writer, id, EDGE.wr, number, length - 1);
      if (this.#final[key.elements.get(list[length - 1]!)!] === 0) {
        this.findings.intermediateRead(id, writer, name, list[length - 1]!);
      }
    }
  }

  /**
   * Compares a read with what the transaction itself had read and appended before. Returns how
   * many of the list's last elements are its own, or -1 when that does not fit.
   */
  #checkInternal(id: number, steps: readonly Step[], at: number, list: readonly Scalar[]): number {
    const name = steps[at]![1];
    const own: Scalar[] = [];
    let before: readonly Scalar[] | undefined;
    for (let i = at - 1; i >= 0 && before === undefined; i--) {
      const [verb, other, value] = steps[i]!;
      if (other !== name) continue;
      if (isRead(verb)) before = listOf(value);
      else own.unshift(value as Scalar);
    }
    const from = list.length - own.length;
    const fits =
      from >= 0 &&
      (before === undefined || before.length === from) &&
      own.every((value, i) => list[from + i] === value) &&
      (before?.every((value, i) => list[i] === value) ?? true);
    if (!fits) {
      const text = `T1 read ${short(list)} in list ${valueText(name)} after its own steps there`;
      this.findings.add('internal', text, [id]);
      return -1;
    }
    // A read after a read belongs to the same version as that one.
    return before === undefined ? own.length : own.length + this.#ownBefore(steps, at, name);
  }

  /** Own appends before the last read that precedes step `at`. */
  #ownBefore(steps: readonly Step[], at: number, name: Scalar): number {
    let count = 0;
    let passed = false;
    for (let i = at - 1; i >= 0; i--) {
      const [verb, other] = steps[i]!;
      if (other !== name) continue;
      if (isRead(verb)) passed = true;
      else if (passed) count++;
    }
    return count;
  }

  #checkPrefix(id: number, key: Key, list: readonly Scalar[]): boolean {
    const { longest } = key;
    let same = 0;
    while (same < list.length && list[same] === longest[same]) same++;
    if (same === list.length) return true;
    this.#reportElements(id, key, list);
    const text = `T1 read ${short(list)} and T2 read ${short(longest)} in list ${valueText(key.name)}`;
    this.findings.add('incompatible-order', text, [id, key.longestReader]);
    return false;
  }

  #reportElements(id: number, key: Key, list: readonly Scalar[]): void {
    for (const value of list) {
      const element = key.elements.get(value);
      if (element === undefined) {
        this.findings.garbage(id, key.name, value);
        continue;
      }
      const writer = this.#writer[element]!;
      if (this.#transactions[writer]!.status === 'aborted') {
        this.findings.abortedRead(id, writer, key.name, value);
      }
    }
  }

  #addWrites(builder: GraphBuilder, key: Key, number: number, readers: Readers): void {
    const { writers, base, unread } = key;
    for (let version = 0; version < writers.length; version++) {
      const writer = writers[version]!;
      if (writer < 0) continue;
      const before = version > 0 ? writers[version - 1]! : -1;
      if (before >= 0) builder.add(before, writer, EDGE.ww, number, version);
      this.#addAntiDependencies(builder, readers.of(base + version), writer, number, version);
    }
    const length = writers.length;
    const last = length > 0 ? writers[length - 1]! : -1;
    for (const writer of unread) {
      if (last >= 0) builder.add(last, writer, EDGE.ww, number, length);
      this.#addAntiDependencies(builder, readers.of(base + length), writer, number, length);
    }
    for (let version = 0; version <= length; version++) {
      this.#findLostUpdate(key, readers.of(base + version));
    }
  }

  #addAntiDependencies(
    builder: GraphBuilder,
    readers: readonly number[],
    writer: number,
    key: number,
    version: number,
  ): void {
    for (const reader of readers) builder.add(reader, writer, EDGE.rw, key, version);
  }

  /** Two that read the same version and appended: the second did not see the first. */
  #findLostUpdate(key: Key, readers: readonly number[]): void {
    if (readers.length < 2) return;
    const updaters = new Set<number>();
    for (const reader of readers) {
      const { steps } = this.#transactions[reader]!;
      if (steps.some(([verb, name]) => name === key.name && isAppend(verb))) updaters.add(reader);
    }
    if (updaters.size >= 2) this.findings.lostUpdate([...updaters], key.name);
  }
}

/** Transactions that read each version, as chains in two arrays. */
class Readers {
  readonly #first: Int32Array;
  readonly #next: number[] = [];
  readonly #reader: number[] = [];

  constructor(versions: number) {
    this.#first = new Int32Array(versions).fill(-1);
  }

  add(version: number, reader: number): void {
    const last = this.#first[version]!;
    // A transaction that reads twice is met again at once.
    if (last >= 0 && this.#reader[last] === reader) return;
    this.#first[version] = this.#reader.length;
    this.#next.push(last);
    this.#reader.push(reader);
  }

  of(version: number): readonly number[] {
    const readers: number[] = [];
    for (let at = this.#first[version]!; at >= 0; at = this.#next[at]!)
      readers.push(this.#reader[at]!);
    return readers;
  }
}

const EMPTY: readonly Scalar[] = [];

/** A list that nobody has appended to yet reads as nil or as empty: recorders differ. */
function listOf(value: Value): readonly Scalar[] {
  return value === null ? EMPTY : (value as readonly Scalar[]);
}

function short(list: Value): string {
  const text = valueText(list);
  return text.length > 60 ? `${text.slice(0, 20)}...${text.slice(-30)}` : text;
}
