/** Differences of two sides, each with its interval: what does not cross the line is sure. */
import { headroom, plotFrame, plotName } from './frame.ts';
import { escape, round } from './markup.ts';
import { linear, linearTicks } from './scale.ts';

export interface Forest {
  readonly kind: 'forest';
  /** Shares of the first side's mean: 0.1 is a tenth more. */
  readonly rows: readonly {
    readonly name: string;
    readonly text: string;
    readonly difference: number;
    readonly low: number | null;
    readonly high: number | null;
    /** The interval that the same runs would have if they were not paired. */
    readonly unpaired: readonly [number, number] | null;
    readonly sure: boolean;
  }[];
}

const ROW = 28;
/** Changes beyond ten times would leave no room for the others. */
const SHARE_MAX = 10;

export function drawForest({ rows }: Forest, width: number): { svg: string; height: number } {
  const frame = plotFrame(
    width,
    rows.map(({ name }) => name),
  );
  const above = headroom(frame);
  const row = ROW + above;
  const values = rows.flatMap(({ difference, low, high, unpaired }) =>
    [difference, low ?? 0, high ?? 0, ...(unpaired ?? [])].map(clamp),
  );
  const least = Math.min(-0.02, ...values);
  const most = Math.max(0.02, ...values);
  const x = linear(least, most, frame.left + 14, frame.right - 14);
  const height = rows.length * row;
  const axis = linearTicks(least, most, (frame.right - frame.left) / 100).map((tick) => {
    const at = round(x(tick));
    const percent = Number((tick * 100).toPrecision(4));
    const label = `${percent > 0 ? '+' : ''}${percent}%`;
    const kind = Math.abs(tick) < 1e-9 ? 'zero' : 'grid';
    return (
      `<line class="${kind}" x1="${at}" x2="${at}" y1="0" y2="${height}"/>` +
      `<text class="tick mid" x="${at}" y="${height + 15}">${label}</text>`
    );
  });
  const drawn = rows.map(({ name, text, difference, low, high, unpaired, sure }, at) => {
    const y = at * row + row - ROW / 2;
    const span = (from: number, to: number, kind: string): string =>
      `<line class="${kind}" x1="${round(x(clamp(from)))}" x2="${round(x(clamp(to)))}" y1="${y}" y2="${y}"/>`;
    const label = plotName(frame, name, y, at * row);
    return (
      `<g><title>${escape(`${name}: ${text}`)}</title>${label}` +
      (unpaired === null ? '' : span(unpaired[0], unpaired[1], 'unpaired')) +
      (low === null || high === null ? '' : span(low, high, sure ? 'paired sure' : 'paired')) +
      `<circle class="${sure ? 'estimate sure' : 'estimate'}" cx="${round(x(clamp(difference)))}" cy="${y}" r="4.5"/></g>`
    );
  });
  return { svg: axis.join('') + drawn.join(''), height: height + 22 };
}

function clamp(share: number): number {
  return Math.max(-SHARE_MAX, Math.min(SHARE_MAX, share));
}
