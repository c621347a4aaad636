/**
 * A run for ShiViz (bestchai.bitbucket.io/shiviz): two lines per event, `host {"host":clock}` with
 * the vector clock, then the text. Its default parser reads `(?<host>\S*) (?<clock>{.*})\n(?<event>.*)`.
 */
import type { EventTable } from '../../sim/explore/event-table.ts';
import type { RunRecord } from '../../sim/explore/record.ts';

/** A diagram of more events than this cannot be read, or drawn. */
const SHOWN_MAX = 3000;

type Clock = ReadonlyMap<string, number>;

export function toShiviz(record: RunRecord): string {
  const table = record.files?.events;
  if (!table) throw new Error('the run brought no events along');
  const told = tellingNotes(table);
  const wanted = table.events.event.filter((event, row) => {
    return table.events.from[row] !== '' || told.has(event);
  });
  const shown = window(wanted, record.result.violations[0]?.event);
  const lines = new Walk(table, told, shown).lines();
  // Its parser has no comments: the last event tells it.
  if (shown.size < wanted.length) {
    lines.push(`${lines.pop() ?? ''}; ${shown.size} of ${wanted.length} events are shown`);
  }
  return `${lines.join('\n')}\n`;
}

/** Notes by event. */
function tellingNotes({ notes }: EventTable): ReadonlyMap<number, readonly string[]> {
  const told = new Map<number, string[]>();
  notes.event.forEach((event, row) => {
    const text = `${notes.note[row]} ${notes.text[row]}`.trim();
    const list = told.get(event);
    if (list) list.push(text);
    else told.set(event, [text]);
  });
  return told;
}

/** Those before the first violation and a few after it; of a run without one the first. */
function window(events: readonly number[], violation: number | undefined): ReadonlySet<number> {
  if (events.length <= SHOWN_MAX) return new Set(events);
  const at = violation === undefined ? 0 : events.findIndex((event) => event >= violation);
  const from = Math.max(0, at - Math.round(SHOWN_MAX * 0.9));
  return new Set(events.slice(from, from + SHOWN_MAX));
}

/** Goes through the events in their order; those that are not shown still carry clocks on. */
class Walk {
  private readonly table: EventTable;
  private readonly told: ReadonlyMap<number, readonly string[]>;
  private readonly shown: ReadonlySet<number>;
  private readonly now = new Map<string, Clock>();
  /** Clocks of events that something elsewhere is due to. */
  private readonly sent = new Map<number, Clock>();

  constructor(
    table: EventTable,
    told: ReadonlyMap<number, readonly string[]>,
    shown: ReadonlySet<number>,
  ) {
    this.table = table;
    this.told = told;
    this.shown = shown;
  }

  lines(): string[] {
    const { events } = this.table;
    const senders = new Set(events.cause.filter((_, row) => events.from[row] !== ''));
    const lines: string[] = [];
    for (const [row, event] of events.event.entries()) {
      const process = events.process[row]!;
      if (process === '') continue;
      const cause = events.from[row] === '' ? undefined : this.sent.get(events.cause[row]!);
      const clock = merge(this.now.get(process), cause);
      if (this.shown.has(event)) {
        clock.set(process, (clock.get(process) ?? 0) + 1);
        lines.push(`${process} ${JSON.stringify(Object.fromEntries(clock))}`, this.textOf(row));
      }
      this.now.set(process, clock);
      if (senders.has(event)) this.sent.set(event, clock);
    }
    return lines;
  }

  private textOf(row: number): string {
    const { events } = this.table;
    const { event, time, kind, name, from } = events;
    const what = from[row] === '' ? kind[row]! : `${kind[row]} ${name[row]} from ${from[row]}`;
    const notes = this.told.get(event[row]!) ?? [];
    return [`#${event[row]} ${time[row]! / 1e6}s ${what}`, ...notes].join('; ');
  }
}

function merge(own: Clock | undefined, other: Clock | undefined): Map<string, number> {
  const clock = new Map(own);
  for (const [process, count] of other ?? []) {
    clock.set(process, Math.max(clock.get(process) ?? 0, count));
  }
  return clock;
}
