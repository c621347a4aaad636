/** What the checks of calls look at: the memory of callers and instances. */
import type { CallerState } from '../../client/call/state.ts';
import type { Upstream } from '../../client/call/upstream.ts';
import type { InvariantName } from '../../../scenarios/vocabulary.ts';
import type { World } from '../../core/world.ts';
import type { InstanceState } from '../../service/instance.ts';
import { CALLER_MACHINE, CALL_LOAD_MACHINE, INSTANCE_MACHINE } from '../../service/vocabulary.ts';
import type { CallLoadState } from '../../client/call/call-load.ts';
import type { ProcessIndex } from '../invariant.ts';

export function callerAt({ processes }: World, process: ProcessIndex): CallerState {
  return processes[process].slotByNumber[CALLER_MACHINE]!.state as CallerState;
}

/** The upstream of the call in that slot. */
export function upstreamOf(world: World, process: ProcessIndex, slot: number): Upstream {
  const { calls, upstreams } = callerAt(world, process);
  return upstreams[calls[slot]!.upstream];
}

/** Name of the load whose client this is; undefined for instances that call others. */
export function loadAt({ processes }: World, process: ProcessIndex): string | undefined {
  const slot = processes[process].slotByNumber[CALL_LOAD_MACHINE];
  return slot === undefined ? undefined : (slot.config as CallLoadState['config']).load;
}

/** Of all processes, those that are instances. */
export function instancesOf({ processes }: World): readonly ProcessIndex[] {
  return processes.flatMap(({ index, slotByNumber }) =>
    slotByNumber[INSTANCE_MACHINE] === undefined ? [] : [index],
  );
}

/** Runs, at full speed, and nothing is wrong with it by the scenario. */
export function isWell({ processes, now }: World, process: ProcessIndex): boolean {
  const { status, cpuFactor, host, slotByNumber, ioPaused } = processes[process];
  if (status !== 'running' || cpuFactor !== 1 || ioPaused || !host.up) return false;
  const { behaviours } = (slotByNumber[INSTANCE_MACHINE]!.state as InstanceState).config;
  const local = host.clock.monotonic(now);
  return behaviours.every(
    ({ fromMicros, untilMicros }) => local < fromMicros || local >= untilMicros,
  );
}

/** Calls go from one datacenter to another: their invariants look at all of a run. */
export function isOfCalls(name: InvariantName): boolean {
  return name.startsWith('call.') || name.startsWith('balance.');
}
