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
  return [...networkWarnings(raw, scenario), ...faultWarnings(scenario), ...bugWarnings(draft)];
}

function networkWarnings(raw: unknown, { datacenters }: Scenario): Warning[] {
  const written = (raw as { network?: Readonly<Record<string, unknown>> }).network ?? {};
  const found: Warning[] = [];
  const add = (key: string, reason: string): void => {
    if (Object.hasOwn(written, key)) {
      found.push({ path: ['network', key], message: `"${key}" has no effect: ${reason}` });
    }
  };
  add('wan', 'this version has one datacenter');
  add('loopback', 'no two processes of this version share a host');
  if (datacenters[0]!.zones.length === 0) add('zone', 'the datacenter has no zones');
  return found;
}

function faultWarnings({ faults }: Scenario): Warning[] {
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
  const message = '"udp" touches nothing: no model of this version sends datagrams';
  return [{ path: [...path, 'transport'], message }];
}

function bugWarnings({ known_issues: known, fix }: ScenarioDraft): Warning[] {
  if (known !== 'fix' || fix === 'all' || fix.length === 0) return [];
  return [{ path: ['fix'], message: '"known_issues: fix" already fixes all bugs; remove "fix"' }];
}
