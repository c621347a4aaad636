/**
 * The four session guarantees (Terry et al. 1994). A session is a process; of its operations only
 * those are compared of which one ended before the other was called. Reads are compared key by
 * key, since a write of one key says nothing about another; writes also across keys where Raft
 * indexes order them.
 */
import type { Operation } from '../linearizability/operation.ts';
import { valueText } from '../linearizability/operation.ts';
import { isReadVerb } from '../linearizability/models/verbs.ts';
import type { Anomaly, GuaranteeVerdict } from './result.ts';
import { verdictOf } from './result.ts';
import type { Version, Versions } from './versions.ts';
import { isKeyWrite, isOlder, versionsOf } from './versions.ts';

export const SESSION_GUARANTEES = [
  'monotonic-reads',
  'read-your-writes',
  'monotonic-writes',
  'writes-follow-reads',
] as const;
export type SessionGuarantee = (typeof SESSION_GUARANTEES)[number];

/** What a guarantee compares: something earlier in the session with something later. */
interface Pairing {
  readonly earlier: 'read' | 'write';
  readonly later: 'read' | 'write';
  readonly sentence: string;
}

const PAIRINGS: Readonly<Record<SessionGuarantee, Pairing>> = {
  'monotonic-reads': {
    earlier: 'read',
    later: 'read',
    sentence: 'read an older value than it had read before',
  },
  'read-your-writes': {
    earlier: 'write',
    later: 'read',
    sentence: 'read an older value than it had written',
  },
  'monotonic-writes': {
    earlier: 'write',
    later: 'write',
    sentence: 'had a later write take effect before an earlier one',
  },
  'writes-follow-reads': {
    earlier: 'read',
    later: 'write',
    sentence: 'had a write take effect before a write it had read',
  },
};

/** The newest that a session has seen, of a key or, for writes, at all. */
interface Seen {
  readonly version: Version;
  readonly by: Operation;
}

/** Judges one guarantee over all sessions of a history. */
export function checkSessions(
  operations: readonly Operation[],
  guarantee: SessionGuarantee,
  versions: Versions = versionsOf(operations),
): GuaranteeVerdict {
  const { earlier, later, sentence } = PAIRINGS[guarantee];
  const newest = new Map<string, Seen>();
  const before = new Map<Operation, Seen | undefined>();
  const anomalies: Anomaly[] = [];
  let judged = 0;
  let undecided = 0;
  for (const { operation, ends } of momentsOf(operations)) {
    const scope = scopeOf(operation, later);
    if (!ends) {
      if (isKind(operation, later)) before.set(operation, newest.get(scope));
      continue;
    }
    if (operation.outcome !== 'ok') continue;
    const version = versionOf(versions, operation);
    const reference = before.get(operation);
    if (isKind(operation, later) && reference !== undefined) {
      // Only indexes order writes that nobody has read yet.
      const comparable = later === 'read' || (version !== undefined && version.index > 0);
      if (version === undefined || !comparable) undecided++;
      else judged++;
      if (version !== undefined && isOlder(version, reference.version)) {
        anomalies.push(anomaly(guarantee, sentence, reference, operation));
      }
    }
    if (version === undefined || !isKind(operation, earlier)) continue;
    const known = newest.get(scope);
    if (known === undefined || !isOlder(version, known.version)) {
      newest.set(scope, { version, by: operation });
    }
  }
  return verdictOf(guarantee, operations.length, judged, undecided, anomalies);
}

function anomaly(guarantee: string, sentence: string, { by }: Seen, last: Operation): Anomaly {
  const what = isReadVerb(last.f) ? `${valueText(last.output)} of ${last.key}` : last.key;
  return {
    guarantee,
    message: `process ${last.process} ${sentence} (${what})`,
    operations: [by, last],
    status: 'violation',
    reference: '',
  };
}

/** Reads are compared within a key, writes within the session. */
function scopeOf({ process, key }: Operation, later: 'read' | 'write'): string {
  return later === 'read' ? `${process}\u0000${key}` : process;
}

function isKind(operation: Operation, kind: 'read' | 'write'): boolean {
  return kind === 'read' ? isReadVerb(operation.f) : isKeyWrite(operation);
}

function versionOf(versions: Versions, operation: Operation): Version | undefined {
  return isReadVerb(operation.f) ? versions.seenBy(operation) : versions.madeBy(operation);
}

interface Moment {
  readonly operation: Operation;
  readonly ends: boolean;
  readonly position: number;
}

/** Calls and ends in order of position. */
function momentsOf(operations: readonly Operation[]): Moment[] {
  const moments: Moment[] = [];
  for (const operation of operations) {
    moments.push({ operation, ends: false, position: operation.call });
    if (operation.return < Infinity) {
      moments.push({ operation, ends: true, position: operation.return });
    }
  }
  // At the same position calls come first: such operations are concurrent.
  return moments.sort(
    (left, right) =>
      left.position - right.position ||
      Number(left.ends) - Number(right.ends) ||
      left.operation.id - right.operation.id,
  );
}
