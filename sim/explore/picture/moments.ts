/**
 * The events around a moment of a run, for a space-time diagram: what reached which process, which
 * event sent it, and what of it lies in the causal past of the moment.
 */
import * as Event from '../../core/events.ts';
import { Transcript } from '../../core/transcript.ts';
import type { World } from '../../core/world.ts';
import type { Violation } from '../../run/result.ts';
import { ownerOf, senderOf } from '../event-table.ts';
import { ancestors, rowsOf } from '../story.ts';
import type { Election } from './lanes.ts';

const MOMENTS_MAX = 3;
/** Events that a diagram shows before its moment, and after it. */
const BEFORE_MAX = 260;
const AFTER_MAX = 60;
/** Events that are looked at on either side. */
const LOOK_MAX = 60_000;
/** Of its causal past, what lies before the rest of the diagram. */
const DISTANT_MAX = 60;
const PROCESSES_MAX = 12;

/** Columns of equal length, one row per event in the order of its number. */
export interface MomentEvents {
  readonly event: readonly number[];
  readonly time: readonly number[];
  /** Places in `processes`; -1 of faults and the like. */
  readonly process: readonly number[];
  /** What it is: `raft.vote request`, `timer election`. */
  readonly label: readonly string[];
  readonly class: readonly string[];
  /** Sender of a message and when it sent it; -1 of what is no message. */
  readonly from: readonly number[];
  readonly sent: readonly number[];
  /** Events that it is due to, the nearest that are shown. */
  readonly parents: readonly (readonly number[])[];
  /** What was noted in it. */
  readonly notes: readonly (readonly string[])[];
  readonly past: readonly boolean[];
}

export interface Moment {
  readonly title: string;
  readonly event: number;
  readonly time: number;
  /** Violation that it is about; -1: a change of leader. */
  readonly violation: number;
  readonly processes: readonly string[];
  readonly events: MomentEvents;
  /** Events of these processes within the diagram that are left out, being timers and writes. */
  readonly leftOut: number;
}

export function momentsOf(
  world: World,
  violations: readonly Violation[],
  elections: readonly Election[],
): Moment[] {
  const rank = { violation: 0, known: 1, allowed: 2 };
  const order = violations
    .map((violation, number) => ({ violation, number }))
    .sort((left, right) => rank[left.violation.status] - rank[right.violation.status]);
  const told = new Set<string>();
  const wanted: Pick<Moment, 'title' | 'event' | 'violation'>[] = [];
  for (const { violation, number } of order) {
    if (wanted.length === MOMENTS_MAX || told.has(violation.invariant)) continue;
    told.add(violation.invariant);
    const { invariant: title, event } = violation;
    wanted.push({ title, event, violation: number });
  }
  if (wanted.length === 0) {
    for (const { event, host, term } of elections.slice(0, MOMENTS_MAX)) {
      wanted.push({ title: `${host} becomes leader of term ${term}`, event, violation: -1 });
    }
  }
  return wanted
    .filter(({ event }) => event > 0 && event <= world.event)
    .map(({ event, ...rest }) => {
      const hosts = rest.violation < 0 ? [] : violations[rest.violation]!.hosts;
      return { ...rest, event, ...new Around(world, event, hosts).moment() };
    });
}

class Around {
  private readonly world: World;
  private readonly centre: number;
  private readonly past: ReadonlySet<number>;
  private readonly processes: readonly number[];
  private readonly transcript: Transcript;
  private leftOut = 0;

  constructor(world: World, centre: number, hosts: readonly string[]) {
    this.world = world;
    this.centre = centre;
    this.past = new Set(ancestors(world, centre));
    this.processes = this.processesOf(hosts);
    this.transcript = new Transcript(world);
  }

  moment(): Omit<Moment, 'title' | 'event' | 'violation'> {
    const { world, centre } = this;
    const shown = this.select();
    const processes = this.processes.map((index) => world.processes[index]!.name);
    const time = world.trace.time(centre);
    return { time, processes, events: this.columns(shown), leftOut: this.leftOut };
  }

  /** Those of the hosts that it is about, then those that had most to do with it. */
  private processesOf(hosts: readonly string[]): number[] {
    const { trace, processes } = this.world;
    const weights = new Map<number, number>();
    for (const event of this.past) {
      if (trace.kind(event) === Event.CONTROL) continue;
      const process = trace.process(event);
      weights.set(process, (weights.get(process) ?? 0) + 1);
    }
    processes.forEach(({ host, index }) => {
      const server = /^s\d+/.test(host.name);
      const weight = hosts.includes(host.name) ? 1e9 : server ? 1e6 : 0;
      if (weight > 0 && host.processes[0]?.index === index) {
        weights.set(index, (weights.get(index) ?? 0) + weight);
      }
    });
    return [...weights]
      .sort((left, right) => right[1] - left[1] || left[0] - right[0])
      .slice(0, PROCESSES_MAX)
      .map(([process]) => process)
      .sort((left, right) => left - right);
  }

  /** Numbers of the events to show, ascending. */
  private select(): number[] {
    const { centre, world } = this;
    const before: number[] = [];
    let event = centre;
    const least = Math.max(1, centre - LOOK_MAX);
    for (; event >= least && before.length < BEFORE_MAX; event--) {
      if (this.isShown(event)) before.push(event);
    }
    const distant = [...this.past]
      .filter((one) => one <= event && this.isShown(one) && this.linesOf(one).length > 0)
      .sort((left, right) => right - left)
      .slice(0, DISTANT_MAX);
    const after: number[] = [];
    const most = Math.min(world.event, centre + LOOK_MAX);
    for (event = centre + 1; event <= most && after.length < AFTER_MAX; event++) {
      if (this.isShown(event)) after.push(event);
    }
    return [...distant.reverse(), ...before.reverse(), ...after];
  }

  private isShown(event: number): boolean {
    const { trace } = this.world;
    if (event === this.centre) return true;
    if (trace.kind(event) === Event.CONTROL) return true;
    if (!this.processes.includes(trace.process(event))) return false;
    const kind = trace.kind(event);
    const message = kind >= Event.DATAGRAM && kind <= Event.FAILURE;
    const sender = message ? senderOf(this.world, event) : undefined;
    const known = sender !== undefined && this.processes.includes(sender.index);
    if (known || this.linesOf(event).length > 0) return true;
    this.leftOut++;
    return false;
  }

  /** What was noted in an event, without what comes with every message. */
  private linesOf(event: number): string[] {
    const { from, to } = rowsOf(this.world, event);
    const lines: string[] = [];
    for (let row = from; row < to; row++) {
      if (this.transcript.line(row, 0) === undefined) continue;
      const { process, what, text } = this.transcript.row(row)!;
      lines.push(`${process} ${what}${text === '' ? '' : ` ${text}`}`);
    }
    return lines;
  }

  private columns(shown: readonly number[]): MomentEvents {
    const { trace } = this.world;
    const set = new Set(shown);
    const rows = shown.map((event) => ({ event, message: this.messageOf(event) }));
    return {
      event: [...shown],
      time: shown.map((event) => trace.time(event)),
      process: shown.map((event) =>
        trace.kind(event) === Event.CONTROL ? -1 : this.processes.indexOf(trace.process(event)),
      ),
      label: shown.map((event) => this.labelOf(event)),
      class: rows.map(({ message }) => message?.messageClass ?? ''),
      from: rows.map(({ message }) => message?.from ?? -1),
      sent: rows.map(({ message }) => message?.sent ?? -1),
      parents: shown.map((event) => this.parentsOf(event, set)),
      notes: shown.map((event) => this.linesOf(event)),
      past: shown.map((event) => this.past.has(event)),
    };
  }

  private routeOf(event: number) {
    const { trace } = this.world;
    const kind = trace.kind(event);
    if (kind < Event.TIMER || kind > Event.FAILURE) return undefined;
    const input = trace.a(event);
    const owner = ownerOf(this.world, event, senderOf(this.world, event));
    return owner?.slotByNumber[input >> 8]?.routes[input & 255];
  }

  private labelOf(event: number): string {
    const kind = Event.EVENT_NAMES[this.world.trace.kind(event)] ?? '';
    const name = this.routeOf(event)?.name ?? '';
    return name === '' ? kind : `${name} ${kind}`;
  }

  private messageOf(event: number) {
    const { trace, classes } = this.world;
    const sender = senderOf(this.world, event);
    const from = sender === undefined ? -1 : this.processes.indexOf(sender.index);
    if (from < 0) return undefined;
    const messageClass = classes[this.routeOf(event)?.messageClass ?? 0] ?? '';
    return { from, sent: trace.time(trace.cause(event)), messageClass };
  }

  /** What is not shown is followed back to what is. */
  private parentsOf(event: number, shown: ReadonlySet<number>): number[] {
    const { trace } = this.world;
    const found = new Set<number>();
    for (const first of [trace.cause(event), trace.woken(event)]) {
      let at = first;
      while (at > 0 && !shown.has(at) && trace.has(at)) at = trace.cause(at);
      if (at > 0 && shown.has(at)) found.add(at);
    }
    return [...found];
  }
}
