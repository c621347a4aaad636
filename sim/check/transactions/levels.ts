/**
 * Isolation levels and the anomalies that each forbids (Adya, Liskov and O'Neil 2000; names of
 * cycles as there). A cycle that needs the order of sessions or of real time carries a suffix.
 */

export const LEVELS = [
  'read-uncommitted',
  'read-committed',
  'snapshot-isolation',
  'serializable',
  'session-serializable',
  'strict-serializable',
] as const;
export type Level = (typeof LEVELS)[number];

export const CYCLES = ['G0', 'G1c', 'G-single', 'G2'] as const;
export type CycleName = (typeof CYCLES)[number];

export type AnomalyName =
  | CycleName
  | `${CycleName}-session`
  | `${CycleName}-realtime`
  | 'G1a'
  | 'G1b'
  | 'lost-update'
  | 'internal'
  | 'garbage-read'
  | 'duplicate-element'
  | 'incompatible-order'
  | 'cyclic-versions';

/** What each anomaly is, for `explain` and the reference pages. */
export const ANOMALIES: Readonly<Record<Exclude<AnomalyName, `${CycleName}-${string}`>, string>> = {
  G0: 'write cycle: transactions overwrote each other in turn',
  G1a: 'aborted read: a transaction saw what an aborted one had written',
  G1b: 'intermediate read: a transaction saw a value that its writer had replaced before its end',
  G1c: 'circular information flow: writes and reads of committed values form a cycle',
  'G-single': 'read skew: a cycle with one read of a value that the next transaction replaced',
  G2: 'anti-dependency cycle: a cycle with several reads of values that were then replaced',
  'lost-update': 'two transactions read the same version of a key and both wrote it',
  internal: 'a transaction read something else than what it had itself read or written',
  'garbage-read': 'a read saw a value that no transaction wrote',
  'duplicate-element': 'a value that was appended once was there twice',
  'incompatible-order': 'two reads of a list have no common order',
  'cyclic-versions': 'the versions of a key cannot be put in order',
};

/** First level that forbids an anomaly; all stronger ones do too. */
const FORBIDDEN_FROM: Readonly<Record<AnomalyName, Level>> = {
  G0: 'read-uncommitted',
  'garbage-read': 'read-uncommitted',
  'duplicate-element': 'read-uncommitted',
  'cyclic-versions': 'read-uncommitted',
  G1a: 'read-committed',
  G1b: 'read-committed',
  G1c: 'read-committed',
  internal: 'read-committed',
  'incompatible-order': 'read-committed',
  'G-single': 'snapshot-isolation',
  'lost-update': 'snapshot-isolation',
  G2: 'serializable',
  'G0-session': 'session-serializable',
  'G1c-session': 'session-serializable',
  'G-single-session': 'session-serializable',
  'G2-session': 'session-serializable',
  'G0-realtime': 'strict-serializable',
  'G1c-realtime': 'strict-serializable',
  'G-single-realtime': 'strict-serializable',
  'G2-realtime': 'strict-serializable',
};

export function isLevel(name: string): name is Level {
  return (LEVELS as readonly string[]).includes(name);
}

export function forbids(level: Level, anomaly: AnomalyName): boolean {
  return LEVELS.indexOf(FORBIDDEN_FROM[anomaly]) <= LEVELS.indexOf(level);
}

/** The weakest level that some of the anomalies rule out; none when there are none. */
export function weakestExcluded(anomalies: readonly AnomalyName[]): Level[] {
  const first = LEVELS.find((level) => anomalies.some((anomaly) => forbids(level, anomaly)));
  return first === undefined ? [] : [first];
}
