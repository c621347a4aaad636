/** Hosts, processes and the lanes (goroutines) inside them: the records the kernel works on. */
import { HostClock } from './clock.ts';
import type { Disk } from './disk.ts';
import type { Sampler } from './distribution.ts';
import type { Draws } from './draws.ts';
import type { ErrorCause, InputKind, Machine } from './machine.ts';
import type { Route } from './route.ts';
import type { Slotted } from './slots.ts';

export class Host {
  readonly index: number;
  readonly name: string;
  readonly zone: string;
  readonly datacenter: string;
  readonly clock = new HostClock();
  readonly disk: Disk;
  readonly processes: Process[] = [];
  /** Has power; a killed process leaves its host up. */
  up = true;
  suspended = false;
  /** Pauses of kind `suspend` that have not ended. */
  suspensions = 0;

  constructor(index: number, name: string, zone: string, datacenter: string, disk: Disk) {
    this.index = index;
    this.name = name;
    this.zone = zone;
    this.datacenter = datacenter;
    this.disk = disk;
  }
}

export type ProcessStatus = 'down' | 'running' | 'stopped' | 'suspended';

/** A machine as it lives in one process. */
export interface MachineSlot {
  readonly machine: Machine;
  /** Of each input, by the low byte. */
  readonly routes: readonly (Route | undefined)[];
  /** Those that run now, by index into the machine's lanes and by key. */
  readonly lanes: readonly (Lane | undefined)[][];
  /** Where its lanes without keys lie in `Lanes.single`. */
  readonly laneBase: number;
  /** Where its timers of key 0 lie in `Timers.single`. */
  readonly timerBase: number;
  /** Queue slot + 1 of each timer of another key, by the low byte of its input and its key. */
  timers: (number[] | undefined)[];
  state: unknown;
  durable: unknown;
  readonly config: never;
}

export type CrashKind = 'kill' | 'power' | 'exit';

/** Write number of a crash point that strikes when the program of writes under way has ended. */
export const AFTER_PROGRAM = 0;

export interface CrashPoint {
  /** Strikes when the n-th write of a program would begin, from 1; or AFTER_PROGRAM. */
  readonly write: number;
  readonly how: CrashKind;
  /** What the controller is told when the crash has happened. */
  readonly tag: number;
}

/** An event that found its process paused. */
export interface BacklogItem {
  readonly kind: number;
  readonly a: number;
  readonly b: number;
  readonly code: number;
  readonly body: unknown;
  readonly event: number;
}

/** What every event asks for comes first: of thousands of processes, each line in the cache is dear. */
export class Process {
  readonly index: number;
  /** Runs and reads its sockets: no pause of any kind. */
  attentive = false;
  /** Bumped at every start: what belonged to an earlier life dies by it. */
  generation = 0;
  /** Slot of a machine by its number. */
  readonly slotByNumber: (MachineSlot | undefined)[] = [];
  /** Service time of one message, before `cpuFactor`; null: messages cost no time. */
  cpu: Sampler | null = null;
  /** Of its host. */
  readonly clock: HostClock;
  readonly datagramDraws: Draws;
  readonly streamDraws: Draws;
  /** What it has drawn for so far, and from which streams: so few that a search beats a map. */
  readonly purposes: string[] = [];
  readonly draws: Draws[] = [];
  readonly name: string;
  readonly host: Host;
  readonly slots: MachineSlot[] = [];
  private state: ProcessStatus = 'down';
  private ioPauseCount = 0;
  /** Pauses of kind `stop` that have not ended. */
  stops = 0;
  /** Was started while its host was suspended. */
  startsAtWake = false;
  backlog: BacklogItem[] = [];
  /** What it wanted to send while `ioPaused`. */
  outgoing: Outgoing[] = [];
  /** Idle pooled connections by peer, the last returned last. */
  idle = new Map<number, number[]>();
  /** Multiplexed sessions by peer. */
  sessions = new Map<number, number>();
  /** What faults multiply the service time by. */
  cpuFactor = 1;
  /** Messages whose service time a factor has changed. */
  slowedMessages = 0;
  /** A crash waits for this write (1 = the first) of the next program that has as many. */
  crashPoint: CrashPoint | null = null;
  readonly selectDraws: Draws;

  constructor(index: number, name: string, host: Host, draws: (purpose: string) => Draws) {
    this.index = index;
    this.name = name;
    this.host = host;
    this.clock = host.clock;
    this.streamDraws = draws('stream');
    this.datagramDraws = draws('datagram');
    this.selectDraws = draws('select');
  }

  get status(): ProcessStatus {
    return this.state;
  }

  set status(status: ProcessStatus) {
    this.state = status;
    this.attentive = status === 'running' && this.ioPauseCount === 0;
  }

  /** Pauses of kind `io` that have not ended: sends and receipts wait, timers run (Lifeguard). */
  get ioPauses(): number {
    return this.ioPauseCount;
  }

  set ioPauses(count: number) {
    this.ioPauseCount = count;
    this.attentive = this.state === 'running' && count === 0;
  }

  get ioPaused(): boolean {
    return this.ioPauseCount > 0;
  }
}

/** A message held back in its sender by `pause: io`. */
export interface Outgoing {
  readonly connection: number;
  readonly toServer: boolean;
  readonly kind: number;
  readonly code: number;
  readonly target: number;
  readonly b: number;
  readonly body: unknown;
  readonly cause: number;
}

/** One input waiting in a channel. */
export interface Item {
  readonly input: InputKind;
  readonly from: number;
  readonly body: unknown;
  readonly error: ErrorCause;
  readonly cause: number;
}

/** A resumption that came while another handler was running. */
export interface Resumption {
  readonly body: unknown;
  readonly error: ErrorCause;
  readonly cause: number;
}

export const Blocked = {
  free: 0,
  write: 1,
  call: 2,
  sleep: 3,
  park: 4,
  preempt: 5,
  /** Has sent while the process may not (`pause: io`). */
  io: 6,
  /** Reads the parts of a long request. */
  read: 7,
} as const;
export type Blocked = (typeof Blocked)[keyof typeof Blocked];
export const BLOCKED_NAMES = [
  '',
  'write',
  'call',
  'sleep',
  'park',
  'preempt',
  'io',
  'read',
] as const;

export class Lane implements Slotted {
  handle = 0;
  nextFree = 0;
  blocked: Blocked = Blocked.free;
  /** Bit per channel that holds something. */
  ready = 0;
  /** Serves its last message until then. */
  busyUntil = 0;
  process!: Process;
  slot!: MachineSlot;
  /** Index into the machine's lanes; CONNECTION_LANE for the goroutine of one request. */
  spec = 0;
  key = 0;
  step = 0;
  argument = 0;
  resumption: Resumption | null = null;
  /** By channel; created when first needed. */
  queues: (Item[] | undefined)[] = [];
  /** The only waiting input lies here, if the lane was free when it came; 0: none does. */
  single: InputKind = 0;
  singleFrom = 0;
  singleBody: unknown = null;
  singleError: ErrorCause = 0;
  singleCause = 0;
  /** Stands in the world's run queue. */
  runnable = false;
  /** Queue slot of its WAKE event, or -1. */
  wakeSlot = -1;
  /** Event since which it is blocked. */
  since = 0;

  /** A new goroutine in a record that another may have had. */
  begin(process: Process, slot: MachineSlot, spec: number, key: number): void {
    this.process = process;
    this.slot = slot;
    this.spec = spec;
    this.key = key;
    this.blocked = Blocked.free;
    this.step = 0;
    this.argument = 0;
    this.resumption = null;
    if (this.queues.length !== 0) this.queues = [];
    this.ready = 0;
    this.single = 0;
    this.singleFrom = 0;
    this.singleBody = null;
    this.singleError = 0;
    this.singleCause = 0;
    this.runnable = false;
    this.wakeSlot = -1;
    this.since = 0;
    this.busyUntil = 0;
  }
}

/** An earlier copy of a lane that nothing has come to since serves again: most lanes wait. */
export function copyLane(lane: Lane, earlier?: Lane): Lane {
  if (earlier !== undefined && isUnchanged(lane, earlier)) return earlier;
  const copy = new Lane();
  copy.handle = lane.handle;
  copy.nextFree = lane.nextFree;
  copy.process = lane.process;
  copy.slot = lane.slot;
  copy.spec = lane.spec;
  copy.key = lane.key;
  copy.blocked = lane.blocked;
  copy.step = lane.step;
  copy.argument = lane.argument;
  copy.resumption = lane.resumption;
  if (lane.ready !== 0) copy.queues = lane.queues.map((queue) => queue?.slice());
  copy.ready = lane.ready;
  copy.single = lane.single;
  copy.singleFrom = lane.singleFrom;
  copy.singleBody = lane.singleBody;
  copy.singleError = lane.singleError;
  copy.singleCause = lane.singleCause;
  copy.runnable = lane.runnable;
  copy.wakeSlot = lane.wakeSlot;
  copy.since = lane.since;
  copy.busyUntil = lane.busyUntil;
  return copy;
}

function isUnchanged(lane: Lane, earlier: Lane): boolean {
  return (
    lane.handle === earlier.handle &&
    lane.nextFree === earlier.nextFree &&
    lane.process === earlier.process &&
    lane.slot === earlier.slot &&
    lane.spec === earlier.spec &&
    lane.key === earlier.key &&
    lane.blocked === earlier.blocked &&
    lane.step === earlier.step &&
    lane.argument === earlier.argument &&
    lane.resumption === earlier.resumption &&
    lane.ready === 0 &&
    earlier.ready === 0 &&
    lane.single === earlier.single &&
    lane.singleFrom === earlier.singleFrom &&
    lane.singleBody === earlier.singleBody &&
    lane.singleError === earlier.singleError &&
    lane.singleCause === earlier.singleCause &&
    lane.runnable === earlier.runnable &&
    lane.wakeSlot === earlier.wakeSlot &&
    lane.since === earlier.since &&
    lane.busyUntil === earlier.busyUntil
  );
}
