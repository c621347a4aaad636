/**
 * `autopilot.removes-only-dead`: autopilot takes a server for dead when gossip says so. One that runs
 * and has just heard from the leader over Raft is not; Consul removes it all the same, which is
 * documented behaviour.
 */
import { AutopilotNote } from '../../consul/autopilot/vocabulary.ts';
import { NEVER } from '../../protocol/raft/types.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import { inSeconds } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';

class RemovesOnlyDead implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [AutopilotNote.prune];
  /** Removals seen. */
  exercised = 0;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(_: NoteKind, leader: ProcessIndex, server: number, voters: number): void {
    this.exercised++;
    const { name, raft, world } = this.context;
    const process = world.processes[server];
    const state = raft(server);
    if (process.status !== 'running' || state === undefined || state.lastContact === NEVER) return;
    const silence = process.host.clock.monotonic(world.now) - state.lastContact;
    if (state.leader !== leader || silence >= state.config.heartbeatMicros) return;
    const heard = `which heard from it ${inSeconds(silence)} ago`;
    this.context.report(
      `${name(leader)} removes ${name(server)}, one of ${voters} voters, ${heard}`,
      [leader, server],
      { status: 'allowed', reference: 'consul#5922' },
    );
  }

  save(): unknown {
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
}

export const removesOnlyDead: Invariant = {
  name: 'autopilot.removes-only-dead',
  expectation: 'always',
  occasional: true,
  statement: 'Autopilot removes no server that runs and hears the leader.',
  source: 'hashicorp/raft-autopilot:reconcile.go (pruneDeadServers); exception: consul#5922',
  create: (context) => new RemovesOnlyDead(context),
};
