/**
 * How a screen looks: sixteen colours, or none but the terminal's own (NO_COLOR), and characters
 * that the terminal can show. Whatever a colour says, a word or a sign says too.
 */
import { unpainted } from '../paint.ts';
import type { Line, Style } from './line.ts';

export interface Glyphs {
  readonly full: string;
  readonly empty: string;
  readonly vertical: string;
  readonly gone: string;
  readonly horizontal: string;
  /** Lines of answers. */
  readonly answer: string;
  readonly right: string;
  readonly left: string;
  readonly from: string;
  readonly dot: string;
  readonly cursor: string;
  readonly rule: string;
  /** From low to high. */
  readonly levels: string;
}

export interface Theme {
  readonly glyphs: Glyphs;
  paint(line: Line): string;
}

const UNICODE: Glyphs = {
  full: '█',
  empty: '░',
  vertical: '│',
  gone: '┊',
  horizontal: '─',
  answer: '╌',
  right: '▶',
  left: '◀',
  from: '●',
  dot: '·',
  cursor: '▼',
  rule: '─',
  levels: '▁▂▃▄▅▆▇█',
};

const ASCII: Glyphs = {
  full: '#',
  empty: '.',
  vertical: '|',
  gone: ':',
  horizontal: '-',
  answer: '.',
  right: '>',
  left: '<',
  from: 'o',
  dot: '.',
  cursor: 'v',
  rule: '-',
  levels: '_.-=+*#',
};

// Blue and orange (yellow, where there are only sixteen), which every kind of colour vision tells apart.
const COLOURS: Readonly<Record<Style, string>> = {
  plain: '',
  strong: '1',
  faint: '2',
  good: '94',
  bad: '1;91',
  warn: '93',
  bar: '36',
  key: '1;96',
  selected: '7',
  title: '1;4',
};

const ATTRIBUTES: Readonly<Record<Style, string>> = {
  plain: '',
  strong: '1',
  faint: '2',
  good: '',
  bad: '1;7',
  warn: '1',
  bar: '',
  key: '1',
  selected: '7',
  title: '1;4',
};

export interface ThemeOptions {
  readonly colour: boolean;
  readonly unicode: boolean;
}

export function createTheme({ colour, unicode }: ThemeOptions): Theme {
  const codes = colour ? COLOURS : ATTRIBUTES;
  return {
    glyphs: unicode ? UNICODE : ASCII,
    paint: (line) =>
      line
        .map(({ text, style }) => {
          const clean = unpainted(text);
          const code = codes[style];
          return code === '' || clean === '' ? clean : `\u001b[${code}m${clean}\u001b[0m`;
        })
        .join(''),
  };
}

/** A share as a bar of so many characters. */
export function barOf(glyphs: Glyphs, share: number, width: number): string {
  const full = Math.max(0, Math.min(width, Math.round(share * width)));
  return glyphs.full.repeat(full) + glyphs.empty.repeat(width - full);
}

/** One character for each value, by its share of the greatest; a space where there is none. */
export function sparkline({ levels }: Glyphs, values: readonly (number | null)[]): string {
  const most = values.reduce<number>((max, value) => Math.max(max, value ?? 0), 1);
  return values
    .map((value) => {
      if (value === null) return ' ';
      return levels[Math.min(levels.length - 1, Math.floor((value / most) * levels.length))]!;
    })
    .join('');
}
