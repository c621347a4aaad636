/** A square for each run, in the order of the seeds: what passed and what did not. */
import { headroom, plotFrame, plotName } from './frame.ts';
import { escape } from './markup.ts';

export interface SeedGrid {
  readonly kind: 'grid';
  readonly rows: readonly {
    readonly name: string;
    readonly runs: readonly {
      readonly seed: number;
      readonly word: string;
      readonly mood: string;
    }[];
  }[];
}

const CELL = 13;
const GAP = 8;

export function drawGrid({ rows }: SeedGrid, width: number): { svg: string; height: number } {
  const frame = plotFrame(
    width,
    rows.map(({ name }) => name),
  );
  const columns = Math.max(5, Math.floor((frame.right - frame.left) / CELL));
  let y = 0;
  const drawn = rows.map(({ name, runs }) => {
    const above = y;
    y += headroom(frame);
    const cells = runs.map(({ seed, word, mood }, at) => {
      const x = frame.left + (at % columns) * CELL;
      const top = y + Math.floor(at / columns) * CELL;
      const title = `<title>${escape(`${name}, seed ${seed}: ${word}`)}</title>`;
      const square = `<rect class="cell ${mood}" x="${x}" y="${top}" width="${CELL - 2}" height="${CELL - 2}" rx="2">${title}</rect>`;
      // Never by colour alone.
      const cross = `<path class="cell-mark" d="M${x + 3} ${top + 3}l5 5m0 -5l-5 5"/>`;
      return mood === 'bad' ? square + cross : square;
    });
    const svg = plotName(frame, name, y + 6, above) + cells.join('');
    y += Math.max(1, Math.ceil(runs.length / columns)) * CELL + GAP;
    return svg;
  });
  return { svg: drawn.join(''), height: Math.max(CELL, y) };
}
