/** What a swarm may do to whom. */
import type { Draws } from '../core/draws.ts';
import type {
  FaultAction,
  LinksSpec,
  PartitionShape,
  Selector,
  TrafficSpec,
} from '../../scenarios/scenario.ts';
import type { SwarmKind } from '../../scenarios/vocabulary.ts';

/** What a swarm knows of the cluster it is aimed at. */
export interface Cluster {
  readonly servers: readonly string[];
  /** Client agents and instances of services. */
  readonly others: readonly string[];
  /** There are agents in one pool with the servers. */
  readonly gossips: boolean;
  /** Messages cost service time. */
  readonly hasProcessors: boolean;
  /** Its servers can be added, removed and demoted. */
  readonly hasMembership: boolean;
}

const LINK_KINDS: readonly SwarmKind[] = ['partition', 'loss', 'delay', 'reorder', 'hold'];
/** What an operator asks of a leader, which a single server need not be asked. */
const MEMBER_KINDS: readonly SwarmKind[] = ['add', 'remove', 'demote', 'transfer'];
const LEADER: Selector = { kind: 'leader', text: 'leader' };
const CLASSES = [
  'raft.heartbeat',
  'raft.append',
  'raft.vote',
  'raft.prevote',
  'raft.install',
  'raft.timeout-now',
] as const;
/** What agents send and are sent. */
const CLASSES_OF_AGENTS = [
  'gossip.probe',
  'gossip.gossip',
  'gossip.push-pull',
  'rpc.write',
] as const;
/** Share of the faults that are aimed at somebody else than servers, and at how many at a time. */
const OTHERS = 0.5;
const OTHERS_MAX = 3;
const MILLISECOND_MICROS = 1000;

/** A single server has nobody to be cut off from; the textbook's Raft has no membership changes. */
export function isWorthless(kind: SwarmKind, { servers, others, hasMembership }: Cluster): boolean {
  if (MEMBER_KINDS.includes(kind)) return !hasMembership || servers.length < 2;
  return servers.length + others.length < 2 && LINK_KINDS.includes(kind);
}

export function drawAction(kind: SwarmKind, cluster: Cluster, draws: Draws): FaultAction {
  switch (kind) {
    case 'crash': {
      const how = draws.pick(['kill', 'kill', 'power', 'exit'] as const);
      const late = how !== 'exit' && draws.chance(0.3);
      const atWrite = late ? draws.between(1, 4) : null;
      return { kind, hosts: drawTarget(cluster, draws), how, atWrite };
    }
    case 'restart': {
      if (draws.chance(0.7)) {
        return { kind, hosts: drawTarget(cluster, draws), oneByOne: false, wait: null };
      }
      const wait = draws.pick(['voted', 'caught-up'] as const);
      return { kind, hosts: named(cluster.servers), oneByOne: true, wait };
    }
    case 'pause': {
      const mode = draws.pick(['stop', 'suspend', 'io'] as const);
      return { kind, hosts: drawTarget(cluster, draws), mode };
    }
    case 'partition':
      return { kind, shape: drawShape(cluster, draws), traffic: drawTraffic(cluster, draws) };
    case 'loss': {
      const probability = draws.pick([0.02, 0.1, 0.3, 0.7]);
      return { kind, links: drawLinks(cluster, draws), probability };
    }
    case 'delay':
    case 'reorder': {
      const most = draws.pick([20, 200, 2_000]) * MILLISECOND_MICROS;
      const delay = { kind: 'uniform', micros: [MILLISECOND_MICROS, most] } as const;
      return { kind, links: drawLinks(cluster, draws), delay };
    }
    case 'hold':
      return { kind, links: drawLinks(cluster, draws) };
    case 'slow': {
      const resources = ['link', 'disk', ...(cluster.hasProcessors ? ['cpu'] : [])] as const;
      const resource = draws.pick(resources) as 'link' | 'disk' | 'cpu';
      const factor = draws.pick([2, 5, 20, 100]);
      return { kind, hosts: drawTarget(cluster, draws), resource, factor };
    }
    case 'skew':
      return { kind, hosts: drawTarget(cluster, draws), ...drawSkew(draws) };
    case 'disk': {
      const mode = draws.pick(['stall', 'stall', 'error', 'log_error', 'full'] as const);
      return { kind, hosts: drawTarget(cluster, draws), mode };
    }
    case 'add': {
      const suffrage = draws.chance(0.7) ? 'voter' : 'nonvoter';
      return { kind, hosts: drawOne(cluster, draws), leader: LEADER, suffrage };
    }
    case 'remove':
    case 'demote':
      return { kind, hosts: drawOne(cluster, draws), leader: LEADER };
    case 'transfer': {
      const chosen = draws.chance(0.5);
      const to = drawOne(cluster, draws);
      return { kind, hosts: LEADER, to: chosen ? to : null };
    }
    default:
      return kind satisfies never;
  }
}

/** One server by its name. */
function drawOne({ servers }: Cluster, draws: Draws): Selector {
  return drawSome(servers, 1, draws);
}

function drawSkew(draws: Draws): {
  readonly change: 'offset' | 'drift' | 'jump';
  readonly amount: number;
} {
  const change = draws.pick(['offset', 'drift', 'jump'] as const);
  const sign = draws.pick([-1, 1]);
  if (change === 'drift') return { change, amount: sign * draws.pick([500, 20_000, 200_000]) };
  return { change, amount: sign * draws.pick([5, 500, 60_000]) * MILLISECOND_MICROS };
}

/** Mostly one server, often the leader, sometimes a few. */
function drawTarget(cluster: Cluster, draws: Draws): Selector {
  const { others } = cluster;
  if (others.length > 0 && draws.chance(OTHERS)) {
    const few = Math.min(others.length, OTHERS_MAX);
    return drawSome(others, draws.chance(0.5) ? 1 : draws.between(1, few + 1), draws);
  }
  const kind = draws.below(10);
  if (kind < 3) return LEADER;
  const count = kind < 8 ? 1 : draws.between(1, cluster.servers.length + 1);
  return drawSome(cluster.servers, count, draws);
}

function drawSome(from: readonly string[], count: number, draws: Draws): Selector {
  const left = from.slice();
  const picked = new Set<string>();
  while (picked.size < count) {
    picked.add(left.splice(draws.below(left.length), 1)[0]);
  }
  return named(from.filter((name) => picked.has(name)));
}

function named(hosts: readonly string[]): Selector {
  return { kind: 'hosts', text: hosts.join(', '), hosts };
}

/** Mostly everything; sometimes one kind of messages, or of transport, only. */
function drawTraffic({ gossips }: Cluster, draws: Draws): TrafficSpec {
  const some = draws.chance(0.2);
  // Among agents also all that servers alone say to each other: they hear a server that lags.
  const only = draws.pick(gossips ? [...CLASSES, ...CLASSES_OF_AGENTS, null] : CLASSES);
  const classes = only === null ? CLASSES : [only];
  const transport = gossips && draws.chance(0.3) ? draws.pick(['udp', 'tcp'] as const) : 'all';
  return { only: some && transport === 'all' ? classes : null, transport };
}

function drawShape(cluster: Cluster, draws: Draws): PartitionShape {
  const { servers } = cluster;
  const shapes = ['isolate', 'isolate', 'halves', 'oneway', 'between'] as const;
  const kind = draws.pick(servers.length < 4 ? shapes : ([...shapes, 'ring', 'bridge'] as const));
  switch (kind) {
    case 'isolate':
      return { kind, hosts: drawTarget(cluster, draws) };
    case 'bridge':
      return { kind, hosts: drawSome(servers, 1, draws) };
    case 'oneway': {
      const [from, to] = drawEnds(cluster, draws);
      return { kind, from, to };
    }
    case 'between': {
      const [first, second] = drawEnds(cluster, draws);
      return { kind, first, second };
    }
    default:
      return { kind };
  }
}

/** One server, or the leader, and some of the others. */
function drawEnds({ servers, others }: Cluster, draws: Draws): [Selector, Selector] {
  if (draws.chance(servers.length < 2 ? 0 : 0.3)) {
    return [LEADER, { kind: 'followers', text: 'followers' }];
  }
  const all = [...servers, ...others];
  const one = draws.pick(all);
  const rest = all.filter((name) => name !== one);
  return [named([one]), drawSome(rest, draws.between(1, all.length), draws)];
}

function drawLinks(cluster: Cluster, draws: Draws): LinksSpec {
  const traffic = drawTraffic(cluster, draws);
  if (draws.chance(0.2)) return { ...traffic, from: null, to: null, bothWays: false };
  const [from, to] = drawEnds(cluster, draws);
  return { ...traffic, from, to, bothWays: draws.chance(0.5) };
}
