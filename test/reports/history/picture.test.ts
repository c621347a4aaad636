/** Pictures of a contradiction, in the terminal and as SVG. */
import { describe, expect, test } from 'vitest';
import { drawSvg } from '../../../reports/history/svg.ts';
import { drawPicture } from '../../../reports/history/terminal.ts';
import { Budget } from '../../../sim/check/linearizability/budget.ts';
import { checkHistory } from '../../../sim/check/linearizability/check.ts';
import { createModel } from '../../../sim/check/linearizability/models/index.ts';
import type { Picture } from '../../../sim/check/linearizability/picture.ts';
import { pictureOf } from '../../../sim/check/linearizability/picture.ts';
import { history } from '../../check/linearizability/history-table.ts';

const model = createModel('register')!;

function pictureFrom(drawing: string): Picture {
  const verdict = checkHistory(history(drawing), model, new Budget());
  return pictureOf(verdict.findings[0]!, model);
}

const stale = pictureFrom(`
     a: <write 1>             <write 2>
     b:            <read 1>              <read 1>
     c:                            <write 3 ?`);

describe('in the terminal', () => {
  test('bars keep the order of the records', () => {
    expect(drawPicture(stale, 90)).toEqual([
      'a  |= write 1 =|               |= write 2 =|',
      'b               |- read -> 1 -|             |= read -> 1 =|',
      '                                                          ^ no order is left',
    ]);
  });

  test('without room there are numbers and a legend', () => {
    const lines = drawPicture(stale, 30);
    expect(lines.every((line) => line.length <= 50)).toBe(true);
    expect(lines).toContain('  1 = a: write 1');
  });

  test('operations of one process that overlap lie below each other', () => {
    const lines = drawPicture(pictureFrom('a: <write 1   >\na:   <read 7>'), 80);
    expect(lines[0]).toContain('read -> 7');
  });
});

describe('as SVG', () => {
  test('is one element without scripts, with a title for every bar', () => {
    const svg = drawSvg({ ...stale, title: 'key <k> & more' });
    expect(svg).toMatch(/^<svg [^>]*>\n<title>key &lt;k&gt; &amp; more<\/title>/);
    expect(svg).not.toMatch(/<script|href|url\(/);
    expect(svg.match(/<g><title>process/g)).toHaveLength(4);
    expect(svg).toContain('no order is left');
    expect(svg.trimEnd().endsWith('</svg>')).toBe(true);
  });

  test('says what is left out', () => {
    expect(drawSvg({ ...stale, omitted: 7 })).toContain('7 more operations are not shown');
  });
});
