/**
 * What happens to the service mesh: an operator asks the leader for a new root, or for another
 * intention; the authority behind the servers is out of reach.
 *
 * Known deviation: a server that starts while the authority is out of reach can reach it.
 */
import { ErrorCause } from '../core/machine.ts';
import { CHANGE_INTENTION, REACHABLE, ROTATE } from '../consul/connect/vocabulary.ts';
import type { ConnectChange } from '../consul/state/connect.ts';
import { matchIntentions } from '../consul/state/connect.ts';
import type { Store } from '../consul/state/store.ts';
import type { Intention } from '../service/mesh.ts';
import type { FaultContext, ServerRef } from './context.ts';
import { asked, serversAmong } from './membership.ts';
import type { AskedHeld } from './membership.ts';
import { leaderOf } from './roles.ts';
import type { ActionOf, Verb } from './verb.ts';

export interface OutageHeld {
  readonly kind: 'outage';
  readonly servers: number;
}

export interface IntentionHeld {
  readonly kind: 'intention';
  readonly taken: number;
  /** What it was before; null: there was none. */
  readonly before: Intention | null;
  readonly wanted: Intention;
}

function ask(
  { world }: FaultContext,
  { process }: Pick<ServerRef, 'process'>,
  input: number,
  from: number,
  body: unknown,
): number {
  const target = world.processes[process];
  if (target.status === 'down') return 0;
  return world.offer(target, input, 0, from, body, ErrorCause.none) ? 1 : 0;
}

export const rotateCa: Verb<ActionOf<'rotate_ca'>, AskedHeld> = asked<'rotate_ca'>(
  ({ hosts }, aim, context) =>
    serversAmong(aim.get(hosts)!, context).reduce(
      (taken, server) => taken + ask(context, server, ROTATE, 0, null),
      0,
    ),
);

export const caOutage: Verb<ActionOf<'ca_outage'>, OutageHeld> = {
  begin(_action, _aim, { context }) {
    const told = context.servers.map((server) => ask(context, server, REACHABLE, 0, null));
    const servers = told.reduce((sum, one) => sum + one, 0);
    return { held: { kind: 'outage', servers } };
  },
  affected: ({ servers }) => servers,
  end({ servers }, stage) {
    const { context } = stage;
    if (stage.others('outage').length === 0) {
      for (const server of context.servers) ask(context, server, REACHABLE, 1, null);
    }
    return servers;
  },
};

export const intention: Verb<ActionOf<'intention'>, IntentionHeld> = {
  begin({ hosts, ...action }, aim, { context }) {
    const wanted = action.intention;
    const [server] = serversAmong(aim.get(hosts)!, context);
    if (server === undefined) {
      return { held: { kind: 'intention', taken: 0, before: null, wanted }, over: true };
    }
    const store = context.raft(server.process)!.fsm as Store;
    const { intentions } = matchIntentions(store, wanted.destination, null);
    const known = intentions.find(
      ({ source, destination }) => source === wanted.source && destination === wanted.destination,
    );
    const change: ConnectChange = { kind: 'set-intention', intention: wanted };
    const taken = ask(context, server, CHANGE_INTENTION, 0, change);
    const before = known === undefined ? null : { ...wanted, action: known.action };
    return { held: { kind: 'intention', taken, before, wanted } };
  },
  affected: ({ taken }) => taken,
  end({ taken, before, wanted }, { context }) {
    const leader = leaderOf(context);
    const { source, destination } = wanted;
    const change: ConnectChange =
      before === null
        ? { kind: 'delete-intention', source, destination }
        : { kind: 'set-intention', intention: before };
    if (leader !== undefined) ask(context, leader, CHANGE_INTENTION, 0, change);
    return taken;
  },
};
