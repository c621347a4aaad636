/** Whatever keys are pressed, the screen is whole and the run is where a straight run would be. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { BREAK_KEYS, KEYS, actionOf } from '../../../reports/terminal/keys.ts';
import { helpGroups } from '../../../reports/terminal/help.ts';
import type { Edit } from '../../../sim/run/session.ts';
import { Execution } from '../../../sim/run/execution.ts';
import { Sights } from '../../../sim/run/watch/sights.ts';
import type { Watched } from '../../../sim/run/watch/watched.ts';
import { Desk, SMALL, watch } from './kit.ts';

const ALL = [
  ...Object.values(KEYS).flatMap(({ keys }): readonly string[] => keys),
  ...Object.values(BREAK_KEYS).map(({ key }) => key),
].filter((key) => !['q', 'ctrl-c'].includes(key));

/** Sequences that mean something, since single keys seldom get far. */
const PHRASES: readonly (readonly string[])[] = [
  ['b', 'c'],
  ['b', 'i', 'y'],
  ['b', 'L', 'p', 'y'],
  ['b', 'o', 'a', 'y'],
  ['b', 'g', 'a', 'b', 'enter', 'y'],
  ['b', 'x', 'b', 'y'],
  ['b', 'h', 'a', 'y'],
  ['H', 'y'],
  ['u'],
  ['g', '5', 's', 'enter'],
  ['g', '#', '9', '0', '0', 'enter'],
  ['m', 'a'],
  ["'", 'a'],
  ['n'],
  ['N'],
  ['/', 's', '1', 'enter'],
  [':', 'x', 'enter'],
];

const presses = fc.array(
  fc.oneof(
    fc.constantFrom(...PHRASES),
    fc.constantFrom(...ALL).map((key) => [key]),
    fc.integer({ min: 1, max: 60 }).map((count) => Array.from({ length: count }, () => 'right')),
    fc.integer({ min: 1, max: 9 }).map((count) => Array.from({ length: count }, () => 'left')),
  ),
  { minLength: 5, maxLength: 30 },
);
const size = fc.record({
  width: fc.integer({ min: 1, max: 170 }),
  height: fc.integer({ min: 1, max: 60 }),
});

function straightTo({ source }: Watched, event: number, edits: readonly Edit[]): Execution {
  const execution = new Execution(source.scenario, source.seed, { trace: 'full', observers: true });
  execution.start();
  const waiting = edits.filter(({ afterEvent }) => afterEvent <= event);
  for (;;) {
    while (waiting[0]?.afterEvent === execution.world.event) {
      execution.faults.inject(waiting.shift()!.fault);
    }
    if (execution.world.event === event || !execution.step()) return execution;
  }
}

describe('any keys', () => {
  test('leave a whole screen and the state of a straight run', () => {
    fc.assert(
      fc.property(presses, fc.array(size, { minLength: 1, maxLength: 3 }), (groups, sizes) => {
        const desk = new Desk(watch(SMALL));
        const { watched, controller } = desk;
        groups.forEach((group, at) => {
          desk.press(...group);
          if (at % 3 === 0) desk.play(0.05);
          const { width, height } = sizes[at % sizes.length]!;
          const lines = desk.screen(width, height).split('\n');
          expect(lines).toHaveLength(height);
          for (const line of lines) expect(line).toHaveLength(width);
        });
        controller.player.stop();
        const { session } = watched;
        const straight = straightTo(watched, session.event, session.edits);
        expect(session.fingerprint).toBe(straight.world.fingerprint.hex());
        const now = session.nowMicros;
        expect(watched.sights.servers(now)).toEqual(new Sights(straight).servers(now));
        for (const { index } of watched.sights.processes()) {
          expect(watched.sights.fields(index)).toEqual(new Sights(straight).fields(index));
        }
      }),
      { numRuns: 25, seed: 7 },
    );
  });
});

describe('the registry', () => {
  test('gives each key to one action', () => {
    const keys = Object.values(KEYS).flatMap(({ keys: own }): readonly string[] => own);
    expect(new Set(keys).size).toBe(keys.length);
    const letters = Object.values(BREAK_KEYS).map(({ key }) => key);
    expect(new Set(letters).size).toBe(letters.length);
    for (const [action, spec] of Object.entries(KEYS)) {
      for (const key of spec.keys) expect(actionOf(key)).toBe(action);
    }
  });

  test('is the help', () => {
    const text = helpGroups()
      .flatMap(({ rows }) => rows.map(({ help }) => help))
      .join('\n');
    for (const { help } of [...Object.values(KEYS), ...Object.values(BREAK_KEYS)]) {
      expect(text).toContain(help);
    }
  });
});
