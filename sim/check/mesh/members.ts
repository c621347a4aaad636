/** Agents and proxies of a mesh as checks see them, and since when nothing has kept them from servers. */
import { MESH_MACHINE } from '../../consul/agent/mesh/vocabulary.ts';
import type { MeshState } from '../../consul/agent/mesh/state.ts';
import { PROXY_MACHINE } from '../../service/proxy.ts';
import type { ProxyState } from '../../service/proxy.ts';
import type { World } from '../../core/world.ts';
import type { Quiet } from '../catalog/quiet.ts';
import type { ProcessIndex } from '../invariant.ts';

/** The longest that an agent waits after errors (60 s and as much again), and some time to ask. */
export const CALM_MICROS = 130_000_000;
/** What comes before is the beginning of a formed cluster, and no disturbance. */
const FORMED_MICROS = 1_000_000;

export function meshAgents(world: World): readonly ProcessIndex[] {
  return world.processes.flatMap(({ index, slotByNumber }) =>
    slotByNumber[MESH_MACHINE] === undefined ? [] : [index],
  );
}

/** Live memory; undefined while the agent does not run. */
export function meshAt(world: World, process: ProcessIndex): MeshState | undefined {
  const { status, slotByNumber } = world.processes[process];
  if (status !== 'running') return undefined;
  return slotByNumber[MESH_MACHINE]?.state as MeshState | undefined;
}

/** Programs with a proxy. */
export function meshProxies(world: World): readonly ProcessIndex[] {
  return world.processes.flatMap(({ index, slotByNumber }) =>
    slotByNumber[PROXY_MACHINE] === undefined ? [] : [index],
  );
}

/** Live memory of the proxy of a program; undefined while that does not run. */
export function proxyAt(world: World, process: ProcessIndex): ProxyState | undefined {
  const { status, slotByNumber } = world.processes[process];
  if (status !== 'running') return undefined;
  return slotByNumber[PROXY_MACHINE]?.state as ProxyState | undefined;
}

/** The agent and all servers have had the time that they are given after any disturbance. */
export function isCalm(quiet: Quiet, agent: ProcessIndex, now: number): boolean {
  const micros = quiet.forMicros(agent);
  return micros >= CALM_MICROS || micros >= now - FORMED_MICROS;
}
