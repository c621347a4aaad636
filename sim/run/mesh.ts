/** The service mesh of a scenario: authority, agents' part of it, proxies, and how a run begins. */
import type { MachineSpec } from '../core/world-build.ts';
import type { Command } from '../protocol/raft/types.ts';
import { meshMachine } from '../consul/agent/mesh/machine.ts';
import type { MeshConfig } from '../consul/agent/mesh/state.ts';
import { WATCH } from '../consul/agent/mesh/vocabulary.ts';
import { caMachine } from '../consul/connect/machine.ts';
import { FIRST_ROOT } from '../consul/connect/roots.ts';
import type { CaConfig } from '../consul/connect/state.ts';
import { connectCommand } from '../consul/state/connect.ts';
import { precedenceOf } from '../service/mesh.ts';
import { proxyMachine } from '../service/proxy.ts';
import type { ProxySettings } from '../service/proxy.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { Placed } from './placed-agents.ts';
import type { ServiceSpec } from '../../scenarios/services.ts';

function spec(machine: unknown, config: unknown): MachineSpec {
  return { machine, config } as MachineSpec;
}

/** On every server, or none. */
export function authorityOf({ mesh, bugs }: Scenario): MachineSpec[] {
  if (mesh === null) return [];
  const { leafCertTtlMicros, csrMaxPerSecond, csrMaxConcurrent, signMicros } = mesh;
  const config: CaConfig = {
    leafCertTtlMicros,
    csrMaxPerSecond,
    csrMaxConcurrent,
    signMicros,
    bugs: { M3: bugs.planted.includes('M3') },
  };
  return [spec(caMachine, config)];
}

/** In whose name the program of a host calls, or whom its proxy stands before; null: it has none. */
export function identityOf(scenario: Scenario, host: number): string | null {
  if (scenario.mesh === null) return null;
  const one = scenario.hosts[host];
  if (one.kind === 'client') {
    return scenario.calls.find(({ name }) => name === one.load)?.as ?? null;
  }
  if (one.kind !== 'instance') return null;
  return hasProxy(scenario, one.service) ? one.service : null;
}

export function hasProxy({ mesh, services }: Scenario, name: string): boolean {
  const sidecar = (one: ServiceSpec): boolean => one.name === name && one.registration.sidecar;
  return mesh !== null && services.some(sidecar);
}

/** Of an agent: a certificate for each service of its host, whose instances share it. */
export function meshOf(scenario: Scenario, { host, instances }: Placed): MachineSpec[] {
  const { mesh, start, bugs } = scenario;
  const programs = [host, ...instances.map(({ process }) => process)];
  const identities = programs.map((program) => identityOf(scenario, program));
  const services = [...new Set(identities.filter((one) => one !== null))];
  if (mesh === null || services.length === 0) return [];
  const root = { ...FIRST_ROOT, createIndex: 1, modifyIndex: 1 };
  const intentions = mesh.intentions.toSorted((a, b) => precedenceOf(b) - precedenceOf(a));
  const config: MeshConfig = {
    services,
    allowsByDefault: mesh.allowsByDefault,
    formed:
      start === 'formed'
        ? {
            ageMicros: mesh.leafAgeMicros,
            ttlMicros: mesh.leafCertTtlMicros,
            roots: [root],
            intentions,
          }
        : null,
    bugs: {
      M1: bugs.planted.includes('M1'),
      M2: bugs.planted.includes('M2'),
      M4: bugs.planted.includes('M4'),
    },
  };
  return [spec(meshMachine, config)];
}

export function proxyOf(scenario: Scenario, host: number, agent: number): MachineSpec[] {
  const service = identityOf(scenario, host);
  if (service === null) return [];
  return [spec(proxyMachine, { agent, watch: WATCH, service } satisfies ProxySettings)];
}

/** What an operator has written before the run; a cluster that is formed has its root, too. */
export function meshCommands({ mesh, start }: Scenario): Command[] {
  if (mesh === null) return [];
  const intentions = mesh.intentions.map((intention) =>
    connectCommand({ kind: 'set-intention', intention }),
  );
  if (start !== 'formed') return intentions;
  const roots = connectCommand({ kind: 'roots', roots: [FIRST_ROOT], compareIndex: 0 });
  return [roots, ...intentions];
}
