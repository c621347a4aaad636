/** `--verify-determinism` on a build that holds a stray random draw. */
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { Draws } from '../../sim/core/draws.ts';
import { Desk, SHORT } from './support/host.ts';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
  desk.write('short.yaml', SHORT);
});
afterEach(() => {
  vi.restoreAllMocks();
  desk.clear();
});

test('a stray draw is exit code 3, and the first event that differs is named', async () => {
  const { unit } = Draws.prototype;
  let draws = 0;
  vi.spyOn(Draws.prototype, 'unit').mockImplementation(function (this: Draws) {
    const value = unit.call(this);
    // Now and then, since a single draw may decide nothing that matters.
    return ++draws % 97 === 0 ? Math.random() : value;
  });
  const { code, stdout } = await desk.run(['short.yaml', '--verify-determinism', '--seed', '5']);
  expect(stdout).toMatch(
    /^NOT DETERMINISTIC short, seed 5: two executions differ first at event \d+/,
  );
  expect(stdout).toMatch(/\nnpx lictor run short\.yaml --seed 5 --verify-determinism\n$/);
  expect(code).toBe(3);
});

test('without one it is exit code 0', async () => {
  const words = ['short.yaml', '--verify-determinism', '--seeds', '5..7', '-q'];
  expect(await desk.run(words)).toMatchObject({
    code: 0,
    stdout: 'PASS short, seeds 5..7: 3 runs, all pass\n',
  });
});
