/** Numbers and messages of calls between clients and service instances, which all parts agree on. */
import type { ProcessIndex } from '../core/machine.ts';
import type { Hello } from './mesh.ts';

/** Runs the calls of a process: discovery, balancing, retries. */
export const CALLER_MACHINE = 12;
/** Serves calls. */
export const INSTANCE_MACHINE = 13;
/** What an instance does about its own registration. */
export const PROGRAM_MACHINE = 0x18;
/** A program is told to stop, by a signal. */
export const STOP_PROGRAM = 0x1807;
/** Makes calls, open or closed loop. */
export const CALL_LOAD_MACHINE = 14;

/** Learn of instances from the agent: by HTTP, and by DNS. */
export const DISCOVERY_MACHINE = 0x11;
export const RESOLVER_MACHINE = 0x13;

/** A call on the wire, to an instance. */
export const CALL = 0x0d01;
/** A health check of the instance, by its agent; the body is a HealthRequest. */
export const HEALTH_CHECK = 0x0d04;
/** A PING frame of HTTP/2, which the server's transport answers by itself. */
export const H2_PING = 0x0d05;
/** What a program asks of the caller beside it; `from` is its own tag. */
export const CALL_START = 0x0c01;

/** What an instance is asked. */
export interface CallRequest {
  /** Of the call that this is an attempt of. */
  readonly call: number;
  /** Time that the caller still waits for; sent as gRPC does, relative. */
  readonly remainingMicros: number;
  /** Of the caller's proxy; null: the call does not go through proxies. */
  readonly hello: Hello | null;
}

export interface HealthRequest {
  /** The services that the instance depends on are asked, too. */
  readonly deep: boolean;
}

/** What an instance says of itself: an HTTP code, or what corresponds to it. */
export interface HealthAnswer {
  readonly code: number;
  readonly text: string;
}

export interface CallAnswer {
  /** What a backend reports of its load; null where nobody asks for it. */
  readonly report: LoadReport | null;
}

/** Per second and as a share of its workers, over its last whole second. */
export interface LoadReport {
  readonly requestsPerSecond: number;
  readonly errorsPerSecond: number;
  readonly utilisation: number;
}

export interface CallError {
  readonly error: CallErrorName;
}

/**
 * Why a call, or an attempt of one, failed. The first are the kernel's causes (`ErrorCause`), the
 * next are answers of instances, then come those that never left the client, and last the errors of
 * handshakes between proxies. Numbers are part of traces.
 */
export const CALL_ERRORS = [
  'none',
  'refused',
  'unreachable',
  'dial-timeout',
  'timeout',
  'eof',
  'reset',
  'remote',
  'disk-error',
  'disk-full',
  'failed',
  'overloaded',
  'unavailable',
  'expired',
  'dependency',
  'no-endpoint',
  'overflow',
  'open',
  'deadline',
  'no-certificate',
  'certificate-expired',
  'certificate-unknown',
  'intention-denied',
] as const;
export type CallErrorName = (typeof CALL_ERRORS)[number];

export function errorCode(name: CallErrorName): number {
  return CALL_ERRORS.indexOf(name);
}

/** From here on an instance answered. */
export const FIRST_ANSWERED = errorCode('failed');
/** From here on nothing was sent. */
export const FIRST_LOCAL = errorCode('no-endpoint');

/** What a program asks its caller for; the outcome comes to its input `done` with its own tag. */
export interface CallOrder {
  /** Index into the caller's upstreams. */
  readonly upstream: number;
  /** What consistent hashing goes by, an integer from 0. */
  readonly hash: number;
  /** End of its patience by the local clock, or 0: as the upstream's settings say. */
  readonly untilMicros: number;
  readonly done: number;
}

export interface CallOutcome {
  /** 0: success. */
  readonly error: number;
}

/** One instance as a caller knows it. */
export interface Endpoint {
  readonly process: ProcessIndex;
  readonly name: string;
  readonly zone: string;
  /** Consul's `Weights.Passing`, 1 to 65535. */
  readonly weight: number;
}

/**
 * Notes of callers. a: the call's place in the caller's table, where observers find the rest, or the
 * upstream; b and c as told.
 */
export const CallNote = {
  /** A call begins. */
  invoked: 0x0c01,
  /** b: its latency. */
  succeeded: 0x0c02,
  /** b: its latency, c: error code. */
  failed: 0x0c03,
  /** An attempt leaves. b: process of the instance, c: 1 for the first of the call. */
  attempted: 0x0c04,
  /** Its end. b: process of the instance, c: error code. */
  answered: 0x0c05,
  /** Outlier detection. a: upstream, b: process of the instance, c: how many are ejected now. */
  ejected: 0x0c06,
  readmitted: 0x0c07,
  /** A breaker. a: upstream, b: process of the instance, -1 for one of them all. */
  opened: 0x0c08,
  closed: 0x0c09,
  /** A retry has to wait. b: micros, c: how many retries went before. */
  backoff: 0x0c0a,
} as const;

/** Notes of instances. a: requests in it (working and queued), b, c as told. */
export const InstanceNote = {
  /** c: queued. */
  arrived: 0x0d01,
  /** b: time spent here, c: 1 if its caller's patience had ended. */
  served: 0x0d02,
  /** b: error code. */
  rejected: 0x0d03,
} as const;

/** Notes of clients that learn of instances. */
export const DiscoveryNote = {
  /** a: upstream, b: instances, c: index of the answer. */
  learnt: 0x1101,
  /** a: upstream, b: failures in a row, c: wait in microseconds. */
  failed: 0x1102,
} as const;

export const ResolverNote = {
  /** a: upstream, b: instances, c: for how long, in microseconds. */
  resolved: 0x1301,
  /** a: upstream, b: failures in a row. */
  failed: 0x1302,
} as const;
