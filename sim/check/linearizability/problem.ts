/**
 * One part of a history laid out for the search: the calls and returns of the operations whose
 * outcome is known as a doubly linked list in order of position, and the operations of unknown
 * outcome grouped by signature, since those that behave alike can be used in order of their calls.
 */
import type { Model } from './model.ts';
import { signatureOf } from './model.ts';
import type { Operation } from './operation.ts';
import { Transitions } from './transitions.ts';

export interface UnknownGroup {
  readonly signature: number;
  /** In order of `call`. */
  readonly operations: readonly Operation[];
  readonly calls: Float64Array;
}

export interface Problem {
  /** Operations of known outcome, in order of `call`. */
  readonly known: readonly Operation[];
  readonly unknown: readonly UnknownGroup[];
  /** Signature of each known operation. */
  readonly signatures: Int32Array;
  /** 1 for operations that change nothing in any state in which their answer is possible. */
  readonly pure: Uint8Array;
  /** Entry e < n is the call of known[e], n + e its return, 2n the head of the list. */
  readonly next: Int32Array;
  readonly previous: Int32Array;
  readonly positions: Float64Array;
  readonly transitions: Transitions;
}

/** Counters of used operations are seven bits wide, so larger groups are split. */
export const GROUP_SIZE_MAX = 127;

export function layOut(general: Model, operations: readonly Operation[]): Problem {
  const model = general.specialise?.(operations) ?? general;
  const known = operations.filter(({ outcome }) => outcome !== 'unknown');
  const lost = operations.filter((one) => one.outcome === 'unknown' && !model.isRead(one));
  const representatives: Operation[] = [];
  const numbers = new Map<string, number>();
  const number = (operation: Operation): number => {
    const signature = signatureOf(model, operation);
    const old = numbers.get(signature);
    if (old !== undefined) return old;
    numbers.set(signature, representatives.length);
    return representatives.push(operation) - 1;
  };
  const changesNothing = (one: Operation) => one.outcome === 'refused' || model.isRead(one);
  const pure = Uint8Array.from(known, (one) => (changesNothing(one) ? 1 : 0));
  const signatures = Int32Array.from(known, number);
  const helpful =
    lost.length > 0 && model.helpful !== undefined ? model.helpful(lost, known) : lost;
  const unknown = groupUnknown(helpful, number);
  const positions = positionsOf(known);
  const { next, previous } = link(sortEntries(positions));
  return {
    known,
    unknown,
    signatures,
    pure,
    next,
    previous,
    positions,
    transitions: new Transitions(model, representatives),
  };
}

function groupUnknown(
  operations: readonly Operation[],
  number: (operation: Operation) => number,
): UnknownGroup[] {
  const groups = new Map<number, Operation[]>();
  for (const operation of operations) {
    const signature = number(operation);
    const group = groups.get(signature);
    if (group === undefined) groups.set(signature, [operation]);
    else group.push(operation);
  }
  const result: UnknownGroup[] = [];
  for (const [signature, group] of groups) {
    for (let from = 0; from < group.length; from += GROUP_SIZE_MAX) {
      const members = group.slice(from, from + GROUP_SIZE_MAX);
      const calls = Float64Array.from(members, ({ call }) => call);
      result.push({ signature, operations: members, calls });
    }
  }
  return result;
}

function positionsOf(known: readonly Operation[]): Float64Array {
  const count = known.length;
  const positions = new Float64Array(2 * count);
  for (let i = 0; i < count; i++) {
    positions[i] = known[i]!.call;
    positions[count + i] = known[i]!.return;
  }
  return positions;
}

/** Entries in order of position; at the same position calls come first, so they are concurrent. */
function sortEntries(positions: Float64Array): Int32Array {
  const count = positions.length;
  const order = new Int32Array(count);
  for (let i = 0; i < count; i++) order[i] = i;
  // Positions of one part are nearly always distinct and not far apart: then a table will do.
  const first = positions[0] ?? 0;
  let last = first;
  for (let i = 0; i < count; i++) last = Math.max(last, positions[i]!);
  const span = last - first + 1;
  if (span <= 16 * count + 64) {
    const slots = new Int32Array(span).fill(-1);
    let distinct = true;
    for (let entry = 0; entry < count && distinct; entry++) {
      const slot = positions[entry]! - first;
      distinct = Number.isInteger(slot) && slots[slot] === -1;
      if (distinct) slots[slot] = entry;
    }
    if (distinct) return slots.filter((entry) => entry >= 0);
  }
  const half = count / 2;
  return order.sort(
    (left, right) =>
      positions[left]! - positions[right]! ||
      Number(left >= half) - Number(right >= half) ||
      left - right,
  );
}

function link(order: Int32Array): { next: Int32Array; previous: Int32Array } {
  const head = order.length;
  const next = new Int32Array(head + 1);
  const previous = new Int32Array(head + 1);
  let last = head;
  for (const entry of order) {
    next[last] = entry;
    previous[entry] = last;
    last = entry;
  }
  next[last] = head;
  previous[head] = last;
  return { next, previous };
}
