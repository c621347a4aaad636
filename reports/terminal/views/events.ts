/** What happened, line by line. */
import type { Happening, NoteRow } from '../../../sim/run/watch/happenings.ts';
import { moment } from '../format.ts';
import { fill, fit, heading, line, span } from '../line.ts';
import type { Line, Style } from '../line.ts';
import type { Stage } from '../state.ts';

const TIME_WIDTH = 12;

const STYLES: Readonly<Record<string, Style>> = {
  'become leader': 'good',
  'become candidate': 'warn',
  'lose lease': 'warn',
  crash: 'bad',
  panic: 'bad',
  pause: 'warn',
  start: 'good',
  resume: 'good',
  suspect: 'warn',
  'member dies': 'bad',
};

/** A note as one line. */
export function noteLine(note: NoteRow, width: number): Line {
  const { micros, process, what, text, event } = note;
  const style = STYLES[what] ?? 'plain';
  const parts = [
    span(moment(micros).padStart(TIME_WIDTH), 'faint'),
    span(` ${process.padEnd(5)} `, 'strong'),
    span(text === '' ? what : `${what} `, style),
    span(text),
    span(`  #${event}`, 'faint'),
  ];
  return fit(parts, width);
}

function happeningLine({ micros, process, what, event, notes }: Happening, width: number): Line {
  const noted = notes.map((note) => `${note.what} ${note.text}`.trim()).join(', ');
  return fit(
    [
      span(moment(micros).padStart(TIME_WIDTH), 'faint'),
      span(` ${process.padEnd(5)} `, 'strong'),
      span(what, process === '-' ? 'bad' : 'plain'),
      span(noted === '' ? '' : `: ${noted}`, 'bar'),
      span(`  #${event}`, 'faint'),
    ],
    width,
  );
}

/** The text that a filter looks for may be anywhere in a line. */
export function fitsFilter(filter: string, ...words: readonly string[]): boolean {
  const wanted = filter.toLowerCase();
  return wanted === '' || words.join(' ').toLowerCase().includes(wanted);
}

const DETAILS = ['what matters', 'every note', 'every event'] as const;

export function events(stage: Stage): Line[] {
  const { ui, width, height } = stage;
  const filter = ui.filter === '' ? '' : `, with "${ui.filter}"`;
  const title = heading(
    'Events',
    `${DETAILS[ui.detail]}${filter}; d detail, / filter, enter goes there`,
  );
  const found = eventRows(stage, height - 1 + ui.cursor);
  const selected = found.length - 1 - ui.cursor;
  const from = Math.max(0, found.length - (height - 1) - Math.max(0, ui.cursor - 2));
  const rows = found.slice(from, from + height - 1).map((row, at) => {
    const own = from + at === selected && ui.cursor > 0;
    const text = row.line;
    return own ? [span('>', 'key'), ...text.slice(0, -1), ...text.slice(-1)] : [span(' '), ...text];
  });
  const nothing = [line(span(' nothing yet', 'faint'))];
  return fill([title, ...(rows.length === 0 ? nothing : rows)], height).map((one) =>
    fit(one, width),
  );
}

/** Lines of the list with their events, oldest first. */
export function eventRows(stage: Stage, count: number): { event: number; line: Line }[] {
  const { watched, ui, width } = stage;
  if (ui.detail === 2) {
    return watched.sights
      .events(count, (one) =>
        fitsFilter(ui.filter, one.process, one.what, ...one.notes.map((n) => n.what)),
      )
      .map((one) => ({ event: one.event, line: happeningLine(one, width - 1) }));
  }
  return watched.sights
    .notes(count, ui.detail, (note) =>
      fitsFilter(ui.filter, note.process, note.machine, note.what, note.text),
    )
    .map((note) => ({ event: note.event, line: noteLine(note, width - 1) }));
}
