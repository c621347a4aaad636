import { expect, test } from 'vitest';
import { NoteBoard } from '../../sim/core/observer.ts';
import type { Observer } from '../../sim/core/observer.ts';

test('notes go to those who want them, in the order of joining, by the function of their kind', () => {
  const told: string[] = [];
  const first: Observer = {
    wants: [3, 700],
    onNote: (kind, process, a, b, c) => void told.push(`first ${kind}: ${process} ${a} ${b} ${c}`),
  };
  const second: Observer = {
    wants: [700, 5],
    onNote: (kind) => void told.push(`second ${kind}`),
    handlerOf: (kind) =>
      kind === 700
        ? (process, a, b, c) => void told.push(`frequent: ${process} ${a} ${b} ${c}`)
        : undefined,
  };
  const board = new NoteBoard();
  board.join(first);
  board.join(second);
  for (const kind of [3, 4, 5, 700, 701]) board.tell(kind, 1, 2, 3, 4);
  expect(told).toEqual(['first 3: 1 2 3 4', 'second 5', 'first 700: 1 2 3 4', 'frequent: 1 2 3 4']);
  expect([3, 4, 5, 700, 701].map((kind) => board.wanted(kind))).toEqual([
    true,
    false,
    true,
    true,
    false,
  ]);
});
