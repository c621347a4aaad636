/** How clients fared over time: operations by their start, exact in slots, thinned one by one. */
import { LOAD_MACHINE, LoadNote } from '../../client/operation.ts';
import type { NoteKind, ProcessIndex } from '../../core/machine.ts';
import type { World } from '../../core/world.ts';
import { CALL_LOAD_MACHINE, CallNote } from '../../service/vocabulary.ts';
import type { Note, NoteCollector } from './notes.ts';

/** More operations of a load than this are thinned. */
export const OPERATIONS_MAX = 20_000;
/** Slots that the whole run is divided into. */
export const SLOTS = 240;

/** 0: acknowledged, 1: failed, 2: nobody knows. */
export type Outcome = 0 | 1 | 2;

/** Columns of equal length, one row per operation in the order of their starts. */
export interface OperationColumns {
  readonly start: readonly number[];
  readonly latency: readonly number[];
  readonly outcome: readonly Outcome[];
}

/** Columns of equal length, one row per slot; exact, whatever was thinned. */
export interface SlotColumns {
  readonly slotMicros: number;
  readonly ok: readonly number[];
  readonly failed: readonly number[];
  readonly unknown: readonly number[];
  /** Latencies of successes that began in the slot; 0 of none. */
  readonly p50: readonly number[];
  readonly p99: readonly number[];
}

export interface LoadPicture {
  readonly name: string;
  /** Operations that ended; more than there are rows where they were thinned. */
  readonly total: number;
  readonly operations: OperationColumns;
  readonly slots: SlotColumns;
}

/** Notes at the end of an operation; they carry its latency. Kinds of load join here. */
const ENDS: ReadonlyMap<NoteKind, Outcome> = new Map<NoteKind, Outcome>([
  [LoadNote.succeeded, 0],
  [LoadNote.failed, 1],
  [LoadNote.unknown, 2],
  [CallNote.succeeded, 0],
  [CallNote.failed, 1],
]);

interface Operations {
  readonly start: number[];
  readonly latency: number[];
  readonly outcome: Outcome[];
}

export class OperationCollector implements NoteCollector {
  readonly wants: readonly NoteKind[] = [...ENDS.keys()];
  private readonly world: World;
  private readonly byLoad = new Map<string, Operations>();
  private readonly byProcess: (Operations | undefined)[] = [];

  constructor(world: World) {
    this.world = world;
  }

  take({ kind, process, time, b: latency }: Note): void {
    const operations = (this.byProcess[process] ??= this.operationsOf(process));
    operations.start.push(time - latency);
    operations.latency.push(latency);
    operations.outcome.push(ENDS.get(kind)!);
  }

  /** Calls that instances make of each other are no load of the scenario. */
  private operationsOf(process: ProcessIndex): Operations {
    const load = loadOf(this.world, process) ?? '';
    let operations = this.byLoad.get(load);
    if (operations === undefined) {
      operations = { start: [], latency: [], outcome: [] };
      this.byLoad.set(load, operations);
    }
    return operations;
  }

  /** In the order of `names`; a load of which no operation ended is left out. */
  finish(names: readonly string[], endMicros: number): LoadPicture[] {
    return names.flatMap((name) => {
      const operations = this.byLoad.get(name);
      return operations === undefined ? [] : [loadPicture(name, operations, endMicros)];
    });
  }
}

/** The load that a process is a client of. */
export function loadOf({ processes }: World, process: ProcessIndex): string | undefined {
  const { slotByNumber } = processes[process]!;
  const slot = slotByNumber[LOAD_MACHINE] ?? slotByNumber[CALL_LOAD_MACHINE];
  return (slot?.config as { readonly load?: string } | undefined)?.load;
}

function loadPicture(name: string, all: Operations, endMicros: number): LoadPicture {
  const total = all.start.length;
  const order = Uint32Array.from(all.start, (_, row) => row);
  order.sort((left, right) => all.start[left]! - all.start[right]! || left - right);
  const stride = Math.max(1, Math.ceil(total / OPERATIONS_MAX));
  const kept = order.filter((_, at) => at % stride === 0);
  const pick = <T>(column: readonly T[]): T[] => Array.from(kept, (row) => column[row]!);
  return {
    name,
    total,
    operations: {
      start: pick(all.start),
      latency: pick(all.latency),
      outcome: pick(all.outcome),
    },
    slots: slotsOf(all, order, endMicros),
  };
}

function slotsOf(all: Operations, order: Uint32Array, endMicros: number): SlotColumns {
  const slotMicros = Math.max(1, Math.ceil(endMicros / SLOTS));
  const counts = [0, 1, 2].map(() => Array.from({ length: SLOTS }, () => 0));
  const p50: number[] = [];
  const p99: number[] = [];
  let next = 0;
  for (let slot = 0; slot < SLOTS; slot++) {
    const until = (slot + 1) * slotMicros;
    const latencies: number[] = [];
    while (next < order.length && all.start[order[next]!]! < until) {
      const row = order[next++]!;
      const outcome = all.outcome[row]!;
      counts[outcome]![slot]!++;
      if (outcome === 0) latencies.push(all.latency[row]!);
    }
    latencies.sort((left, right) => left - right);
    p50.push(quantile(latencies, 50));
    p99.push(quantile(latencies, 99));
  }
  const [ok, failed, unknown] = counts as [number[], number[], number[]];
  return { slotMicros, ok, failed, unknown, p50, p99 };
}

/** Of ascending values the least that so many percent do not exceed; 0 of none. */
function quantile(values: readonly number[], percent: number): number {
  const rank = Math.max(1, Math.ceil((values.length * percent) / 100));
  return values[rank - 1] ?? 0;
}
