/**
 * Makes a failing scenario simpler while it still violates the same invariant. Each candidate is run
 * as the file that it would be, so that what is kept replays by itself.
 */
import { stringify } from 'yaml';
import type { Config } from '../../../scenarios/load.ts';
import type { Probe } from '../../run/run.ts';
import { attempt } from './attempt.ts';
import type { Attempt, Case } from './attempt.ts';
import { faultsOf, PASSES, shorter, untilFailure } from './simpler.ts';
import type { ListKey, Pass } from './simpler.ts';

/** Seeds that are tried where a candidate draws differently than what it came from. */
const SEEDS = 3;

export interface ShrinkOptions {
  /** Runs that it may take. */
  readonly runs: number;
  readonly probe: Probe;
  /** True ends it; what was reached is kept. */
  stopped?(): boolean;
}

export interface Shrunk extends Case, Attempt {
  /** Runs that it took. */
  readonly runs: number;
  /** Whether nothing simpler was left to try. */
  readonly done: boolean;
}

/** Null where the case does not fail at all. */
export function shrink(start: Case, options: ShrinkOptions): Shrunk | null {
  const first = attempt(start, options.probe);
  if (first === null) return null;
  return new Shrinker(start, first, options).run();
}

class Shrinker {
  private best: Case & Attempt;
  private runs = 1;
  private readonly options: ShrinkOptions;
  /** Texts that were tried: passes meet the same candidates again and again. */
  private readonly tried = new Set<string>();

  constructor(start: Case, first: Attempt, options: ShrinkOptions) {
    this.best = { ...start, ...first };
    this.options = options;
  }

  run(): Shrunk {
    for (let again = true; again && !this.spent;) {
      again = false;
      for (const pass of PASSES) {
        const found = typeof pass === 'string' ? this.thin(pass) : this.exhaust(pass);
        if (found) again = true;
      }
    }
    return { ...this.best, runs: this.runs, done: !this.spent };
  }

  private get spent(): boolean {
    return this.runs >= this.options.runs || this.options.stopped?.() === true;
  }

  /** Leaves out parts of a list, large ones first (Zeller and Hildebrandt, TSE 28(2), 2002). */
  private thin(key: ListKey): boolean {
    const list = (): readonly unknown[] => (this.best.config[key] ?? []) as readonly unknown[];
    const before = list().length;
    let size = before;
    while (size >= 1 && !this.spent) {
      const length = list().length;
      for (let at = 0; at < list().length && !this.spent;) {
        const config = { ...this.best.config, [key]: list().toSpliced(at, size) };
        if (!this.take(config, this.best.seed)) at += size;
      }
      // Single ones are tried until none of them can go.
      if (size > 1) size = Math.ceil(size / 2);
      else if (list().length === length) break;
    }
    return list().length < before;
  }

  /** Takes the first candidate that fails, and goes on from there; whether there was one. */
  private exhaust(pass: Pass): boolean {
    let found = false;
    for (let next = this.step(pass); next; next = this.step(pass)) found = true;
    return found;
  }

  private step(pass: Pass): boolean {
    const seeds = pass === shorter || pass === untilFailure ? 1 : SEEDS;
    for (const config of pass(this.best)) {
      for (let more = 0; more < seeds; more++) {
        if (this.spent) return false;
        if (this.take(config, more === 0 ? this.best.seed : more)) return true;
      }
    }
    return false;
  }

  private take(config: Config, seed: number): boolean {
    const text = `${seed} ${stringify(config)}`;
    if (this.tried.has(text)) return false;
    this.tried.add(text);
    this.runs++;
    const found = attempt({ config, seed }, this.options.probe);
    if (found === null || found.failure.invariant !== this.best.failure.invariant) return false;
    this.best = { config, seed, ...found };
    return true;
  }
}

/** Faults and hosts that are left: what a reader has to look at. */
export function sizeOf({ config }: Pick<Case, 'config'>): { faults: number; hosts: number } {
  const cluster = (config['cluster'] ?? {}) as {
    readonly datacenters?: {
      readonly dc1?: { readonly servers?: number; readonly agents?: number };
    };
  };
  const { servers = 3, agents = 0 } = cluster.datacenters?.dc1 ?? {};
  return { faults: faultsOf(config).length, hosts: servers + agents };
}
