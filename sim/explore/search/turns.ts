/**
 * Which scenario of a search has its turn. A run of one may cost as much as twenty of another, and what
 * the cheap ones would find in that time is not found. So each gets turns by what its cluster is likely
 * to cost, which is the same on every machine.
 */
import type { Scenario } from '../../../scenarios/scenario.ts';

/** Turns of the cheapest for one of the dearest, at most. */
const TIMES_MAX = 12;

/** One round: places of the scenarios, each as often as it has turns, spread evenly. */
export function roundOf(scenarios: readonly Scenario[]): number[] {
  const costs = scenarios.map(costOf);
  const dearest = Math.max(...costs);
  const turns = costs.flatMap((cost, source) => {
    const times = Math.min(TIMES_MAX, Math.max(1, Math.round(dearest / cost)));
    return Array.from({ length: times }, (_, at) => ({ source, when: (at + 0.5) / times }));
  });
  return turns
    .sort((one, other) => one.when - other.when || one.source - other.source)
    .map(({ source }) => source);
}

/** Seconds of whoever runs in it: servers, agents and instances. */
function costOf({ hosts, durationMicros, settleMicros }: Scenario): number {
  const running = hosts.filter(({ kind }) => kind !== 'client').length;
  return Math.max(1, running) * Math.max(1, durationMicros + settleMicros);
}

/** The turn with that number, from 0: whose it is, and how many turns of its own were before. */
export function turnOf(round: readonly number[], index: number): { source: number; nth: number } {
  const at = index % round.length;
  const source = round[at]!;
  const count = (until: number): number =>
    round.reduce((sum, one, place) => sum + (one === source && place < until ? 1 : 0), 0);
  return { source, nth: Math.floor(index / round.length) * count(round.length) + count(at) };
}
