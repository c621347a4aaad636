/**
 * `gossip.completeness`: whoever crashes is found out by everybody. Each member probes each other
 * within two passes, and no suspicion lasts longer than its longest timeout; a sick member takes up
 * to eight intervals for a probe. That bound holds in any network, since it needs nobody else.
 */
import { KernelNote } from '../../core/observer.ts';
import type { Member } from '../../protocol/gossip/member.ts';
import { State, STATE_NAMES, isGone } from '../../protocol/gossip/messages.ts';
import { GossipNote } from '../../protocol/gossip/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { heldBy, memberAt, memberProcesses, poolOf } from './members.ts';

const SICK_INTERVALS = 8;

interface Saved {
  readonly exercised: number;
  readonly downSince: readonly (readonly [ProcessIndex, number])[];
  readonly disturbed: readonly (readonly [ProcessIndex, number])[];
}

class Completeness implements InvariantCheck {
  readonly wants: readonly NoteKind[];
  /** Members found dead that were. */
  exercised = 0;
  private downSince = new Map<ProcessIndex, number>();
  /** When a member was last started or paused, which costs it time. */
  private disturbed = new Map<ProcessIndex, number>();
  private readonly context: CheckContext;
  private readonly members: readonly ProcessIndex[];

  constructor(context: CheckContext) {
    this.context = context;
    this.members = memberProcesses(context);
    const { crashed, started, paused, resumed } = KernelNote;
    this.wants = [crashed, started, paused, resumed, GossipNote.died];
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number): void {
    const { now } = this.context.world;
    if (kind === GossipNote.died) {
      if (this.downSince.has(a)) this.exercised++;
    } else if (kind === KernelNote.crashed) {
      this.downSince.set(process, now);
    } else {
      if (kind === KernelNote.started) this.downSince.delete(process);
      this.disturbed.set(process, now);
    }
  }

  onSecond(): void {
    if (this.downSince.size === 0) return;
    for (const [down, since] of this.downSince) this.look(down, since);
  }

  private look(down: ProcessIndex, since: number): void {
    const { world, report } = this.context;
    const pool = poolOf(this.context);
    if (pool === null || pool.memberOf(down) < 0) return;
    for (const process of this.members) {
      const member = memberAt(world, process);
      if (member === undefined || world.processes[process].status !== 'running') continue;
      const from = Math.max(since, this.disturbed.get(process) ?? 0);
      if (world.now - from <= boundMicros(member)) continue;
      const held = heldBy(pool, process, down);
      if (held === State.unknown || isGone(held)) continue;
      const name = (one: ProcessIndex): string => world.processes[one].name;
      const state = STATE_NAMES[held & 7];
      report(`${name(process)} still holds ${name(down)} to be ${state}`, [process, down]);
    }
  }

  save(): unknown {
    const { exercised, downSince, disturbed } = this;
    return { exercised, downSince: [...downSince], disturbed: [...disturbed] } satisfies Saved;
  }

  restore(state: unknown): void {
    const { exercised, downSince, disturbed } = state as Saved;
    this.exercised = exercised;
    this.downSince = new Map(downSince);
    this.disturbed = new Map(disturbed);
  }
}

/** Two passes of probes that all fail, and the longest suspicion. */
function boundMicros({ config, pool }: Member): number {
  const probes = (2 * pool.size + 2) * SICK_INTERVALS * config.probeIntervalMicros;
  return probes + pool.plan(config, pool.size).timeouts[0] * config.suspicionMaxTimeoutMult;
}

export const completeness: Invariant = {
  name: 'gossip.completeness',
  expectation: 'always',
  occasional: true,
  statement:
    'Whoever crashes and stays down is dead to every member that runs, after a bounded time.',
  source: 'SWIM, §3.1 and §4.3 (strong completeness, time-bounded)',
  create: (context) => new Completeness(context),
};
