/**
 * Tries every order of a small history on a plain object: slow, obvious, and without anything in
 * common with the code under test but the shape of an operation.
 */
import type { Operation } from '../../../../sim/check/linearizability/operation.ts';
import { canonical } from '../../../../sim/check/linearizability/operation.ts';
import { ConsulThing } from './consul.ts';
import type { Request, Thing } from './objects.ts';
import { LockThing } from './objects.ts';

/** Whether operations on one object, or on several that belong together, have an order. */
export function hasOrder(operations: readonly Operation[], thing: () => Thing): boolean {
  return extend(operations, thing());
}

function extend(rest: readonly Operation[], thing: Thing): boolean {
  if (rest.every(({ outcome }) => outcome === 'unknown')) return true;
  return rest.some((operation) => {
    if (rest.some((other) => other.return < operation.call)) return false;
    const after = thing.clone();
    if (!answersAlike(after, operation)) return false;
    return extend(
      rest.filter((other) => other !== operation),
      after,
    );
  });
}

/** Applies the operation; false when the recorded answer is not the one it gets. */
function answersAlike(thing: Thing, operation: Operation): boolean {
  const { outcome, output } = operation;
  const request: Request = operation;
  if (outcome === 'refused' && mayRefuse(thing, request)) return true;
  const answer = thing.apply(request);
  if (outcome === 'unknown') return true;
  if (answer.wrongIndex === true || answer.refused !== (outcome === 'refused')) return false;
  if (answer.refused || answer.output === null) return output === null;
  // What the reads of a transaction saw may not be recorded.
  if (operation.f === 'txn' && output === null) return true;
  if (operation.f === 'txn' || Array.isArray(answer.output)) {
    return sorted(answer.output) === sorted(output);
  }
  return canonical(answer.output) === canonical(output);
}

function sorted(value: unknown): string {
  return JSON.stringify(
    Array.isArray(value) ? value.map((one) => JSON.stringify(one)).sort() : value,
  );
}

function mayRefuse(thing: Thing, request: Request): boolean {
  if (thing instanceof ConsulThing) return thing.mayRefuse(request);
  return (
    thing instanceof LockThing &&
    request.f === 'acquire' &&
    thing.delayed &&
    thing.holder !== request.session
  );
}
