/** The agent's lanes, inputs and notes as the kernel sees them. */
import type { InputSpec, LaneSpec, NoteSpec } from '../../core/machine.ts';
import { CHECK_STATUSES } from './definitions.ts';
import * as Input from './inputs.ts';

/** Notes of agents. a: number of the check (its place in `checkIds`), or as told. */
export const AgentNote = {
  /** b: its new status (its place in CHECK_STATUSES). */
  checked: 0x1001,
  /** A service is removed because this check of it has been critical for too long. */
  reaped: 0x1002,
  /** a: 1 for a full sync, b: 1 if it succeeded, c: 1 if servers did not answer or were too busy. */
  synced: 0x1003,
  /** A run has ended. b: what it found, c: 1 if that counts whatever the thresholds are. */
  result: 0x1004,
  /** A program says how its check stands. b: the status. */
  told: 0x1005,
  /** a: number of the service (its place in `serviceIds`), b: 1 if it is registered now. */
  registered: 0x1006,
  /** a: number of the service, b: 1 if the agent has removed it, 0 if somebody asked for that. */
  deregistered: 0x1007,
  /** A service is in the catalog. a: its number. */
  pushed: 0x1008,
} as const;

export const LANES: readonly LaneSpec[] = [
  { name: 'agent', channels: [{ name: 'events', capacity: 0 }] },
  { name: 'goroutine', channels: [{ name: 'start', capacity: 0 }], keyed: true },
];

/** Bytes of a registration by HTTP (reference: consul §4.2), and of the short ones. */
const REGISTER_BYTES = 700;
const SHORT_BYTES = 200;

function api(name: string, size: number): InputSpec {
  return {
    name,
    lane: Input.MAIN_LANE,
    channel: 0,
    messageClass: 'http.api',
    pool: 'pooled',
    size,
    answerSize: SHORT_BYTES,
  };
}

function timer(name: string): InputSpec {
  return { name, lane: Input.MAIN_LANE, channel: 0 };
}

export const INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  api('register service', REGISTER_BYTES),
  api('deregister service', SHORT_BYTES),
  api('update check', SHORT_BYTES),
  { name: 'run', lane: Input.RUN_LANE, channel: 0 },
  timer('next full sync'),
  timer('retry full sync'),
  timer('spread full sync'),
  timer('TTL'),
  timer('deferred output'),
  timer('reap'),
  timer('rebalance'),
  timer('trigger'),
  // Reads of programs go to the machine beside it.
  undefined,
  api('maintenance', SHORT_BYTES),
  api('get service', SHORT_BYTES),
  timer('server of the pool'),
  timer('coordinate'),
];

export const NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  { name: 'check', text: (check, status) => `check=${check} ${CHECK_STATUSES[status]}` },
  { name: 'service reaped', text: (check) => `check=${check}` },
  { name: 'sync', detail: 1, text: (full, ok) => `${full ? 'full' : 'changes'} ok=${ok === 1}` },
  {
    name: 'check run',
    detail: 1,
    text: (check, status) => `check=${check} ${CHECK_STATUSES[status]}`,
  },
  {
    name: 'check told',
    detail: 1,
    text: (check, status) => `check=${check} ${CHECK_STATUSES[status]}`,
  },
  { name: 'service registered', text: (service, done) => `service=${service} done=${done === 1}` },
  { name: 'service deregistered', text: (service, by) => `service=${service} reaped=${by === 1}` },
  { name: 'service pushed', detail: 1, text: (service) => `service=${service}` },
];
