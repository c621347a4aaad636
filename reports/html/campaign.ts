/** The sections of a page about several runs. */
import type { JobRecord, RunRecord } from '../../sim/explore/record.ts';
import type { Summary } from '../../sim/explore/summary.ts';
import { campaignReason, campaignTitle } from '../console/campaign.ts';
import { formatCount, formatLarge, formatSeconds, plural } from '../text.ts';
import { curveOfSummary } from './curves.ts';
import type { Times } from './curves.ts';
import type { Section } from './document.ts';
import type { Curve } from './draw/curves.ts';
import { escape } from './draw/markup.ts';
import type { Plot } from './draw/plots.ts';
import type { PageParts } from './run.ts';
import { PICTURED_MAX } from './pictured.ts';
import { pictureOf } from './run.ts';
import {
  figureNames,
  namesOf,
  runsTable,
  scenarioTable,
  seedThresholdTable,
  spreadTables,
  troubleList,
} from './sections/campaign-tables.ts';
import { curvesFigure, legendOf, plotFigure } from './sections/charts.ts';
import { comparisonTable } from './sections/comparison.ts';
import { commandOf, headOf, tilesOf } from './sections/head.ts';
import { forestOf, parameterPlots, seedGrid, strips } from './sections/plots.ts';
import { findings } from './sections/tables.ts';

/** Curves in one figure, and figures of them. */
const CURVES_MAX = 6;
const CURVE_FIGURES_MAX = 2;

export interface CampaignPage {
  readonly summary: Summary;
  /** Runs that did not pass, the gravest first. */
  readonly troubles: readonly JobRecord[];
  /** By scenario and metric, what all its runs measured; empty where only a summary is known. */
  readonly times: readonly ReadonlyMap<string, Times>[];
}

export function campaignHead({ summary, troubles }: CampaignPage): string {
  const { scenarios, events, simulatedSeconds, wallSeconds } = summary;
  const passed = scenarios.reduce((sum, one) => sum + one.pass - one.missed, 0);
  const text = (count: number): string => formatCount(count);
  return (
    headOf(summary.exitCode, campaignTitle(summary), campaignReason(summary, troubles), '') +
    tilesOf([
      { name: 'runs', text: text(summary.finished), small: `of ${text(summary.planned)} planned` },
      { name: 'passed', text: text(passed) },
      { name: 'not passed', text: text(troubles.length), bad: troubles.length > 0 },
      { name: 'simulated', text: formatSeconds(simulatedSeconds) },
      {
        name: 'events',
        text: formatLarge(events),
        small: wallSeconds > 0 ? `in ${formatSeconds(wallSeconds)}` : '',
      },
    ]) +
    (summary.interrupted
      ? '<p class="warn-text">Interrupted: what follows is of the runs that were made.</p>'
      : '') +
    commandOf(summary.command)
  );
}

export function campaignSections(page: CampaignPage, parts: PageParts): Section[] {
  const { summary, troubles } = page;
  const sections: Section[] = [];
  const add = (id: string, title: string, html: string): void => {
    if (html !== '') sections.push({ id, title, html });
  };
  const draw = (plot: Plot, label: string, caption: string): string =>
    plotFigure(plot, parts.plots.push(plot) - 1, label, caption);
  add('comparison', 'Comparison', comparisonSection(summary, draw));
  add('parameters', 'Parameters', parameterSection(summary, draw));
  add('scenarios', summary.purpose === 'sweep' ? 'Settings' : 'Scenarios', scenarioTable(summary));
  add('seeds', 'Seeds', gridSection(summary, draw));
  add('thresholds', 'Thresholds', seedThresholdTable(summary));
  add('troubles', 'Not passed', troubleList(troubles) + pictured(troubles, parts));
  add('spread', 'Spread', spreadSection(summary, draw));
  add('latency', 'Percentiles', curvesSection(page, parts));
  add('figures', 'Figures', spreadTables(summary));
  add('runs', 'Runs', runsTable(summary));
  return sections;
}

type Draw = (plot: Plot, label: string, caption: string) => string;

function comparisonSection({ comparison, ...summary }: Summary, draw: Draw): string {
  if (comparison === undefined) return '';
  const forest = forestOf(comparison);
  const [first, second] = namesOf(summary);
  const sides = `<p>${escape(first ?? '')}<br>${escape(second ?? '')}</p>`;
  if (forest === null) return `${sides}<p>No key figure differs in any seed.</p>`;
  const told = forest.rows.map(({ name, text }) => `${name}: ${text}`).join('. ');
  const caption =
    'Mean difference B - A of the same seeds, as a share of A, with its 95 % interval: filled where ' +
    'it does not cross zero. The broad bar behind is what the interval would be without pairing.';
  return sides + draw(forest, `Differences. ${told}`, caption) + comparisonTable(comparison);
}

function parameterSection(summary: Summary, draw: Draw): string {
  if (summary.purpose !== 'sweep') return '';
  const figures = parameterPlots(summary).map((plot) => {
    const title = `${plot.metric} by ${plot.parameter}`;
    const names = plot.series.map(({ name }) => name).filter((name) => name !== '');
    const legend = names.length === 0 ? '' : `${legendOf(names)}<br>`;
    const caption = `${legend}Medians over the runs with their 95 % intervals.`;
    return `<div><h3>${escape(title)}</h3>${draw(plot, title, caption)}</div>`;
  });
  return figures.length === 0 ? '' : `<div class="plots">${figures.join('')}</div>`;
}

function gridSection(summary: Summary, draw: Draw): string {
  const grid = seedGrid(summary);
  if (grid === null || summary.runs.length < 2) return '';
  const failed = summary.runs.filter(({ exitCode }) => exitCode !== 0).length;
  const label = `A square for each of ${plural(summary.runs.length, 'run')}, ${formatCount(failed)} of them did not pass`;
  return draw(grid, label, 'A square for each run, in the order of the seeds; crossed: failed.');
}

function spreadSection(summary: Summary, draw: Draw): string {
  const figures = strips(summary).map((plot) => {
    const caption =
      'A dot for each run (of times its median); line: the median, bar: its 95 % interval.';
    return `<div><h3>${escape(plot.metric)}</h3>${draw(plot, `${plot.metric} of every run`, caption)}</div>`;
  });
  return figures.length === 0 ? '' : `<div class="plots">${figures.join('')}</div>`;
}

/** All samples of all runs: a curve for each scenario or setting. */
function curvesSection({ summary, times }: CampaignPage, parts: PageParts): string {
  const names = namesOf(summary);
  const metrics = figureNames(summary.scenarios).filter((metric) => {
    return summary.scenarios.some(({ metrics: own }) => (own[metric]?.count ?? 0) > 1);
  });
  const figures = metrics.slice(0, CURVE_FIGURES_MAX).map((metric) => {
    const curves = summary.scenarios.slice(0, CURVES_MAX).flatMap((one, at): Curve[] => {
      const own = times[at]?.get(metric)?.curve(names[at]!);
      const { pooled, count } = one.metrics[metric] ?? {};
      const told = pooled && curveOfSummary(names[at]!, { ...pooled, count: count ?? 0 });
      return own !== undefined ? [own] : told ? [told] : [];
    });
    if (curves.length === 0) return '';
    const figure = curvesFigure(curves, parts.plots.push({ kind: 'curves', curves }) - 1);
    return `<h3>${escape(metric)}, all samples of all runs</h3>${figure}`;
  });
  return figures.join('');
}

/** The gravest runs as if each had a page of its own. */
function pictured(troubles: readonly JobRecord[], parts: PageParts): string {
  return troubles
    .filter((record): record is RunRecord => record.kind === 'run')
    .filter(({ files }) => (files?.picture ?? null) !== null)
    .slice(0, PICTURED_MAX)
    .map((record) => {
      const title = `${record.scenario}, seed ${record.seed}`;
      return `<h3>${escape(title)}</h3>${findings(record.result, record.story)}${pictureOf(record, parts)}`;
    })
    .join('');
}
