/**
 * `gossip.refutation`: a member knows best that it lives. It takes no accusation of itself for true,
 * and answers one with an incarnation above it.
 */
import { State, STATE_NAMES, heldIncarnation, stateOf } from '../../protocol/gossip/messages.ts';
import { GossipNote } from '../../protocol/gossip/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { memberAt, memberProcesses } from './members.ts';

class Refutation implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [GossipNote.refuted];
  /** Accusations that members have heard of themselves. */
  exercised = 0;
  private readonly context: CheckContext;
  private readonly members: readonly ProcessIndex[];

  constructor(context: CheckContext) {
    this.context = context;
    this.members = memberProcesses(context);
  }

  onNote(_kind: NoteKind, process: ProcessIndex, incarnation: number, accused: number): void {
    this.exercised++;
    this.look(process);
    if (incarnation > accused) return;
    const { name } = this.context.world.processes[process];
    const text = `${name} refutes incarnation ${accused} with ${incarnation}`;
    this.context.report(text, [process]);
  }

  onSecond(): void {
    for (const process of this.members) this.look(process);
  }

  private look(process: ProcessIndex): void {
    const { world, report } = this.context;
    const member = memberAt(world, process);
    if (member === undefined || member.leaving || member.incarnation === 0) return;
    const held = member.pool.views.get(member.index, member.node);
    if (stateOf(held) !== State.alive) {
      report(`${world.processes[process].name} holds itself to be ${STATE_NAMES[held & 7]}`, [
        process,
      ]);
    } else if (heldIncarnation(held) !== member.incarnation) {
      const text = `${member.incarnation}, but holds ${heldIncarnation(held)}`;
      report(`${world.processes[process].name} has announced incarnation ${text}`, [process]);
    }
  }

  save(): unknown {
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
}

export const refutation: Invariant = {
  name: 'gossip.refutation',
  expectation: 'always',
  statement: 'A member that runs holds itself to be alive and outbids every accusation of itself.',
  source: 'SWIM, §4.2 (suspicion and incarnation numbers)',
  create: (context) => new Refutation(context),
};
