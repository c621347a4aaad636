/**
 * `gossip.retention`: who is gone is remembered for as long as it is gossiped to, so that it can hear of
 * it, and is forgotten at the end of one of the next passes, so that lists do not grow for ever.
 */
import { KernelNote } from '../../core/observer.ts';
import { isGone } from '../../protocol/gossip/messages.ts';
import type { Member } from '../../protocol/gossip/member.ts';
import { GossipNote } from '../../protocol/gossip/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { heldBy, memberAt, poolOf } from './members.ts';

/** Clocks of members may be slower or faster than the time here. */
const CLOCK_SHARE = 0.9;
/** A sick member takes so long for a probe, in intervals. */
const SICK_INTERVALS = 8;

interface Saved {
  readonly exercised: number;
  readonly gone: readonly (readonly [ProcessIndex, readonly (readonly [ProcessIndex, number])[]])[];
  readonly disturbed: readonly (readonly [ProcessIndex, number])[];
}

class Retention implements InvariantCheck {
  readonly wants: readonly NoteKind[];
  /** Members that were forgotten. */
  exercised = 0;
  /** When a node died or left in a member's eyes, by member and node. */
  private gone = new Map<ProcessIndex, Map<ProcessIndex, number>>();
  /** When a member was last paused or resumed, which costs it time. */
  private disturbed = new Map<ProcessIndex, number>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    const { died, left, joined, purged } = GossipNote;
    const { crashed, paused, resumed } = KernelNote;
    this.wants = [died, left, joined, purged, crashed, paused, resumed];
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number): void {
    switch (kind) {
      case KernelNote.crashed:
        this.gone.delete(process);
        return;
      case KernelNote.paused:
      case KernelNote.resumed:
        this.disturbed.set(process, this.context.world.now);
        return;
      case GossipNote.joined:
        this.gone.get(process)?.delete(a);
        return;
      case GossipNote.purged:
        this.onForgotten(process, a);
        return;
      default:
        this.onGone(process, a);
    }
  }

  private onGone(process: ProcessIndex, node: ProcessIndex): void {
    let nodes = this.gone.get(process);
    if (nodes === undefined) this.gone.set(process, (nodes = new Map()));
    nodes.set(node, this.context.world.now);
  }

  private onForgotten(process: ProcessIndex, node: ProcessIndex): void {
    const { world } = this.context;
    const since = this.gone.get(process)?.get(node);
    const member = memberAt(world, process);
    if (since === undefined || member === undefined) return;
    this.gone.get(process)!.delete(node);
    this.exercised++;
    const seconds = (world.now - since) / 1e6;
    if (world.now - since >= CLOCK_SHARE * member.config.gossipToTheDeadMicros) return;
    this.tell(process, node, `has forgotten it after ${seconds} s`);
  }

  onSecond(): void {
    const { world } = this.context;
    const pool = poolOf(this.context);
    if (pool === null) return;
    for (const [process, nodes] of this.gone) {
      const member = memberAt(world, process);
      if (member === undefined || world.processes[process].status !== 'running') continue;
      const latest = world.now - boundMicros(member);
      if ((this.disturbed.get(process) ?? 0) > latest) continue;
      for (const [node, since] of nodes) {
        if (since > latest || !isGone(heldBy(pool, process, node))) continue;
        this.tell(process, node, 'has still not forgotten it');
      }
    }
  }

  private tell(process: ProcessIndex, node: ProcessIndex, what: string): void {
    const { world, report } = this.context;
    const [who, whom] = [world.processes[process].name, world.processes[node].name];
    report(`${who} held ${whom} for gone and ${what}`, [process, node]);
  }

  save(): unknown {
    const gone = [...this.gone].map(([process, nodes]) => [process, [...nodes]] as const);
    return { exercised: this.exercised, gone, disturbed: [...this.disturbed] } satisfies Saved;
  }

  restore(state: unknown): void {
    const { exercised, gone, disturbed } = state as Saved;
    this.exercised = exercised;
    this.gone = new Map(gone.map(([process, nodes]) => [process, new Map(nodes)]));
    this.disturbed = new Map(disturbed);
  }
}

/** The time that it is gossiped to, and two passes of probes that all fail. */
function boundMicros({ config, pool }: Member): number {
  const passes = (2 * pool.size + 2) * SICK_INTERVALS * config.probeIntervalMicros;
  return config.gossipToTheDeadMicros / CLOCK_SHARE + passes;
}

export const retention: Invariant = {
  name: 'gossip.retention',
  expectation: 'always',
  occasional: true,
  statement:
    'Who died or left is remembered for as long as it is gossiped to, and forgotten soon after.',
  source: 'hashicorp/memberlist:state.go (resetNodes); memberlist issue 253, pull 106',
  create: (context) => new Retention(context),
};
