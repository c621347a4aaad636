/** Skew and sync: a host's clock is wrong, runs too fast or too slow, or jumps once. */
import { aimedHosts } from './selectors.ts';
import type { ActionOf, Stage, Verb } from './verb.ts';

export interface SkewHeld {
  readonly kind: 'skew';
  readonly hosts: readonly number[];
  readonly change: 'offset' | 'drift' | 'jump';
  /** Microseconds, or ppm for drift. */
  readonly amount: number;
}

/** No clock may stand still or run backwards, however many drifts add up. */
const PPM_MIN = -999_999;

export const skew: Verb<ActionOf<'skew'>, SkewHeld> = {
  begin(action, aim, stage) {
    const { change, amount } = action;
    const hosts = aimedHosts(aim, action.hosts, stage.context);
    const held: SkewHeld = { kind: 'skew', hosts, change, amount };
    if (change === 'drift') setRates(held, amount, stage);
    else jumpWalls(held, amount, stage);
    return { held, over: change === 'jump' };
  },
  affected: ({ hosts }) => hosts.length,
  end(held, stage) {
    if (held.change === 'drift') setRates(held, 0, stage);
    else if (held.change === 'offset') jumpWalls(held, -held.amount, stage);
    return held.hosts.length;
  },
};

function jumpWalls({ hosts }: SkewHeld, micros: number, { context }: Stage): void {
  for (const host of hosts) context.world.hosts[host].clock.jump(micros);
}

/** The rate is the host's own drift and that of every fault in force; `own` is this fault's part. */
function setRates({ hosts }: SkewHeld, own: number, stage: Stage): void {
  const { world } = stage.context;
  const others = stage.others('skew').filter(({ change }) => change === 'drift');
  for (const host of hosts) {
    let ppm = world.spec.hosts[host].driftPpm + own;
    for (const other of others) if (other.hosts.includes(host)) ppm += other.amount;
    world.timers.changeRate(world.hosts[host], Math.max(ppm, PPM_MIN));
  }
}
