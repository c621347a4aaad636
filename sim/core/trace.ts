/** What happened, in typed columns: one row per event, one per note. */
import { LimitReached } from './limits.ts';

export type TraceMode = 'full' | 'ring' | 'off';

/** Small enough for a short run, large enough that a long one rarely asks for more. */
const CHUNK_ROWS = 32_768;

/** Rows by chunks of one size; as a ring it forgets its oldest chunk, off it only counts. */
class Chunks<C> {
  rows = 0;
  private chunks: (C | undefined)[] = [];
  private kept = 0;
  private readonly make: () => C;
  private readonly chunkBytes: number;
  private readonly limitBytes: number;
  private readonly mode: TraceMode;

  constructor(make: () => C, rowBytes: number, limitBytes: number, mode: TraceMode) {
    this.make = make;
    this.chunkBytes = rowBytes * CHUNK_ROWS;
    this.limitBytes = limitBytes;
    this.mode = mode;
  }

  /** The chunk that the next row goes to, or null when nothing is kept. */
  next(): C | null {
    if (this.mode === 'off') return null;
    const at = Math.floor(this.rows / CHUNK_ROWS);
    return this.chunks[at] ?? this.add(at);
  }

  private add(at: number): C {
    if (this.kept > 0 && (this.kept + 1) * this.chunkBytes > this.limitBytes) {
      if (this.mode === 'full') throw new LimitReached('trace', this.rows);
      const oldest = this.chunks.findIndex((chunk) => chunk !== undefined);
      this.chunks[at] = this.chunks[oldest]!;
      this.chunks[oldest] = undefined;
      return this.chunks[at]!;
    }
    this.kept++;
    return (this.chunks[at] = this.make());
  }

  /** The chunk of a row that is still kept. */
  of(row: number): C | undefined {
    return row >= 0 && row < this.rows ? this.chunks[Math.floor(row / CHUNK_ROWS)] : undefined;
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

/** Events are numbered from 1; row i describes event i. */
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
    const chunk = chunks.next();
    if (chunk !== null) {
      const at = chunks.rows % CHUNK_ROWS;
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

  has(event: number): boolean {
    return this.chunks.of(event - 1) !== undefined;
  }
  time(event: number): number {
    return this.chunks.of(event - 1)?.time[(event - 1) % CHUNK_ROWS] ?? 0;
  }
  kind(event: number): number {
    return this.chunks.of(event - 1)?.kind[(event - 1) % CHUNK_ROWS] ?? 0;
  }
  process(event: number): number {
    return this.chunks.of(event - 1)?.process[(event - 1) % CHUNK_ROWS] ?? 0;
  }
  a(event: number): number {
    return this.chunks.of(event - 1)?.a[(event - 1) % CHUNK_ROWS] ?? 0;
  }
  b(event: number): number {
    return this.chunks.of(event - 1)?.b[(event - 1) % CHUNK_ROWS] ?? 0;
  }
  cause(event: number): number {
    return this.chunks.of(event - 1)?.cause[(event - 1) % CHUNK_ROWS] ?? 0;
  }
  woken(event: number): number {
    return this.chunks.of(event - 1)?.woken[(event - 1) % CHUNK_ROWS] ?? 0;
  }

  save(): number {
    return this.chunks.rows;
  }

  /** Rows behind the new end stay where they are: a later state that is restored finds them again. */
  truncate(rows: number): void {
    this.chunks.rows = rows;
  }
}

/** Notes in the order they were made; row numbers from 0. */
export class NoteLog {
  private readonly chunks: Chunks<NoteChunk>;

  constructor(limitBytes: number, mode: TraceMode) {
    this.chunks = new Chunks(() => new NoteChunk(), NOTE_BYTES, limitBytes, mode);
  }

  get rows(): number {
    return this.chunks.rows;
  }

  add(event: number, kind: number, process: number, a: number, b: number, c: number): void {
    const { chunks } = this;
    const chunk = chunks.next();
    if (chunk !== null) {
      const at = chunks.rows % CHUNK_ROWS;
      chunk.event[at] = event;
      chunk.kind[at] = kind;
      chunk.process[at] = process;
      chunk.a[at] = a;
      chunk.b[at] = b;
      chunk.c[at] = c;
    }
    chunks.rows++;
  }

  has(row: number): boolean {
    return this.chunks.of(row) !== undefined;
  }
  event(row: number): number {
    return this.chunks.of(row)?.event[row % CHUNK_ROWS] ?? 0;
  }
  kind(row: number): number {
    return this.chunks.of(row)?.kind[row % CHUNK_ROWS] ?? 0;
  }
  process(row: number): number {
    return this.chunks.of(row)?.process[row % CHUNK_ROWS] ?? 0;
  }
  a(row: number): number {
    return this.chunks.of(row)?.a[row % CHUNK_ROWS] ?? 0;
  }
  b(row: number): number {
    return this.chunks.of(row)?.b[row % CHUNK_ROWS] ?? 0;
  }
  c(row: number): number {
    return this.chunks.of(row)?.c[row % CHUNK_ROWS] ?? 0;
  }

  save(): number {
    return this.chunks.rows;
  }

  truncate(rows: number): void {
    this.chunks.rows = rows;
  }
}
