/**
 * `gossip.queues-drain`: what serf has to tell is told so often and no more. After the last fault, with
 * nothing new to tell, its queues run empty, since a message that was heard before is not told on.
 */
import type { NoteKind, ProcessIndex } from '../../core/machine.ts';
import { hasGossip } from '../../protocol/gossip/gossip.ts';
import type { Member } from '../../protocol/gossip/member.ts';
import { isGone } from '../../protocol/gossip/messages.ts';
import { serfOf } from '../../protocol/serf/state.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import { memberAt, memberProcesses, poolOf } from './members.ts';

/** The time of a few dozen ticks, and that of what each member may have to say at the same time. */
const BASE_MICROS = 30_000_000;
const MICROS_PER_MEMBER = 100_000;

interface Saved {
  readonly exercised: number;
  readonly busy: readonly (readonly [ProcessIndex, number])[];
  readonly told: readonly (readonly [ProcessIndex, number])[];
}

class QueuesDrain implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [];
  /** Seconds in which a member had something new to tell. */
  exercised = 0;
  /** Since when something is queued, by member. */
  private busy = new Map<ProcessIndex, number>();
  /** Messages that each member has queued so far. */
  private told = new Map<ProcessIndex, number>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(): void {}

  onSecond(): void {
    const { world, settle } = this.context;
    const pool = poolOf(this.context);
    if (pool === null) return;
    const bound = BASE_MICROS + MICROS_PER_MEMBER * pool.size;
    for (const process of memberProcesses(this.context)) {
      const member = memberAt(world, process);
      const runs = member !== undefined && world.processes[process].status === 'running';
      if (runs && member.application !== null) this.count(process, member);
      if (!runs || member.userQueued === 0 || !canTell(member)) {
        this.busy.delete(process);
        continue;
      }
      const since = Math.max(this.busy.get(process) ?? world.now, settle.fromMicros);
      this.busy.set(process, this.busy.get(process) ?? world.now);
      if (world.now - since > bound) this.tell(process, member);
    }
  }

  private count(process: ProcessIndex, member: Member): void {
    const { next } = serfOf(member).outgoing;
    if (next > (this.told.get(process) ?? 0)) this.exercised++;
    this.told.set(process, next);
  }

  private tell(process: ProcessIndex, member: Member): void {
    const { world, report } = this.context;
    const [intents, queries, events] = serfOf(member).outgoing.queues.map(({ length }) => length);
    const { name } = world.processes[process];
    const what = `${intents} intents, ${queries} queries and ${events} user events`;
    report(`${name} still has ${what} to tell, long after the last fault`, [process]);
  }

  save(): unknown {
    const { exercised, busy, told } = this;
    return { exercised, busy: [...busy], told: [...told] } satisfies Saved;
  }

  restore(state: unknown): void {
    const { exercised, busy, told } = state as Saved;
    this.exercised = exercised;
    this.busy = new Map(busy);
    this.told = new Map(told);
  }
}

/** It gossips, and knows somebody who may hear it. */
function canTell(member: Member): boolean {
  if (!hasGossip(member) || member.application === null) return false;
  const { pool, index, node: self } = member;
  for (let node = 0; node < pool.views.nodes; node++) {
    const held = pool.views.get(index, node);
    if (node !== self && held !== 0 && !isGone(held)) return true;
  }
  return false;
}

export const queuesDrain: Invariant = {
  name: 'gossip.queues-drain',
  expectation: 'always',
  occasional: true,
  statement: 'After the last fault the queues of serf run empty.',
  source: 'hashicorp/serf:serf/serf.go (handleNodeLeaveIntent); hashicorp/serf pull 606',
  create: (context) => new QueuesDrain(context),
};
