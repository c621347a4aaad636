/** Prepared queries of a scenario: one for each service and way in which clients discover by query. */
import { hashString, mix } from '../core/fingerprint.ts';
import type { QuerySetCommand } from '../consul/state/commands.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { DiscoverSpec } from '../../scenarios/services.ts';

type ByQuery = Extract<DiscoverSpec, { readonly by: 'query' }>;

export function queryName(service: string, { passing, near, failover }: ByQuery): string {
  const name = `${service}${passing ? '-passing' : ''}${near ? '-near' : ''}`;
  if (failover === null) return name;
  return [name, 'failover', failover.nearest, ...failover.datacenters].join('-');
}

export function queryCommands({ calls, services }: Scenario): QuerySetCommand[] {
  const commands = new Map<string, QuerySetCommand>();
  for (const { service, discover } of [...calls, ...services.flatMap((one) => one.calls)]) {
    if (discover?.by !== 'query') continue;
    const name = queryName(service, discover);
    const query = {
      id: `${name}-query`,
      name,
      session: '',
      template: false,
      service,
      tags: [],
      onlyPassing: discover.passing,
      ignoreChecks: [],
      near: discover.near ? '_agent' : '',
      nodeMeta: [],
      serviceMeta: [],
      failoverNearest: discover.failover?.nearest ?? 0,
      failoverDatacenters: discover.failover?.datacenters ?? [],
    };
    commands.set(name, { op: 'query-set', query, digest: mix(31, hashString(name)) });
  }
  return [...commands.values()];
}
