/** The LAN pool of a scenario: who is a member, with which settings, and where its machines go. */
import type { MachineSpec } from '../core/world-build.ts';
import { Coordinates } from '../protocol/coordinate/coordinates.ts';
import { gossipBugs } from '../protocol/gossip/bugs.ts';
import { CONSUL_LAN, PAPER, SHIPPED } from '../protocol/gossip/config.ts';
import type { MemberlistConfig } from '../protocol/gossip/config.ts';
import { gossipMachine } from '../protocol/gossip/machine.ts';
import type { MemberConfig } from '../protocol/gossip/member.ts';
import { GossipPool } from '../protocol/gossip/pool.ts';
import type { GossipSpec, Scenario } from '../../scenarios/scenario.ts';
import { OPEN_BUGS } from '../../scenarios/vocabulary.ts';

/** Bytes of a member's tags as Consul sets them (consul:agent/consul/server_serf.go, client_serf.go). */
const SERVER_META_BYTES = 213;
const AGENT_META_BYTES = 118;

export interface LanPool {
  readonly pool: GossipPool;
  /** Machine of a host that is a member, by the host's index. */
  readonly machines: ReadonlyMap<number, MachineSpec>;
}

/** Null where the scenario has no client agents. */
export function lanPool(scenario: Scenario): LanPool | null {
  const { gossip, hosts, start } = scenario;
  if (gossip === null) return null;
  const memberlist = configOf(gossip, scenario);
  const members = hosts.flatMap((host, process) =>
    host.kind === 'client' || host.kind === 'instance' ? [] : [{ host, process }],
  );
  const pool = new GossipPool(
    members.map(({ host: { kind, name }, process }) => ({
      process,
      name,
      metaBytes: kind === 'server' ? SERVER_META_BYTES : AGENT_META_BYTES,
    })),
    [memberlist],
    null,
    new Coordinates(members.length),
  );
  const up = members.flatMap(({ host }, member) =>
    host.kind === 'server' && host.initial?.down === true ? [] : [member],
  );
  if (start === 'formed') pool.form(up);
  // As with `retry_join` of all servers.
  const join = members.flatMap(({ host }, member) => (host.kind === 'server' ? [member] : []));
  const machines = members.map(({ process }, member) => {
    const config: MemberConfig = { pool, member, memberlist, join };
    return [process, { machine: gossipMachine, config } as unknown as MachineSpec] as const;
  });
  return { pool, machines: new Map(machines) };
}

function configOf(gossip: GossipSpec, { bugs }: Scenario): MemberlistConfig {
  const { lifeguard, ...settings } = gossip;
  const fixed = bugs.knownIssues === 'fix' ? Object.keys(OPEN_BUGS) : bugs.fixed;
  return {
    ...CONSUL_LAN,
    ...settings,
    lifeguard: lifeguard === 'paper' ? PAPER : SHIPPED,
    bugs: gossipBugs(new Set(bugs.planted), new Set<string>(fixed)),
  };
}
