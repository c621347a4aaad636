/**
 * Who lives where. Programs of a scenario are the first processes of its world, with the numbers of
 * their entries; those that share the host of an agent come last, so that all others are hosts too.
 */
import { AGENT_MACHINE } from '../consul/agent/inputs.ts';
import type { World } from '../core/world.ts';
import type { FaultContext } from '../faults/context.ts';
import type { HostSpec, Scenario } from '../../scenarios/scenario.ts';

/** Hosts of the world, in their order. */
export function worldHosts({ hosts }: Pick<Scenario, 'hosts'>): readonly HostSpec[] {
  return hosts.filter((host) => host.kind !== 'instance' || host.on === null);
}

/** Host of each program of the scenario. */
export function homesOf({ hosts }: Pick<Scenario, 'hosts'>): Int32Array {
  const byName = new Map(hosts.map(({ name }, index) => [name, index]));
  return Int32Array.from(hosts, (host, index) =>
    host.kind === 'instance' && host.on !== null ? byName.get(host.on)! : index,
  );
}

type Targets = Pick<FaultContext, 'targetOf' | 'nameOf' | 'hostsOf' | 'processesOf' | 'agentsOf'>;

/** How faults find whom they are aimed at. */
export function targetsOf({ hosts }: Scenario, world: World): Targets {
  const byName = new Map(hosts.map(({ name }, index) => [name, index]));
  const hostOf = (target: number): number => world.processes[target].host.index;
  return {
    targetOf: (name) => byName.get(name) ?? -1,
    nameOf: (target) => hosts[target].name,
    hostsOf: (targets) => [...new Set(targets.map(hostOf))],
    processesOf: (host) => world.hosts[host].processes.map(({ index }) => index),
    agentsOf: (target) =>
      world.processes[target].host.processes
        .filter(({ slotByNumber }) => slotByNumber[AGENT_MACHINE] !== undefined)
        .map(({ index }) => index),
  };
}
