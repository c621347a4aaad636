/**
 * Where a client learns which instances a service has. A discovery is asked once, when the client
 * starts, and tells of every later list; what stands behind it (a fixed list, an agent's health
 * endpoint, DNS) is its own affair, and so is how old its knowledge may be.
 */
import type { Outbox } from '../core/machine.ts';
import type { Endpoint } from '../service/vocabulary.ts';

export interface Discovery {
  /**
   * Instances of the service as this client knows them when it starts. Whoever has more to tell later
   * posts a list to the caller's input `instances`, with the upstream as its sender.
   */
  start(service: string, out: Outbox): readonly Endpoint[];
}

/** What the scenario says: complete, never old, and blind to every fault. */
export function staticDiscovery(instances: ReadonlyMap<string, readonly Endpoint[]>): Discovery {
  return { start: (service) => instances.get(service) ?? [] };
}
