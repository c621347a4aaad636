/** What one event changed in the views of the processes. */
import type { World } from '../../core/world.ts';
import { statusOf } from './servers.ts';

type Value = string | number | boolean | null;

export interface Change {
  readonly process: string;
  readonly machine: string;
  readonly field: string;
  readonly before: Value;
  readonly after: Value;
}

/** Fields of a process's machines, `machine field` -> value. */
export type ProcessPicture = ReadonlyMap<string, Value>;
/** By index of the process. */
export type Picture = readonly (ProcessPicture | undefined)[];

/** Views of larger worlds cost too much to be taken at each step. */
const PROCESSES_MAX = 64;

/** All processes, or in a large world those that are asked for. */
export function pictureOf(world: World, always: readonly number[]): Picture {
  const all = world.processes.length <= PROCESSES_MAX;
  return world.processes.map((process) => {
    if (!all && !always.includes(process.index)) return undefined;
    return processPicture(world, process.index);
  });
}

export function processPicture(world: World, index: number): ProcessPicture {
  const process = world.processes[index];
  const fields = new Map<string, Value>([[' status', statusOf(process)]]);
  for (const { machine, state } of process.slots) {
    if (state === undefined || process.status === 'down') continue;
    for (const [field, value] of Object.entries(machine.view(state))) {
      fields.set(`${machine.name} ${field}`, value);
    }
  }
  return fields;
}

export function changesBetween(world: World, before: Picture, after: Picture): Change[] {
  const changes: Change[] = [];
  after.forEach((fields, index) => {
    const old = before[index];
    if (fields === undefined || old === undefined) return;
    // Of a process that begins or ends everything would be new or gone.
    const both = old.size > 1 && fields.size > 1;
    for (const key of both ? new Set([...old.keys(), ...fields.keys()]) : [' status']) {
      const [was, is] = [old.get(key) ?? null, fields.get(key) ?? null];
      if (was === is) continue;
      const [machine, field] = key.split(' ') as [string, string];
      changes.push({
        process: world.processes[index].name,
        machine,
        field,
        before: was,
        after: is,
      });
    }
  });
  return changes;
}
