/** Stories: what led to a violation, and nothing else. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { loadScenario } from '../../scenarios/load.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { World } from '../../sim/core/world.ts';
import { storyOf } from '../../sim/explore/story.ts';
import { transcriptOf } from '../../sim/explore/transcript.ts';
import { runScenario } from '../../sim/run/run.ts';

function load(file: string, ...overrides: string[]): Scenario {
  const text = readFileSync(new URL(`../../scenarios/${file}`, import.meta.url));
  const loaded = loadScenario(text, { file, overrides });
  if (!loaded.ok) throw new Error(loaded.issues.map(({ message }) => message).join());
  return loaded.scenario;
}

const OPTIONS = { seed: 1, command: '', overrides: {}, strict: false };

/** Everything an event is due to, the plain way. */
function pastOf(world: World, event: number): Set<number> {
  const past = new Set<number>();
  const visit = (at: number): void => {
    if (at === 0 || past.has(at)) return;
    past.add(at);
    visit(world.trace.cause(at));
    visit(world.trace.woken(at));
  };
  visit(event);
  return past;
}

function eventsOf(lines: readonly string[]): number[] {
  return lines.map((line) => Number(/<- #(\d+)$/.exec(line)![1]));
}

describe('the story of a violation', () => {
  const { result, world } = runScenario(load('planted/voter-crash.yaml', 'plant=[B4]'), OPTIONS);
  const story = storyOf(world, result);

  test('is told in at most twelve lines, oldest first', () => {
    expect(result.violations.length).toBeGreaterThan(0);
    expect(story.length).toBeGreaterThanOrEqual(4);
    expect(story.length).toBeLessThanOrEqual(12);
    const times = story.map((line) => Number.parseFloat(line));
    expect(times).toEqual(times.toSorted((left, right) => left - right));
  });

  test('holds only events that the violation is due to, and the last ones of these', () => {
    const past = pastOf(world, result.violations[0]!.event);
    const events = eventsOf(story);
    expect(events.filter((event) => event !== 0 && !past.has(event))).toEqual([]);
    const noted = eventsOf(
      transcriptOf({ result: { ...result, faults: [] }, world } as never, {
        transcript: 'marks',
      }),
    ).filter((event) => past.has(event));
    expect(events).toEqual(noted.slice(-story.length));
  });
});

test('what never came true is told by what happened last', () => {
  // Two of three servers stay down, so that nobody can lead.
  const text = `
duration: 20s
settle: 10s
start: cold
initial: { s2: { down: true }, s3: { down: true } }
load: { kv: { kind: kv, clients: 1, rate: 1/s, keys: 1 } }
known_issues: fix
`;
  const loaded = loadScenario(text, { file: 'lost.yaml' });
  if (!loaded.ok) throw new Error(loaded.issues[0]!.message);
  const { result, world } = runScenario(loaded.scenario, OPTIONS);
  expect(result.violations.map(({ invariant }) => invariant)).toContain('raft.one-leader');
  const story = storyOf(world, result);
  const all = transcriptOf({ result: { ...result, faults: [] }, world } as never, {
    transcript: 'marks',
  });
  expect(story).toEqual(all.slice(-12));
});

test('nothing violated, no story', () => {
  const { result, world } = runScenario(load('basic/steady-state.yaml'), OPTIONS);
  expect(storyOf(world, result)).toEqual([]);
});

test('faults stand in the transcript where they begin and end', () => {
  const outcome = runScenario(load('basic/leader-isolated.yaml'), OPTIONS);
  const lines = transcriptOf(outcome, { transcript: 'marks' });
  const begin = lines.findIndex((line) => / fault {3}begin partition isolate /.test(line));
  const end = lines.findIndex((line) => / fault {3}end partition isolate /.test(line));
  expect(begin).toBeGreaterThan(0);
  expect(end).toBeGreaterThan(begin);
  const times = lines.map((line) => Number.parseFloat(line));
  expect(times).toEqual(times.toSorted((left, right) => left - right));
  const all = transcriptOf(outcome, { transcript: 'messages' });
  expect(all.length).toBeGreaterThan(lines.length);
});
