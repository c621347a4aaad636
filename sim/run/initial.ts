/** What the servers' disks hold when the run begins, and who leads a cluster that starts formed. */
import type { Draws } from '../core/draws.ts';
import { hashString, mix } from '../core/fingerprint.ts';
import { kvCommand } from '../consul/state/commands.ts';
import { aliveCommand, systemCommand } from '../consul/leader/catalog.ts';
import { SYSTEM_KEYS } from '../consul/leader/catalog-port.ts';
import { makeEntry } from '../protocol/raft/durable.ts';
import { createLog } from '../protocol/raft/log.ts';
import { EntryType } from '../protocol/raft/types.ts';
import type { Command, Configuration, Entry, RaftDurable } from '../protocol/raft/types.ts';
import type { Scenario, ServerSpec } from '../../scenarios/scenario.ts';
import { isMember, isVoter, serversIn } from './clusters.ts';
import type { ClusterSpec, PlacedServer } from './clusters.ts';
import { meshCommands } from './mesh.ts';
import { poolMembers } from './pool-members.ts';

/** Of the servers of one cluster, in their order. */
export function initialDisks(
  scenario: Scenario,
  cluster: ClusterSpec,
  catalog: readonly Command[],
  draws: Draws,
): RaftDurable[] {
  const disks = cluster.servers.map(({ spec }) =>
    disk(spec, initialLog(scenario, spec, cluster.configuration, catalog)),
  );
  if (scenario.start === 'formed') form(cluster.servers, disks, draws);
  return disks;
}

function disk(server: ServerSpec, entries: Entry[]): RaftDurable {
  const lastTerm = entries.at(-1)?.term ?? 0;
  return {
    currentTerm: Math.max(server.initial?.term ?? 0, lastTerm),
    lastVoteTerm: 0,
    lastVoteCandidate: -1,
    lastVoteCandidateTerm: 0,
    log: createLog(entries),
    snapshots: [],
    formedLeader: -1,
    formedCommit: 0,
  };
}

/** The bootstrap configuration, then initial keys and catalog; or the terms that `initial` lists. */
function initialLog(
  scenario: Scenario,
  server: ServerSpec,
  configuration: Configuration,
  catalog: readonly Command[],
): Entry[] {
  const entries: Entry[] = [];
  const append = (term: number, type: EntryType, data: Entry['data']): void => {
    const prefix = entries.at(-1)?.prefix ?? 0;
    entries.push(makeEntry(prefix, entries.length + 1, term, type, data));
  };
  if (!isMember(server) || scenario.start === 'bootstrap') return entries;
  const terms = server.initial?.log ?? [];
  append(terms[0] ?? 1, EntryType.configuration, configuration);
  for (const term of terms.slice(1)) append(term, EntryType.noop, null);
  if (server.initial !== null && terms.length > 0) return entries;
  for (const [key, value] of scenario.initialKv) {
    const digest = mix(hashString(key), hashString(value));
    append(1, EntryType.command, kvCommand('put', key, value, 0, digest));
  }
  for (const command of earlierDuties(scenario, server)) append(1, EntryType.command, command);
  if (scenario.start === 'cold') {
    for (const command of meshCommands(scenario)) append(1, EntryType.command, command);
  }
  if (scenario.start === 'formed') {
    for (const command of catalog) append(1, EntryType.command, command);
  }
  return entries;
}

/** What the leaders of a cluster that has run before have written: its configuration, its servers. */
function earlierDuties(scenario: Scenario, { datacenter }: ServerSpec): Command[] {
  if (scenario.raftAlone) return [];
  const servers = serversIn(scenario, datacenter);
  const members = poolMembers(scenario, datacenter).filter(
    ({ server }, place) => server && isMember(servers[place].spec),
  );
  return [...SYSTEM_KEYS.map(systemCommand), ...members.map(aliveCommand)];
}

/** A leader among those with the best log; everybody else that runs has voted for it. */
function form(servers: readonly PlacedServer[], disks: RaftDurable[], draws: Draws): void {
  const runs = (at: number): boolean => servers[at].spec.initial?.down !== true;
  const running = disks.filter((_, at) => runs(at) && isMember(servers[at].spec));
  const voters = disks.filter((_, at) => isVoter(servers[at].spec));
  const voting = voters.filter((one) => running.includes(one));
  const better = (a: RaftDurable, b: RaftDurable): boolean => {
    const [x, y] = [a.log.entries.at(-1)!, b.log.entries.at(-1)!];
    return x.term > y.term || (x.term === y.term && x.index > y.index);
  };
  const best = voting.filter((one) => !voting.some((other) => better(other, one)));
  if (best.length === 0 || voting.length * 2 <= voters.length) return;
  const leader = servers[disks.indexOf(draws.pick(best))].process;
  const term = disks.reduce((highest, one) => Math.max(highest, one.currentTerm), 0) + 1;
  for (const one of running) {
    one.currentTerm = term;
    if (voters.includes(one)) {
      one.lastVoteTerm = term;
      one.lastVoteCandidate = leader;
      one.lastVoteCandidateTerm = term;
    }
    one.formedLeader = leader;
    one.formedCommit = commonLength(running);
  }
}

/** All who run hold these entries: they count as committed. */
function commonLength(disks: readonly RaftDurable[]): number {
  const [{ log }] = disks;
  const { entries } = log;
  const differs = entries.findIndex(({ prefix }, at) =>
    disks.some((other) => other.log.entries[at]?.prefix !== prefix),
  );
  return differs < 0 ? entries.length : differs;
}
