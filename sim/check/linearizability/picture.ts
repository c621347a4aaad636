/** A finding as something to draw: rows of processes, bars of operations, all plain data. */
import type { Model } from './model.ts';
import { describe } from './model.ts';
import type { Operation } from './operation.ts';
import type { Finding } from './verdict.ts';

export interface Bar {
  /** From 1, in order of call; what a legend refers to. */
  readonly number: number;
  readonly label: string;
  /** Positions of call and return; Infinity when the outcome is unknown. */
  readonly call: number;
  readonly end: number;
  /** It is part of what is shown, not only around it. */
  readonly involved: boolean;
  readonly operation: Operation;
}

export interface PictureRow {
  readonly process: string;
  readonly bars: readonly Bar[];
}

export interface Picture {
  readonly title: string;
  readonly rows: readonly PictureRow[];
  /** Operations that are not drawn because there are too many. */
  readonly omitted: number;
  /** Position of the record with which no order is left; -1 for none. */
  readonly brokenAt: number;
}

/** More bars than these nobody can read. */
export const BARS_MAX = 40;

/** The operations of a contradiction, or of an undecided window, with what surrounds them. */
export function pictureOf(finding: Finding, model: Model | undefined): Picture {
  const { involved, window, context, brokenAt, keys } = finding;
  const shown = involved.length > 0 ? involved : window.operations;
  return picture(keys.join(', '), shown, context, brokenAt, model);
}

export function picture(
  title: string,
  shown: readonly Operation[],
  context: readonly Operation[],
  brokenAt: number,
  model: Model | undefined,
): Picture {
  const involved = new Set(shown);
  // What matters comes first when there is not room for all; of that, the latest.
  const chosen = [
    ...shown.slice(-BARS_MAX),
    ...context.slice(0, Math.max(0, BARS_MAX - shown.length)),
  ];
  chosen.sort((left, right) => left.call - right.call || left.id - right.id);
  const rows = new Map<string, Bar[]>();
  chosen.forEach((operation, i) => {
    const bar: Bar = {
      number: i + 1,
      label: describe(model, operation),
      call: operation.call,
      end: operation.return,
      involved: involved.has(operation),
      operation,
    };
    const row = rows.get(operation.process);
    if (row === undefined) rows.set(operation.process, [bar]);
    else row.push(bar);
  });
  return {
    title,
    rows: Array.from(rows, ([process, bars]) => ({ process, bars })),
    omitted: shown.length + context.length - chosen.length,
    brokenAt,
  };
}
