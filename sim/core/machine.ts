/**
 * What a protocol looks like to the kernel: plain state, functions of (state, input, outbox), and
 * tables that name its lanes, inputs and notes. A machine reads no clock, draws no randomness and
 * does no I/O but through its Outbox.
 *
 * Inputs and notes are dense integers: the high byte is the machine's number, the low byte its own.
 */
import type { Draws } from './draws.ts';
import type { Sampler } from './distribution.ts';

/** `(machine number << 8) | local number`; 0 is never an input. */
export type InputKind = number;
/** `(machine number << 8) | local number`. */
export type NoteKind = number;
/** Dense index of a process; also its address: it stays the same across restarts. */
export type ProcessIndex = number;

/** Pools decide how requests share TCP connections; `fresh`: each dials its own and closes it. */
export type PoolKind = 'pooled' | 'multiplexed' | 'fresh';

export interface ChannelSpec {
  readonly name: string;
  /** Messages held while the lane is busy; 0 means that senders queue (no limit of its own). */
  readonly capacity: number;
}

/** One goroutine, or a family of them. `keyed` lanes are spawned and exit by key. */
export interface LaneSpec {
  readonly name: string;
  readonly channels: readonly ChannelSpec[];
  readonly keyed?: boolean;
}

/** Lane number of inputs that run on the goroutine of the connection that brought them. */
export const CONNECTION_LANE = 255;
/** Lane number of requests that a program does not know: its transport closes the connection. */
export const UNKNOWN_LANE = 254;

/** Bytes of a message: always as many, or by what it carries. */
export type Size = number | ((body: never) => number);

export interface InputSpec {
  readonly name: string;
  /** Index into the machine's lanes, CONNECTION_LANE or UNKNOWN_LANE. */
  readonly lane: number;
  /** Index into that lane's channels. */
  readonly channel: number;
  /** Message class of design §11, for requests and datagrams; answers take their request's. */
  readonly messageClass?: string;
  readonly pool?: PoolKind;
  /** Bytes on the wire of the request or datagram. */
  readonly size?: Size;
  /** Bytes on the wire of the answer. */
  readonly answerSize?: Size;
}

export interface NoteSpec {
  readonly name: string;
  /** Text of the note's arguments in a transcript; `name(p)` gives a process's name. */
  readonly text?: (a: number, b: number, c: number, name: (p: ProcessIndex) => string) => string;
  /** 0: shown by default, 1: shown with -vv only. */
  readonly detail?: 0 | 1;
}

/** One stable write; its meaning is the machine's own (`applyWrite`). */
export type Write = object;

/**
 * What a write may say of its cost. Left out, it is small and synced. `buffered` ends in the page
 * cache, and `read` changes nothing: both take the time of their bytes only.
 */
export interface Weight {
  readonly bytes?: number;
  readonly access?: 'buffered' | 'read';
  /** It goes to a log of its own, which may fail while the rest of the disk works. */
  readonly log?: true;
}

export interface Machine<State = unknown, Durable = unknown> {
  readonly name: string;
  /** 1..255; unique among the machines of a process. */
  readonly number: number;
  readonly lanes: readonly LaneSpec[];
  /** Indexed by the low byte of the input kind; index 0 is unused. */
  readonly inputs: readonly (InputSpec | undefined)[];
  readonly notes: readonly (NoteSpec | undefined)[];
  /** Also called after a restart: only Durable survives. */
  create(config: never, self: ProcessIndex, durable: Durable): State;
  onStart(state: State, out: Outbox): void;
  /**
   * `from` is the exchange to reply to (requests), the sender (datagrams), the key (timers), the
   * tag (answers), or what `post` was given. `body` is undefined for a failed answer: `out.error`.
   */
  onInput(state: State, input: InputKind, from: number, body: unknown, out: Outbox): void;
  /** After write | call | sleep | park | preempt; `out.error` tells how a write or call failed. */
  onResume(state: State, step: number, argument: number, body: unknown, out: Outbox): void;
  createDurable(config: never): Durable;
  applyWrite(durable: Durable, write: Write): void;
  /** The host lost power: what was never synced is gone. */
  losePower?(durable: Durable): void;
  /** Flat; never called on the hot path. */
  view(state: State): View;
  /** Deep for what changes, shared for what is immutable. `durable` is the copy to refer to. */
  save(state: State, durable: Durable): State;
  /** A state to go on from out of a saved one; left out where `save` makes that, too. */
  restore?(saved: State, durable: Durable): State;
  saveDurable(durable: Durable): Durable;
}

/**
 * Storage that machines of several processes use together, as when thousands of them would each
 * repeat nearly the same. The world saves and restores it once; what it holds for a process is
 * memory, and gone with the process.
 */
export interface SharedStore {
  onProcessGone(process: ProcessIndex): void;
  save(): unknown;
  restore(state: unknown): void;
}

/** A flat picture of a machine's state for people, diffs and transcripts. */
export type View = Readonly<Record<string, string | number | boolean | null>>;

/** Why a request, a dial or a write failed. Order is fixed: it is part of traces. */
export const ErrorCause = {
  none: 0,
  refused: 1,
  unreachable: 2,
  dialTimeout: 3,
  timeout: 4,
  eof: 5,
  reset: 6,
  /** The peer answered with an error of its own; the body says which. */
  remote: 7,
  diskError: 8,
  diskFull: 9,
} as const;
export type ErrorCause = (typeof ErrorCause)[keyof typeof ErrorCause];

export const ERROR_NAMES = [
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
] as const;

/** What a protocol may ask for. All delays and timeouts are microseconds of the host's own clock. */
export interface Outbox {
  /** The process this machine runs in. */
  readonly self: ProcessIndex;
  /** The running lane: index into the machine's lanes, or CONNECTION_LANE. */
  readonly lane: number;
  /** Key of the running lane (0 where it is not keyed). */
  readonly key: number;
  /** This handler has asked to wait: it must end now. */
  readonly blocked: boolean;
  /** This handler has sent what a pause of kind `io` keeps from leaving: its lane waits from now on. */
  readonly heldBack: boolean;
  /** Why the answer or resumption at hand failed; `ErrorCause.none` where it did not. */
  readonly error: ErrorCause;
  /** Monotonic local time in microseconds. */
  now(): number;
  /** Wall-clock local time in microseconds; may jump. */
  wall(): number;

  datagram(to: ProcessIndex, input: InputKind, body: unknown): void;
  /** Asynchronous request; the answer arrives as `answer` on this machine with `tag` as `from`. */
  request(
    to: ProcessIndex,
    input: InputKind,
    body: unknown,
    timeoutMicros: number,
    answer: InputKind,
    tag: number,
    answerKey?: number,
  ): void;
  /** Blocks this lane until the answer, or the error, resumes it at `step`. */
  call(
    to: ProcessIndex,
    input: InputKind,
    body: unknown,
    timeoutMicros: number,
    step: number,
    argument: number,
  ): void;
  reply(exchange: number, body: unknown): void;
  /** Answers with an application error: the caller sees `ErrorCause.remote` and the body. */
  fail(exchange: number, body: unknown): void;
  /** Sender of the request behind an exchange, or -1 if it is gone. */
  peerOf(exchange: number): ProcessIndex;

  /** Takes a pooled connection, or dials one, for exclusive use; blocks; resumes with its handle as body. */
  openPipeline(to: ProcessIndex, input: InputKind, timeoutMicros: number, step: number): void;
  /** Sends on an open pipeline; answers come in order as `answer` with `tag`. */
  pipeline(
    connection: number,
    input: InputKind,
    body: unknown,
    timeoutMicros: number,
    answer: InputKind,
    tag: number,
    answerKey: number,
  ): void;
  closePipeline(connection: number): void;
  /**
   * Sends one part of a long body behind a request on an open pipeline; blocks for as long as its
   * bytes keep the link busy. `out.error` tells that the stream is over.
   */
  sendPart(
    connection: number,
    input: InputKind,
    body: unknown,
    step: number,
    argument: number,
  ): void;
  /**
   * Blocks until the next part behind the request of this exchange is there, as body; or the stream
   * ends, or nothing comes for so long.
   */
  readPart(exchange: number, silenceMicros: number, step: number, argument: number): void;

  /** Blocks until every write is durable, one after the other; a crash may fall between any two. */
  write(writes: readonly Write[], step: number, argument: number): void;
  sleep(delayMicros: number, step: number, argument: number): void;
  /** Time that this much work of the program takes on its host, which a fault may have slowed. */
  work(micros: number): number;
  /** Blocks until `unpark` names this lane. */
  park(step: number, argument: number): void;
  unpark(lane: number, key: number): void;
  /** A named point at which another goroutine may run; continues at once unless a decision says not. */
  preempt(step: number, argument: number): void;

  /** Puts an input on a lane of this process; false: the channel was full, or there is no such lane. */
  post(input: InputKind, key: number, from: number, body: unknown): boolean;
  /** Takes one more waiting input of this kind from the running lane, like a non-blocking receive. */
  receive(input: InputKind): unknown;
  /** State of another machine of this process, or undefined: goroutines share memory. */
  sibling(machine: number): unknown;
  /** Starts a keyed lane. */
  spawn(lane: number, key: number): void;
  /** Ends the running keyed lane after this handler; what waits in it is lost. */
  exit(): void;
  /** Ends another keyed lane of this machine. */
  reap(lane: number, key: number): void;

  /** Replaces a timer of the same (input, key). */
  timer(input: InputKind, key: number, delayMicros: number): void;
  /** Also forgets a firing that still waits in the lane. */
  cancel(input: InputKind, key: number): void;

  /** The process's own stream for this purpose, such as `election`. */
  draw(purpose: string): Draws;
  sample(purpose: string, sampler: Sampler): number;

  note(kind: NoteKind, a: number, b: number, c: number): void;
  /** Marks that an open or planted bug changed the outcome (design §6). */
  mark(bug: string): void;
  /** The program ends itself, as a Go panic does; the host stays up. */
  panic(reason: string): void;
}
