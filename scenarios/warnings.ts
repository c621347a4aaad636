/** What a scenario may say although nothing comes of it. */
import type { FaultSpec, Scenario } from './scenario.ts';
import type { ScenarioDraft } from './schema.ts';
import type { Path } from './tree.ts';

export interface Warning {
  readonly path: Path;
  readonly message: string;
}

/** Every warning of a valid scenario. `raw` is what was written, without defaults. */
export function findWarnings(raw: unknown, draft: ScenarioDraft, scenario: Scenario): Warning[] {
  return [
    ...clusterWarnings(draft, scenario),
    ...networkWarnings(raw, scenario),
    ...faultWarnings(scenario),
    ...bugWarnings(draft),
  ];
}

/** What is allowed and seldom meant, with the rule that it goes against. */
function clusterWarnings({ cluster, start }: ScenarioDraft, scenario: Scenario): Warning[] {
  const found: Warning[] = [];
  for (const { name, servers } of scenario.datacenters) {
    const voters = scenario.hosts.filter(
      (host) =>
        host.kind === 'server' &&
        host.datacenter === name &&
        (host.initial?.suffrage ?? 'voter') === 'voter',
    ).length;
    if (voters !== 2 || servers.length !== 2) continue;
    const path: Path = ['cluster', 'datacenters', name, 'servers'];
    const rule = 'a majority of 2 is 2 (Raft paper, §5.2)';
    found.push({
      path,
      message: `2 servers tolerate no loss: ${rule}. Take 3, which tolerate one`,
    });
  }
  const servers = Math.max(...scenario.datacenters.map((one) => one.servers.length));
  const { bootstrap_expect: expect } = cluster.agent;
  if (start === 'bootstrap' && expect !== undefined && expect * 2 <= servers) {
    const rule = 'each group of that many may bootstrap for itself';
    const path: Path = ['cluster', 'agent', 'bootstrap_expect'];
    const source = 'consul:agent/consul/server_serf.go (maybeBootstrap)';
    found.push({
      path,
      message: `${expect} of ${servers} servers is no majority: ${rule} (${source})`,
    });
  }
  return found;
}

function networkWarnings(raw: unknown, { datacenters, services }: Scenario): Warning[] {
  const written = (raw as { network?: Readonly<Record<string, unknown>> }).network ?? {};
  const found: Warning[] = [];
  const add = (key: string, reason: string): void => {
    if (Object.hasOwn(written, key)) {
      found.push({ path: ['network', key], message: `"${key}" has no effect: ${reason}` });
    }
  };
  if (datacenters.length === 1) add('wan', 'there is one datacenter');
  if (services.length === 0) add('loopback', 'no two processes share a host without services');
  const zoned = datacenters.some(({ zones }) => zones.length > 0);
  if (!zoned)
    add(
      'zone',
      datacenters.length === 1 ? 'the datacenter has no zones' : 'no datacenter has zones',
    );
  return found;
}

/** Datagrams are gossip's, and the textbook Raft's. */
function faultWarnings({ faults, raftAlone, gossip, hosts }: Scenario): Warning[] {
  const isPaper = hosts.some((host) => host.kind === 'server' && host.paper !== null);
  if (!raftAlone || gossip !== null || isPaper) return [];
  return faults.flatMap((item, index): Warning[] => {
    if (item.kind === 'swarm') return [];
    const path: Path = ['faults', index];
    if (item.kind === 'fault') return oneFault(item, path);
    return item.steps.flatMap((step, place) => oneFault(step, [...path, item.name, place]));
  });
}

function oneFault({ action }: FaultSpec, path: Path): Warning[] {
  const traffic =
    action.kind === 'partition' ? action.traffic : 'links' in action ? action.links : undefined;
  if (traffic?.transport !== 'udp') return [];
  const message = '"udp" touches nothing: servers that are alone send no datagrams';
  return [{ path: [...path, 'transport'], message }];
}

function bugWarnings({ known_issues: known, fix }: ScenarioDraft): Warning[] {
  if (known !== 'fix' || fix === 'all' || fix.length === 0) return [];
  return [{ path: ['fix'], message: '"known_issues: fix" already fixes all bugs; remove "fix"' }];
}
