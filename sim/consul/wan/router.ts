/**
 * The way to other datacenters (`consul:agent/router/router.go`, `consul:agent/router/manager.go`;
 * reference: gossip §4.5): for each of them a list of servers, kept by the events of the WAN pool, whose
 * first is asked. Whoever fails a request, or fails in the pool, goes to its end; only who leaves goes.
 *
 * Known deviations: of its own datacenter a server keeps no such list, since nothing goes that way. In a
 * formed pool the order in which servers once arrived is drawn.
 */
import { ErrorCause } from '../../core/machine.ts';
import type { Machine, Outbox, View } from '../../core/machine.ts';
import type { Member } from '../../protocol/gossip/member.ts';
import type { SerfEvent } from '../../protocol/serf/config.ts';
import { serfOf } from '../../protocol/serf/state.ts';
import * as Servers from '../agent/servers.ts';
import type { ServerEntry } from '../agent/servers.ts';
import type { Manager, RouterConfig, RouterState } from './state.ts';
import * as Kind from './vocabulary.ts';

const FIRST_REBALANCE_MICROS = 120_000_000;
/** A ping has the time of any request (`rpc_client_timeout`). */
const PING_MICROS = 60_000_000;
const FORMED_MICROS = 1_000_000;

function create(config: RouterConfig): RouterState {
  return { config, managers: new Map() };
}

function onStart(state: RouterState, out: Outbox): void {
  const { servers, formed } = state.config;
  if (formed === null || out.now() >= FORMED_MICROS) return;
  const draws = out.draw('router');
  const order = formed.slice();
  draws.shuffle(order);
  for (const node of order) add(state, node, out);
  for (const [datacenter, manager] of state.managers) {
    const nodes = servers.filter((one) => one.datacenter === datacenter).length;
    const period = Servers.drawRebalance(draws, servers.length, nodes);
    out.timer(Kind.ROUTER_REBALANCE, manager.number, 1 + draws.below(period));
  }
}

function onInput(
  state: RouterState,
  input: number,
  from: number,
  body: unknown,
  out: Outbox,
): void {
  switch (input) {
    case Kind.ROUTER_EVENT:
      onEvent(state, from, body as SerfEvent, out);
      return;
    case Kind.ROUTER_REBALANCE:
      beginRebalance(state, out);
      return;
    default:
      out.reply(from, null);
  }
}

function onEvent(state: RouterState, node: number, event: SerfEvent, out: Outbox): void {
  const { datacenter, name, process } = state.config.servers[node];
  if (datacenter === state.config.datacenter) return;
  if (event === 'join' || event === 'update') {
    add(state, node, out);
    return;
  }
  const manager = state.managers.get(datacenter);
  if (manager === undefined) return;
  // G22 (consul#2801): a server that fails is forgotten as one that leaves is.
  if (event === 'failed' && !state.config.bugs.G22) {
    Servers.notifyFailedServer(manager, process);
    return;
  }
  Servers.removeServer(manager, name);
  if (manager.servers.length > 0) return;
  state.managers.delete(datacenter);
  out.cancel(Kind.ROUTER_REBALANCE, manager.number);
  out.reap(Kind.REBALANCE_LANE, manager.number);
}

/** The first server of a datacenter brings the list of it along. */
function add(state: RouterState, node: number, out: Outbox): void {
  const { datacenters, servers, datacenter: own } = state.config;
  const { datacenter, name, process } = servers[node];
  if (datacenter === own) return;
  let manager = state.managers.get(datacenter);
  if (manager === undefined) {
    const number = 1 + datacenters.indexOf(datacenter);
    manager = { number, servers: [], offline: false, tested: null, pings: 0 };
    state.managers.set(datacenter, manager);
    out.spawn(Kind.REBALANCE_LANE, number);
    out.timer(Kind.ROUTER_REBALANCE, number, FIRST_REBALANCE_MICROS);
  }
  Servers.addServer(manager, { name, process });
  manager.offline = false;
}

function managerOf({ managers }: RouterState, number: number): Manager | undefined {
  for (const manager of managers.values()) if (manager.number === number) return manager;
  return undefined;
}

/** The live list is shuffled too, before anybody has been pinged: the original shares it. */
function beginRebalance(state: RouterState, out: Outbox): void {
  const manager = managerOf(state, out.key)!;
  const draws = out.draw('router');
  Servers.shuffleServers(manager, draws);
  const nodes = serfOf(out.sibling(Kind.WAN_MACHINE) as Member).count;
  const period = Servers.drawRebalance(draws, nodes, manager.servers.length);
  out.timer(Kind.ROUTER_REBALANCE, manager.number, period);
  manager.tested = { servers: manager.servers };
  manager.pings = 0;
  pingFront(manager, manager.tested.servers.length, out);
}

/** Each server is pinged once at most; none answers: nobody is asked until one is added, or answers. */
function pingFront(manager: Manager, most: number, out: Outbox): void {
  const tested = manager.tested!;
  if (manager.pings >= most) {
    manager.offline = true;
    manager.tested = null;
    out.note(Kind.RouterNote.rebalanced, manager.number, manager.pings, 0);
    return;
  }
  manager.pings++;
  const { process } = tested.servers[0];
  out.call(process, Kind.ROUTER_PING, null, PING_MICROS, Kind.PINGED, most);
}

function onResume(
  state: RouterState,
  _step: number,
  most: number,
  _body: unknown,
  out: Outbox,
): void {
  const manager = managerOf(state, out.key);
  if (manager === undefined || manager.tested === null) return;
  const { tested } = manager;
  if (out.error !== ErrorCause.none) {
    // G8 (consul#3463): the list without its dead front is made, and forgotten.
    if (!state.config.bugs.G8) Servers.notifyFailedServer(tested, tested.servers[0].process);
    pingFront(manager, most, out);
    return;
  }
  manager.offline = false;
  manager.tested = null;
  reconcile(manager, tested.servers);
  out.note(Kind.RouterNote.rebalanced, manager.number, manager.pings, 1);
}

/** Takes over the order that was tested, with whom the pool has brought or taken meanwhile. */
function reconcile(manager: Manager, tested: readonly ServerEntry[]): void {
  const known = (name: string, list: readonly ServerEntry[]): boolean =>
    list.some((one) => one.name === name);
  if (!known(tested[0].name, manager.servers)) return;
  const kept = tested.filter(({ name }) => known(name, manager.servers));
  const added = manager.servers.filter(({ name }) => !known(name, tested));
  manager.servers = [...kept, ...added];
}

function view({ managers }: RouterState): View {
  const known: Record<string, string | number> = {};
  for (const [datacenter, { servers, offline }] of managers) {
    known[datacenter] = offline ? 'offline' : servers.map(({ name }) => name).join(' ');
  }
  return known;
}

export const routerMachine: Machine<RouterState, null> = {
  name: 'router',
  number: Kind.ROUTER_MACHINE,
  lanes: Kind.ROUTER_LANES,
  inputs: Kind.ROUTER_INPUTS,
  notes: [
    undefined,
    { name: 'rebalance', text: (a, b, c) => `datacenter=${a} pings=${b} ok=${c}`, detail: 1 },
  ],
  create,
  onStart,
  onInput,
  onResume,
  createDurable: () => null,
  applyWrite: () => {},
  view,
  save: (state) => ({
    ...state,
    managers: new Map(
      [...state.managers].map(([name, manager]) => {
        const tested = manager.tested && { ...manager.tested };
        return [name, { ...manager, tested }] as const;
      }),
    ),
  }),
  saveDurable: () => null,
};
