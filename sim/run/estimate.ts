/** What a run will cost: its first seconds are run without faults, and the rest is proportion. */
import type { Scenario } from '../../scenarios/scenario.ts';
import { Execution } from './execution.ts';
import type { Probe } from './run.ts';

export interface Estimate {
  readonly events: number;
  readonly wallSeconds: number;
  readonly memoryBytes: number;
}

const SAMPLE_MICROS = 5_000_000;
const SAMPLE_EVENTS_MAX = 200_000;
/** Assumed where nobody measures. */
const EVENTS_PER_SECOND = 1_000_000;
/** Trace and notes of one event, and what a process holds before its first event. */
const BYTES_PER_EVENT = 80;
const BYTES_BASE = 80 * 1024 * 1024;

export function estimate(scenario: Scenario, probe?: Probe): Estimate {
  const calm = { ...scenario, faults: [] };
  const execution = new Execution(calm, 1, { trace: 'off', observers: true });
  const until = Math.min(SAMPLE_MICROS, execution.endMicros);
  const began = probe?.wallSeconds() ?? 0;
  execution.start();
  const { world } = execution;
  while (
    world.event < SAMPLE_EVENTS_MAX &&
    world.deadlines.nextEventTime() <= until &&
    execution.step()
  );
  const sampled = Math.max(1, Math.min(world.now, until));
  const events = Math.round((world.event * execution.endMicros) / sampled);
  const rate = rateOf(world.event, (probe?.wallSeconds() ?? 0) - began);
  const memoryBytes = BYTES_BASE + Math.min(events * BYTES_PER_EVENT, scenario.limits.traceBytes);
  return { events, wallSeconds: events / rate, memoryBytes };
}

/** A short sample measures compilation, not simulation. */
function rateOf(events: number, wallSeconds: number): number {
  const longEnough = wallSeconds > 0.2;
  return longEnough ? events / wallSeconds : EVENTS_PER_SECOND;
}
