/** What happened, in typed columns: one row per event, one per note. */
import { LimitReached } from './limits.ts';

export type TraceMode = 'full' | 'ring' | 'off';

const CHUNK_ROWS = 65_536;

type Column = Float64Array | Uint32Array | Int32Array | Uint16Array;
type ColumnType = new (rows: number) => Column;

/** Columns that grow by chunks and, as a ring, forget their oldest chunk. */
class Table {
  rows = 0;
  private chunks: (Column[] | undefined)[] = [];
  private readonly types: readonly ColumnType[];
  private readonly chunkBytes: number;
  private readonly limitBytes: number;
  private readonly mode: TraceMode;
  private kept = 0;

  constructor(types: readonly ColumnType[], limitBytes: number, mode: TraceMode) {
    this.types = types;
    this.limitBytes = limitBytes;
    this.mode = mode;
    const rowBytes = types.reduce((sum, type) => sum + new type(1).BYTES_PER_ELEMENT, 0);
    this.chunkBytes = rowBytes * CHUNK_ROWS;
  }

  /** Columns of the chunk that row `rows` goes to, or undefined when nothing is kept. */
  current(): Column[] | undefined {
    if (this.mode === 'off') return undefined;
    const at = Math.floor(this.rows / CHUNK_ROWS);
    return this.chunks[at] ?? this.addChunk(at);
  }

  private addChunk(at: number): Column[] {
    if ((this.kept + 1) * this.chunkBytes > this.limitBytes) {
      if (this.mode === 'full') throw new LimitReached('trace', this.rows);
      const oldest = this.chunks.findIndex((chunk) => chunk !== undefined);
      if (oldest >= 0) {
        this.chunks[at] = this.chunks[oldest]!;
        this.chunks[oldest] = undefined;
        return this.chunks[at]!;
      }
    }
    this.kept++;
    const chunk = this.types.map((type) => new type(CHUNK_ROWS));
    this.chunks[at] = chunk;
    return chunk;
  }

  get(row: number, column: number): number {
    const chunk = this.chunks[Math.floor(row / CHUNK_ROWS)];
    if (chunk === undefined || row >= this.rows) return 0;
    return chunk[column][row % CHUNK_ROWS];
  }

  /** Is the row still there? */
  has(row: number): boolean {
    return row < this.rows && this.chunks[Math.floor(row / CHUNK_ROWS)] !== undefined;
  }

  /** Rows behind the new end stay where they are: a later state that is restored finds them again. */
  truncate(rows: number): void {
    this.rows = rows;
  }
}

/** Events are numbered from 1; row i describes event i. */
export class Trace {
  private readonly table: Table;

  constructor(limitBytes: number, mode: TraceMode) {
    const types = [
      Float64Array,
      Uint16Array,
      Int32Array,
      Int32Array,
      Int32Array,
      Uint32Array,
      Uint32Array,
    ];
    this.table = new Table(types, limitBytes, mode);
  }

  /** Number of the last event. */
  get rows(): number {
    return this.table.rows;
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
    const { table } = this;
    const chunk = table.current();
    if (chunk !== undefined) {
      const at = table.rows % CHUNK_ROWS;
      chunk[0][at] = time;
      chunk[1][at] = kind;
      chunk[2][at] = process;
      chunk[3][at] = a;
      chunk[4][at] = b;
      chunk[5][at] = cause;
      chunk[6][at] = woken;
    }
    return ++table.rows;
  }

  has(event: number): boolean {
    return event > 0 && this.table.has(event - 1);
  }
  time(event: number): number {
    return this.table.get(event - 1, 0);
  }
  kind(event: number): number {
    return this.table.get(event - 1, 1);
  }
  process(event: number): number {
    return this.table.get(event - 1, 2);
  }
  a(event: number): number {
    return this.table.get(event - 1, 3);
  }
  b(event: number): number {
    return this.table.get(event - 1, 4);
  }
  cause(event: number): number {
    return this.table.get(event - 1, 5);
  }
  woken(event: number): number {
    return this.table.get(event - 1, 6);
  }

  save(): number {
    return this.table.rows;
  }

  truncate(rows: number): void {
    this.table.truncate(rows);
  }
}

/** Notes in the order they were made; row numbers from 0. */
export class NoteLog {
  private readonly table: Table;

  constructor(limitBytes: number, mode: TraceMode) {
    const types = [Uint32Array, Uint16Array, Int32Array, Float64Array, Float64Array, Float64Array];
    this.table = new Table(types, limitBytes, mode);
  }

  get rows(): number {
    return this.table.rows;
  }

  add(event: number, kind: number, process: number, a: number, b: number, c: number): void {
    const { table } = this;
    const chunk = table.current();
    if (chunk !== undefined) {
      const at = table.rows % CHUNK_ROWS;
      chunk[0][at] = event;
      chunk[1][at] = kind;
      chunk[2][at] = process;
      chunk[3][at] = a;
      chunk[4][at] = b;
      chunk[5][at] = c;
    }
    table.rows++;
  }

  has(row: number): boolean {
    return row >= 0 && this.table.has(row);
  }
  event(row: number): number {
    return this.table.get(row, 0);
  }
  kind(row: number): number {
    return this.table.get(row, 1);
  }
  process(row: number): number {
    return this.table.get(row, 2);
  }
  a(row: number): number {
    return this.table.get(row, 3);
  }
  b(row: number): number {
    return this.table.get(row, 4);
  }
  c(row: number): number {
    return this.table.get(row, 5);
  }

  save(): number {
    return this.table.rows;
  }

  truncate(rows: number): void {
    this.table.truncate(rows);
  }
}
