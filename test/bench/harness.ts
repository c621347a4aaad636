/**
 * How everything is measured: five rounds, in each of which calibration, subject and baseline take
 * turns of a few milliseconds, so that whatever else the machine does hits all three alike. Medians
 * of the rounds are reported.
 */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { ObjectHeap } from './heap.ts';

/** What one stretch of a benchmark did. */
export interface Work {
  readonly events: number;
  readonly simulatedSeconds: number;
  /** In the unit of the case: commits, probes, calls. */
  readonly useful: number;
}

/** Does the next stretch of work: a few milliseconds, or as long as one run takes. */
export type Runner = () => Work;

/** One line of a benchmark: how much is done in a time, or how long something takes. */
export type AnyCase = BenchCase | LatencyCase;

export interface LatencyCase {
  readonly name: string;
  readonly params: Readonly<Record<string, number | string>>;
  readonly latency: () => Promise<readonly Answered[]>;
}

/** How long something took once, and how much of that the thread was at work. */
export interface Answered {
  readonly millis: number;
  readonly cpuMillis: number;
}

/** Milliseconds. */
export interface Latency {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
  /** Of the thread itself: others on the machine do not count. */
  readonly cpuP50: number;
  readonly cpuP99: number;
}

export interface BenchCase {
  readonly name: string;
  readonly params: Readonly<Record<string, number | string>>;
  /** Unit of the useful work per wall second, such as `commits/s`. */
  readonly usefulUnit: string;
  /** Builds what is to be measured and brings it to its steady state. */
  readonly subject: () => Runner;
  /** The same work done otherwise: `ratio` is how many times faster the subject's events pass. */
  readonly baseline?: () => Runner;
  /** The subject does more than the baseline: what that costs is of interest. */
  readonly costs?: boolean;
  /** One long run instead of rounds: simulated seconds at which time and memory are noted. */
  readonly stations?: readonly number[];
}

/** What a run had taken when it had come so far. */
export interface Station {
  readonly simulatedSeconds: number;
  readonly wallSeconds: number;
  /** Of the thread itself: others on the machine do not count. */
  readonly cpuSeconds: number;
  readonly rssBytes: number;
  /** What is still in use after the garbage is gone: a run that grows shows it here. */
  readonly heldBytes: number;
}

/** What a file of this folder exports as `bench`. */
export interface Bench {
  readonly name: string;
  /** One line for the list. */
  readonly title: string;
  readonly cases: readonly AnyCase[];
}

/** A case as it is printed; rates per wall second, medians of the rounds. */
export interface CaseResult {
  readonly name: string;
  readonly params: Readonly<Record<string, number | string>>;
  /** All events of the measured rounds. */
  readonly events: number;
  readonly eventsPerSecond: number;
  readonly simulatedPerWall: number;
  readonly useful: { readonly unit: string; readonly median: number };
  /** Of the process, which runs this case alone. */
  readonly rssBytes: number;
  readonly baselineEventsPerSecond?: number;
  readonly ratio?: number;
  /** CPU time of the thread that an event of the subject takes more than one of the baseline. */
  readonly costPercent?: number;
  readonly stations?: readonly Station[];
  /** Of a case that is not about rates. */
  readonly latency?: Latency;
}

/** What a process that ran one case reports: the calibration's rates, one a round. */
export interface CaseReport {
  readonly calibration: readonly number[];
  readonly result: CaseResult;
}

const ROUNDS = 5;
const TURNS = 12;
const TURN_SECONDS = 0.025;
const CALIBRATION_SECONDS = 0.008;
const WARM_UP_SECONDS = 0.4;

interface Rates {
  readonly events: number;
  readonly perSecond: number;
  readonly simulated: number;
  readonly useful: number;
  /** Of the thread itself: others on the machine do not count. */
  readonly cpuPerEvent: number;
}

/** Runs one case of either kind. */
export async function measureCase(one: AnyCase): Promise<CaseReport> {
  return 'latency' in one ? await measureLatency(one) : measure(one);
}

async function measureLatency(one: LatencyCase): Promise<CaseReport> {
  const calibrate = new Stopwatch(holdOfObjects(), CALIBRATION_SECONDS);
  while (calibrate.elapsed < WARM_UP_SECONDS) calibrate.turn();
  const calibration = [calibrate.lap().perSecond];
  const answers = await one.latency();
  const at = (share: number, field: keyof Answered): number => {
    const sorted = answers.map((answer) => answer[field]).toSorted((x, y) => x - y);
    return threeDigits(sorted[Math.ceil(sorted.length * share) - 1]);
  };
  const latency: Latency = {
    count: answers.length,
    p50: at(0.5, 'millis'),
    p99: at(0.99, 'millis'),
    max: at(1, 'millis'),
    cpuP50: at(0.5, 'cpuMillis'),
    cpuP99: at(0.99, 'cpuMillis'),
  };
  const result: CaseResult = {
    name: one.name,
    params: one.params,
    events: 0,
    eventsPerSecond: 0,
    simulatedPerWall: 0,
    useful: { unit: 'answers/s', median: threeDigits(1000 / latency.p50) },
    rssBytes: process.memoryUsage.rss(),
    latency,
  };
  return { calibration, result };
}

/** Runs one case: about five seconds, and what the steady state costs. */
export function measure(one: BenchCase): CaseReport {
  if (one.stations !== undefined) return measureOnce(one, one.stations);
  const calibrate = new Stopwatch(holdOfObjects(), CALIBRATION_SECONDS);
  const subject = new Stopwatch(one.subject(), TURN_SECONDS);
  const baseline = one.baseline === undefined ? null : new Stopwatch(one.baseline(), TURN_SECONDS);
  const watches = [calibrate, subject, ...(baseline === null ? [] : [baseline])];
  for (const watch of watches) {
    while (watch.cpuSeconds < WARM_UP_SECONDS) watch.turn();
    watch.lap();
  }
  const calibration: number[] = [];
  const subjects: Rates[] = [];
  const baselines: Rates[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    for (let turn = 0; turn < TURNS; turn++) for (const watch of watches) watch.turn();
    calibration.push(calibrate.lap().perSecond);
    subjects.push(subject.lap());
    if (baseline !== null) baselines.push(baseline.lap());
  }
  return { calibration, result: summarise(one, subjects, baselines) };
}

/** One run, from beginning to end; the calibration takes its turns between the stations. */
function measureOnce(one: BenchCase, stations: readonly number[]): CaseReport {
  const calibrate = new Stopwatch(holdOfObjects(), CALIBRATION_SECONDS);
  while (calibrate.elapsed < WARM_UP_SECONDS) calibrate.turn();
  calibrate.lap();
  const subject = new Stopwatch(one.subject(), TURN_SECONDS);
  const calibration: number[] = [];
  const reached: Station[] = [];
  for (const station of stations) {
    while (subject.simulated < station) subject.turn();
    reached.push({
      simulatedSeconds: subject.simulated,
      wallSeconds: threeDigits(subject.elapsed),
      cpuSeconds: threeDigits(subject.cpu / 1e6),
      rssBytes: process.memoryUsage.rss(),
      heldBytes: heldBytes(),
    });
    for (let turn = 0; turn < TURNS; turn++) calibrate.turn();
    calibration.push(calibrate.lap().perSecond);
  }
  return { calibration, result: { ...summarise(one, [subject.lap()], []), stations: reached } };
}

/** Of the heap and of buffers beside it. */
function heldBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

function summarise(one: BenchCase, subjects: Rates[], baselines: Rates[]): CaseResult {
  const eventsPerSecond = median(subjects.map((rates) => rates.perSecond));
  const result: CaseResult = {
    name: one.name,
    params: one.params,
    events: subjects.reduce((sum, rates) => sum + rates.events, 0),
    eventsPerSecond: Math.round(eventsPerSecond),
    simulatedPerWall: threeDigits(median(subjects.map((rates) => rates.simulated))),
    useful: { unit: one.usefulUnit, median: threeDigits(median(subjects.map((r) => r.useful))) },
    rssBytes: process.memoryUsage.rss(),
  };
  if (baselines.length === 0) return result;
  const baselineEventsPerSecond = Math.round(median(baselines.map((rates) => rates.perSecond)));
  const ratio = threeDigits(eventsPerSecond / baselineEventsPerSecond);
  const compared = { ...result, baselineEventsPerSecond, ratio };
  if (one.costs !== true) return compared;
  const times = subjects.map(({ cpuPerEvent }, i) => cpuPerEvent / baselines[i].cpuPerEvent);
  return { ...compared, costPercent: Math.round(1000 * (median(times) - 1)) / 10 };
}

/** Adds up what a runner does in its turns. */
class Stopwatch {
  elapsed = 0;
  private events = 0;
  simulated = 0;
  private useful = 0;
  cpu = 0;
  private readonly runner: Runner;
  private readonly seconds: number;

  constructor(runner: Runner, seconds: number) {
    this.runner = runner;
    this.seconds = seconds;
  }

  /** Of the thread, since the last lap: what makes code warm. */
  get cpuSeconds(): number {
    return this.cpu / 1e6;
  }

  turn(): void {
    const start = process.hrtime.bigint();
    const cpu = process.threadCpuUsage();
    let passed = 0;
    while (passed < this.seconds) {
      const work = this.runner();
      this.events += work.events;
      this.simulated += work.simulatedSeconds;
      this.useful += work.useful;
      passed = Number(process.hrtime.bigint() - start) / 1e9;
    }
    this.elapsed += passed;
    const { user, system } = process.threadCpuUsage(cpu);
    this.cpu += user + system;
  }

  /** What the turns since the last lap did. */
  lap(): Rates {
    const { cpu, elapsed, events, simulated, useful } = this;
    this.cpu = this.elapsed = this.events = this.simulated = this.useful = 0;
    return {
      events,
      perSecond: events / elapsed,
      simulated: simulated / elapsed,
      useful: useful / elapsed,
      cpuPerEvent: cpu / events,
    };
  }
}

/** The middle of an odd number of values. */
export function median(values: readonly number[]): number {
  return values.toSorted((x, y) => x - y)[values.length >> 1];
}

function threeDigits(value: number): number {
  return Number(value.toPrecision(3));
}

/** The yardstick: a heap of 1 000 event objects, each popped and pushed again within 2 ms. */
function holdOfObjects(): Runner {
  const heap = new ObjectHeap();
  let random = 1;
  const delay = (): number => {
    random = (Math.imul(random, 1_664_525) + 1_013_904_223) >>> 0;
    return random >>> 21;
  };
  for (let i = 0; i < 1000; i++) heap.push(delay(), 1, i, 0, 0, 0, 0, null);
  return () => {
    for (let i = 0; i < 20_000; i++) {
      const { time, target } = heap.pop();
      heap.push(time + delay(), 1, target, i, 0, 0, i, null);
    }
    return { events: 20_000, simulatedSeconds: 0, useful: 0 };
  };
}
