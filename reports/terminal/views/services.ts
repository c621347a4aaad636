/** Services: what their instances do, who gets which share, and how callers fare. */
import type { CallerRow, InstanceRow } from '../../../sim/run/watch/services.ts';
import { formatShare } from '../../text.ts';
import { duration } from '../format.ts';
import { fill, fit, heading, line, span, tableOf } from '../line.ts';
import type { Line, Span } from '../line.ts';
import type { Stage } from '../state.ts';
import { barOf, sparkline } from '../theme.ts';
import { fitsFilter } from './events.ts';

export function services(stage: Stage): Line[] {
  const { watched, ui, width, height } = stage;
  const views = watched.sights.services();
  if (views === null) return [line('This scenario has no services.')];
  const window = `the last ${duration(views.windowMicros)}`;
  const lines: Line[] = [];
  if (views.callers.length > 0) {
    lines.push(heading('Callers', window), ...callerTable(stage, views.callers), line());
  }
  const shown = views.instances.filter(({ name, service, status }) =>
    fitsFilter(ui.filter, name, service, status),
  );
  lines.push(heading('Instances', `${window}; k and j choose, 9 inspects`));
  const room = Math.max(1, height - lines.length - 1);
  lines.push(...instanceTable(stage, shown.slice(ui.scroll, ui.scroll + room)));
  return fill(lines, height).map((one) => fit(one, width));
}

function callerTable(stage: Stage, rows: readonly CallerRow[]): Line[] {
  const { width, theme } = stage;
  const columns = [
    { title: 'Load' },
    { title: 'OK', right: true },
    { title: 'Failed', right: true },
    { title: 'Open', right: true },
    { title: 'Available', right: true },
    { title: 'p50', right: true },
    { title: 'p99', right: true },
    { title: 'Latency' },
  ];
  const cells = rows.map((row) => {
    const { load, succeeded, failed, open, p50Micros, p99Micros, latencies } = row;
    const ended = succeeded + failed;
    return {
      cells: [
        span(load, 'strong'),
        String(succeeded),
        span(String(failed), failed > 0 ? 'bad' : 'plain'),
        String(open),
        ended === 0 ? '-' : formatShare(succeeded / ended),
        p50Micros === null ? '-' : duration(p50Micros),
        p99Micros === null ? '-' : duration(p99Micros),
        span(sparkline(theme.glyphs, latencies), 'bar'),
      ],
    };
  });
  return tableOf(columns, cells, width);
}

const BUSY_WIDTH = 5;
const CHECK_WIDTH = 10;

function instanceTable(stage: Stage, rows: readonly InstanceRow[]): Line[] {
  const { width, theme, ui } = stage;
  const wide = width >= 72;
  const checked = rows.some(({ check }) => check !== null);
  const taken = checked ? CHECK_WIDTH : 0;
  const roomy = width >= 72 + taken;
  // The latest, where not all fit.
  const slices = Math.max(8, width - 72 - taken);
  const columns = [
    { title: 'Instance' },
    { title: 'Status' },
    ...(checked ? [{ title: 'Check' }] : []),
    { title: 'Busy' },
    { title: 'Queue', right: true },
    ...(wide
      ? [
          { title: 'Served', right: true },
          { title: 'Rejected', right: true },
        ]
      : []),
    { title: 'Share', right: true },
    ...(roomy ? [{ title: 'Avoided', right: true }] : []),
    { title: 'Latency' },
  ];
  const cells = rows.map((row) => ({
    selected: row.process === ui.selected,
    cells: [
      span(row.name, 'strong'),
      span(row.status, row.status === 'up' ? 'good' : 'bad'),
      ...(checked ? [checkSpan(row)] : []),
      busySpan(row, barOf(theme.glyphs, row.busy / row.workers, BUSY_WIDTH)),
      span(String(row.queued), row.queued > 0 ? 'warn' : 'plain'),
      ...(wide
        ? [String(row.served), span(String(row.rejected), row.rejected > 0 ? 'bad' : 'plain')]
        : []),
      `${Math.round(row.share * 100)}%`,
      ...(roomy
        ? [
            span(
              row.avoidedBy === 0 ? '-' : `by ${row.avoidedBy}`,
              row.avoidedBy > 0 ? 'warn' : 'faint',
            ),
          ]
        : []),
      span(sparkline(theme.glyphs, row.latencies.slice(-slices)), 'bar'),
    ],
  }));
  return tableOf(columns, cells, width);
}

function checkSpan({ check }: InstanceRow): Span {
  if (check === null) return span('-', 'faint');
  return span(check, check === 'passing' ? 'good' : check === 'warning' ? 'warn' : 'bad');
}

function busySpan({ busy, workers }: InstanceRow, bar: string): Span {
  return span(`${bar} ${busy}/${workers}`, busy === workers ? 'warn' : 'plain');
}
