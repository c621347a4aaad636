/**
 * A swarm: each seed draws its own mix of faults. Leaving kinds out matters as much as putting them
 * in, since faults of one kind mask those of another (Groce et al., Swarm Testing, ISSTA 2012); so
 * every seed first draws which kinds it uses and at which pace, then the faults themselves.
 */
import type { Draws } from '../core/draws.ts';
import type {
  FaultAction,
  FaultSpec,
  Scenario,
  ServerSpec,
  SwarmSpec,
} from '../../scenarios/scenario.ts';
import type { SwarmKind } from '../../scenarios/vocabulary.ts';
import { describeAction } from './label.ts';
import { drawAction, isWorthless } from './swarm-actions.ts';
import type { Cluster } from './swarm-actions.ts';
import { drawTrigger } from './swarm-triggers.ts';

/** Shortest and longest fault of a seed, in milliseconds. */
const PACES: readonly (readonly [number, number])[] = [
  [50, 1_000],
  [500, 5_000],
  [2_000, 20_000],
];
const FAULTS_MAX = 200;
const PATIENCE_MICROS = 10_000_000;
const MILLISECOND_MICROS = 1000;
/** One-shot actions, which have no end. */
const ONE_SHOT: readonly string[] = ['restart', 'heal', 'add', 'remove', 'demote', 'transfer'];

/**
 * The plan of one seed, by the time it begins: ordinary faults with fixed hosts, so that it can be
 * printed and saved. With an intensity of 1 about as many faults are in force at any time as there
 * are servers; there is always one.
 */
export function drawSwarm(
  swarm: SwarmSpec,
  scenario: Scenario,
  firstNumber: number,
  draws: Draws,
): FaultSpec[] {
  const cluster = clusterOf(scenario);
  const possible = swarm.kinds.filter((kind) => !isWorthless(kind, cluster));
  const kinds = possible.filter(() => draws.chance(0.5) || swarm.mix === 'all');
  const mix = kinds.length > 0 ? kinds : [possible[0] ?? 'crash'];
  const [shortest, longest] = draws.pick(PACES);
  const first = Math.floor(scenario.warmupMicros / MILLISECOND_MICROS);
  const window = Math.max(1, Math.floor(endOf(swarm, scenario) / MILLISECOND_MICROS) - first);
  const atOnce = swarm.intensity * Math.max(cluster.servers.length, cluster.others.length);
  const wanted = Math.round((atOnce * window) / ((shortest + longest) / 2));
  const count = Math.max(1, Math.min(FAULTS_MAX, wanted));
  const times = Array.from({ length: count }, () => first + draws.below(window));
  const specs: Omit<FaultSpec, 'number'>[] = [];
  let leaving = 0;
  for (const at of times.sort((a, b) => a - b)) {
    const kind = draws.pick(mix);
    const action = drawAction(kind, cluster, draws);
    const drawn = draws.between(shortest, longest + 1);
    const lasts = swarm.untilMicros === null ? drawn : Math.min(drawn, first + window - at);
    const trigger = drawTrigger(at * MILLISECOND_MICROS, action, cluster, draws);
    // What waits for a moment may wait beyond the end.
    if (trigger.kind === 'when' && swarm.untilMicros !== null) continue;
    if (isLeaving(action) && ++leaving > leavingMax(scenario)) continue;
    specs.push(faultOf(action, trigger, lasts, swarm));
    const again = remedyOf(action);
    const back = at + lasts;
    if (again === null || back >= first + window) continue;
    const atMicros = back * MILLISECOND_MICROS;
    specs.push(faultOf(again, { kind: 'at', atMicros }, 0, swarm));
  }
  return specs.map((spec, index) => ({ ...spec, number: firstNumber + index }));
}

/** One fault more for a plan that there is, at any time and of any kind that the swarm may draw. */
export function drawFault(swarm: SwarmSpec, scenario: Scenario, draws: Draws): FaultSpec {
  const cluster = clusterOf(scenario);
  const possible = swarm.kinds.filter(
    (kind) => !isWorthless(kind, cluster) && kind !== 'remove' && kind !== 'demote',
  );
  const usable = possible.length > 0 ? possible : (['crash'] as const);
  const action = drawAction(draws.pick<SwarmKind>(usable), cluster, draws);
  const [shortest, longest] = draws.pick(PACES);
  const lasts = draws.between(shortest, longest + 1);
  const atMicros = draws.between(scenario.warmupMicros, endOf(swarm, scenario));
  const trigger = drawTrigger(atMicros, action, cluster, draws);
  return { ...faultOf(action, trigger, lasts, swarm), number: 0 };
}

function endOf({ untilMicros }: SwarmSpec, { durationMicros }: Scenario): number {
  return Math.min(untilMicros ?? durationMicros, durationMicros);
}

function isLeaving({ kind }: FaultAction): boolean {
  return kind === 'remove' || kind === 'demote';
}

/**
 * A leader that takes itself out of a pair of voters and loses power may be the only one to have stored
 * that. Back again it stands for no election, since it has no vote in its latest configuration
 * (hashicorp/raft:raft.go (runFollower)), and refuses the other, which still needs its vote, for its
 * older log (raft.go (requestPreVote, requestVote)). Such a cluster never recovers; that is Raft.
 */
function leavingMax(scenario: Scenario): number {
  const voters = firstServers(scenario).filter(
    ({ initial }) => (initial?.suffrage ?? 'voter') === 'voter',
  );
  return Math.max(0, voters.length - 2);
}

/**
 * What makes good, later, what nobody else would: a server that cannot store its term ends itself,
 * and one that was taken out of the configuration stays out.
 */
function remedyOf(action: FaultAction): FaultAction | null {
  switch (action.kind) {
    case 'disk':
      if (action.mode === 'stall') return null;
      return { kind: 'restart', hosts: action.hosts, oneByOne: false, wait: null };
    case 'remove':
    case 'demote':
      return { kind: 'add', hosts: action.hosts, leader: action.leader, suffrage: 'voter' };
    default:
      return null;
  }
}

function firstServers({ hosts, datacenters }: Scenario): ServerSpec[] {
  return hosts
    .filter((host) => host.kind === 'server')
    .filter(({ datacenter }) => datacenter === datacenters[0].name);
}

/** Roles and memberships are those of the first datacenter; the servers of others are struck as agents are. */
function clusterOf(scenario: Scenario): Cluster {
  const { hosts } = scenario;
  const servers = firstServers(scenario);
  return {
    servers: servers.map(({ name }) => name),
    others: hosts.flatMap((host) => {
      const struck = host.kind !== 'client' && !servers.some((one) => one === host);
      return struck ? [host.name] : [];
    }),
    gossips: hosts.some(({ kind }) => kind === 'agent'),
    hasMembership: servers.every(({ paper }) => paper === null),
    hasProcessors: servers.some(
      ({ cpu: { message } }) => message.kind !== 'constant' || message.micros > 0,
    ),
  };
}

function faultOf(
  action: FaultAction,
  trigger: FaultSpec['trigger'],
  lastsMillis: number,
  { origin }: SwarmSpec,
): Omit<FaultSpec, 'number'> {
  const jumps = action.kind === 'skew' && action.change === 'jump';
  const endless = jumps || ONE_SHOT.includes(action.kind);
  return {
    kind: 'fault',
    label: describeAction(action),
    origin,
    trigger,
    lasts: endless ? null : { kind: 'constant', micros: lastsMillis * MILLISECOND_MICROS },
    patienceMicros: PATIENCE_MICROS,
    action,
  };
}
