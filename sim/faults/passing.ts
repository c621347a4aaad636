/** Whether an instance of a service is found, as the leader's catalog has it. */
import { isHealthy, listCheckedInstances } from '../consul/state/catalog-queries.ts';
import type { Store } from '../consul/state/store.ts';
import type { InstanceState } from '../service/instance.ts';
import { INSTANCE_MACHINE } from '../service/vocabulary.ts';
import { datacenterAt, leaderOf } from './roles.ts';
import type { Stage } from './verb.ts';

/** Registered, and every check of it passing. Whoever is no instance, or has no agent, has no checks to wait for. */
export function isFound({ context }: Stage, process: number): boolean {
  const { name, slotByNumber } = context.world.processes[process];
  const slot = slotByNumber[INSTANCE_MACHINE];
  if (slot === undefined || context.agentsOf(process).length === 0) return true;
  const leader = leaderOf(context, datacenterAt(context, process));
  if (leader === undefined) return false;
  const store = context.raft(leader.process)!.fsm as Store;
  const { service } = slot.config as InstanceState['config'];
  const { instances } = listCheckedInstances(store, service, null);
  const found = instances.find((one) => one.service.id === name);
  return found !== undefined && isHealthy(found, true);
}
