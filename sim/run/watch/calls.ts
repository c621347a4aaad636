/** Calls between services, as operations: of the notes that callers make. */
import type { CallLoadState } from '../../client/call/call-load.ts';
import type { World } from '../../core/world.ts';
import type { InstanceState } from '../../service/instance.ts';
import {
  CALL_ERRORS,
  CALL_LOAD_MACHINE,
  CallNote,
  INSTANCE_MACHINE,
} from '../../service/vocabulary.ts';
import type { OperationRow } from './operations.ts';

/** Rows of the note log that are looked at for so many calls. */
const NOTES_MAX = 20_000;

interface Call {
  readonly endMicros: number | null;
  readonly error: number;
  attempts: number;
  /** Process of the instance that was tried last; -1 for none. */
  instance: number;
}

/** Load of each process that makes calls of its own. */
export function callLoads(world: World): Map<number, string> {
  const names = new Map<number, string>();
  for (const { index, slotByNumber } of world.processes) {
    const slot = slotByNumber[CALL_LOAD_MACHINE];
    if (slot !== undefined) names.set(index, (slot.config as CallLoadState['config']).load);
  }
  return names;
}

/** The latest calls of loads by their beginning, newest first; instances' own are left out. */
export function callRows(world: World, count: number): OperationRow[] {
  const loads = callLoads(world);
  if (loads.size === 0) return [];
  const { notes, trace } = world;
  const calls = new Map<string, Call>();
  const rows: OperationRow[] = [];
  const oldest = Math.max(0, notes.rows - NOTES_MAX);
  for (let row = notes.rows - 1; row >= oldest && rows.length < count; row--) {
    const process = notes.process(row);
    if (!loads.has(process)) continue;
    const id = `${process} ${notes.a(row)}`;
    const micros = trace.time(notes.event(row));
    switch (notes.kind(row)) {
      case CallNote.succeeded:
        calls.set(id, { endMicros: micros, error: 0, attempts: 0, instance: -1 });
        break;
      case CallNote.failed:
        calls.set(id, { endMicros: micros, error: notes.c(row), attempts: 0, instance: -1 });
        break;
      case CallNote.attempted: {
        const call = calls.get(id) ?? { endMicros: null, error: 0, attempts: 0, instance: -1 };
        if (call.instance < 0) call.instance = notes.b(row);
        call.attempts++;
        calls.set(id, call);
        break;
      }
      case CallNote.invoked:
        rows.push(rowOf(world, process, micros, calls.get(id)));
        calls.delete(id);
    }
  }
  return rows;
}

function rowOf(world: World, process: number, micros: number, call?: Call): OperationRow {
  const { endMicros, error, attempts, instance }: Call = call ?? {
    endMicros: null,
    error: 0,
    attempts: 0,
    instance: -1,
  };
  const slot = world.processes[instance]?.slotByNumber[INSTANCE_MACHINE];
  return {
    op: 0,
    client: world.processes[process].name,
    f: 'call',
    key: slot === undefined ? '-' : (slot.config as InstanceState['config']).service,
    value: null,
    mode: attempts < 2 ? '-' : `${attempts} tries`,
    host: instance < 0 ? '-' : world.processes[instance].name,
    startMicros: micros,
    endMicros,
    outcome: endMicros === null ? '...' : error === 0 ? 'ok' : 'fail',
    error: error === 0 ? '' : CALL_ERRORS[error]!,
  };
}
