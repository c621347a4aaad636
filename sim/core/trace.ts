/** What happened, in typed columns: one row per event, one per note. */
import { LimitReached } from './limits.ts';

/** Keep every row, keep the latest, or only count. */
export type TraceMode = 'full' | 'ring' | 'off';

// 32 768 rows: small enough for a short run, large enough that a long one rarely asks for more.
const CHUNK_BITS = 15;
const CHUNK_ROWS = 32_768;
const ROW_MASK = 32_767;

/**
 * Rows by chunks of one size. `full` ends the run when the next chunk would exceed the limit,
 * `ring` gives it the chunk that is farthest from the present, `off` only counts.
 */
class Chunks<C> {
  rows = 0;
  private chunks: (C | undefined)[] = [];
  private kept = 0;
  private readonly make: () => C;
  private readonly chunksMax: number;
  private readonly mode: TraceMode;

  constructor(make: () => C, rowBytes: number, limitBytes: number, mode: TraceMode) {
    this.make = make;
    this.mode = mode;
    // A ring of one chunk would forget everything whenever it begins again.
    const least = mode === 'ring' ? 2 : 1;
    this.chunksMax = Math.max(least, Math.floor(limitBytes / (rowBytes * CHUNK_ROWS)));
  }

  /** The chunk that the next row goes to, or null when nothing is kept. */
  next(now: number): C | null {
    if (this.mode === 'off') return null;
    const at = this.rows >>> CHUNK_BITS;
    return this.chunks[at] ?? this.add(at, now);
  }

  private add(at: number, now: number): C {
    if (this.kept < this.chunksMax) {
      this.kept++;
      return (this.chunks[at] = this.make());
    }
    if (this.mode === 'full') throw new LimitReached('trace', now);
    // After a return to an earlier state there may be chunks of the future that was.
    const last = this.chunks.findLastIndex((chunk) => chunk !== undefined);
    const victim = last > at ? last : this.chunks.findIndex((chunk) => chunk !== undefined);
    const chunk = this.chunks[victim]!;
    this.chunks[victim] = undefined;
    this.chunks[at] = chunk;
    return chunk;
  }

  /** The chunk of a row that is still kept. */
  of(row: number): C | undefined {
    return row >= 0 && row < this.rows ? this.chunks[row >>> CHUNK_BITS] : undefined;
  }
}

class EventChunk {
  readonly time = new Float64Array(CHUNK_ROWS);
  readonly kind = new Uint8Array(CHUNK_ROWS);
  readonly process = new Int32Array(CHUNK_ROWS);
  readonly a = new Int32Array(CHUNK_ROWS);
  readonly b = new Int32Array(CHUNK_ROWS);
  readonly cause = new Uint32Array(CHUNK_ROWS);
  readonly woken = new Uint32Array(CHUNK_ROWS);
}
const EVENT_BYTES = 29;

class NoteChunk {
  readonly event = new Uint32Array(CHUNK_ROWS);
  readonly kind = new Uint16Array(CHUNK_ROWS);
  readonly process = new Int32Array(CHUNK_ROWS);
  readonly a = new Float64Array(CHUNK_ROWS);
  readonly b = new Float64Array(CHUNK_ROWS);
  readonly c = new Float64Array(CHUNK_ROWS);
}
const NOTE_BYTES = 34;

/**
 * Events, numbered from 1. Times in microseconds, `cause` and `woken` are event numbers or 0; kinds,
 * processes, `a` and `b` are the kernel's. What is not kept reads as 0: ask `has` first.
 *
 * Errors: `LimitReached('trace')`.
 */
export class Trace {
  private readonly chunks: Chunks<EventChunk>;

  constructor(limitBytes: number, mode: TraceMode) {
    this.chunks = new Chunks(() => new EventChunk(), EVENT_BYTES, limitBytes, mode);
  }

  /** Number of the last event. */
  get rows(): number {
    return this.chunks.rows;
  }

  /** Opens the row of the next event and returns its number. */
  open(
    time: number,
    kind: number,
    process: number,
    a: number,
    b: number,
    cause: number,
    woken: number,
  ): number {
    const { chunks } = this;
    const chunk = chunks.next(time);
    if (chunk !== null) {
      const at = chunks.rows & ROW_MASK;
      chunk.time[at] = time;
      chunk.kind[at] = kind;
      chunk.process[at] = process;
      chunk.a[at] = a;
      chunk.b[at] = b;
      chunk.cause[at] = cause;
      chunk.woken[at] = woken;
    }
    return ++chunks.rows;
  }

  /** Whether the row is kept. */
  has(event: number): boolean {
    return this.chunks.of(event - 1) !== undefined;
  }
  time(event: number): number {
    return this.chunks.of(event - 1)?.time[(event - 1) & ROW_MASK] ?? 0;
  }
  kind(event: number): number {
    return this.chunks.of(event - 1)?.kind[(event - 1) & ROW_MASK] ?? 0;
  }
  process(event: number): number {
    return this.chunks.of(event - 1)?.process[(event - 1) & ROW_MASK] ?? 0;
  }
  a(event: number): number {
    return this.chunks.of(event - 1)?.a[(event - 1) & ROW_MASK] ?? 0;
  }
  b(event: number): number {
    return this.chunks.of(event - 1)?.b[(event - 1) & ROW_MASK] ?? 0;
  }
  cause(event: number): number {
    return this.chunks.of(event - 1)?.cause[(event - 1) & ROW_MASK] ?? 0;
  }
  woken(event: number): number {
    return this.chunks.of(event - 1)?.woken[(event - 1) & ROW_MASK] ?? 0;
  }

  save(): number {
    return this.chunks.rows;
  }

  /** Rows behind the new end stay where they are: a later state that is restored finds them again. */
  truncate(rows: number): void {
    this.chunks.rows = rows;
  }
}

/** Notes in the order they were made, numbered from 0. Limits and gaps as in `Trace`. */
export class NoteLog {
  private readonly chunks: Chunks<NoteChunk>;

  constructor(limitBytes: number, mode: TraceMode) {
    this.chunks = new Chunks(() => new NoteChunk(), NOTE_BYTES, limitBytes, mode);
  }

  get rows(): number {
    return this.chunks.rows;
  }

  /** Adds a note of event `event`; `a`, `b`, `c` are integers up to 2^53, `now` is its time. */
  add(
    event: number,
    kind: number,
    process: number,
    a: number,
    b: number,
    c: number,
    now = 0,
  ): void {
    const { chunks } = this;
    const chunk = chunks.next(now);
    if (chunk !== null) {
      const at = chunks.rows & ROW_MASK;
      chunk.event[at] = event;
      chunk.kind[at] = kind;
      chunk.process[at] = process;
      chunk.a[at] = a;
      chunk.b[at] = b;
      chunk.c[at] = c;
    }
    chunks.rows++;
  }

  /** Whether the row is kept. */
  has(row: number): boolean {
    return this.chunks.of(row) !== undefined;
  }
  event(row: number): number {
    return this.chunks.of(row)?.event[row & ROW_MASK] ?? 0;
  }
  kind(row: number): number {
    return this.chunks.of(row)?.kind[row & ROW_MASK] ?? 0;
  }
  process(row: number): number {
    return this.chunks.of(row)?.process[row & ROW_MASK] ?? 0;
  }
  a(row: number): number {
    return this.chunks.of(row)?.a[row & ROW_MASK] ?? 0;
  }
  b(row: number): number {
    return this.chunks.of(row)?.b[row & ROW_MASK] ?? 0;
  }
  c(row: number): number {
    return this.chunks.of(row)?.c[row & ROW_MASK] ?? 0;
  }

  save(): number {
    return this.chunks.rows;
  }

  truncate(rows: number): void {
    this.chunks.rows = rows;
  }
}
