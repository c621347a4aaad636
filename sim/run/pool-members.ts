/** Who is a member of the LAN pool of a datacenter, in the order of their node numbers: servers first. */
import type { MemberSpec } from '../consul/membership/members.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { agentAddress } from './addresses.ts';
import { isMember, serversIn } from './clusters.ts';
import { placedAgents } from './placed-agents.ts';

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
      const address = agentAddress(process);
      return kind === 'agent' && home === datacenter
        ? [{ process, name, address, server: false, expect: 0 }]
        : [];
    }),
    // Those that share their host with nobody but one program come behind all processes.
    ...placedAgents(scenario).flatMap(({ host, process, name, address }) =>
      process < hosts.length || hosts[host].datacenter !== datacenter
        ? []
        : [{ process, name, address, server: false, expect: 0 }],
    ),
  ];
}
