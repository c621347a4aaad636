/** Tables that can be read, copied, and found by programs. */
import { escape } from './draw/markup.ts';

export interface Cell {
  readonly text: string;
  readonly kind?: 'number' | 'code';
  /** What the figure is exactly, for programs: `data-value`. */
  readonly value?: number | string | null;
  /** Name of the figure, for programs: `data-figure`. */
  readonly figure?: string;
  /** A class of the style sheet. */
  readonly mood?: string;
}

export interface DataTable {
  readonly caption: string;
  readonly columns: readonly string[];
  /** Columns whose cells are numbers. */
  readonly numbers?: ReadonlySet<number>;
  readonly rows: readonly DataRow[];
  readonly className?: string;
}

export interface DataRow {
  /** The first one heads its row. */
  readonly cells: readonly (Cell | string)[];
  readonly mood?: string;
  /** Name of the row, for programs: `data-row`. */
  readonly name?: string;
}

export function table({ caption, columns, numbers, rows, className }: DataTable): string {
  const isNumber = (at: number): boolean => numbers?.has(at) === true;
  const head = columns
    .map(
      (title, at) =>
        `<th scope="col"${isNumber(at) ? ' class="number"' : ''}>${escape(title)}</th>`,
    )
    .join('');
  const body = rows.map(({ cells, mood, name }) => {
    const attributes =
      (mood === undefined ? '' : ` class="${mood}"`) +
      (name === undefined ? '' : ` data-row="${escape(name)}"`);
    const drawn = cells.map((cell, at) => tableCell(cell, at === 0, isNumber(at)));
    return `<tr${attributes}>${drawn.join('')}</tr>`;
  });
  return (
    `<div class="table" role="region" tabindex="0" aria-label="${escape(caption)}">` +
    `<table${className === undefined ? '' : ` class="${className}"`}><caption>${escape(caption)}</caption>` +
    `<thead><tr>${head}</tr></thead><tbody>${body.join('\n')}</tbody></table></div>\n` +
    `<button type="button" class="copy" hidden>Copy table</button>\n`
  );
}

function tableCell(given: Cell | string, heads: boolean, number: boolean): string {
  const cell: Cell = typeof given === 'string' ? { text: given } : given;
  const tag = heads ? 'th' : 'td';
  const classes = [number ? 'number' : '', cell.mood ?? ''].filter((one) => one !== '').join(' ');
  const attributes =
    (heads ? ' scope="row"' : '') +
    (classes === '' ? '' : ` class="${classes}"`) +
    (cell.figure === undefined ? '' : ` data-figure="${escape(cell.figure)}"`) +
    (cell.value === undefined || cell.value === null ? '' : ` data-value="${escape(cell.value)}"`);
  const text = escape(cell.text);
  return `<${tag}${attributes}>${cell.kind === 'code' ? `<code>${text}</code>` : text}</${tag}>`;
}
