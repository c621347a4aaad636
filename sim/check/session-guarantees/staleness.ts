/**
 * How old a read was: which newer write had certainly taken effect before the read was called, and
 * for how long. Linearizable reads miss nothing; a bound allows them to miss what is younger.
 */
import type { Operation } from '../linearizability/operation.ts';
import { valueText } from '../linearizability/operation.ts';
import { isReadVerb } from '../linearizability/models/verbs.ts';
import type { Anomaly, GuaranteeVerdict } from './result.ts';
import { verdictOf } from './result.ts';
import type { Version, Versions } from './versions.ts';
import { isOlder, versionsOf } from './versions.ts';

/** A newer version that a read missed. */
export interface Missed {
  readonly read: Operation;
  readonly seen: Version;
  /** The newest of the versions that it missed. */
  readonly newer: Version;
}

/**
 * The newest version that `read` missed although it was there at a time, given as a limit on
 * `before`, or undefined.
 */
export class Staleness {
  readonly #versions: Versions;
  /** Versions of a key in order of `before`, each with the newest and the last called so far. */
  readonly #timelines = new Map<string, Timeline>();

  constructor(versions: Versions) {
    this.#versions = versions;
  }

  /** What a read missed that had taken effect before its call; by position. */
  missed(read: Operation): Missed | undefined {
    return this.#missed(read, (version) => version.before < read.call);
  }

  /** The same, leaving out what took effect less than `micros` before the call. */
  missedFor(read: Operation, micros: number): Missed | undefined {
    const limit = read.callMicros - micros;
    return this.#missed(
      read,
      (version) => version.before < read.call && version.beforeMicros < limit,
    );
  }

  #missed(read: Operation, inTime: (version: Version) => boolean): Missed | undefined {
    const seen = this.#versions.seenBy(read);
    if (seen === undefined) return undefined;
    const timeline = this.#timelineOf(read.key);
    const last = timeline.lastInTime(inTime);
    if (last < 0) return undefined;
    const candidates = [timeline.newestByIndex[last]!, timeline.calledLast[last]!];
    const newer = candidates.find((version) => isOlder(seen, version));
    return newer === undefined ? undefined : { read, seen, newer };
  }

  #timelineOf(key: string): Timeline {
    let timeline = this.#timelines.get(key);
    if (timeline === undefined) {
      timeline = new Timeline(this.#versions.ofKey(key));
      this.#timelines.set(key, timeline);
    }
    return timeline;
  }
}

/** Versions in order of when they had certainly taken effect. */
class Timeline {
  readonly versions: readonly Version[];
  readonly newestByIndex: Version[] = [];
  readonly calledLast: Version[] = [];

  constructor(versions: readonly Version[]) {
    this.versions = versions
      .filter(({ before }) => before < Infinity)
      .sort((left, right) => left.before - right.before || left.after - right.after);
    let newest: Version | undefined;
    let last: Version | undefined;
    for (const version of this.versions) {
      if (newest === undefined || version.index > newest.index) newest = version;
      if (last === undefined || version.after > last.after) last = version;
      this.newestByIndex.push(newest);
      this.calledLast.push(last);
    }
  }

  /** Place of the last version that is in time; -1 for none. Times grow with positions. */
  lastInTime(inTime: (version: Version) => boolean): number {
    let low = 0;
    let high = this.versions.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (inTime(this.versions[middle]!)) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** No read misses a write that had been there for longer than `boundMicros`. */
export function checkBoundedStaleness(
  operations: readonly Operation[],
  boundMicros: number,
  versions: Versions = versionsOf(operations),
): GuaranteeVerdict {
  const staleness = new Staleness(versions);
  const anomalies: Anomaly[] = [];
  let judged = 0;
  let undecided = 0;
  for (const read of operations) {
    if (!isReadVerb(read.f) || read.outcome !== 'ok') continue;
    if (versions.seenBy(read) === undefined || read.callMicros < 0) {
      undecided++;
      continue;
    }
    judged++;
    const missed = staleness.missedFor(read, boundMicros);
    if (missed === undefined) continue;
    anomalies.push({
      guarantee: 'bounded-staleness',
      message: `${describeMissed(missed)}, over the bound of ${seconds(boundMicros)}`,
      operations: missed.newer.write === undefined ? [read] : [missed.newer.write, read],
      status: 'violation',
      reference: '',
    });
  }
  return verdictOf('bounded-staleness', operations.length, judged, undecided, anomalies);
}

/** `process 3 read "a" of k although "b" had been there for 2.500 s`. */
export function describeMissed({ read, newer }: Missed): string {
  const age = read.callMicros - newer.beforeMicros;
  const since = Number.isFinite(age) && read.callMicros >= 0 ? ` for ${seconds(age)}` : '';
  const saw = `process ${read.process} read ${valueText(read.output)} of ${read.key}`;
  return `${saw} although ${valueText(newer.value)} had been there${since}`;
}

function seconds(micros: number): string {
  return `${(micros / 1e6).toFixed(3)} s`;
}
