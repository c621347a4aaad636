/** Who delivered how many messages of which class to whom. */
import * as Event from '../../core/events.ts';
import type { World } from '../../core/world.ts';
import { ownerOf, senderOf } from '../event-table.ts';
import { loadOf } from './operations.ts';

/** Of a kind of program more than these are counted together. */
const SINGLE_MAX = 12;

export interface MessageMatrix {
  /** Hosts, or groups of them, in the order of rows and columns. */
  readonly names: readonly string[];
  /** Only classes of which there were messages. */
  readonly classes: readonly string[];
  /** Delivered messages by class, sender, receiver: `counts[class][from * names.length + to]`. */
  readonly counts: readonly (readonly number[])[];
}

export function matrixOf(world: World): MessageMatrix {
  const { trace, classes } = world;
  const { names, groups } = groupsOf(world);
  const size = names.length;
  const counts = new Float64Array(classes.length * size * size);
  for (let event = 1; event <= world.event; event++) {
    const kind = trace.kind(event);
    if (kind < Event.DATAGRAM || kind > Event.FAILURE) continue;
    const sender = senderOf(world, event);
    if (sender === undefined) continue;
    const input = trace.a(event);
    const route = ownerOf(world, event, sender)?.slotByNumber[input >> 8]?.routes[input & 255];
    const row = (route?.messageClass ?? 0) * size + groups[sender.index]!;
    counts[row * size + groups[trace.process(event)]!]!++;
  }
  const used: string[] = [];
  const found: number[][] = [];
  for (const [at, name] of classes.entries()) {
    const own = counts.subarray(at * size * size, (at + 1) * size * size);
    if (name === '' || own.every((count) => count === 0)) continue;
    used.push(name);
    found.push(Array.from(own));
  }
  return { names, classes: used, counts: found };
}

/** A row for each program; clients by their load, others together where there are many of a kind. */
function groupsOf(world: World): {
  readonly names: string[];
  readonly groups: readonly number[];
} {
  const kinds = world.processes.map((_, process) => kindOf(world, process));
  const sizes = new Map<string, number>();
  for (const kind of kinds) sizes.set(kind, (sizes.get(kind) ?? 0) + 1);
  const names: string[] = [];
  const groups = world.processes.map(({ name }, process) => {
    const kind = kinds[process]!;
    const together = sizes.get(kind)! > SINGLE_MAX;
    const load = loadOf(world, process);
    const group = load !== undefined ? `${load} clients` : together ? `${kind}*` : name;
    const at = names.indexOf(group);
    return at < 0 ? names.push(group) - 1 : at;
  });
  return { names, groups };
}

/** `s` of s3, `web-` of web-3. */
function kindOf({ processes }: World, process: number): string {
  return processes[process]!.name.replace(/\d+(?=$|\.)/, '');
}
