/** Servers and load clients, each with the settings that apply to it. */
import type { DistributionSpec } from '../distribution.ts';
import type { Release } from '../releases.ts';
import type { ScenarioDraft } from '../schema.ts';
import type {
  AgentSpec,
  ClientSpec,
  ClockSpec,
  DiskSpec,
  InitialSpec,
  InstanceSpec,
  PaperSpec,
  RaftSpec,
  ServerSpec,
} from '../scenario.ts';
import { datacenterOf } from '../datacenters.ts';
import { ELECTION_MICROS } from '../schema/paper.ts';
import type { HostTable } from '../selectors.ts';
import { matching } from './matching.ts';
import { resolveRequests } from './requests.ts';
import type { Path } from '../tree.ts';

/** What cannot be resolved: where and why. */
export type Complain = (path: Path, message: string) => void;

interface DiskEntry {
  readonly fsync?: DistributionSpec | undefined;
  readonly backend?: 'boltdb' | 'wal' | undefined;
  readonly throughput?: number | undefined;
}

interface ClockEntry {
  readonly offset?: readonly [number, number] | undefined;
  readonly drift?: readonly [number, number] | undefined;
}

type HostOverlay = NonNullable<ScenarioDraft['cluster']['hosts'][string]>;

export function resolveServers(
  draft: ScenarioDraft,
  table: HostTable,
  complain: Complain,
): ServerSpec[] {
  const { cluster } = draft;
  return table.servers.map((name) => {
    const overlays = matching(cluster.hosts, name, table);
    const consul = overlays.findLast(([, one]) => one.consul)?.[1].consul ?? cluster.consul;
    const speed = overlays.findLast(([, one]) => one.cpu !== undefined)?.[1].cpu ?? 1;
    return {
      kind: 'server',
      name,
      ...placeOf(name, table),
      consul,
      raft: resolveRaft(draft, consul, overlays, complain),
      requests: resolveRequests(cluster.agent, ownAgents(overlays), isAlone(draft)),
      paper: resolvePaper(draft),
      cpu: { speed, message: slowed(cluster.cpu.message, speed) },
      disk: resolveDisk(draft, consul, name, table),
      clock: resolveClock(draft, name, table),
      initial: resolveInitial(draft, name, table, complain),
    };
  });
}

export function resolveClients(draft: ScenarioDraft, table: HostTable): ClientSpec[] {
  return table.clients.map((name) => {
    const at = name.lastIndexOf('#');
    const load = name.slice(0, at);
    const { kind, datacenter } = draft.load[load]!;
    const { zones } = table.datacenters.find((one) => one.name === datacenter)!;
    const isCall = kind === 'call';
    const zone = isCall ? zones[(Number(name.slice(at + 1)) - 1) % zones.length] : undefined;
    const clock = resolveClock(draft, name, table);
    return { kind: 'client', name, datacenter, zone: zone ?? null, load, clock };
  });
}

/** Those that share hosts come last: all others are hosts of the world, in this order. */
export function resolveInstances(draft: ScenarioDraft, table: HostTable): InstanceSpec[] {
  const all = [...table.services].flatMap(([service, instances]) =>
    instances.map((name): InstanceSpec => {
      const on = table.placedOn.get(name) ?? null;
      const clock = resolveClock(draft, on ?? name, table);
      return { kind: 'instance', name, service, on, ...placeOf(on ?? name, table), clock };
    }),
  );
  return [...all.filter(({ on }) => on === null), ...all.filter(({ on }) => on !== null)];
}

export function resolveAgents(draft: ScenarioDraft, table: HostTable): AgentSpec[] {
  return table.agents.map((name) => ({
    kind: 'agent',
    name,
    ...placeOf(name, table),
    clock: resolveClock(draft, name, table),
  }));
}

/** Where a host stands, by its name; hosts of a kind are dealt to the zones in turn. */
function placeOf(
  name: string,
  { datacenters }: HostTable,
): { readonly datacenter: string; readonly zone: string | null } {
  const datacenter = datacenterOf(name);
  const { zones } = datacenters.find((one) => one.name === datacenter)!;
  const number = Number(/\d+(?=\.|$)/.exec(name)?.[0]);
  return { datacenter, zone: zones[(number - 1) % zones.length] ?? null };
}

/** The value of a field in the last matching entry that has it. */
function last<T extends object, K extends keyof T>(
  map: Readonly<Record<string, T>>,
  name: string,
  table: HostTable,
  field: K,
): T[K] | undefined {
  return matching(map, name, table).findLast(([, one]) => one[field] !== undefined)?.[1][field];
}

/** The named reading of `cpu: 50%`: every service time is that much longer. */
function slowed(spec: DistributionSpec, speed: number): DistributionSpec {
  const scale = (micros: number): number => Math.round(micros / speed);
  switch (spec.kind) {
    case 'constant':
      return { kind: 'constant', micros: scale(spec.micros) };
    case 'uniform':
      return { kind: 'uniform', micros: [scale(spec.micros[0]), scale(spec.micros[1])] };
    case 'exponential':
      return { kind: 'exponential', meanMicros: scale(spec.meanMicros) };
    case 'lognormal': {
      const { medianMicros, p99Micros } = spec;
      return { kind: 'lognormal', medianMicros: scale(medianMicros), p99Micros: scale(p99Micros) };
    }
    case 'table':
      return { kind: 'table', points: spec.points.map(([at, micros]) => [at, scale(micros)]) };
    default:
      return spec satisfies never;
  }
}

function resolveDisk(
  { disks }: ScenarioDraft,
  consul: Release,
  name: string,
  table: HostTable,
): DiskSpec {
  const { fsync, backend, throughput } = disks.all;
  return {
    fsync: last<DiskEntry, 'fsync'>(disks, name, table, 'fsync') ?? fsync,
    logStore:
      last<DiskEntry, 'backend'>(disks, name, table, 'backend') ?? backend ?? consul.logStore,
    bytesPerSecond: last<DiskEntry, 'throughput'>(disks, name, table, 'throughput') ?? throughput,
  };
}

function resolveClock(draft: ScenarioDraft, name: string, table: HostTable): ClockSpec {
  return {
    offsetMicros: last<ClockEntry, 'offset'>(draft.clocks, name, table, 'offset') ?? [0, 0],
    driftPpm: last<ClockEntry, 'drift'>(draft.clocks, name, table, 'drift') ?? [0, 0],
  };
}

/** Nothing of what Consul builds on Raft; the textbook knows nothing of it anyway. */
export function isAlone({ cluster }: ScenarioDraft): boolean {
  return cluster.raft.variant === 'paper' || cluster.raft.alone === true;
}

function ownAgents(overlays: readonly (readonly [string, HostOverlay])[]) {
  return overlays.flatMap(([, { agent }]) => (agent === undefined ? [] : [agent]));
}

function resolveRaft(
  draft: ScenarioDraft,
  consul: Release,
  overlays: readonly (readonly [string, HostOverlay])[],
  complain: Complain,
): RaftSpec {
  const { raft, agent } = draft.cluster;
  const pick = <T>(read: (one: HostOverlay) => T | undefined): T | undefined => {
    const found = overlays.findLast(([, one]) => read(one) !== undefined);
    return found && read(found[1]);
  };
  return {
    preVote: resolvePreVote(draft, consul, overlays, complain),
    maxAppendEntries: pick((one) => one.raft?.max_append_entries) ?? raft.max_append_entries,
    commitTimeoutMicros: pick((one) => one.raft?.commit_timeout) ?? raft.commit_timeout,
    raftMultiplier:
      pick((one) => one.agent?.performance?.raft_multiplier) ?? agent.performance.raft_multiplier,
    snapshotIntervalMicros:
      pick((one) => one.agent?.raft_snapshot_interval) ?? agent.raft_snapshot_interval,
    snapshotThreshold:
      pick((one) => one.agent?.raft_snapshot_threshold) ?? agent.raft_snapshot_threshold,
    trailingLogs: pick((one) => one.agent?.raft_trailing_logs) ?? agent.raft_trailing_logs,
  };
}

/** Heartbeats come twice in the shortest election timeout, as in the paper's experiments (§9.3). */
function resolvePaper({ cluster }: ScenarioDraft): PaperSpec | null {
  const { variant, election_timeout: electionMicros = ELECTION_MICROS, heartbeat } = cluster.raft;
  if (variant !== 'paper') return null;
  return { electionMicros, heartbeatMicros: heartbeat ?? Math.ceil(electionMicros[0] / 2) };
}

/** A host's own setting must be possible; the cluster's applies where the release knows it. */
function resolvePreVote(
  draft: ScenarioDraft,
  consul: Release,
  overlays: readonly (readonly [string, HostOverlay])[],
  complain: Complain,
): boolean {
  const isPaper = draft.cluster.raft.variant === 'paper';
  const [selector, own] = overlays.findLast(([, one]) => one.raft?.pre_vote !== undefined) ?? [];
  const wanted = own?.raft?.pre_vote;
  if (selector !== undefined && wanted !== undefined) {
    const reason = isPaper ? undefined : preVoteRefused(wanted, consul);
    if (reason) complain(['cluster', 'hosts', selector, 'raft', 'pre_vote'], reason);
    return wanted;
  }
  const general = draft.cluster.raft.pre_vote;
  if (isPaper) return general ?? false;
  if (general === undefined) return consul.preVote;
  const reason = preVoteRefused(general, draft.cluster.consul);
  if (reason) complain(['cluster', 'raft', 'pre_vote'], reason);
  return preVoteRefused(general, consul) ? consul.preVote : general;
}

function preVoteRefused(wanted: boolean, { release, raft, ...has }: Release): string | undefined {
  if (wanted && !has.preVote) {
    return `Consul ${release} has raft ${raft} without pre-vote; take 1.20.2 or later`;
  }
  if (!wanted && has.preVote && !has.preVoteSwitch) {
    return `Consul ${release} cannot switch pre-vote off; take 1.21.0 or later, or 1.20.1 or earlier`;
  }
  return undefined;
}

function resolveInitial(
  draft: ScenarioDraft,
  name: string,
  table: HostTable,
  complain: Complain,
): InitialSpec | null {
  const { kv: _, ...servers } = draft.initial;
  const entries = matching(servers as Readonly<Record<string, ServerState>>, name, table);
  if (entries.length === 0) return null;
  const [selector] = entries.at(-1)!;
  const merged: ServerState = Object.assign({}, ...entries.map(([, state]) => state));
  const log = merged.log ?? [];
  const term = merged.term ?? log.at(-1) ?? 0;
  const path = ['initial', selector];
  const falls = log.findIndex((entry, index) => index > 0 && entry < log[index - 1]!);
  if (falls > 0) complain([...path, 'log', falls], `the terms of a log never fall`);
  if (term < (log.at(-1) ?? 0)) {
    complain([...path, 'term'], `is less than the term of the last entry, ${log.at(-1)}`);
  }
  const suffrage = merged.suffrage ?? 'voter';
  if (suffrage === 'none' && (log.length > 0 || term > 0)) {
    complain([...path, 'suffrage'], 'none has an empty disk; leave out log and term');
  }
  return { term, log, down: merged.down ?? false, suffrage };
}

type ServerState = Exclude<ScenarioDraft['initial'][string], undefined> & {
  readonly term?: number | undefined;
  readonly log?: number[] | undefined;
  readonly down?: boolean | undefined;
  readonly suffrage?: InitialSpec['suffrage'] | undefined;
};
