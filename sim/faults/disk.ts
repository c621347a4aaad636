/** Disk and restore: writes hang, or fail, or find no space. */
import type { World } from '../core/world.ts';
import type { DiskMode } from '../../scenarios/scenario.ts';
import { aimedHosts } from './selectors.ts';
import type { ActionOf, Verb } from './verb.ts';

export interface DiskHeld {
  readonly kind: 'disk';
  readonly hosts: readonly number[];
  readonly mode: DiskMode;
  /** Writes that faults of this mode had touched on these disks before. */
  readonly before: number;
}

const TOUCHED = {
  stall: 'stalled',
  error: 'failed',
  log_error: 'logFailed',
  full: 'refused',
} as const;

export const disk: Verb<ActionOf<'disk'>, DiskHeld> = {
  begin(action, aim, { context }) {
    const { world } = context;
    const hosts = aimedHosts(aim, action.hosts, context);
    const { mode } = action;
    const before = touchedSoFar(world, hosts, mode);
    for (const host of hosts) {
      const device = world.hosts[host].disk;
      if (mode === 'stall') device.stall(world);
      else if (mode === 'error') device.failWrites(1);
      else if (mode === 'log_error') device.failLog(1);
      else device.fill(1);
    }
    return { held: { kind: 'disk', hosts, mode, before } };
  },
  affected: ({ hosts, mode, before }, { context }) =>
    touchedSoFar(context.world, hosts, mode) - before,
  end({ hosts, mode, before }, { context }) {
    const { world } = context;
    const touched = touchedSoFar(world, hosts, mode) - before;
    for (const host of hosts) {
      const device = world.hosts[host].disk;
      if (mode === 'stall') device.unstall(world);
      else if (mode === 'error') device.failWrites(-1);
      else if (mode === 'log_error') device.failLog(-1);
      else device.fill(-1);
    }
    return touched;
  },
};

function touchedSoFar(world: World, hosts: readonly number[], mode: DiskMode): number {
  let touched = 0;
  for (const host of hosts) touched += world.hosts[host].disk.touched[TOUCHED[mode]];
  return touched;
}
