/** Everything that a run came to, in tables. */
import type { MetricSummary } from '../../../sim/core/metrics.ts';
import type { RunResult } from '../../../sim/run/result.ts';
import { formatFigure, unitOf } from '../../figures.ts';
import { formatCount, formatMoment, formatSeconds, plural } from '../../text.ts';
import { escape } from '../draw/markup.ts';
import { table } from '../table.ts';
import type { Cell } from '../table.ts';

export const MOODS = { pass: 'good-text', fail: 'bad-text', unknown: 'warn-text' } as const;
/** Invariants whose violations are told in words. */
const FINDINGS_MAX = 10;
const FIGURES = ['mean', 'min', 'p50', 'p90', 'p99', 'p999', 'max'] as const;

export function thresholdTable({ thresholds, metrics }: RunResult): string {
  if (thresholds.length === 0) return '';
  const words = { pass: 'met', fail: 'missed', unknown: 'not measured' };
  return table({
    caption: 'Thresholds',
    columns: ['metric', 'threshold', 'measured', 'verdict'],
    numbers: new Set([2]),
    rows: thresholds.map(({ metric, expression, value, verdict }) => ({
      cells: [
        metric,
        expression,
        value === null ? '' : formatFigure(metric, unitOf(expression, metrics[metric]), value),
        { text: words[verdict], mood: MOODS[verdict] },
      ],
    })),
  });
}

export function invariantTable({ invariants, violations }: RunResult): string {
  const rank = { fail: 0, unknown: 1, pass: 2 };
  const words = { pass: 'holds', fail: 'violated', unknown: 'unknown' };
  const sorted = [...invariants].sort((left, right) => rank[left.verdict] - rank[right.verdict]);
  return table({
    caption: 'Invariants, and how often each of them could have found something',
    columns: ['invariant', 'expected', 'verdict', 'exercised', 'violations'],
    numbers: new Set([3, 4]),
    rows: sorted.map(({ name, expectation, verdict, exercised }) => {
      const found = violations.filter(({ invariant }) => invariant === name);
      const never = exercised === 0 && verdict === 'unknown';
      return {
        ...(verdict === 'fail' ? { mood: 'bad' } : {}),
        cells: [
          name,
          expectation,
          { text: never ? 'never exercised' : words[verdict], mood: MOODS[verdict] },
          formatCount(exercised),
          found.length === 0 ? '' : formatCount(found.length),
        ],
      };
    }),
  });
}

export function faultTable({ faults }: RunResult): string {
  if (faults.length === 0) return '<p>The scenario lets nothing go wrong.</p>';
  return table({
    caption: 'Faults, and how many messages, writes or processes each of them touched',
    columns: ['fault', 'begin', 'end', 'affected'],
    numbers: new Set([1, 2, 3]),
    rows: faults.map(({ name, begin, end, affected, inert }) => ({
      cells: [
        name,
        formatSeconds(begin),
        end > begin ? formatSeconds(end) : '',
        inert ? { text: 'inert', mood: 'warn-text' } : formatCount(affected),
      ],
    })),
  });
}

/** Every metric; `data-row`, `data-figure` and `data-value` tell programs what a cell is exactly. */
export function metricTable(metrics: RunResult['metrics']): string {
  const names = Object.keys(metrics);
  const single = names.filter((name) => metrics[name]!.value !== undefined);
  const times = names.filter((name) => (metrics[name]!.count ?? 0) > 0);
  const values = table({
    caption: 'Single figures',
    columns: ['metric', 'value', 'unit'],
    numbers: new Set([1]),
    rows: single.map((name) => {
      const { unit, value } = metrics[name]!;
      const text = formatFigure(name, unit, value!);
      return { name, cells: [name, { text, figure: 'value', value: value! }, unit] };
    }),
  });
  const spread = table({
    caption: 'Distributions of times',
    columns: ['metric', 'count', ...FIGURES],
    numbers: new Set([1, 2, 3, 4, 5, 6, 7, 8]),
    rows: times.map((name) => ({ name, cells: [name, ...timeCells(metrics[name]!)] })),
  });
  return (single.length > 0 ? values : '') + (times.length > 0 ? spread : '');
}

function timeCells(metric: MetricSummary): Cell[] {
  const count = metric.count ?? 0;
  return [
    { text: formatCount(count), figure: 'count', value: count },
    ...FIGURES.map((figure) => {
      const value = metric[figure] ?? 0;
      return { text: formatSeconds(value), figure, value };
    }),
  ];
}

/** Violations in words, the gravest first, with the story of the first. */
export function findings({ violations }: RunResult, story: readonly string[]): string {
  if (violations.length === 0) return '';
  const rank = { violation: 0, known: 1, allowed: 2 };
  const groups = Map.groupBy(violations, ({ invariant, status }) => `${status} ${invariant}`);
  const sorted = [...groups.values()].sort(
    ([left], [right]) => rank[left!.status] - rank[right!.status],
  );
  const shown = sorted.slice(0, FINDINGS_MAX).map(([first, ...others]) => {
    const { invariant, time, event, message, status, reference } = first!;
    const known = reference === '' ? '' : ` (${reference})`;
    const word = status === 'violation' ? 'violated' : status;
    const again = others.length > 0 ? `<br>and ${plural(others.length, 'more time')}` : '';
    return (
      `<li class="${status}"><b>${escape(invariant)}</b> ${word}${escape(known)} at ` +
      `${formatMoment(time)}, event ${event}<br>${escape(message)}${again}</li>`
    );
  });
  const more = sorted.length - shown.length;
  const rest = more > 0 ? `<p>and ${plural(more, 'more invariant')}</p>` : '';
  const told =
    story.length === 0
      ? ''
      : `<h3>What led to it</h3><pre class="story" tabindex="0">${escape(story.join('\n'))}</pre>`;
  return `<ul class="findings">${shown.join('')}</ul>${rest}${told}`;
}

export function aboutTable({ manifest, fingerprint }: RunResult): string {
  const overrides = Object.entries(manifest.overrides).map(
    ([path, value]) => `${path}=${String(value)}`,
  );
  const code = (text: string): Cell => ({ text, kind: 'code' });
  return table({
    caption: 'What the figures are of',
    columns: ['', ''],
    rows: [
      { cells: ['command', code(manifest.command)] },
      ...(overrides.length > 0 ? [{ cells: ['overrides', code(overrides.join(' '))] }] : []),
      { cells: ['fingerprint', code(fingerprint)] },
      { cells: ['scenario', code(manifest.scenarioHash)] },
      { cells: ['lictor', manifest.version] },
      { cells: ['Node', manifest.node] },
    ],
  });
}
