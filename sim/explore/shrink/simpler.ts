/**
 * Scenarios that are a little simpler than a given one, the boldest first. The order of the passes is
 * that of what helps a reader most: fewer faults, fewer hosts, a shorter run, less load, plainer values.
 */
import fc from 'fast-check';
import type { Config } from '../../../scenarios/load.ts';
import { parseDuration } from '../../../scenarios/units.ts';
import { isPlainMap } from '../../../scenarios/schema/kit.ts';
import { durationText } from '../../faults/units.ts';
import type { Failure } from '../search/failure.ts';

type Plain = Readonly<Record<string, unknown>>;

/** What is known of the failure that must stay. */
export interface Known {
  readonly config: Config;
  readonly failure: Failure;
}

/** A pass: candidates in the order in which they are to be tried. */
export type Pass = (known: Known) => Iterable<Config>;

const MILLISECOND_MICROS = 1000;

export function faultsOf(config: Config): readonly Plain[] {
  return (config['faults'] ?? []) as readonly Plain[];
}

/** One server less, the last one; agents all at once or one by one. */
export const fewerHosts: Pass = function* ({ config }) {
  const datacenter = at(config, ['cluster', 'datacenters', 'dc1']);
  const { servers = 3, agents = 0 } = (datacenter ?? {}) as { servers?: number; agents?: number };
  for (const fewer of smaller(agents, 0)) {
    const gone = names('a', fewer, agents);
    yield without(set(config, ['cluster', 'datacenters', 'dc1', 'agents'], fewer), gone);
  }
  if (typeof servers !== 'number') return;
  for (const fewer of smaller(servers, 1)) {
    const gone = names('s', fewer, servers);
    yield without(set(config, ['cluster', 'datacenters', 'dc1', 'servers'], fewer), gone);
  }
};

/** Ends soon after the failure; what would begin later is left out. */
export const untilFailure: Pass = function* ({ config, failure }) {
  const duration = microsOf(config['duration']) ?? 0;
  const failed = Math.ceil(failure.time) * 1e6;
  if (failed > 0 && failed < duration) yield cut({ ...config, settle: '0s' }, failed);
};

/** Ends sooner, as long as it still fails. */
export const shorter: Pass = function* ({ config }) {
  const duration = microsOf(config['duration']) ?? 0;
  const settle = microsOf(config['settle']) ?? 30_000_000;
  for (const less of shrunk(settle / MILLISECOND_MICROS, 0)) {
    yield { ...config, settle: durationText(less * MILLISECOND_MICROS) };
  }
  for (const less of shrunk(Math.floor(duration / 1e6), 1)) yield cut(config, less * 1e6);
};

/** Everything happens sooner. */
export const earlier: Pass = function* ({ config }) {
  const times = faultsOf(config).flatMap(({ at: time }) => microsOf(time) ?? []);
  const first = Math.min(...times);
  if (times.length === 0 || first === 0) return;
  for (const sooner of shrunk(Math.floor(first / MILLISECOND_MICROS), 0)) {
    const by = first - sooner * MILLISECOND_MICROS;
    const faults = faultsOf(config).map((fault) => {
      const micros = microsOf(fault['at']);
      return micros === null ? fault : { ...fault, at: durationText(micros - by) };
    });
    yield { ...config, faults };
  }
};

export const lessLoad: Pass = function* ({ config }) {
  const loads = (config['load'] ?? {}) as Plain;
  for (const name of Object.keys(loads)) {
    const { [name]: load, ...others } = loads as Record<string, Plain>;
    yield { ...config, load: others };
    for (const key of ['mix', 'consistency', 'timeout']) {
      if (key in load!) yield set(config, ['load', name, key], undefined);
    }
    for (const key of ['clients', 'keys']) {
      const count = load![key];
      if (typeof count !== 'number') continue;
      for (const less of shrunk(count, 1)) yield set(config, ['load', name, key], less);
    }
    const rate = /^(\d+)\/s$/.exec(String(load!['rate']))?.[1];
    for (const less of rate === undefined ? [] : shrunk(Number(rate), 1)) {
      yield set(config, ['load', name, 'rate'], `${less}/s`);
    }
  }
};

/** Settings as they are by default. */
export const plainerSettings: Pass = function* ({ config }) {
  for (const key of ['draw', 'sweep', 'repeat', 'description', 'warmup', 'thresholds', 'clocks']) {
    if (key in config) yield set(config, [key], undefined);
  }
  for (const key of ['load', 'faults']) {
    const value = config[key];
    const isBare = isEmpty(value) || (Array.isArray(value) && value.length === 0);
    if (isBare) yield set(config, [key], undefined);
  }
  for (const key of ['network', 'disks', 'initial', 'cluster']) {
    yield* withoutParts(config, [key]);
  }
};

/** Fields of faults that can be left out, hosts of lists, and round numbers. */
export const plainerFaults: Pass = function* ({ config }) {
  const faults = faultsOf(config);
  for (const [place, fault] of faults.entries()) {
    for (const simpler of simplerFaults(fault)) {
      yield { ...config, faults: faults.with(place, simpler) };
    }
  }
};

/** Lists that are made shorter by leaving out parts, half of them at first. */
export type ListKey = 'faults' | 'decisions';

/** All passes, in the order of their worth: the fewer faults, the more each later one can do. */
export const PASSES: readonly (Pass | ListKey)[] = [
  untilFailure,
  'decisions',
  'faults',
  fewerHosts,
  shorter,
  lessLoad,
  plainerSettings,
  plainerFaults,
  earlier,
];

const OPTIONAL = ['at_write', 'only', 'transport', 'patience', 'times', 'after', 'to', 'how'];

function* simplerFaults(fault: Plain): Iterable<Plain> {
  for (const key of OPTIONAL) {
    if (key in fault)
      yield Object.fromEntries(Object.entries(fault).filter(([own]) => own !== key));
  }
  for (const [key, value] of Object.entries(fault)) {
    if (!Array.isArray(value) || value.length < 2) continue;
    const smallest = fc.subarray(value as unknown[], { minLength: 1 });
    for (const one of smallest.shrink(value as unknown[], undefined)) {
      const hosts = one.value.length === 1 ? one.value[0] : one.value;
      yield { ...fault, [key]: hosts };
    }
  }
  for (const key of ['for', 'at']) {
    const micros = microsOf(fault[key]);
    if (micros === null) continue;
    for (const unit of [10_000_000, 1_000_000, 100_000, 10_000]) {
      const round: number = Math.round(micros / unit) * unit;
      if (round !== micros && (round > 0 || key === 'at'))
        yield { ...fault, [key]: durationText(round) };
    }
  }
}

/** Without the part itself, then without each of its parts. */
function* withoutParts(config: Config, path: readonly string[]): Iterable<Config> {
  const value = at(config, path);
  if (value === undefined) return;
  // How many servers there are is another pass's.
  const isSize = path.join('.') === 'cluster.datacenters' && !isEmpty(value);
  if (!isSize) yield set(config, path, undefined);
  if (!isPlainMap(value) || path.length > 3) return;
  for (const key of Object.keys(value)) yield* withoutParts(config, [...path, key]);
}

function isEmpty(value: unknown): boolean {
  return isPlainMap(value) && Object.keys(value).length === 0;
}

/** Counts below this one, the boldest first. */
function smaller(count: number, least: number): number[] {
  return Array.from({ length: Math.max(0, count - least) }, (_, more) => least + more);
}

/** As fast-check makes whole numbers smaller. */
function* shrunk(value: number, least: number): Iterable<number> {
  const whole = Math.floor(value);
  if (whole <= least) return;
  const arbitrary = fc.integer({ min: least, max: Math.max(whole, least) });
  for (const one of arbitrary.shrink(whole, undefined)) yield one.value;
}

function microsOf(value: unknown): number | null {
  if (value === undefined) return null;
  const parsed = parseDuration(value);
  return parsed.ok ? parsed.value : null;
}

function cut(config: Config, micros: number): Config {
  const faults = faultsOf(config).filter(({ at: time }) => (microsOf(time) ?? 0) < micros);
  return { ...config, duration: durationText(micros), faults };
}

function names(letter: string, from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, more) => `${letter}${from + more + 1}`);
}

/** What names these hosts no longer does; a fault that is about nobody else is left out. */
function without(config: Config, hosts: readonly string[]): Config {
  const strip = (value: unknown): unknown => {
    if (typeof value === 'string') return hosts.includes(value) ? undefined : value;
    if (Array.isArray(value)) {
      const rest = value.map(strip).filter((one) => one !== undefined);
      return rest.length === 0 && value.length > 0 ? undefined : rest;
    }
    if (!isPlainMap(value)) return value;
    const entries = Object.entries(value).map(([key, part]) => [key, strip(part)] as const);
    return entries.some(([, part]) => part === undefined) ? undefined : Object.fromEntries(entries);
  };
  const faults = faultsOf(config).flatMap((fault) => (strip(fault) as Plain | undefined) ?? []);
  const initial = Object.entries((config['initial'] ?? {}) as Plain);
  const kept = Object.fromEntries(initial.filter(([name]) => !hosts.includes(name)));
  return { ...config, faults, ...('initial' in config ? { initial: kept } : {}) };
}

function at(value: unknown, path: readonly string[]): unknown {
  return path.reduce((inner, key) => (isPlainMap(inner) ? inner[key] : undefined), value);
}

/** A copy with another value there; undefined takes the key away. */
function set(config: Plain, [key, ...rest]: readonly string[], value: unknown): Config {
  const inner = rest.length === 0 ? value : set((config[key!] ?? {}) as Plain, rest, value);
  const { [key!]: _old, ...others } = config;
  return inner === undefined ? others : { ...config, [key!]: inner };
}
