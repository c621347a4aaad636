/** Histories as a store would give them, made without one: for benchmarks and proofs. */
import seedrandom from 'seedrandom';
import type { Operation, Value } from '../../../sim/check/linearizability/operation.ts';
import { createOperation } from '../../../sim/check/linearizability/operation.ts';

interface Open {
  readonly fields: Partial<Operation>;
  /** What the store answered; undefined before it was its turn. */
  answer: Partial<Operation> | undefined;
}

/** Calls, turns and answers of `clients` at random, until `operations` have been called. */
function interleave(
  operations: number,
  clients: number,
  lostShare: number,
  draw: () => number,
  ask: (number: number) => Partial<Operation>,
  answer: (fields: Partial<Operation>) => Partial<Operation>,
): Operation[] {
  const result: Operation[] = [];
  const open: (Open & { readonly place: number })[] = [];
  let position = 0;
  while (result.length < operations || open.length > 0) {
    const idle = open.length < clients && result.length < operations;
    if (idle && (open.length === 0 || draw() < 0.5)) {
      const place = result.length;
      const fields = { ...ask(place), call: position++, process: `${place % clients}` };
      open.push({ fields, answer: undefined, place });
      result.push(createOperation({ ...fields, id: place, outcome: 'unknown' }));
      continue;
    }
    const at = Math.floor(draw() * open.length);
    const one = open[at]!;
    if (one.answer === undefined) {
      one.answer = answer(one.fields);
      continue;
    }
    open[at] = open.at(-1)!;
    open.pop();
    if (draw() < lostShare) continue;
    const { fields, answer: known, place } = one;
    result[place] = createOperation({ ...fields, ...known, id: place, return: position++ });
  }
  return result;
}

export interface KvShape {
  readonly operations: number;
  readonly keys: number;
  readonly clients: number;
  /** Share of operations without an answer. */
  readonly lost: number;
  readonly seed: string;
}

/** Puts of unique values and gets on a linearizable store; answers carry Raft indexes. */
export function kvHistory({ operations, keys, clients, lost, seed }: KvShape): Operation[] {
  const draw = seedrandom.alea(seed);
  const stored = new Map<string, { value: Value; index: number }>();
  let index = 0;
  return interleave(
    operations,
    clients,
    lost,
    draw,
    (number) => {
      const key = `k${Math.floor(draw() * keys)}`;
      return draw() < 0.4 ? { f: 'put', key, input: `v${number}` } : { f: 'get', key };
    },
    ({ f, key, input }) => {
      if (f === 'put') {
        stored.set(key!, { value: input!, index: ++index });
        return { outcome: 'ok', index };
      }
      const found = stored.get(key!);
      return { outcome: 'ok', output: found?.value ?? null, index: found?.index ?? 0 };
    },
  );
}

/**
 * A compare-and-set register with few values, as published histories of real stores have it. One
 * history in two has one answer replaced, which usually leaves no order.
 */
export function casHistory(operations: number, clients: number, seed: string): Operation[] {
  const draw = seedrandom.alea(seed);
  const value = (): number => Math.floor(draw() * 5);
  let current: Value = null;
  const history = interleave(
    operations,
    clients,
    0.01,
    draw,
    () => {
      const kind = Math.floor(draw() * 3);
      if (kind === 0) return { f: 'read' };
      return kind === 1 ? { f: 'write', input: value() } : { f: 'cas', input: [value(), value()] };
    },
    ({ f, input }) => {
      if (f === 'read') return { outcome: 'ok', output: current };
      if (f === 'write') {
        current = input!;
        return { outcome: 'ok' };
      }
      const [from, to] = input as [number, number];
      if (current !== from) return { outcome: 'refused' };
      current = to;
      return { outcome: 'ok' };
    },
  );
  if (draw() < 0.5) return history;
  const reads = history.filter(({ f, outcome }) => f === 'read' && outcome === 'ok');
  const victim = reads[Math.floor(draw() * reads.length)]!;
  history[victim.id] = { ...victim, output: value() };
  return history;
}

/** Transactions of one to four appends and reads on ten lists at a time, each of 32 elements. */
export function listHistory(transactions: number, clients: number, seed: string): Operation[] {
  const draw = seedrandom.alea(seed);
  const lists = new Map<number, number[]>();
  const appended = new Map<number, number>();
  let base = 0;
  return interleave(
    transactions,
    clients,
    0.01,
    draw,
    () => {
      const steps: Value[] = [];
      for (let left = Math.floor(draw() * 4); left >= 0; left--) {
        const key = base + Math.floor(draw() * 10);
        if (draw() < 0.5) {
          steps.push(['r', key, null]);
          continue;
        }
        const element = (appended.get(key) ?? 0) + 1;
        appended.set(key, element);
        steps.push(['append', key, element]);
        if (element >= 32 && key === base) base++;
      }
      return { f: 'txn', input: steps };
    },
    ({ input }) => {
      const output = (input as [string, number, Value][]).map(([verb, key, value]): Value => {
        const list = lists.get(key) ?? [];
        lists.set(key, list);
        if (verb === 'r') return [verb, key, list.slice()];
        list.push(value as number);
        return [verb, key, value];
      });
      return { outcome: 'ok', output };
    },
  );
}
