/** The same scenario and seed twice, side by side: which event differs first, if any does. */
import { EVENT_NAMES } from '../core/events.ts';
import type { World } from '../core/world.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { Execution } from './execution.ts';

export type Determinism =
  | { readonly same: true; readonly events: number; readonly fingerprint: string }
  | {
      readonly same: false;
      /** The first event that differs. */
      readonly event: number;
      /** Seconds. */
      readonly time: number;
      readonly description: string;
    };

export function verifyDeterminism(scenario: Scenario, seed: number): Determinism {
  const first = new Execution(scenario, seed, { trace: 'full', observers: true });
  const second = new Execution(scenario, seed, { trace: 'full', observers: true });
  first.start();
  second.start();
  for (;;) {
    const more = first.step();
    const other = second.step();
    const { world } = first;
    if (more !== other || world.fingerprint.hex() !== second.world.fingerprint.hex()) {
      return difference(world, second.world);
    }
    if (!more) return { same: true, events: world.event, fingerprint: world.fingerprint.hex() };
  }
}

function difference(first: World, second: World): Determinism {
  const event = Math.max(first.event, second.event);
  // One of the two may have ended before: what it lacks has no time there.
  const having = [first, second].filter(({ trace }) => trace.has(event));
  const time = Math.min(...having.map(({ trace }) => trace.time(event))) / 1e6;
  const description = `${describe(first, event)}, then ${describe(second, event)}`;
  return { same: false, event, time, description };
}

function describe(world: World, event: number): string {
  if (!world.trace.has(event)) return 'the end of the run';
  const name = world.processes[world.trace.process(event)].name;
  const kind = EVENT_NAMES[world.trace.kind(event)];
  return `${kind} at ${name} at ${(world.trace.time(event) / 1e6).toFixed(6)} s`;
}
