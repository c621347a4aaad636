/** The sections of a page about one run. */
import type { RunPicture } from '../../sim/explore/picture/picture.ts';
import type { RunRecord } from '../../sim/explore/record.ts';
import { keyTimes } from '../figures.ts';
import { curveOfSummary, Times } from './curves.ts';
import type { Section } from './document.ts';
import type { Curve } from './draw/curves.ts';
import type { Plot } from './draw/plots.ts';
import type { PageData } from './page-data.ts';
import { curvesFigure, matrixFigure, momentFigures, timelineFigure } from './sections/charts.ts';
import {
  aboutTable,
  faultTable,
  findings,
  invariantTable,
  metricTable,
  thresholdTable,
} from './sections/tables.ts';

/** Curves beyond these would not be told apart. */
const CURVES_MAX = 6;

/** What the script of the page gets to know. */
export interface PageParts {
  readonly runs: PageData['runs'][number][];
  readonly plots: Plot[];
}

export function runSections(record: RunRecord, parts: PageParts): Section[] {
  const { result, story, files } = record;
  const picture = files?.picture ?? null;
  const sections: Section[] = [];
  const add = (id: string, title: string, html: string): void => {
    if (html !== '') sections.push({ id, title, html });
  };
  add('findings', 'Findings', findings(result, story));
  if (picture === null) {
    const again = `Run it again for pictures, it will be the same: npx ${record.command} --reporter html`;
    add('timeline', 'Timeline', `<p>No picture of this run was kept. ${again}</p>`);
  } else {
    const run = join(record, picture, parts);
    add('timeline', 'Timeline', timelineFigure(parts.runs[run]!, run));
    add('moments', 'Space-time', momentFigures(picture, run));
    add('messages', 'Messages', matrixFigure(picture, run));
  }
  const curves = curvesOf(record);
  if (curves.length > 0) {
    add(
      'latency',
      'Percentiles',
      curvesFigure(curves, parts.plots.push({ kind: 'curves', curves }) - 1),
    );
  }
  add('thresholds', 'Thresholds', thresholdTable(result));
  add('invariants', 'Invariants', invariantTable(result));
  add('faults', 'Faults', faultTable(result));
  add('figures', 'Figures', metricTable(result.metrics));
  add('about', 'About', aboutTable(result));
  return sections;
}

/** Gives the script of the page what it needs to draw the run; returns its place. */
function join({ result }: RunRecord, picture: RunPicture, parts: PageParts): number {
  const { faults, violations } = result;
  return parts.runs.push({ picture, faults, violations }) - 1;
}

/** A run among others: its timeline and what led to its violations. */
export function pictureOf(record: RunRecord, parts: PageParts): string {
  const picture = record.files?.picture ?? null;
  if (picture === null) return '';
  const run = join(record, picture, parts);
  return timelineFigure(parts.runs[run]!, run) + momentFigures(picture, run);
}

/** Of the times that say most; one sample is no distribution. */
function curvesOf({ result, distributions }: RunRecord): Curve[] {
  const names = keyTimes(result.metrics).filter((name) => result.metrics[name]!.count! > 1);
  return names.slice(0, CURVES_MAX).flatMap((name) => {
    const own = distributions.find((one) => one.name === name);
    const curve =
      own === undefined ? curveOfSummary(name, result.metrics[name]!) : curveOfDistribution(own);
    return curve === null ? [] : [curve];
  });
}

function curveOfDistribution(distribution: RunRecord['distributions'][number]): Curve {
  const times = new Times();
  times.add(distribution);
  return times.curve(distribution.name);
}
