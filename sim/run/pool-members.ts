/** Who is a member of the LAN pool of a scenario, in the order of their node numbers: servers first. */
import type { MemberSpec } from '../consul/membership/members.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { isMember } from './initial.ts';
import { placedAgents } from './placed-agents.ts';
import { nodeOf } from './registrations.ts';

/** Process numbers of hosts are those of the hosts; agents beside programs come behind them. */
export function poolMembers(scenario: Scenario): MemberSpec[] {
  const { hosts, start, serverLayer } = scenario;
  const servers = hosts.filter((host) => host.kind === 'server');
  const expected = serverLayer.bootstrapExpect ?? servers.filter(isMember).length;
  const expect = start === 'bootstrap' ? expected : 0;
  return [
    ...servers.map(({ name }, process) => {
      return { process, name, address: `10.0.0.${process + 1}`, server: true, expect };
    }),
    ...hosts.flatMap(({ kind, name }, process) => {
      const address = `10.2.${process >> 8}.${process & 255}`;
      return kind === 'agent' ? [{ process, name, address, server: false, expect: 0 }] : [];
    }),
    ...placedAgents(scenario).map((one, at) => {
      const process = hosts.length + at;
      const { node: name, address } = nodeOf(one);
      return { process, name, address, server: false, expect: 0 };
    }),
  ];
}
