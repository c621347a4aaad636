/** Two sides seed by seed, every figure of them. */
import type { ComparedFigure } from '../../../sim/explore/statistics/comparison.ts';
import type { Interval } from '../../../sim/explore/statistics/bootstrap.ts';
import { wording } from '../../console/comparison.ts';
import { formatFigure } from '../../figures.ts';
import { PLAIN } from '../../paint.ts';
import { formatCount } from '../../text.ts';
import { table } from '../table.ts';

export function comparisonTable(comparison: readonly ComparedFigure[]): string {
  const shown = comparison.filter(({ finding }) => finding !== 'same');
  return table({
    caption: 'Every figure that differs in some seed: B against A of the same seed',
    columns: ['figure', 'pairs', 'median A', 'median B', 'mean B - A', '95 % interval', 'finding'],
    numbers: new Set([1, 2, 3, 4, 5]),
    rows: shown.map((one) => {
      const { metric, figure, unit, pairs, first, second, difference, interval, finding } = one;
      const text = (value: number): string => formatFigure(metric, unit, value);
      const within = (found: Interval | null): string =>
        found === null ? '' : `${text(found.low)} to ${text(found.high)}`;
      return {
        name: `${metric} ${figure}`,
        cells: [
          figure === 'value' ? metric : `${metric} ${figure}`,
          formatCount(pairs),
          { text: text(first.median), figure: 'first', value: first.median },
          { text: text(second.median), figure: 'second', value: second.median },
          {
            text: `${difference > 0 ? '+' : ''}${text(difference)}`,
            figure: 'difference',
            value: difference,
          },
          within(interval),
          { text: wording(one, PLAIN), mood: finding === 'unclear' ? 'faint-text' : 'good-text' },
        ],
      };
    }),
  });
}
