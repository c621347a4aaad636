/** What Consul builds on Raft, for a server of a scenario: membership, a leader's duties, autopilot. */
import type { MachineSpec } from '../core/world-build.ts';
import { autopilotMachine } from '../consul/autopilot/machine.ts';
import type { AutopilotConfig } from '../consul/autopilot/state.ts';
import { coordinateMachine } from '../consul/coordinate/machine.ts';
import type { CoordinateMachineConfig } from '../consul/coordinate/machine.ts';
import { storeCatalog } from '../consul/leader/catalog.ts';
import { ESTABLISHED as CA_ESTABLISHED } from '../consul/connect/vocabulary.ts';
import type { CatalogPort } from '../consul/leader/catalog-port.ts';
import { leaderMachine } from '../consul/leader/machine.ts';
import type { LeaderConfig } from '../consul/leader/state.ts';
import { membershipMachine } from '../consul/membership/machine.ts';
import type { MembershipConfig } from '../consul/membership/machine.ts';
import { sessionMachine } from '../consul/session/machine.ts';
import type { SessionConfig } from '../consul/session/state.ts';
import { TOMBSTONE_MICROS, TOMBSTONE_STEP_MICROS } from '../consul/session/tombstones.ts';
import { ESTABLISHED } from '../consul/session/vocabulary.ts';
import { OPEN_BUGS } from '../../scenarios/vocabulary.ts';
import type { Scenario, ServerSpec } from '../../scenarios/scenario.ts';
import { authorityOf } from './mesh.ts';
import { poolMembers } from './pool-members.ts';

/** P20 (consul#544, consul#1671): what has failed or left stays as it was. */
const FORGIVING: CatalogPort = {
  ...storeCatalog,
  failed: () => null,
  gone: () => null,
  unknown: () => [],
};

/** Empty where servers are alone. */
export function dutiesOf(scenario: Scenario, server: ServerSpec): MachineSpec[] {
  if (scenario.raftAlone) return [];
  const { bugs, serverLayer } = scenario;
  const formed = scenario.start === 'formed';
  const fix = new Set<string>(bugs.knownIssues === 'fix' ? Object.keys(OPEN_BUGS) : bugs.fixed);
  const leader: LeaderConfig = {
    catalog: bugs.planted.includes('P20') ? FORGIVING : storeCatalog,
    told: scenario.mesh === null ? [ESTABLISHED] : [ESTABLISHED, CA_ESTABLISHED],
    verifies: server.disk.logStore === 'wal',
    bugs: { B28: bugs.planted.includes('B28'), B29: bugs.planted.includes('B29') },
  };
  const autopilot: AutopilotConfig = { settings: serverLayer.autopilot, formed };
  const sessions: SessionConfig = {
    bugs: { B18: !fix.has('B18'), B34: !fix.has('B34') },
    tombstoneMicros: TOMBSTONE_MICROS,
    tombstoneStepMicros: TOMBSTONE_STEP_MICROS,
  };
  const coordinates: CoordinateMachineConfig = {
    node: server.name,
    formed,
    sends: serverLayer.sendsCoordinates,
  };
  return [
    spec(membershipMachine, membershipOf(scenario, server)),
    spec(leaderMachine, leader),
    spec(autopilotMachine, autopilot),
    spec(sessionMachine, sessions),
    spec(coordinateMachine, coordinates),
    ...authorityOf(scenario),
  ];
}

function spec(machine: unknown, config: unknown): MachineSpec {
  return { machine, config } as MachineSpec;
}

function membershipOf(scenario: Scenario, { datacenter }: ServerSpec): MembershipConfig {
  const members = poolMembers(scenario, datacenter);
  const isUp = (process: number): boolean => {
    const host = scenario.hosts[process];
    return host?.kind !== 'server' || host.initial?.down !== true;
  };
  const up = members.flatMap(({ process }, place) => (isUp(process) ? [place] : []));
  return { members, formed: scenario.start === 'formed' ? up : null };
}
