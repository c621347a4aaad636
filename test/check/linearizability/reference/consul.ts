/** Consul's KV store, sessions and transactions as an object that is asked and answers. */
import type { Value } from '../../../../sim/check/linearizability/operation.ts';
import type { Answer, Request, Thing } from './objects.ts';
import { done, refused, saw } from './objects.ts';

interface Row {
  value: Value;
  session: string;
  lockIndex: number;
  /** Index of the last write; 0 when the history does not tell. */
  index: number;
  /** With index 0: it lies strictly between these. */
  above: number;
  below: number;
}

export class ConsulThing implements Thing {
  rows = new Map<string, Row>();
  ended: readonly string[] = [];
  delayed = new Set<string>();
  last = 0;

  clone(): ConsulThing {
    const copy = new ConsulThing();
    for (const [key, row] of this.rows) copy.rows.set(key, { ...row });
    copy.ended = this.ended;
    copy.delayed = new Set(this.delayed);
    copy.last = this.last;
    return copy;
  }

  /**
   * A refused acquisition is believed while a lock-delay may be running, and a refused comparison
   * with an index while the row's own index is not known.
   */
  mayRefuse({ f, key, session, expected, input }: Request): boolean {
    const row = this.rows.get(key);
    if (f === 'acquire') return this.delayed.has(key) && row?.session !== session;
    if (f === 'cas' || f === 'delete-cas') {
      return row !== undefined && row.index === 0 && expected !== 0;
    }
    if (f !== 'txn') return false;
    const trial = this.clone();
    for (const [verb, name, value, index] of input as [string, string, Value, number][]) {
      if (verb === 'get' && !trial.rows.has(name)) return true;
      const part = partOf(verb, name, value, index);
      if (trial.mayRefuse(part)) return true;
      if (trial.apply(part).refused) return true;
    }
    return false;
  }

  apply(request: Request): Answer {
    const { f, key, session, index } = request;
    const row = this.rows.get(key);
    switch (f) {
      case 'get':
        return this.get(key, index);
      case 'put':
        return this.put(request);
      case 'cas':
        return this.matches(row, request) ? this.put(request) : refused;
      case 'delete-cas':
        if (row !== undefined && !this.matches(row, request)) return refused;
        return this.remove(key, index);
      case 'delete':
        return this.remove(key, index);
      case 'acquire':
        return this.acquire(request);
      case 'release':
        if (row === undefined || row.session !== session) return refused;
        return this.write(key, { ...row, value: request.input ?? '', session: '' }, index);
      case 'session-destroy':
        return this.endSession(session, index);
      default:
        return this.transaction(request);
    }
  }

  private get(key: string, index: number): Answer {
    const row = this.rows.get(key);
    if (row === undefined) return saw(null);
    const answer = saw(row.value);
    return index === 0 || this.learn(row, index) ? answer : { ...answer, wrongIndex: true };
  }

  /** False when the row cannot have that index. */
  private learn(row: Row, index: number): boolean {
    if (row.index > 0) return row.index === index;
    if (index <= row.above || index >= row.below) return false;
    row.index = index;
    this.last = Math.max(this.last, index);
    return true;
  }

  private matches(row: Row | undefined, { expected }: Request): boolean {
    if (expected === 0) return row === undefined;
    return row !== undefined && this.learn(row, expected);
  }

  /** Gives the next Raft entry its index; false when a later one was seen before. */
  private enter(index: number): boolean {
    if (index === 0) return true;
    if (index <= this.last) return false;
    for (const row of this.rows.values()) {
      if (row.index > 0) continue;
      if (row.above + 1 >= index) return false;
      row.below = Math.min(row.below, index);
    }
    this.last = index;
    return true;
  }

  private write(key: string, row: Row, index: number): Answer {
    if (!this.enter(index)) return { ...done, wrongIndex: true };
    this.rows.set(key, { ...row, index, above: this.last, below: Infinity });
    return done;
  }

  private put({ key, input, index }: Request): Answer {
    const row = this.rows.get(key);
    if (row !== undefined && row.value === input && row.lockIndex === 0) return this.nothing(index);
    const session = row?.session ?? '';
    const fresh = { value: input, session, lockIndex: 0, index: 0, above: 0, below: 0 };
    return this.write(key, fresh, index);
  }

  private remove(key: string, index: number): Answer {
    this.rows.delete(key);
    return this.nothing(index);
  }

  /** An entry of the log that changes no row. */
  private nothing(index: number): Answer {
    return this.enter(index) ? done : { ...done, wrongIndex: true };
  }

  private acquire({ key, input, session, index }: Request): Answer {
    const row = this.rows.get(key);
    if (this.ended.includes(session)) return refused;
    if (row !== undefined && row.session !== '' && row.session !== session) return refused;
    if (row?.session === session && row.value === input) return this.nothing(index);
    const lockIndex = row?.session === session ? row.lockIndex : (row?.lockIndex ?? 0) + 1;
    if (row?.session !== session) this.delayed.delete(key);
    const fresh = { value: input, session, lockIndex, index: 0, above: 0, below: 0 };
    return this.write(key, fresh, index);
  }

  private endSession(session: string, index: number): Answer {
    if (this.ended.includes(session)) return this.nothing(index);
    if (!this.enter(index)) return { ...done, wrongIndex: true };
    this.ended = [...this.ended, session];
    for (const [key, row] of this.rows) {
      if (row.session !== session) continue;
      this.rows.set(key, { ...row, session: '', index, above: this.last, below: Infinity });
      this.delayed.add(key);
    }
    return done;
  }

  /** Sets, index compare-and-sets and reads, all or nothing. */
  private transaction({ input, index }: Request): Answer {
    const trial = this.clone();
    const reads = (input as [string, ...Value[]][]).every(([verb]) => verb.startsWith('get'));
    const wrongIndex = !reads && !trial.enter(index);
    const output: Value[] = [];
    for (const [f, key, value, expected] of input as [string, string, Value, number][]) {
      if (f === 'get' && !trial.rows.has(key)) return refused;
      const answer = trial.apply(partOf(f, key, value, expected));
      if (answer.refused) return refused;
      const row = trial.rows.get(key);
      // What this transaction wrote is later than all indexes before it.
      if (row !== undefined && row.index === 0 && row.above === trial.last) row.index = index;
      output.push(f.startsWith('get') ? [f, key, answer.output] : [f, key]);
    }
    Object.assign(this, trial);
    return { refused: false, output, wrote: !reads, wrongIndex };
  }
}

/** One verb of a transaction as a request of its own. */
function partOf(verb: string, key: string, value: Value, expected: number): Request {
  const f = verb === 'set' ? 'put' : verb === 'get-or-empty' ? 'get' : verb;
  const input = value ?? null;
  return { f, process: '', key, input, expected: expected ?? -1, session: '', index: 0 };
}
