/**
 * One storage device of a host: executes one write at a time, in order. A write is durable when its
 * sync ends; until then a killed process's write survives in the page cache, and a power loss leaves
 * it in doubt. Faults slow it down, stall it, or make it fail.
 */
import type { Sampler } from './distribution.ts';
import type { Draws } from './draws.ts';
import { DISK } from './events.ts';
import { takeFirst } from './fifo.ts';
import { ErrorCause } from './machine.ts';
import type { Weight, Write } from './machine.ts';
import { AFTER_PROGRAM } from './process.ts';
import type { Lane, MachineSlot, Process } from './process.ts';
import type { World } from './world.ts';

/** Sequential throughput of a solid-state disk of a virtual machine. */
export const BYTES_PER_SECOND = 200_000_000;

/** A program of writes: each is a transaction of its own, made durable in order. */
export interface DiskJob {
  readonly process: number;
  readonly generation: number;
  readonly machine: number;
  readonly lane: number;
  readonly writes: readonly Write[];
  readonly done: number;
  readonly cause: number;
}

/** How many writes faults of each kind have touched. */
export interface Touched {
  /** Took longer. */
  slowed: number;
  /** Were held up by a stall, or torn out of their sync by one. */
  stalled: number;
  failed: number;
  /** Of those to a log. */
  logFailed: number;
  /** Found no space. */
  refused: number;
}

export interface DiskState {
  readonly jobs: readonly DiskJob[];
  readonly slot: number;
  readonly leftMicros: number;
  readonly frozen: boolean;
  readonly factor: number;
  readonly stalls: number;
  readonly errors: number;
  readonly logErrors: number;
  readonly full: number;
  readonly touched: Readonly<Touched>;
}

export class Disk {
  private jobs: DiskJob[] = [];
  /** Queue slot of the write under way, or -1. */
  private slot = -1;
  /** The host is suspended. */
  private frozen = false;
  /** What was left of the write under way when the host was suspended, or -1. */
  private leftMicros = -1;
  private factor = 1;
  private stalls = 0;
  private errors = 0;
  private logErrors = 0;
  private full = 0;
  touched: Touched = { slowed: 0, stalled: 0, failed: 0, logFailed: 0, refused: 0 };
  private readonly sampler: Sampler;
  private readonly draws: Draws;
  private readonly bytesPerSecond: number;

  constructor(sampler: Sampler, draws: Draws, bytesPerSecond = BYTES_PER_SECOND) {
    this.sampler = sampler;
    this.draws = draws;
    this.bytesPerSecond = bytesPerSecond;
  }

  /** Pending writes, the one under way included. */
  get depth(): number {
    return this.jobs.length;
  }

  get stalled(): boolean {
    return this.stalls > 0;
  }

  submit(world: World, lane: Lane, slot: MachineSlot, writes: readonly Write[]): void {
    this.jobs.push({
      process: lane.process.index,
      generation: lane.process.generation,
      machine: slot.machine.number,
      lane: lane.handle,
      writes,
      done: 0,
      cause: world.cause,
    });
    if (this.jobs.length === 1) this.startWrite(world);
  }

  /** Starts the next write of the first job, unless the device is stalled. */
  private startWrite(world: World): void {
    const job = this.jobs[0];
    if (job === undefined || this.slot >= 0 || this.frozen) return;
    const process = world.processes[job.process];
    if (process.generation === job.generation && strikes(process, job)) {
      world.power.crashAtWrite(process);
      return;
    }
    if (this.stalls > 0) {
      this.touched.stalled++;
      return;
    }
    const write = job.writes[job.done] as Weight;
    let micros = this.duration(write);
    if (this.factor !== 1) {
      micros = Math.round(micros * this.factor);
      this.touched.slowed++;
    }
    if (this.full > 0 && write.access === undefined) micros = 0;
    this.push(world, job, micros);
  }

  /** Of one write on a healthy device; what is not synced costs its bytes only. */
  private duration({ bytes = 0, access }: Weight): number {
    const sync = access === undefined ? this.draws.sample(this.sampler) : 0;
    return bytes === 0 ? sync : sync + Math.ceil((bytes * 1e6) / this.bytesPerSecond);
  }

  /** The write ends after `micros`. It is due to the handler that asked, wherever it has waited. */
  private push(world: World, job: DiskJob, micros: number): void {
    const { cause } = world;
    if (job.done === 0) world.cause = job.cause;
    this.slot = world.push(world.now + micros, DISK, job.process, 0, 0, 0, null);
    world.cause = cause;
  }

  /** The sync of the write under way ended. */
  onWritten(world: World): void {
    this.slot = -1;
    const job = this.jobs[0];
    const process = world.processes[job.process];
    const error = this.failure(job.writes[job.done]);
    if (error === ErrorCause.none) this.apply(process, job);
    if (error === ErrorCause.none && job.done + 1 < job.writes.length) {
      this.jobs[0] = { ...job, done: job.done + 1 };
    } else {
      takeFirst(this.jobs);
      world.cause = job.cause;
      world.resumeLane(job.lane, process, job.generation, undefined, error);
      const struck = process.crashPoint?.write === AFTER_PROGRAM && !this.busyWith(process.index);
      if (struck && world.power.pending !== process) world.power.crashAtWrite(process);
    }
    this.startWrite(world);
  }

  /** How the write that ends now fails, or `none`. */
  private failure(write: Write): ErrorCause {
    if (this.full > 0 && (write as Weight).access === undefined) {
      this.touched.refused++;
      return ErrorCause.diskFull;
    }
    if (this.logErrors > 0 && (write as Weight).log === true) {
      this.touched.logFailed++;
      return ErrorCause.diskError;
    }
    if (this.errors === 0) return ErrorCause.none;
    this.touched.failed++;
    return ErrorCause.diskError;
  }

  /** A program of writes of this process has begun and not ended. */
  busyWith(process: number): boolean {
    const first = this.jobs[0];
    if (first === undefined || first.process !== process) return false;
    return first.done > 0 || this.slot >= 0 || this.leftMicros >= 0;
  }

  private apply(process: Process, job: DiskJob): void {
    const slot = process.slotByNumber[job.machine]!;
    slot.machine.applyWrite(slot.durable, job.writes[job.done]);
  }

  /** A program is gone: what it has begun to write is in the page cache, the rest is lost. */
  onCrash(world: World, process: Process): void {
    const first = this.jobs[0];
    if (first !== undefined && first.process === process.index && this.interrupt(world)) {
      this.apply(process, first);
    }
    this.jobs = this.jobs.filter((job) => job.process !== process.index);
    this.startWrite(world);
  }

  /** All that has not been made durable is lost; the write under way is in doubt. */
  onPowerLoss(world: World): void {
    const first = this.jobs[0];
    if (this.interrupt(world) && this.draws.below(2) === 1) {
      this.apply(world.processes[first.process], first);
    }
    this.jobs = [];
    this.frozen = false;
  }

  /** Takes the write under way off the queue; false when there is none. */
  private interrupt(world: World): boolean {
    const underWay = this.slot >= 0 || this.leftMicros >= 0;
    if (this.slot >= 0) world.queue.cancel(this.slot);
    this.slot = -1;
    this.leftMicros = -1;
    return underWay;
  }

  slowDown(factor: number): void {
    this.factor *= factor;
  }

  /** What is left of the write under way goes on at the pace that is restored. */
  restoreSpeed(world: World, factor: number): void {
    this.factor /= factor;
    if (Math.abs(this.factor - 1) < 1e-9) this.factor = 1;
    if (this.leftMicros >= 0) this.leftMicros = Math.round(this.leftMicros / factor);
    if (this.slot < 0) return;
    const leftMicros = world.queue.timeOf(this.slot) - world.now;
    world.queue.move(this.slot, world.now + Math.round(leftMicros / factor));
  }

  /** Nothing completes until `unstall`; the write under way starts anew then. */
  stall(world: World): void {
    this.stalls++;
    if (this.interrupt(world)) this.touched.stalled++;
  }

  unstall(world: World): void {
    this.stalls--;
    if (this.stalls === 0) this.startWrite(world);
  }

  failWrites(by: 1 | -1): void {
    this.errors += by;
  }

  /** Only writes to a log fail. */
  failLog(by: 1 | -1): void {
    this.logErrors += by;
  }

  fill(by: 1 | -1): void {
    this.full += by;
  }

  /** Time stands still for a suspended host: the write under way ends when it is over. */
  freeze(world: World): void {
    this.frozen = true;
    if (this.slot < 0) return;
    this.leftMicros = world.queue.timeOf(this.slot) - world.now;
    world.queue.cancel(this.slot);
    this.slot = -1;
  }

  thaw(world: World): void {
    this.frozen = false;
    const { leftMicros } = this;
    this.leftMicros = -1;
    if (leftMicros >= 0) this.push(world, this.jobs[0], leftMicros);
    else this.startWrite(world);
  }

  save(): DiskState {
    return {
      jobs: this.jobs.slice(),
      slot: this.slot,
      leftMicros: this.leftMicros,
      frozen: this.frozen,
      factor: this.factor,
      stalls: this.stalls,
      errors: this.errors,
      logErrors: this.logErrors,
      full: this.full,
      touched: { ...this.touched },
    };
  }

  restore(state: DiskState): void {
    this.jobs = state.jobs.slice();
    this.slot = state.slot;
    this.leftMicros = state.leftMicros;
    this.frozen = state.frozen;
    this.factor = state.factor;
    this.stalls = state.stalls;
    this.errors = state.errors;
    this.logErrors = state.logErrors;
    this.full = state.full;
    this.touched = { ...state.touched };
  }
}

/** The crash point of the process falls on the write that would begin now. */
function strikes({ crashPoint }: Process, job: DiskJob): boolean {
  if (crashPoint === null) return false;
  if (crashPoint.write === AFTER_PROGRAM) return job.done === 0;
  return job.done + 1 === crashPoint.write;
}
