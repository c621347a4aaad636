/** Maintenance mode of services or nodes begins and ends: an operator asks the agents for it. */
import { ErrorCause } from '../core/machine.ts';
import { MAINTENANCE } from '../consul/agent/inputs.ts';
import type { MaintenanceOrder } from '../consul/agent/maintenance.ts';
import type { FaultContext } from './context.ts';
import type { ActionOf, Verb } from './verb.ts';

export interface MaintenanceHeld {
  readonly kind: 'maintenance';
  readonly agents: readonly { readonly process: number; readonly service: string }[];
}

/** Whoever asks does not wait for the answer. */
const NOBODY = -1;

function ask(
  { world }: FaultContext,
  { process, service }: MaintenanceHeld['agents'][number],
  enable: boolean,
): boolean {
  const order: MaintenanceOrder = { service, enable };
  if (world.processes[process].status === 'down') return false;
  return world.offer(world.processes[process], MAINTENANCE, 0, NOBODY, order, ErrorCause.none);
}

export const maintenance: Verb<ActionOf<'maintenance'>, MaintenanceHeld> = {
  begin({ hosts, of }, aim, { context }) {
    const agentsOf = (target: number): readonly number[] => context.agentsOf(target);
    const targets = aim.get(hosts)!;
    const agents =
      of === 'node'
        ? [...new Set(targets.flatMap(agentsOf))].map((process) => ({ process, service: '' }))
        : targets.flatMap((one) =>
            agentsOf(one).map((process) => ({ process, service: context.nameOf(one) })),
          );
    return {
      held: { kind: 'maintenance', agents: agents.filter((one) => ask(context, one, true)) },
    };
  },
  affected: ({ agents }) => agents.length,
  end({ agents }, { context, others }) {
    const kept = others('maintenance').flatMap((held) => held.agents);
    for (const one of agents) {
      const isKept = kept.some(
        ({ process, service }) => process === one.process && service === one.service,
      );
      if (!isKept) ask(context, one, false);
    }
    return agents.length;
  },
};
