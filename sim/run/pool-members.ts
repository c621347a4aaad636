/** Who is a member of the LAN pool of a datacenter, in the order of their node numbers: servers first. */
import type { MemberSpec } from '../consul/membership/members.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { isMember, serversIn } from './clusters.ts';
import { placedAgents } from './placed-agents.ts';
import { nodeOf } from './registrations.ts';

/** Process numbers of hosts are those of the hosts; agents beside programs come behind them. */
export function poolMembers(scenario: Scenario, datacenter: string): MemberSpec[] {
  const { hosts, start, serverLayer } = scenario;
  const servers = serversIn(scenario, datacenter);
  const members = servers.filter(({ spec }) => isMember(spec));
  const expected = serverLayer.bootstrapExpect ?? members.length;
  const expect = start === 'bootstrap' ? expected : 0;
  return [
    ...servers.map(({ spec: { name }, process }) => {
      return { process, name, address: `10.0.0.${process + 1}`, server: true, expect };
    }),
    ...hosts.flatMap(({ kind, name, datacenter: home }, process) => {
      const address = `10.2.${process >> 8}.${process & 255}`;
      return kind === 'agent' && home === datacenter
        ? [{ process, name, address, server: false, expect: 0 }]
        : [];
    }),
    ...placedAgents(scenario).flatMap((one, at) => {
      if (hosts[one.host].datacenter !== datacenter) return [];
      const process = hosts.length + at;
      const { node: name, address } = nodeOf(one);
      return [{ process, name, address, server: false, expect: 0 }];
    }),
  ];
}
