/** The pictures of a run in their frames: what is drawn here is drawn again by the page's script. */
import type { RunPicture } from '../../../sim/explore/picture/picture.ts';
import { formatCount, formatSeconds, plural } from '../../text.ts';
import type { Curve } from '../draw/curves.ts';
import { leaderless } from '../draw/faults.ts';
import { escape } from '../draw/markup.ts';
import { drawPlot } from '../draw/plots.ts';
import type { Plot } from '../draw/plots.ts';
import { drawMoment, firstView } from '../draw/spacetime.ts';
import { drawTimeline } from '../draw/timeline.ts';
import type { TimelineData } from '../draw/timeline.ts';

/** For readers without the script. */
const WIDTH = 1120;

function controls(buttons: readonly (readonly [string, string])[]): string {
  const drawn = buttons.map(
    ([act, label]) => `<button type="button" data-zoom="${act}">${label}</button>`,
  );
  return `<div class="controls" hidden>${drawn.join('')}<output aria-live="polite"></output></div>`;
}

function svgElement(svg: string, height: number, label: string, interactive: boolean): string {
  const focus = interactive ? ' tabindex="0" role="application"' : ' role="img"';
  return `<svg viewBox="0 0 ${WIDTH} ${height}"${focus} aria-label="${escape(label)}">${svg}</svg>`;
}

export function timelineFigure(data: TimelineData, run: number): string {
  const { picture } = data;
  const { svg, height } = drawTimeline(data, { from: 0, to: picture.endMicros }, WIDTH);
  const buttons = controls([
    ['in', 'Zoom in'],
    ['out', 'Zoom out'],
    ['earlier', 'Earlier'],
    ['later', 'Later'],
    ['all', 'Whole run'],
  ]);
  const label = `Timeline of the run. ${storyInWords(data)} Arrow keys move through it.`;
  const hidden =
    picture.quietHosts > 0
      ? ` ${plural(picture.quietHosts, 'more program')} of which nothing is to be seen ${picture.quietHosts === 1 ? 'has' : 'have'} no row.`
      : '';
  const doubts = picture.lanes.some(({ doubts: found }) => found.length > 0)
    ? ' Below a host: how many members of the pool suspect it (first colour) or hold it for dead.'
    : '';
  return (
    `<figure class="chart" data-chart="timeline" data-run="${run}">${buttons}` +
    svgElement(svg, height, label, true) +
    '<figcaption>Drag to zoom, double-click for the whole run; arrow keys, + and - do it too. ' +
    'Operations stand where they began. Shaded: while a fault lasts; pale: what is not measured. ' +
    `Hatched: nobody leads.${doubts}${hidden}</figcaption></figure>\n`
  );
}

/** The same in sentences, for those who cannot see it. */
function storyInWords({ picture, faults, violations }: TimelineData): string {
  const told = faults
    .slice(0, 5)
    .map(
      ({ name, begin, end }) => `${name} from ${formatSeconds(begin)} to ${formatSeconds(end)}.`,
    );
  const { leadership, endMicros } = picture;
  const gaps = leadership.length === 0 ? [] : leaderless(leadership, endMicros);
  const without = gaps
    .slice(0, 5)
    .map(
      ({ from, to }) =>
        `No leader for ${formatSeconds((to - from) / 1e6)} from ${formatSeconds(from / 1e6)} on.`,
    );
  const found = violations
    .slice(0, 5)
    .map(({ message, time }) => `At ${formatSeconds(time)}: ${message}`);
  return [...told, ...without, ...found].join(' ');
}

export function momentFigures(picture: RunPicture, run: number): string {
  return picture.moments
    .map((moment, at) => {
      const view = { ...firstView(moment, 'even'), spacing: 'even', selected: null } as const;
      const { svg, height } = drawMoment(moment, view, WIDTH);
      const label =
        `Space-time diagram around event ${moment.event}, ${moment.title}. ` +
        'Left and right go from event to event, up goes to what an event is due to.';
      const buttons = controls([
        ['in', 'Zoom in'],
        ['out', 'Zoom out'],
        ['earlier', 'Earlier'],
        ['later', 'Later'],
        ['moment', 'The moment'],
        ['all', 'All'],
        ['spacing', 'Even steps or time'],
      ]);
      const out =
        moment.leftOut > 0
          ? ` ${formatCount(moment.leftOut)} timers and writes in between are left out.`
          : '';
      return (
        `<h3>${escape(moment.title)} at ${(moment.time / 1e6).toFixed(6)} s</h3>` +
        `<figure class="chart" data-chart="moment" data-run="${run}" data-moment="${at}">${buttons}` +
        svgElement(svg, height, label, true) +
        '<div class="facts" aria-live="polite" hidden></div>' +
        '<figcaption>Filled: the causal past of the marked event. Point at an event to see its past ' +
        'and, dashed, what came of it; click to keep it. Votes are violet, entries blue, heartbeats ' +
        `dotted, others green.${out}</figcaption></figure>\n`
      );
    })
    .join('');
}

export function matrixFigure(picture: RunPicture, run: number): string {
  const { names, classes, counts } = picture.matrix;
  if (classes.length === 0) return '<p>No message was delivered.</p>';
  const sums = names.map((_, row) =>
    names.map((__, column) =>
      counts.reduce((sum, own) => sum + own[row * names.length + column]!, 0),
    ),
  );
  const most = Math.max(1, ...sums.flat());
  const head = names.map((name) => `<th scope="col">to ${escape(name)}</th>`).join('');
  const rows = names.map((name, row) => {
    const cells = sums[row]!.map((count) => {
      const share = Math.round((count / most) * 100);
      return `<td style="--share:${share}">${count === 0 ? '' : formatCount(count)}</td>`;
    });
    return `<tr><th scope="row">from ${escape(name)}</th>${cells.join('')}</tr>`;
  });
  const options = classes.map((name) => `<option>${escape(name)}</option>`).join('');
  return (
    `<figure data-chart="matrix" data-run="${run}">` +
    '<div class="controls" hidden><label>Messages <select><option value="">of all classes</option>' +
    `${options}</select></label></div>` +
    '<div class="table" role="region" tabindex="0" aria-label="Delivered messages">' +
    `<table class="matrix"><thead><tr><td></td>${head}</tr></thead><tbody>${rows.join('')}</tbody></table></div>\n` +
    '<button type="button" class="copy" hidden>Copy table</button></figure>\n'
  );
}

/** A plot in its frame; `at` is its place in the data of the page. */
export function plotFigure(plot: Plot, at: number, label: string, caption: string): string {
  const { svg, height } = drawPlot(plot, WIDTH);
  return (
    `<figure class="chart" data-chart="plot" data-plot="${at}">` +
    svgElement(svg, height, label, false) +
    `<figcaption>${caption}</figcaption></figure>\n`
  );
}

export function curvesFigure(curves: readonly Curve[], at: number): string {
  const label = `Percentiles of ${curves.map(({ name }) => name).join(', ')}`;
  const caption =
    `${legendOf(curves.map(({ name }) => name))}<br>Each step to the right has a tenth of the ` +
    'samples left above it. Both axes are logarithmic.';
  return plotFigure({ kind: 'curves', curves }, at, label, caption);
}

/** Names in the colours of their series. */
export function legendOf(names: readonly string[]): string {
  return names
    .map((name, at) => `<span class="key-${at % 6}">━ ${escape(name)}</span>`)
    .join(' &nbsp; ');
}
