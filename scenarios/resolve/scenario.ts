/** A checked draft -> the scenario the simulator runs. */
import type {
  BugSpec,
  ExpectSpec,
  InvariantSpec,
  LinkOverride,
  NetworkSpec,
  Scenario,
  ServerSpec,
  TcpSpec,
} from '../scenario.ts';
import { datacenterOf } from '../datacenters.ts';
import type { ScenarioDraft } from '../schema.ts';
import type { HostTable, SelectorSyntax } from '../selectors.ts';
import { fixedHosts, resolveSelector } from '../selectors.ts';
import type { Threshold } from '../thresholds.ts';
import { resolveThreshold } from '../thresholds.ts';
import type { Path } from '../tree.ts';
import type { InvariantName, OpenBugId } from '../vocabulary.ts';
import { INVARIANT_NAMES, OPEN_BUGS } from '../vocabulary.ts';
import { isPlainMap } from '../schema/kit.ts';
import { resolveDecisions } from './decisions.ts';
import { resolveFaults } from './faults.ts';
import type { Complain } from './hosts.ts';
import { resolveGossip, resolveGossipWan } from './gossip.ts';
import { resolveAgentReads, roadsOf } from './agent-reads.ts';
import { resolveLeaving } from './leaving.ts';
import { resolveMesh } from './mesh.ts';
import { resolveServerLayer } from './server-layer.ts';
import {
  isAlone,
  resolveAgents,
  resolveClients,
  resolveInstances,
  resolveServers,
} from './hosts.ts';
import { resolveLoads, sharesOf } from './loads.ts';
import { resolveCalls, resolveServices } from './services.ts';

export interface Resolving {
  readonly draft: ScenarioDraft;
  readonly table: HostTable;
  /** Name of the scenario where it says none. */
  readonly fallbackName: string;
  readonly originOf: (path: Path) => string;
  readonly faultCount: number;
  /** Takes what only shows once everything is known. */
  readonly complain: Complain;
}

export function resolveScenario(resolving: Resolving): Scenario {
  const { draft, table, complain } = resolving;
  const servers = resolveServers(draft, table, complain);
  if (draft.warmup >= draft.duration) complain(['warmup'], 'leaves nothing of duration to measure');
  checkLogs(servers, complain);
  if (draft.cluster.raft.variant === 'paper') checkPaper(draft, servers, complain);
  checkQuorum(draft, servers, complain);
  checkBootstrap(draft, complain);
  const decisions = resolveDecisions(draft, table, complain);
  return {
    name: draft.name ?? resolving.fallbackName,
    description: draft.description ?? '',
    start: draft.start,
    warmupMicros: draft.warmup,
    durationMicros: draft.duration,
    settleMicros: draft.settle,
    datacenters: table.datacenters.map(({ name, servers: own, zones }) => {
      return { name, servers: own, zones };
    }),
    hosts: [
      ...servers,
      ...resolveClients(draft, table),
      ...resolveAgents(draft, table),
      ...resolveInstances(draft, table),
    ],
    raftAlone: isAlone(draft),
    serverLayer: resolveServerLayer(draft, table, complain),
    agentReads: resolveAgentReads(draft, complain),
    mesh: resolveMesh(draft, complain),
    gossip: resolveGossip(draft, table, complain),
    leaving: resolveLeaving(draft, table, complain),
    gossipWan: resolveGossipWan(draft, table, complain),
    network: resolveNetwork(draft, table),
    loads: resolveLoads(draft, table),
    services: resolveServices(draft, table, complain),
    calls: resolveCalls(draft, table),
    faults: resolveFaults(resolving),
    ...(decisions.length === 0 ? {} : { decisions }),
    invariants: resolveInvariants(draft, table),
    thresholds: resolveThresholds(resolving),
    expect: resolveExpect(draft.expect),
    bugs: resolveBugs(draft),
    initialKv: Object.entries(draft.initial.kv),
    limits: {
      events: draft.limits.events,
      wallMicros: draft.limits.wall,
      memoryBytes: draft.limits.memory,
      queue: draft.limits.queue,
      traceBytes: draft.limits.trace,
    },
  };
}

function resolveNetwork({ network }: ScenarioDraft, table: HostTable): NetworkSpec {
  const { loopback, zone, lan, wan, tcp, links } = network;
  return {
    classes: { loopback, zone, lan, wan },
    tcp: resolveTcp(tcp),
    links: links.flatMap((link): LinkOverride[] => {
      const { latency = null, loss = null, bandwidth } = link;
      const ends = 'between' in link ? link.between : ([link.from, link.to] as const);
      const [first, second] = [hostsOf(ends[0], table), hostsOf(ends[1], table)];
      const there = { from: first, to: second, latency, loss, bandwidth };
      return 'between' in link ? [there, { ...there, from: second, to: first }] : [there];
    }),
  };
}

function resolveTcp(tcp: ScenarioDraft['network']['tcp']): TcpSpec {
  if ('ideal' in tcp) {
    return { ideal: true, retransmitMicros: 0, retransmitMaxMicros: 0, synMicros: 0 };
  }
  return {
    ideal: false,
    retransmitMicros: tcp.retransmit,
    retransmitMaxMicros: tcp.retransmit_max,
    synMicros: tcp.syn,
  };
}

function hostsOf(syntax: SelectorSyntax, table: HostTable): readonly string[] {
  const fixed = fixedHosts(resolveSelector(syntax, table).selector);
  return fixed.ok ? fixed.value : [];
}

/** The paper's followers grant pre-votes sooner, and its candidates store their vote unannounced. */
const OF_THE_LIBRARY: readonly InvariantName[] = [
  'raft.leader-undisturbed',
  'raft.vote-recorded',
  'raft.vote-for-voter',
  'raft.change-in-own-term',
];

function resolveInvariants(draft: ScenarioDraft, table: HostTable): InvariantSpec[] {
  const { invariants, load } = draft;
  const alone = isAlone(draft);
  const watches = Object.values(load).some(({ kind }) => kind === 'watch');
  const locks = Object.values(load).some(({ kind }) => kind === 'lock');
  const discovers = roadsOf(draft).length > 0;
  const settings = invariants === 'all' ? { without: [] as InvariantName[] } : invariants;
  const judged = INVARIANT_NAMES.filter((name) => {
    if (draft.cluster.raft.variant === 'paper' && OF_THE_LIBRARY.includes(name)) return false;
    if (name.startsWith('gossip.')) return !alone || table.agents.length > 0;
    if (name.startsWith('wan.')) return !alone && table.datacenters.length > 1;
    if (name === 'watch.begins-anew') return watches || discovers;
    if (name === 'watch.patience' || name.startsWith('discovery.')) return discovers;
    if (name.startsWith('watch.')) return watches;
    if (/^(kv\.lock|session\.not)-/.test(name)) return locks;
    if (/^(catalog|check)\./.test(name)) return hasAgents(draft);
    if (/^(balance|call)\./.test(name)) return table.services.size > 0;
    if (name.startsWith('mesh.')) return draft.mesh !== undefined;
    return !alone || !/^(leader|autopilot)\./.test(name);
  });
  return judged
    .filter((name) => !settings.without.includes(name))
    .map((name) => {
      const own = (settings as Partial<Record<InvariantName, { within?: number | undefined }>>)[
        name
      ];
      return { name, withinMicros: own?.within ?? null };
    });
}

/** Instances with agents beside them, which register and check them. */
function hasAgents({ services, load }: ScenarioDraft): boolean {
  const discovers = Object.values(load).some((one) => one.kind === 'call' && one.discover);
  return (
    discovers ||
    Object.values(services).some(
      ({ check, register, names, sidecar }) =>
        check !== undefined || register !== undefined || names.length > 0 || sidecar,
    )
  );
}

function resolveThresholds({ draft, faultCount }: Resolving): Threshold[] {
  const loads = Object.keys(draft.load);
  const ofKind = (kind: 'call' | 'lock') => loads.filter((name) => draft.load[name]?.kind === kind);
  const kinds = { call: ofKind('call'), lock: ofKind('lock') };
  const context = { loads, kinds, faults: faultCount };
  return Object.entries(draft.thresholds).flatMap(([metric, expressions]) =>
    expressions.flatMap((expression) => {
      const resolved = resolveThreshold(metric, expression, context);
      return resolved.ok ? [resolved.value] : [];
    }),
  );
}

function resolveExpect(expect: ScenarioDraft['expect']): ExpectSpec {
  if (expect === 'pass') return { kind: 'pass' };
  if ('anomaly' in expect) return { kind: 'anomaly', invariant: expect.anomaly };
  return { kind: 'violation', invariant: expect.violation, known: expect.known ?? null };
}

function resolveBugs(draft: ScenarioDraft): BugSpec {
  const all = draft.fix === 'all' || draft.known_issues === 'fix';
  const fixed = all ? (Object.keys(OPEN_BUGS) as OpenBugId[]) : (draft.fix as OpenBugId[]);
  return {
    planted: [...new Set(draft.plant)],
    fixed: [...new Set(fixed)],
    knownIssues: draft.known_issues,
  };
}

/** What only the model of hashicorp/raft knows. */
function checkPaper(
  draft: ScenarioDraft,
  servers: readonly ServerSpec[],
  complain: Complain,
): void {
  const only = 'only hashicorp/raft has it; remove it, or variant: paper';
  if (draft.plant.length > 0) {
    complain(['plant'], 'these are bugs of hashicorp/raft; remove them, or variant: paper');
  }
  for (const [name, load] of Object.entries(draft.load)) {
    if ('consistency' in load && sharesOf(load.consistency).consistent > 0)
      complain(['load', name, 'consistency'], only);
  }
  for (const { name, initial } of servers) {
    if (initial !== null && initial.suffrage !== 'voter') {
      complain(['initial', name, 'suffrage'], only);
    }
  }
  const verbs = ['add', 'remove', 'demote', 'transfer', 'recover', 'upgrade'];
  draft.faults.forEach((item, index) => {
    const verb = verbs.find((one) => one in item);
    if (verb !== undefined) complain(['faults', index, verb], only);
    for (const [name, steps] of Object.entries(item)) {
      if (!Array.isArray(steps)) continue;
      steps.forEach((step: unknown, place) => {
        const inner = verbs.find((one) => isPlainMap(step) && one in step);
        if (inner !== undefined) complain(['faults', index, name, place, inner], only);
      });
    }
  });
}

/** Two logs that agree on an entry must agree on all before it, as in any state a run reaches. */
function checkLogs(servers: readonly ServerSpec[], complain: Complain): void {
  const logs = servers.map(({ name, initial }) => ({ name, log: initial?.log ?? [] }));
  for (const [number, one] of logs.entries()) {
    for (const other of logs.slice(0, number)) {
      if (datacenterOf(other.name) !== datacenterOf(one.name)) continue;
      const last = one.log.findLastIndex((term, index) => term === other.log[index]);
      const differs = one.log.findIndex((term, index) => index < last && term !== other.log[index]);
      if (differs < 0) continue;
      const message =
        `agrees with the log of ${other.name} here but not at index ${differs + 1}; ` +
        'no run reaches such logs';
      complain(['initial', one.name, 'log', last], message);
    }
  }
}

/** A cluster that bootstraps itself has nothing yet. */
function checkBootstrap(draft: ScenarioDraft, complain: Complain): void {
  if (draft.start !== 'bootstrap') return;
  if (draft.cluster.raft.variant === 'paper') {
    complain(['start'], 'the Raft paper has no bootstrap; write formed or cold');
  }
  const { kv, ...servers } = draft.initial;
  if (Object.keys(kv).length > 0) {
    complain(
      ['initial', 'kv'],
      'a cluster that bootstraps itself has no keys; write start: formed',
    );
  }
  for (const [selector, state] of Object.entries(servers)) {
    for (const key of ['term', 'log'] as const) {
      if ((state as Readonly<Record<string, unknown>>)[key] === undefined) continue;
      complain(['initial', selector, key], 'a cluster that bootstraps itself has empty disks');
    }
  }
}

function checkQuorum(
  draft: ScenarioDraft,
  servers: readonly ServerSpec[],
  complain: Complain,
): void {
  for (const datacenter of new Set(servers.map((one) => one.datacenter))) {
    checkQuorumOf(
      draft,
      servers.filter((one) => one.datacenter === datacenter),
      complain,
    );
  }
}

function checkQuorumOf(
  draft: ScenarioDraft,
  servers: readonly ServerSpec[],
  complain: Complain,
): void {
  const voters = servers.filter(({ initial }) => (initial?.suffrage ?? 'voter') === 'voter');
  if (voters.length === 0) complain(['initial'], 'leaves no voter');
  const up = voters.filter(({ initial }) => !initial?.down).length;
  if (draft.start === 'formed' && voters.length > 0 && up <= voters.length / 2) {
    const what = voters.length === servers.length ? 'servers' : 'voters';
    const message = `leaves ${up} of ${voters.length} ${what} up, no majority for "start: formed"`;
    complain(['initial'], message);
  }
}
