/**
 * A run for ui.perfetto.dev, in the JSON trace event format: a process per program, a thread for
 * what reaches it and one for each machine's notes, arrows for messages, faults and leadership as
 * bars. Times are virtual microseconds. Events take no virtual time; they are drawn 1 us long.
 */
import type { RunRecord } from '../../sim/explore/record.ts';
import type { EventTable } from '../../sim/explore/event-table.ts';

type TraceEvent = Readonly<Record<string, unknown>>;

/** Process 0 is the idle one to Perfetto. */
const FAULTS = 1;
const FIRST_PROCESS = 2;
const INPUTS = 1;
const LEADING = 2;
const FIRST_MACHINE = 3;
const EVENT_MICROS = 1;

export function toPerfetto({ result, files }: RunRecord): string {
  const table = files?.events;
  if (!table) throw new Error('the run brought no events along');
  const pids = new Map(table.processes.map(({ name }, at) => [name, FIRST_PROCESS + at]));
  const events: TraceEvent[] = [
    ...names(table, pids),
    ...result.faults.map(({ name, begin, end, affected }) =>
      slice(FAULTS, 1, name, begin * 1e6, Math.max(1, (end - begin) * 1e6), { affected }),
    ),
    ...inputs(table, pids),
    ...notes(table, pids),
    ...leadership(table, pids, result.simulatedSeconds * 1e6),
  ];
  const lines = events.map((event) => JSON.stringify(event));
  const about = {
    scenario: result.scenario,
    seed: result.seed,
    command: result.manifest.command,
    events: table.total,
    shown: table.events.event.length,
  };
  return `{"displayTimeUnit":"ms","otherData":${JSON.stringify(about)},"traceEvents":[\n${lines.join(
    ',\n',
  )}\n]}\n`;
}

function slice(
  pid: number,
  tid: number,
  name: string,
  ts: number,
  dur: number,
  args: Readonly<Record<string, unknown>>,
): TraceEvent {
  return { ph: 'X', pid, tid, name, ts: Math.round(ts), dur: Math.round(dur), args };
}

function names({ processes, notes }: EventTable, pids: ReadonlyMap<string, number>): TraceEvent[] {
  const meta = (pid: number, tid: number, kind: string, name: string): TraceEvent => {
    return { ph: 'M', pid, tid, name: kind, args: { name } };
  };
  const found = [meta(FAULTS, 0, 'process_name', 'faults')];
  const machines = [...new Set(notes.machine)].sort();
  for (const { name } of processes) {
    const pid = pids.get(name)!;
    found.push(meta(pid, 0, 'process_name', name));
    found.push(
      meta(pid, INPUTS, 'thread_name', 'inputs'),
      meta(pid, LEADING, 'thread_name', 'leads'),
    );
    machines.forEach((machine, at) => {
      found.push(meta(pid, FIRST_MACHINE + at, 'thread_name', machine));
    });
  }
  return found;
}

/** Slices of events, and for each message an arrow from the event in which it was sent. */
function inputs({ events }: EventTable, pids: ReadonlyMap<string, number>): TraceEvent[] {
  const rows = new Map(events.event.map((event, row) => [event, row]));
  return events.event.flatMap((event, row): TraceEvent[] => {
    const pid = pids.get(events.process[row]!);
    if (pid === undefined) return [];
    const ts = events.time[row]!;
    const name =
      events.name[row] === '' ? events.kind[row]! : `${events.kind[row]} ${events.name[row]}`;
    const own = slice(pid, INPUTS, name, ts, EVENT_MICROS, { event, cause: events.cause[row] });
    const sender = pids.get(events.from[row]!);
    const sent = rows.get(events.cause[row]!);
    if (sender === undefined || sent === undefined) return [own];
    const flow = { cat: 'message', name: events.class[row]!, id: event, tid: INPUTS };
    return [
      { ...flow, ph: 's', pid: sender, ts: events.time[sent]! },
      own,
      { ...flow, ph: 'f', bp: 'e', pid, ts },
    ];
  });
}

function notes({ notes: rows }: EventTable, pids: ReadonlyMap<string, number>): TraceEvent[] {
  const machines = [...new Set(rows.machine)].sort();
  return rows.event.map((event, row) => ({
    ph: 'i',
    s: 't',
    pid: pids.get(rows.process[row]!) ?? FAULTS,
    tid: FIRST_MACHINE + machines.indexOf(rows.machine[row]!),
    name: rows.note[row]!,
    ts: rows.time[row]!,
    args: { event, text: rows.text[row]! },
  }));
}

/** From becoming leader until becoming something else, or until the program is gone. */
function leadership(
  { notes: rows }: EventTable,
  pids: ReadonlyMap<string, number>,
  endMicros: number,
): TraceEvent[] {
  const since = new Map<string, number>();
  const bars: TraceEvent[] = [];
  const close = (process: string, until: number): void => {
    const from = since.get(process);
    if (from === undefined) return;
    since.delete(process);
    bars.push(slice(pids.get(process)!, LEADING, 'leader', from, Math.max(1, until - from), {}));
  };
  rows.note.forEach((note, row) => {
    const process = rows.process[row]!;
    if (note === 'become leader') since.set(process, rows.time[row]!);
    else if (/^become |^crash$|^start$/.test(note)) close(process, rows.time[row]!);
  });
  for (const process of since.keys()) close(process, endMicros);
  return bars;
}
