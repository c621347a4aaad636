/**
 * A failure that was kept survives changes of the code: a build that draws once more, from a stream of
 * its own, and that knows a kind of message more, runs it as before.
 */
import { afterEach, describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import type { Config } from '../../scenarios/load.ts';
import { MESSAGE_CLASSES } from '../../scenarios/vocabulary.ts';
import { TrialRunner } from '../../sim/explore/search/trial-runner.ts';
import type { Strategy } from '../../sim/explore/search/trial.ts';
import { failureOf } from '../../sim/explore/search/failure.ts';
import { shrink } from '../../sim/explore/shrink/shrink.ts';
import { runScenario } from '../../sim/run/run.ts';
import { readFileSync } from 'node:fs';
import { parse as load } from '../run/kit.ts';

const PROBE = { wallSeconds: () => 0, residentBytes: () => 0 };
const FILE = 'scenarios/swarm/any-faults.yaml';
const classes = MESSAGE_CLASSES as unknown as string[];

afterEach(() => {
  if (classes[0] === 'new.kind') classes.shift();
});

interface Kept {
  readonly config: Config;
  readonly seed: number;
}

/** The first failures of a search, made a little simpler. */
function failures(strategy: Strategy, bug: string, count: number): Kept[] {
  const text = readFileSync(new URL(`../../${FILE}`, import.meta.url), 'utf8');
  const short = ['duration=12s', 'settle=3s'];
  const overrides = ['expect=pass', `plant=[${bug}]`, 'cluster.raft.alone=true', ...short];
  const source = { file: FILE, text, overrides, name: 'x', description: '', parameters: [] };
  const base = { sources: [source], firstSeed: 1, trials: 1, part: 0, parts: 1, shrinkRuns: 0 };
  const runner = new TrialRunner({ ...base, strategy }, PROBE);
  const found: Kept[] = [];
  for (let seed = 1; found.length < count && seed <= 60; seed++) {
    const trial = { index: seed, source: 0, seed, schedule: null };
    const { failure, scenario } = runner.run(trial);
    if (failure?.kind !== 'violation') continue;
    const shrunk = shrink({ config: parse(scenario) as Config, seed }, { runs: 12, probe: PROBE });
    if (shrunk !== null) found.push(shrunk);
  }
  return found;
}

function run({ config, seed }: Kept, changed: boolean) {
  const scenario = load(stringify(config));
  const { result, missed } = runScenario(scenario, {
    seed,
    command: '',
    overrides: {},
    strict: false,
    prepare: ({ world }) => {
      if (!changed) return;
      world.observe({
        wants: [],
        onNote: () => {},
        onSecond: () => {
          for (const { name } of world.hosts) world.streams.stream(`${name}/of-no-use`).unit();
        },
      });
    },
  });
  return { failure: failureOf(result), fingerprint: result.fingerprint, missed };
}

/** Twenty failures in all. */
describe.each([
  ['swarm', 'B4', 3],
  ['swarm', 'B15', 6],
  ['swarm', 'B22', 5],
  ['swarm', 'B24', 1],
  ['pct', 'B15', 5],
] as const)('failures found by %s, with %s', (strategy, bug, count) => {
  const kept = failures(strategy, bug, count);

  test('fail the same way with a draw and a kind of message more', () => {
    expect(kept).toHaveLength(count);
    for (const one of kept) {
      const before = run(one, false);
      expect(before.failure).not.toBeNull();
      classes.unshift('new.kind');
      const after = run(one, true);
      classes.shift();
      expect(after).toEqual(before);
    }
  });
});
