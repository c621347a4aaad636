/** What Consul builds on Raft, for a server of a scenario: membership, a leader's duties, autopilot. */
import type { MachineSpec } from '../core/world-build.ts';
import { autopilotMachine } from '../consul/autopilot/machine.ts';
import type { AutopilotConfig } from '../consul/autopilot/state.ts';
import { storeCatalog } from '../consul/leader/catalog.ts';
import { leaderMachine } from '../consul/leader/machine.ts';
import type { LeaderConfig } from '../consul/leader/state.ts';
import { membershipMachine } from '../consul/membership/machine.ts';
import { memberSpecs } from '../consul/membership/members.ts';
import type { MembershipConfig } from '../consul/membership/machine.ts';
import { sessionMachine } from '../consul/session/machine.ts';
import type { SessionConfig } from '../consul/session/state.ts';
import { TOMBSTONE_MICROS, TOMBSTONE_STEP_MICROS } from '../consul/session/tombstones.ts';
import { ESTABLISHED } from '../consul/session/vocabulary.ts';
import { OPEN_BUGS } from '../../scenarios/vocabulary.ts';
import type { Scenario, ServerSpec } from '../../scenarios/scenario.ts';
import { isMember } from './initial.ts';
import type { Samplers } from './samplers.ts';

/** Empty where servers are alone. */
export function dutiesOf(
  scenario: Scenario,
  server: ServerSpec,
  samplers: Samplers,
): MachineSpec[] {
  if (scenario.raftAlone) return [];
  const { bugs, serverLayer } = scenario;
  const formed = scenario.start === 'formed';
  const fix = new Set<string>(bugs.knownIssues === 'fix' ? Object.keys(OPEN_BUGS) : bugs.fixed);
  const leader: LeaderConfig = {
    catalog: storeCatalog,
    told: [ESTABLISHED],
    verifies: server.disk.logStore === 'wal',
    bugs: { B28: bugs.planted.includes('B28'), B29: bugs.planted.includes('B29') },
  };
  const autopilot: AutopilotConfig = { settings: serverLayer.autopilot, formed };
  const sessions: SessionConfig = {
    bugs: { B18: !fix.has('B18'), B34: !fix.has('B34') },
    tombstoneMicros: TOMBSTONE_MICROS,
    tombstoneStepMicros: TOMBSTONE_STEP_MICROS,
  };
  return [
    spec(membershipMachine, membershipOf(scenario, samplers)),
    spec(leaderMachine, leader),
    spec(autopilotMachine, autopilot),
    spec(sessionMachine, sessions),
  ];
}

function spec(machine: unknown, config: unknown): MachineSpec {
  return { machine, config } as MachineSpec;
}

function membershipOf(scenario: Scenario, samplers: Samplers): MembershipConfig {
  const { serverLayer, start } = scenario;
  const servers = scenario.hosts.filter((host) => host.kind === 'server');
  const expected = serverLayer.bootstrapExpect ?? servers.filter(isMember).length;
  const up = servers.flatMap(({ initial }, place) => (initial?.down === true ? [] : [place]));
  return {
    members: memberSpecs(servers, start === 'bootstrap' ? expected : 0),
    detection: samplers.get(serverLayer.detection),
    formed: start === 'formed' ? up : null,
    reapMicros: serverLayer.reconnectTimeoutMicros,
  };
}
