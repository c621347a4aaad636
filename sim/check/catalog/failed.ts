/**
 * `catalog.failed-hidden`: a node that the pool has given up is not offered to anybody. Once the leader
 * holds its agent for failed, or it has left, no server answers with an instance of it as healthy.
 * Every server is asked, since DNS and other stale reads ask any; the cluster has to be quiet.
 */
import {
  isHealthy,
  listCheckedInstances,
  listNodeServices,
} from '../../consul/state/catalog-queries.ts';
import type { Store } from '../../consul/state/store.ts';
import { MemberStatus } from '../../consul/membership/members.ts';
import type { MembershipState } from '../../consul/membership/machine.ts';
import { MEMBERSHIP_MACHINE } from '../../consul/membership/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { inSeconds } from '../invariant.ts';
import { QUIET_NOTES, Quiet } from './quiet.ts';
import type { QuietState } from './quiet.ts';

/** reconcile_interval, after which a leader looks at all members, and time for the entries. */
const BOUND_MICROS = 65_000_000;
const GONE: readonly number[] = [MemberStatus.failed, MemberStatus.left, MemberStatus.reaped];

interface Saved {
  readonly exercised: number;
  readonly quiet: QuietState;
  readonly since: readonly (readonly [ProcessIndex, number])[];
}

class FailedHidden implements InvariantCheck {
  readonly wants: readonly NoteKind[] = QUIET_NOTES;
  /** Nodes that had been given up for long enough, each second. */
  exercised = 0;
  /** Since when the leader has held an agent for gone. */
  private since = new Map<ProcessIndex, number>();
  private readonly quiet: Quiet;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    this.quiet = new Quiet(context);
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number, c: number): void {
    this.quiet.onNote(kind, process, a, b, c);
  }

  onSecond(): void {
    const { quiet, context, since } = this;
    quiet.look();
    const membership = this.leadersView();
    if (quiet.store === null || membership === undefined) return;
    const { now } = context.world;
    const { config, members } = membership;
    config.members.forEach(({ process, name, server }, place) => {
      if (server || !GONE.includes(members[place].status)) {
        since.delete(process);
        return;
      }
      const begun = since.get(process) ?? now;
      since.set(process, begun);
      if (Math.min(now - begun, quiet.sinceAllMicros) > BOUND_MICROS) this.look(name, process);
    });
  }

  private leadersView(): MembershipState | undefined {
    const { servers, raft, world } = this.context;
    const leader = servers.find(({ process }) => raft(process)?.fsm === this.quiet.store);
    if (leader === undefined) return undefined;
    const slot = world.processes[leader.process].slotByNumber[MEMBERSHIP_MACHINE];
    return slot?.state as MembershipState | undefined;
  }

  private look(node: string, agent: ProcessIndex): void {
    const { servers, raft, name, report } = this.context;
    this.exercised++;
    for (const { process } of servers) {
      const store = raft(process)?.fsm as Store | undefined;
      const offered = store === undefined ? undefined : offeredOf(store, node);
      if (offered === undefined) continue;
      const message = `${name(process)} offers ${offered} on ${node}, whose agent has been gone for ${inSeconds(BOUND_MICROS)}`;
      report(message, [process, agent]);
      return;
    }
  }

  save(): unknown {
    const { exercised, quiet, since } = this;
    return { exercised, quiet: quiet.save(), since: [...since] } satisfies Saved;
  }

  restore(state: unknown): void {
    const { exercised, quiet, since } = state as Saved;
    this.exercised = exercised;
    this.quiet.restore(quiet);
    this.since = new Map(since);
  }
}

/** An instance of the node that passes for healthy: nothing of it is critical. */
function offeredOf(store: Store, node: string): string | undefined {
  const { services } = listNodeServices(store, node, null);
  return services.find(({ id, service }) =>
    listCheckedInstances(store, service, null).instances.some(
      (one) => one.service.id === id && one.service.node === node && isHealthy(one, false),
    ),
  )?.id;
}

export const failedHidden: Invariant = {
  name: 'catalog.failed-hidden',
  expectation: 'always',
  occasional: true,
  statement:
    'A node whose agent the pool has given up is in no answer of healthy instances, at the latest ' +
    'after the leader has looked at all members once.',
  source:
    'hashicorp/consul:agent/consul/leader.go (handleFailedMember, handleLeftMember); issue 544',
  create: (context) => new FailedHidden(context),
};
