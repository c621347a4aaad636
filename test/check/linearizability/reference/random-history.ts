/**
 * Random small histories of an object: processes call, the object does it at some moment, the
 * answer comes back later or never. Half of them are then falsified in one place.
 */
import type { Operation, Value } from '../../../../sim/check/linearizability/operation.ts';
import { createOperation } from '../../../../sim/check/linearizability/operation.ts';
import type { Request, Thing } from './objects.ts';

export interface Random {
  below(n: number): number;
  chance(probability: number): boolean;
  pick<T>(list: readonly T[]): T;
}

/** What a kind of object is asked. */
export interface Subject {
  /** What tells it from others of the same model. */
  readonly title?: string;
  readonly model: string;
  create(): Thing;
  draw(random: Random, values: Values, thing: Thing): Partial<Request> & { readonly f: string };
  /** Raft index or token of an answer; 0 for none. */
  indexOf?(thing: Thing, request: Request, wrote: boolean): number;
  readonly keys: number;
}

export interface Values {
  /** A value to write: fresh, or one of few. */
  fresh(): Value;
  /** A value that may have been written. */
  old(): Value;
}

export interface Shape {
  readonly size: number;
  readonly repeated: boolean;
  readonly lost: boolean;
}

interface Pending {
  readonly request: Request;
  readonly process: string;
  readonly call: number;
  answer: Partial<Operation> | undefined;
}

/** @param truths what became of operations whose outcome is unknown, by the place of their call */
export function randomHistory(
  subject: Subject,
  random: Random,
  shape: Shape,
  truths?: Map<number, Partial<Operation>>,
): Operation[] {
  const things = new Map<string, Thing>();
  const values = valuesOf(random, shape.repeated);
  const finished: Operation[] = [];
  let pending: Pending[] = [];
  let position = 0;
  let index = 0;
  let processes = 0;
  let launched = 0;
  while (launched < shape.size || pending.length > 0) {
    if (launched < shape.size && pending.length < 3 && random.chance(0.5)) {
      const key = subject.keys === 1 ? 'k' : `k${random.below(subject.keys)}`;
      const thing = thingOf(subject, things, key);
      const drawn = { key, ...subject.draw(random, values, thing) };
      const process = `${processes++ % 4}`;
      const defaults = { input: null, expected: -1, session: '', index: 0, process };
      const request: Request = { ...defaults, ...drawn };
      pending.push({ request, process, call: position++, answer: undefined });
      launched++;
      continue;
    }
    if (pending.length === 0) continue;
    const one = random.pick(pending);
    const gone = shape.lost && random.chance(0.2);
    if (one.answer === undefined && !gone) {
      index += 10;
      one.answer = applyTo(subject, thingOf(subject, things, one.request.key), one.request, index);
    } else {
      if (gone && one.answer !== undefined) truths?.set(one.call, one.answer);
      finished.push(operationOf(one, gone ? Infinity : position++));
      pending = pending.filter((other) => other !== one);
    }
  }
  const history = finished.sort((left, right) => left.call - right.call);
  if (truths === undefined && random.chance(0.5)) falsify(history, random, values);
  return history.map((operation, id) => ({ ...operation, id }));
}

/** Consul's keys share a store; other objects have one key each. */
function thingOf(subject: Subject, things: Map<string, Thing>, key: string): Thing {
  const name = subject.model === 'consul-kv' ? '' : key;
  let thing = things.get(name);
  if (thing === undefined) things.set(name, (thing = subject.create()));
  return thing;
}

function applyTo(
  subject: Subject,
  thing: Thing,
  request: Request,
  index: number,
): Partial<Operation> {
  const asked = request.f === 'get' || request.f === 'read' ? request : { ...request, index };
  const { refused, output, wrote } = thing.apply(asked);
  const known = subject.indexOf?.(thing, asked, wrote && !refused) ?? 0;
  return { outcome: refused ? 'refused' : 'ok', output, index: known };
}

function operationOf({ request, process, call, answer }: Pending, end: number): Operation {
  const lost = end === Infinity || answer === undefined;
  const result = lost ? { outcome: 'unknown' as const } : answer;
  return createOperation({
    ...request,
    process,
    call,
    index: 0,
    ...result,
    return: lost ? Infinity : end,
  });
}

function valuesOf(random: Random, repeated: boolean): Values {
  let next = 1;
  return {
    fresh: () => (repeated ? 1 + random.below(2) : next++),
    old: () => (repeated ? 1 + random.below(2) : Math.max(1, next - 1 - random.below(2))),
  };
}

/** Changes one answer, so that the history may have no order any more. */
function falsify(history: Operation[], random: Random, values: Values): void {
  const answered = history.filter(({ outcome }) => outcome !== 'unknown');
  if (answered.length === 0) return;
  const target = random.pick(answered);
  const donor = random.pick(answered);
  const place = history.indexOf(target);
  if (target.f === donor.f && target !== donor && target.f !== 'txn') {
    const { outcome, output, index } = donor;
    history[place] = { ...target, outcome, output, index };
    return;
  }
  const { output } = target;
  if (typeof output === 'number') {
    history[place] = { ...target, output: random.chance(0.5) ? values.old() : output + 1 };
  } else if (target.outcome === 'refused') {
    history[place] = { ...target, outcome: 'ok' };
  } else if (Array.isArray(output) && target.f === 'read') {
    const added = values.old();
    const drops = output.length > 0 && random.chance(0.5);
    history[place] = {
      ...target,
      output: drops ? output.slice(1) : [...new Set([...output, added])],
    };
  } else if (random.chance(0.5) && (target.f === 'get' || target.f === 'read')) {
    history[place] = { ...target, output: values.old(), index: 0 };
  } else if (target.index > 0) {
    const index = target.index + (random.chance(0.5) ? 15 : -15);
    history[place] = { ...target, index: Math.max(1, index) };
  }
}
