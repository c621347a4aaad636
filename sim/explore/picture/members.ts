/** How the gossip pool sees its members: how many suspect a host, how many hold it for dead. */
import { poolsOf } from '../../check/gossip/members.ts';
import type { NoteKind, ProcessIndex } from '../../core/machine.ts';
import { KernelNote } from '../../core/observer.ts';
import type { World } from '../../core/world.ts';
import { GossipNote } from '../../protocol/gossip/vocabulary.ts';
import type { Note, NoteCollector } from './notes.ts';

/** Changes of one host's standing that are told one by one; more are thinned. */
const DOUBTS_MAX = 400;

/** From this time on so many members suspect the host, and so many hold it for dead or gone. */
export interface Doubt {
  readonly time: number;
  readonly suspected: number;
  readonly dead: number;
}

const ALIVE = 0;
const SUSPECT = 1;
const DEAD = 2;

const OPINIONS: ReadonlyMap<NoteKind, number> = new Map([
  [GossipNote.joined, ALIVE],
  [GossipNote.cleared, ALIVE],
  [GossipNote.suspected, SUSPECT],
  [GossipNote.died, DEAD],
  [GossipNote.left, DEAD],
]);

interface Standing {
  /** By viewer. */
  readonly opinions: Map<ProcessIndex, number>;
  suspected: number;
  dead: number;
  readonly doubts: Doubt[];
}

export class MemberCollector implements NoteCollector {
  readonly wants: readonly NoteKind[];
  private readonly standings = new Map<ProcessIndex, Standing>();

  constructor(world: World) {
    const pooled = poolsOf(world).length > 0;
    this.wants = pooled ? [...OPINIONS.keys(), KernelNote.started] : [];
  }

  take({ kind, process, time, a }: Note): void {
    const opinion = OPINIONS.get(kind);
    if (opinion !== undefined) this.onOpinion(process, a, opinion, time);
    else {
      // Who begins anew holds nothing against anybody.
      for (const node of this.standings.keys()) this.onOpinion(process, node, ALIVE, time);
    }
  }

  private onOpinion(viewer: ProcessIndex, node: ProcessIndex, opinion: number, time: number): void {
    let standing = this.standings.get(node);
    if (standing === undefined) {
      if (opinion === ALIVE) return;
      standing = { opinions: new Map(), suspected: 0, dead: 0, doubts: [] };
      this.standings.set(node, standing);
    }
    const before = standing.opinions.get(viewer) ?? ALIVE;
    if (before === opinion) return;
    standing.opinions.set(viewer, opinion);
    standing.suspected += Number(opinion === SUSPECT) - Number(before === SUSPECT);
    standing.dead += Number(opinion === DEAD) - Number(before === DEAD);
    const { suspected, dead, doubts } = standing;
    if (doubts.at(-1)?.time === time) doubts.pop();
    doubts.push({ time, suspected, dead });
  }

  finish(endMicros: number): ReadonlyMap<ProcessIndex, readonly Doubt[]> {
    const found = new Map<ProcessIndex, readonly Doubt[]>();
    for (const [node, { doubts }] of this.standings) found.set(node, thin(doubts, endMicros));
    return found;
  }
}

/** Of the changes within one short while the last one counts. */
function thin(doubts: readonly Doubt[], endMicros: number): readonly Doubt[] {
  if (doubts.length <= DOUBTS_MAX) return doubts;
  const whileMicros = Math.max(1, Math.ceil(endMicros / DOUBTS_MAX));
  return doubts.filter(({ time }, at) => {
    const next = doubts[at + 1];
    return (
      next === undefined || Math.floor(next.time / whileMicros) > Math.floor(time / whileMicros)
    );
  });
}
