/** The top of a page: the verdict, the reason for it, what is worth knowing first, the command. */
import type { RunRecord } from '../../../sim/explore/record.ts';
import type { MetricSummary } from '../../../sim/core/metrics.ts';
import { reasonOf, wordOf } from '../../console/verdict.ts';
import { formatFigure, loadsOf } from '../../figures.ts';
import { formatCount, formatLarge, formatSeconds, plural } from '../../text.ts';
import { escape } from '../draw/markup.ts';

export interface Tile {
  readonly name: string;
  readonly text: string;
  readonly small?: string;
  readonly bad?: boolean;
}

export function headOf(
  exitCode: number,
  title: string,
  reason: string,
  description: string,
): string {
  const { word, mood } = wordOf(exitCode);
  const about = description === '' ? '' : `<p class="muted">${escape(description)}</p>\n`;
  return (
    `<div class="headline"><span class="badge ${mood}">${word}</span><h1>${escape(title)}</h1></div>\n` +
    `<p class="reason">${escape(reason)}</p>\n${about}`
  );
}

export function tilesOf(tiles: readonly Tile[]): string {
  const drawn = tiles.map(({ name, text, small, bad }) => {
    const below = small === undefined ? '' : `<small>${escape(small)}</small>`;
    return (
      `<div class="tile${bad === true ? ' bad' : ''}"><dt>${escape(name)}</dt>` +
      `<dd>${escape(text)}${below}</dd></div>`
    );
  });
  return drawn.length === 0 ? '' : `<dl class="tiles">${drawn.join('')}</dl>\n`;
}

export function commandOf(command: string): string {
  const text = `npx ${command}`;
  return (
    `<div class="command"><code>${escape(text)}</code>` +
    `<button type="button" class="copy" data-text="${escape(text)}" hidden>Copy</button></div>\n`
  );
}

export function runHead(record: RunRecord): string {
  const { result, exitCode, command } = record;
  const resolved = result.manifest.resolved as { readonly description?: string } | null;
  return (
    headOf(
      exitCode,
      `${result.scenario}, seed ${result.seed}`,
      reasonOf(record),
      resolved?.description ?? '',
    ) +
    tilesOf(runTiles(record)) +
    commandOf(command)
  );
}

/** What one asks first: how clients fared, how long it took to fail over. */
function runTiles({ result }: RunRecord): Tile[] {
  const { metrics, violations, simulatedSeconds, events, wallSeconds } = result;
  const tiles: Tile[] = [];
  const value = (name: string): void => {
    const metric = metrics[name];
    if (metric?.value === undefined) return;
    tiles.push({ name, text: formatFigure(name, metric.unit, metric.value) });
  };
  const time = (name: string, figure: 'p50' | 'max', also: 'p99' | 'count'): void => {
    const metric = metrics[name];
    if (metric === undefined || (metric.count ?? 0) === 0) return;
    const small = also === 'p99' ? `p99 ${seconds(metric, 'p99')}` : plural(metric.count!, 'time');
    const text = seconds(metric, figure);
    tiles.push({ name: `${name} ${figure}`, text, small });
  };
  const real = violations.filter(({ status }) => status !== 'allowed').length;
  if (real > 0) tiles.push({ name: 'violations', text: formatCount(real), bad: true });
  for (const load of loadsOf(metrics).slice(0, 2)) {
    value(`${load}.availability`);
    time(`${load}.latency`, 'p50', 'p99');
    value(`${load}.longest-outage`);
    time(`${load}.recovery`, 'max', 'count');
  }
  time('raft.failover', 'max', 'count');
  value('raft.elections');
  time('gossip.detection-all', 'max', 'count');
  const speed = wallSeconds > 0 ? `in ${formatSeconds(wallSeconds)}` : '';
  tiles.push({
    name: 'simulated',
    text: formatSeconds(simulatedSeconds),
    small: `${formatLarge(events)} events ${speed}`,
  });
  return tiles;
}

function seconds(metric: MetricSummary, figure: 'p50' | 'p99' | 'max'): string {
  return formatSeconds(metric[figure] ?? 0);
}
