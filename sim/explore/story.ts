/**
 * How a violation came about: the events it is due to, told as transcript lines. An event has the
 * cause that sent it and, where its input waited, the event that woke its lane; both are followed
 * back.
 */
import { Transcript } from '../core/transcript.ts';
import type { Detail } from '../core/transcript.ts';
import type { World } from '../core/world.ts';
import type { InvariantResult, Violation } from '../run/result.ts';

const LINES_MAX = 12;
/** A story of fewer lines is told with the messages in between. */
const LINES_FEW = 4;
/** Ancestors that are looked at; what lies further back explains little. */
const EVENTS_MAX = 20_000;

/** What a story needs of a result; a run under way has as much. */
export interface Judged {
  readonly violations: readonly Pick<Violation, 'invariant' | 'event' | 'status'>[];
  readonly invariants: readonly Pick<InvariantResult, 'name' | 'expectation'>[];
}

/** At most twelve lines, oldest first; none where nothing was violated. */
export function storyOf(world: World, result: Judged): string[] {
  const violation =
    result.violations.find(({ status }) => status === 'violation') ??
    result.violations.find(({ status }) => status === 'known');
  if (violation === undefined) return [];
  const { expectation } = result.invariants.find(({ name }) => name === violation.invariant) ?? {};
  // What never came true has no event that it is due to; what happened last says more.
  if (expectation === 'eventually') return lastLines(world);
  const events = ancestors(world, violation.event);
  const short = linesOf(world, events, 0);
  return short.length >= LINES_FEW ? short : linesOf(world, events, 1);
}

function lastLines(world: World): string[] {
  const transcript = new Transcript(world);
  const lines: string[] = [];
  for (let row = world.notes.rows - 1; row >= 0 && lines.length < LINES_MAX; row--) {
    const line = transcript.line(row, 0);
    if (line !== undefined) lines.push(line);
  }
  return lines.reverse();
}

/** The event and what it is due to, latest first. */
export function ancestors(world: World, event: number): number[] {
  const { trace } = world;
  const waiting = [event];
  const known = new Set(waiting);
  const found: number[] = [];
  while (waiting.length > 0 && found.length < EVENTS_MAX) {
    const latest = takeLatest(waiting);
    found.push(latest);
    if (!trace.has(latest)) continue;
    for (const before of [trace.cause(latest), trace.woken(latest)]) {
      if (before === 0 || known.has(before)) continue;
      known.add(before);
      waiting.push(before);
    }
  }
  return found;
}

/** The list stays short: chains of causes meet again and again. */
function takeLatest(events: number[]): number {
  let at = 0;
  for (let i = 1; i < events.length; i++) if (events[i]! > events[at]!) at = i;
  const [latest] = events.splice(at, 1);
  return latest!;
}

/** The latest lines about these events, which come latest first. */
function linesOf(world: World, events: readonly number[], detail: Detail): string[] {
  const transcript = new Transcript(world);
  const lines: string[] = [];
  for (const event of events) {
    const rows = rowsOf(world, event);
    for (let row = rows.to - 1; row >= rows.from && lines.length < LINES_MAX; row--) {
      const line = transcript.line(row, detail);
      if (line !== undefined) lines.push(line);
    }
    if (lines.length === LINES_MAX) break;
  }
  return lines.reverse();
}

/** Rows of the note log that belong to an event: notes lie in the order of their events. */
export function rowsOf(
  world: World,
  event: number,
): { readonly from: number; readonly to: number } {
  const { notes } = world;
  const firstFrom = (least: number): number => {
    let low = 0;
    let high = notes.rows;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (notes.event(middle) < least) low = middle + 1;
      else high = middle;
    }
    return low;
  };
  return { from: firstFrom(event), to: firstFrom(event + 1) };
}
