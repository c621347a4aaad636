/** Which programs of a scenario have a Consul agent beside them. */
import type { Scenario } from '../../scenarios/scenario.ts';
import type { Placed } from './registrations.ts';

/**
 * Hosts that need an agent, in their order: instances that are checked or found by the health
 * endpoint, and whoever finds instances that way.
 */
export function placedAgents({ hosts, services, calls }: Scenario): Placed[] {
  const orders = [...calls, ...services.flatMap((one) => one.calls)];
  const found = new Set(orders.flatMap((one) => (one.discover === null ? [] : [one.service])));
  const byName = new Map(services.map((one) => [one.name, one]));
  const finders = new Set(calls.flatMap((one) => (one.discover === null ? [] : one.clients)));
  return hosts.flatMap((one, host): Placed[] => {
    const { name } = one;
    if (one.kind === 'client') return finders.has(name) ? [{ host, name, service: null }] : [];
    if (one.kind !== 'instance') return [];
    const service = byName.get(one.service)!;
    const finds = service.calls.some(({ discover }) => discover !== null);
    const { api, names, sidecar } = service.registration;
    const asks = api !== null || names.length > 0 || sidecar;
    const registers = service.checks.length > 0 || asks || found.has(service.name);
    if (!registers && !finds) return [];
    return [{ host, name, service: registers ? service : null }];
  });
}
