/** Who delivered how many messages of which class to whom. */
import { LOAD_MACHINE } from '../../client/kv-load.ts';
import * as Event from '../../core/events.ts';
import type { World } from '../../core/world.ts';
import { ownerOf, senderOf } from '../event-table.ts';

/** Hosts beyond these are counted together. */
const AGENTS_MAX = 12;

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

/** A row for each host; clients by their load, agents together where there are many. */
function groupsOf({ processes }: World): {
  readonly names: string[];
  readonly groups: readonly number[];
} {
  const agents = processes.filter(({ host }) => /^a\d+/.test(host.name)).length;
  const names: string[] = [];
  const groups = processes.map(({ name, host, slotByNumber }) => {
    let group = host.name;
    if (slotByNumber[LOAD_MACHINE] !== undefined) group = `${name.replace(/#\d+$/, '')} clients`;
    else if (agents > AGENTS_MAX && /^a\d+/.test(group)) group = `${agents} agents`;
    const at = names.indexOf(group);
    return at < 0 ? names.push(group) - 1 : at;
  });
  return { names, groups };
}
