/**
 * The experiments of the Lifeguard paper (arXiv 1707.00788v2, §V): 128 agents, of which some at once
 * block before they send and after they receive, while their timers run. The rules of nacks and of the
 * health score are those that shipped, whose times fit what the paper measured; three confirmations
 * are waited for at any multiplier.
 */
import { Streams } from '../../sim/core/draws.ts';
import { SHIPPED } from '../../sim/protocol/gossip/config.ts';
import type { LifeguardRules, MemberlistConfig } from '../../sim/protocol/gossip/config.ts';
import { gossipMachine } from '../../sim/protocol/gossip/machine.ts';
import { startPushPull } from '../../sim/protocol/gossip/push-pull.ts';
import { GossipNote } from '../../sim/protocol/gossip/vocabulary.ts';
import { SECOND, gossipPool } from '../support/gossip-pool.ts';
import type { Pool } from '../support/gossip-pool.ts';

export const CONFIGURATIONS = [
  'SWIM',
  'LHA-Probe',
  'LHA-Suspicion',
  'Buddy System',
  'Lifeguard',
] as const;
export type Configuration = (typeof CONFIGURATIONS)[number];

/** Agents that become slow together. */
export const SLOW = [1, 4, 8, 12, 16, 20, 24, 28, 32] as const;
/** How long, in milliseconds (table II). */
export const DURATIONS = [128, 512, 2048, 8192, 16_384, 32_768] as const;
/** Time between two such spells (table III). */
export const INTERVALS = [1, 4, 16, 64, 256, 1024, 4096, 16_384] as const;
/** Spells so long that all members find out. */
export const FATAL = [16_384, 32_768] as const;

const MEMBERS = 128;
const QUIET_MICROS = 15 * SECOND;
const EXPERIMENT_MICROS = 120 * SECOND;
const STEP_MICROS = SECOND / 10;
/** A port in front of one machine, many programs behind it. */
const LATENCY = { kind: 'uniform', micros: [100, 300] } as const;

/**
 * Agents that have just started, and found together: the first exchange of full states is one period
 * and a random part of the interval away, 90 to 120 s. Later exchanges would confirm suspicions, since
 * whoever hears of one in an exchange accuses by himself.
 */
const JUST_STARTED: typeof gossipMachine = {
  ...gossipMachine,
  onStart: (state, out) => {
    gossipMachine.onStart(state, out);
    startPushPull(state, out);
  },
};

/** What each configuration of table I switches on. */
function rulesOf(configuration: Configuration): LifeguardRules {
  const all = configuration === 'Lifeguard';
  return {
    ...SHIPPED,
    healthMax: all || configuration === 'LHA-Probe' ? SHIPPED.healthMax : 0,
    confirmations: all || configuration === 'LHA-Suspicion' ? 3 : 0,
    buddy: all || configuration === 'Buddy System' ? 'direct' : 'none',
  };
}

export interface Setting {
  readonly configuration: Configuration;
  readonly slow: number;
  readonly durationMillis: number;
  /** Time between two spells; null: there is one only. */
  readonly intervalMillis: number | null;
  /** Suspicion multipliers; left out: 5 and 6. */
  readonly alpha?: number;
  readonly beta?: number;
}

function configOf({ configuration, alpha = 5, beta = 6 }: Setting): Partial<MemberlistConfig> {
  return {
    suspicionMult: alpha,
    suspicionMaxTimeoutMult: beta,
    lifeguard: rulesOf(configuration),
    deadNodeReclaimMicros: 0,
  };
}

export interface Measured {
  /** Seconds until another member takes a slow one for dead, of each that is found out. */
  readonly first: readonly number[];
  /** Seconds until every healthy one does. */
  readonly full: readonly number[];
  /** Members taken for dead that are not slow: by anybody, and by one that is not slow itself. */
  readonly falsePositives: number;
  readonly falsePositivesAtHealthy: number;
  readonly messages: number;
  readonly bytes: number;
}

function pause(pool: Pool, slow: readonly number[]): void {
  const { world } = pool;
  pool.at(world.now, () => {
    for (const member of slow) world.power.pause(world.processes[member]!, 'io');
  });
}

function resume(pool: Pool, slow: readonly number[]): void {
  const { world } = pool;
  pool.at(world.now, () => {
    for (const member of slow) world.power.resume(world.processes[member]!, 'io');
  });
}

/** Every member that is not slow holds all others that are not to be alive, and the slow ones too. */
function allSeeAllWell({ pool }: Pool, slow: ReadonlySet<number>): boolean {
  for (let member = 0; member < MEMBERS; member++) {
    if (slow.has(member)) continue;
    for (let node = 0; node < MEMBERS; node++) {
      if ((pool.views.get(member, node) & 7) !== 1) return false;
    }
  }
  return true;
}

/** One run. */
export function experiment(setting: Setting, seed: number): Measured {
  const name = `${setting.slow}/${setting.durationMillis}/${setting.intervalMillis}/${seed}`;
  const pool = gossipPool({
    members: MEMBERS,
    machine: JUST_STARTED,
    seed: name,
    config: configOf(setting),
    latency: LATENCY,
    trace: 'off',
    coordinates: true,
    metaBytes: 118,
  });
  const nodes = Array.from({ length: MEMBERS }, (_, node) => node);
  new Streams(name).stream('slow').shuffle(nodes);
  const slow = nodes.slice(0, setting.slow);
  pool.run(QUIET_MICROS);
  const deaths = pool.notes(GossipNote.died);
  const [messages, bytes] = traffic(pool);
  const begun = pool.world.now;
  do {
    pause(pool, slow);
    pool.run(setting.durationMillis * 1000);
    resume(pool, slow);
    if (setting.intervalMillis === null) runUntilWell(pool, new Set(slow), begun);
    else pool.run(setting.intervalMillis * 1000);
  } while (setting.intervalMillis !== null && pool.world.now < begun + EXPERIMENT_MICROS);
  const [messagesAfter, bytesAfter] = traffic(pool);
  return {
    ...detections(deaths, slow, begun, setting.intervalMillis === null),
    ...mistakes(deaths, new Set(slow)),
    messages: messagesAfter - messages,
    bytes: bytesAfter - bytes,
  };
}

function runUntilWell(pool: Pool, slow: ReadonlySet<number>, begun: number): void {
  do {
    pool.run(STEP_MICROS);
  } while (!allSeeAllWell(pool, slow) && pool.world.now < begun + EXPERIMENT_MICROS);
}

function traffic({ world }: Pool): readonly [number, number] {
  const sum = (counts: Float64Array): number => counts.reduce((all, one) => all + one, 0);
  return [sum(world.messageCounts), sum(world.messageBytes)];
}

type Deaths = ReturnType<Pool['notes']>;

function mistakes(deaths: Deaths, slow: ReadonlySet<number>) {
  const wrong = deaths.filter(({ a }) => !slow.has(a));
  return {
    falsePositives: wrong.length,
    falsePositivesAtHealthy: wrong.filter(({ member }) => !slow.has(member)).length,
  };
}

function detections(deaths: Deaths, slow: readonly number[], begun: number, wanted: boolean) {
  const first: number[] = [];
  const full: number[] = [];
  if (!wanted) return { first, full };
  const healthy = MEMBERS - slow.length;
  for (const node of slow) {
    const told = deaths.filter(({ a, member }) => a === node && member !== node);
    if (told.length === 0) continue;
    first.push((told[0]!.time - begun) / SECOND);
    const seen = new Map<number, number>();
    for (const { member, time } of told) {
      if (!slow.includes(member) && !seen.has(member)) seen.set(member, time);
    }
    if (seen.size < healthy) continue;
    full.push(([...seen.values()].at(-1)! - begun) / SECOND);
  }
  return { first, full };
}
