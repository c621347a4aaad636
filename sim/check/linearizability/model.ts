/**
 * What an object is supposed to do when its operations run one after the other: the sequential
 * specification that a history is compared with. Behaviour is pure functions of plain states.
 */
import type { Operation } from './operation.ts';
import { valueText } from './operation.ts';
import type { RegisterRow } from './fast/row.ts';

export interface Model<State = unknown> {
  readonly name: string;
  /** One line for `--help` and the reference pages. */
  readonly summary: string;
  /** Verbs it knows; a history with others is refused, not ignored. */
  readonly verbs: readonly string[];
  /** Says what is wrong with an operation's arguments, if anything. */
  misuse?(operation: Operation): string | undefined;
  /** Names of the objects an operation touches; empty: its key. Those that share one belong together. */
  footprint?(operation: Operation): readonly string[];
  initial(): State;
  /**
   * The state after `operation`, or undefined when its answer is impossible in `state`. An
   * operation of unknown outcome has no answer to contradict, so it only says what it would do.
   */
  step(state: State, operation: Operation): State | undefined;
  /** Equal for equal states only. */
  identity(state: State): string | number;
  /** True when the operation never changes a state, so that one without an answer can be left out. */
  isRead(operation: Operation): boolean;
  /** True when operations behave alike only if the same process issued them. */
  readonly byProcess?: boolean;
  /**
   * Operations of unknown outcome that could help to explain the others. Leaving out one that
   * could help would be wrong; keeping one that cannot only costs time.
   */
  helpful?(unknown: readonly Operation[], known: readonly Operation[]): readonly Operation[];
  /**
   * The same model for just these operations, when they tell in advance of states from which no
   * order can be completed.
   */
  specialise?(operations: readonly Operation[]): Model<State> | undefined;
  /** A reason that no order can repair, found without a search. */
  impossible?(operations: readonly Operation[]): Impossibility | undefined;
  /** Writes what the operation does to a single register; false when it is something else. */
  registerRow?(operation: Operation, row: RegisterRow): boolean;
  /** True when Raft indexes in the answers are part of what the model promises. */
  readonly ordersByIndex?: boolean;
  describe?(operation: Operation): string;
}

export interface Impossibility {
  /** A sentence without its full stop. */
  readonly reason: string;
  /** Ids of the operations that show it. */
  readonly operations: readonly number[];
}

/** Footprint of an operation that touches its key and nothing else; shared, because it is common. */
export const OWN_KEY: readonly string[] = [];

/** Objects that an operation touches; empty for just its key. */
export function footprintOf(model: Model, operation: Operation): readonly string[] {
  return model.footprint === undefined ? OWN_KEY : model.footprint(operation);
}

/** Operations with the same signature can replace each other in any order. */
export function signatureOf(model: Model, operation: Operation): string {
  const { f, input, output, outcome, index, expected, session } = operation;
  const scope = model.footprint === undefined ? '' : operation.key;
  const process = model.byProcess === true ? operation.process : '';
  const answer = outcome === 'unknown' ? '?' : `${outcome}${valueText(output)}${index}`;
  return `${f}|${valueText(input)}|${answer}|${expected}|${session}|${scope}|${process}`;
}

/** `put "a"`, `get -> "b"`, `cas ["a","b"] refused`, `put "c" ?`. */
export function describe(model: Model | undefined, operation: Operation): string {
  if (model?.describe !== undefined) return model.describe(operation);
  const { f, input, output, outcome, expected, session } = operation;
  const parts = [f];
  if (session !== '') parts.push(session);
  if (input !== null) parts.push(valueText(input));
  if (expected >= 0) parts.push(`if index ${expected}`);
  if (outcome === 'unknown') parts.push('?');
  else if (outcome === 'refused') parts.push('refused');
  else if (output !== null || input === null) parts.push(`-> ${valueText(output)}`);
  return parts.join(' ');
}

/** An operation that a model cannot judge. */
export interface Misfit {
  /** Line of its call; 0 where not recorded. */
  readonly line: number;
  readonly message: string;
}

/** Operations that the model cannot judge. */
export function misfits(model: Model, operations: readonly Operation[]): Misfit[] {
  const known = new Set(model.verbs);
  const found: Misfit[] = [];
  for (const operation of operations) {
    const { f, callLine: line } = operation;
    if (!known.has(f)) {
      const verbs = model.verbs.join(', ');
      found.push({ line, message: `model ${model.name} knows no "${f}"; it knows ${verbs}` });
      continue;
    }
    const message = model.misuse?.(operation);
    if (message !== undefined) found.push({ line, message });
  }
  return found;
}
