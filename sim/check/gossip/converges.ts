/**
 * `gossip.converges`: when all faults have healed, members that run are alive to each other. What has
 * been purged on both sides of a split never finds together again, since memberlist alone has no
 * mechanism for it (memberlist#222); serf's reconnection is not modelled yet.
 */
import type { NoteKind, ProcessIndex } from '../../core/machine.ts';
import { State, STATE_NAMES, isSuspect, stateOf } from '../../protocol/gossip/messages.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import { heldBy, memberAt, memberProcesses, poolOf } from './members.ts';

const SPLIT = { status: 'allowed', reference: 'memberlist#222' } as const;

class Converges implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [];
  /** Pairs of members that were looked at. */
  exercised = 0;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(): void {}

  pending(): string | null {
    const { world } = this.context;
    const pool = poolOf(world);
    if (pool === null) return null;
    const running = memberProcesses(world).filter(
      (process) => world.processes[process].status === 'running',
    );
    for (const viewer of running) {
      for (const node of running) {
        this.exercised++;
        if (memberAt(world, node)!.leaving) continue;
        const held = heldBy(pool, viewer, node);
        if (stateOf(held) === State.alive) continue;
        const text = `${this.name(viewer)} holds ${this.name(node)} to be ${STATE_NAMES[held & 7]}`;
        if (isSuspect(held)) return text;
        this.context.report(text, [viewer, node], SPLIT);
      }
    }
    return null;
  }

  private name(process: ProcessIndex): string {
    return this.context.world.processes[process].name;
  }

  save(): unknown {
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
}

export const converges: Invariant = {
  name: 'gossip.converges',
  expectation: 'eventually',
  statement: 'When all faults have healed, members that run hold each other to be alive.',
  source: 'SWIM, §3.2 and §4.1 (dissemination); github.com/hashicorp/memberlist issue 222',
  create: (context) => new Converges(context),
};
