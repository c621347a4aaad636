/** Operations of clients, and goroutines. */
import type { OperationRow } from '../../../sim/run/watch/operations.ts';
import { duration, moment } from '../format.ts';
import { fill, fit, heading, line, span, tableOf } from '../line.ts';
import type { Line, Span, Style } from '../line.ts';
import type { Stage } from '../state.ts';
import { fitsFilter } from './events.ts';

const OUTCOMES: Readonly<Record<string, Style>> = {
  ok: 'good',
  fail: 'warn',
  info: 'bad',
  '...': 'faint',
};
const WORDS: Readonly<Record<string, string>> = { info: 'unknown', '...': 'open' };

export function operations(stage: Stage): Line[] {
  const { watched, player, ui, width, height } = stage;
  const found = watched.sights
    .operations(2_000)
    .filter((row) =>
      fitsFilter(ui.filter, row.client, row.f, row.key, row.host, row.outcome, row.error),
    );
  const room = Math.max(1, height - 2);
  const end = Math.max(0, found.length - ui.scroll);
  const rows = found.slice(Math.max(0, end - room), end);
  const columns = [
    { title: 'Started', right: true },
    { title: 'Client' },
    { title: 'What' },
    { title: 'Key' },
    { title: 'Value', most: 12 },
    { title: 'Mode' },
    { title: 'Server' },
    { title: 'Took', right: true },
    { title: 'Outcome' },
  ];
  const cells = rows.map((row) => ({ cells: operationCells(row, player.shownMicros) }));
  const filter = ui.filter === '' ? '' : `with "${ui.filter}"`;
  return fill(
    [
      heading('Operations of clients', `newest last ${filter}`),
      ...(rows.length === 0 ? [line(span(' none yet', 'faint'))] : tableOf(columns, cells, width)),
    ],
    height,
  );
}

function operationCells(row: OperationRow, now: number): (Span | string)[] {
  const { startMicros, endMicros, client, f, key, value, mode, host, outcome, error } = row;
  const took = duration(Math.max(0, (endMicros ?? now) - startMicros));
  const word = WORDS[outcome] ?? outcome;
  return [
    span(moment(startMicros), 'faint'),
    client,
    f,
    key,
    value ?? '-',
    mode,
    host,
    took,
    span(error === '' ? word : `${word}: ${error}`, OUTCOMES[outcome] ?? 'plain'),
  ];
}

/** Goroutines of the selected host; with more detail those of all servers. */
export function lanes(stage: Stage): Line[] {
  const { watched, ui, width, height, processes } = stage;
  const all = ui.detail > 0;
  const own = processes[ui.selected];
  const servers = new Set(
    processes.filter(({ kind }) => kind === 'server').map(({ index }) => index),
  );
  const found = watched.sights
    .lanes((process) => (all ? servers.has(process) : process === ui.selected))
    .filter((row) =>
      fitsFilter(ui.filter, row.process, row.machine, row.lane, row.waits, row.queued),
    );
  const rows = found.slice(ui.scroll, ui.scroll + height - 2).map((row) => ({
    cells: [
      span(row.process, 'strong'),
      row.machine,
      row.lane,
      span(
        row.waits === 'input' ? 'an input' : row.waits,
        row.waits === 'input' ? 'faint' : 'warn',
      ),
      row.sinceMicros === null ? span('-', 'faint') : duration(row.sinceMicros),
      span(row.queued === '' ? '-' : row.queued, row.queued === '' ? 'faint' : 'warn'),
    ],
  }));
  const columns = [
    { title: 'Process' },
    { title: 'Program' },
    { title: 'Lane' },
    { title: 'Waits for' },
    { title: 'Since', right: true },
    { title: 'Queued' },
  ];
  const whose = all ? 'all servers' : (own?.name ?? '');
  const nothing = line(span(own?.status === 'down' ? ' none: it is down' : ' none', 'faint'));
  const note = `goroutines of ${whose}; k and j choose, d ${all ? 'one host' : 'all servers'}`;
  return fill(
    [heading('Lanes', note), ...(rows.length === 0 ? [nothing] : tableOf(columns, rows, width))],
    height,
  ).map((one) => fit(one, width));
}
