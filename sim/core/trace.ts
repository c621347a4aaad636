/** What happened, in rows of numbers: one row per event, one per note. */
import { LimitReached } from './limits.ts';

/** Keep every row, keep the latest, or only count. */
export type TraceMode = 'full' | 'ring' | 'off';

// 32 768 rows: small enough for a short run, large enough that a long one rarely asks for more.
const CHUNK_BITS = 15;
const CHUNK_ROWS = 32_768;
const ROW_MASK = 32_767;

/** Rows that lie together: whoever writes one row writes to one place. */
interface Chunk {
  readonly wide: Float64Array;
  /** The same bytes. */
  readonly words: Int32Array;
}

/**
 * Rows of one width by chunks. `full` ends the run when the next chunk would exceed the limit,
 * `ring` gives it the chunk that is farthest from the present, `off` only counts.
 */
class Rows {
  protected count = 0;
  /** Where the next row goes, or null where that is not known yet or nothing is kept. */
  protected wide: Float64Array | null = null;
  protected words: Int32Array | null = null;
  private readonly chunks: (Chunk | undefined)[] = [];
  private kept = 0;
  private readonly chunkBytes: number;
  private readonly chunksMax: number;
  private readonly mode: TraceMode;

  constructor(rowBytes: number, limitBytes: number, mode: TraceMode) {
    this.mode = mode;
    this.chunkBytes = rowBytes * CHUNK_ROWS;
    // A ring of one chunk would forget everything whenever it begins again.
    const least = mode === 'ring' ? 2 : 1;
    this.chunksMax = Math.max(least, Math.floor(limitBytes / this.chunkBytes));
  }

  get rows(): number {
    return this.count;
  }

  /** Before the first row of a chunk, and whenever `words` is null: finds the chunk to write to. */
  protected enter(now: number): void {
    if (this.mode === 'off') return;
    const at = this.count >>> CHUNK_BITS;
    const { wide, words } = this.chunks[at] ?? this.claim(at, now);
    this.wide = wide;
    this.words = words;
  }

  private claim(at: number, now: number): Chunk {
    if (this.kept < this.chunksMax) {
      this.kept++;
      const bytes = new ArrayBuffer(this.chunkBytes);
      const chunk = { wide: new Float64Array(bytes), words: new Int32Array(bytes) };
      return (this.chunks[at] = chunk);
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

  /** The chunk of a row, counted from 0, that is still kept. */
  protected of(row: number): Chunk | undefined {
    return row >= 0 && row < this.count ? this.chunks[row >>> CHUNK_BITS] : undefined;
  }

  save(): number {
    return this.count;
  }

  /** Rows behind the new end stay where they are: a later state that is restored finds them again. */
  truncate(rows: number): void {
    this.count = rows;
    this.wide = this.words = null;
  }
}

// A row of an event: its time in eight bytes, and words.
const EVENT_BYTES = 32;
const EVENT_WIDE = 4;
const EVENT_WORDS = 8;
const KIND = 2;
const PROCESS = 3;
const A = 4;
const B = 5;
const CAUSE = 6;
const WOKEN = 7;

// A row of a note: a, b, c in eight bytes each, and words.
const NOTE_BYTES = 40;
const NOTE_WIDE = 5;
const NOTE_EVENT = 6;
const NOTE_KIND = 7;
const NOTE_PROCESS = 8;

/**
 * Events, numbered from 1. Times in microseconds, `cause` and `woken` are event numbers or 0; kinds,
 * processes, `a` and `b` are the kernel's. What is not kept reads as 0: ask `has` first.
 *
 * Errors: `LimitReached('trace')`.
 */
export class Trace extends Rows {
  constructor(limitBytes: number, mode: TraceMode) {
    super(EVENT_BYTES, limitBytes, mode);
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
    const at = this.count & ROW_MASK;
    if (at === 0 || this.words === null) this.enter(time);
    const { words } = this;
    if (words !== null) {
      this.wide![at * EVENT_WIDE] = time;
      const from = at * EVENT_WORDS;
      words[from + KIND] = kind;
      words[from + PROCESS] = process;
      words[from + A] = a;
      words[from + B] = b;
      words[from + CAUSE] = cause;
      words[from + WOKEN] = woken;
    }
    return ++this.count;
  }

  /** Whether the row is kept. */
  has(event: number): boolean {
    return this.of(event - 1) !== undefined;
  }
  time(event: number): number {
    return this.of(event - 1)?.wide[((event - 1) & ROW_MASK) * EVENT_WIDE] ?? 0;
  }
  kind(event: number): number {
    return this.word(event, KIND);
  }
  process(event: number): number {
    return this.word(event, PROCESS);
  }
  a(event: number): number {
    return this.word(event, A);
  }
  b(event: number): number {
    return this.word(event, B);
  }
  cause(event: number): number {
    return this.word(event, CAUSE) >>> 0;
  }
  woken(event: number): number {
    return this.word(event, WOKEN) >>> 0;
  }

  private word(event: number, place: number): number {
    return this.of(event - 1)?.words[((event - 1) & ROW_MASK) * EVENT_WORDS + place] ?? 0;
  }
}

/** Notes in the order they were made, numbered from 0. Limits and gaps as in `Trace`. */
export class NoteLog extends Rows {
  constructor(limitBytes: number, mode: TraceMode) {
    super(NOTE_BYTES, limitBytes, mode);
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
    const at = this.count & ROW_MASK;
    if (at === 0 || this.words === null) this.enter(now);
    const { wide, words } = this;
    if (words !== null) {
      const from = at * NOTE_WIDE;
      wide![from] = a;
      wide![from + 1] = b;
      wide![from + 2] = c;
      words[2 * from + NOTE_EVENT] = event;
      words[2 * from + NOTE_KIND] = kind;
      words[2 * from + NOTE_PROCESS] = process;
    }
    this.count++;
  }

  /** Whether the row is kept. */
  has(row: number): boolean {
    return this.of(row) !== undefined;
  }
  event(row: number): number {
    return this.word(row, NOTE_EVENT) >>> 0;
  }
  kind(row: number): number {
    return this.word(row, NOTE_KIND);
  }
  process(row: number): number {
    return this.word(row, NOTE_PROCESS);
  }
  a(row: number): number {
    return this.number(row, 0);
  }
  b(row: number): number {
    return this.number(row, 1);
  }
  c(row: number): number {
    return this.number(row, 2);
  }

  private word(row: number, place: number): number {
    return this.of(row)?.words[(row & ROW_MASK) * 2 * NOTE_WIDE + place] ?? 0;
  }

  private number(row: number, place: number): number {
    return this.of(row)?.wide[(row & ROW_MASK) * NOTE_WIDE + place] ?? 0;
  }
}
