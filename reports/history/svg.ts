/**
 * The same picture as SVG, for reports: one file without scripts or outside references. What
 * matters is told by shape as well as by colour: what contradicts itself is filled, what happened
 * beside it is outlined, an unknown outcome has no right end.
 */
import type { Picture } from '../../sim/check/linearizability/picture.ts';
import { shorten } from '../text.ts';
import type { Layout, PlacedBar } from './layout.ts';
import { layOut } from './layout.ts';
import { placeOf } from './terminal.ts';

const CHARACTER = 7.2;
const LINE = 30;
const BAR = 22;
const MARGIN = 12;
const TITLE = 26;
const LABEL_MAX = 36;

const STYLE = [
  'text{font:12px ui-monospace,Menlo,Consolas,monospace;fill:#1b1f24}',
  '.name{font-weight:600}.axis{stroke:#d0d7de}',
  '.involved{fill:#ffd8b5;stroke:#bc4c00;stroke-width:1.5}',
  '.beside{fill:#ffffff;stroke:#6e7781}',
  '.broken{stroke:#cf222e;stroke-width:1.5;stroke-dasharray:4 3}',
].join('');

/** One SVG document. */
export function drawSvg(picture: Picture): string {
  const layout = layOut(picture, (bar) => shorten(bar.label, LABEL_MAX));
  const names = Math.max(...picture.rows.map(({ process }) => process.length), 1);
  const left = MARGIN + (names + 2) * CHARACTER;
  const height = TITLE + LINE * layout.rows.reduce((sum, { lines }) => sum + lines, 0);
  const width = Math.ceil(left + layout.columns * CHARACTER + MARGIN);
  const parts: string[] = [];
  let top = TITLE;
  for (const { process, lines, bars } of layout.rows) {
    const middle = top + LINE / 2 + 4;
    parts.push(`<text class="name" x="${MARGIN}" y="${middle}">${escape(process)}</text>`);
    const end = top + lines * LINE;
    parts.push(
      `<line class="axis" x1="${MARGIN}" x2="${width - MARGIN}" y1="${end}" y2="${end}"/>`,
    );
    for (const bar of bars) parts.push(drawBar(bar, left, top));
    top = end;
  }
  parts.push(...drawBroken(layout, left, height));
  const note = picture.omitted > 0 ? `${picture.omitted} more operations are not shown` : '';
  const bottom = height + 18;
  parts.push(`<text x="${MARGIN}" y="${bottom}">${note}</text>`);
  const title = escape(picture.title);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${bottom + 8}" role="img">`,
    `<title>${title}</title><style>${STYLE}</style>`,
    `<rect width="100%" height="100%" fill="#ffffff"/>`,
    `<text class="name" x="${MARGIN}" y="17">${title}</text>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

function drawBar({ bar, label, from, to, line }: PlacedBar, left: number, top: number): string {
  const x = round(left + from * CHARACTER);
  const y = top + line * LINE + (LINE - BAR) / 2;
  const width = round((to - from) * CHARACTER);
  const kind = bar.involved ? 'involved' : 'beside';
  const { process, outcome } = bar.operation;
  const tip = `process ${process}: ${bar.label}, ${outcome}${placeOf(bar)}`;
  // Without its right end the bar says that nobody knows when, or whether, it ended.
  const shape =
    bar.end === Infinity
      ? `<path class="${kind}" d="M${round(x + width)} ${y}H${x}V${y + BAR}H${round(x + width)}" stroke-dasharray="3 3"/>`
      : `<rect class="${kind}" x="${x}" y="${y}" width="${width}" height="${BAR}" rx="4"/>`;
  const text = `<text x="${round(x + CHARACTER)}" y="${y + 15}">${escape(label)}</text>`;
  return `<g><title>${escape(tip)}</title>${shape}${text}</g>`;
}

function drawBroken({ broken }: Layout, left: number, height: number): string[] {
  if (broken < 0) return [];
  const x = round(left + broken * CHARACTER);
  const line = `<line class="broken" x1="${x}" x2="${x}" y1="${TITLE - 4}" y2="${height}"/>`;
  return [line, `<text x="${round(x - 112)}" y="${TITLE - 8}">no order is left</text>`];
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
