/**
 * Records of a campaign on disk as they come, so that one that was interrupted goes on where it
 * was. The first line says what it is of; what was half written at the end is run again.
 */
import { createHash } from 'node:crypto';
import { appendFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Plan } from '../sim/explore/plan.ts';
import type { JobRecord, RunRecord } from '../sim/explore/record.ts';
import { WriteError } from './atomic.ts';

interface Header {
  readonly schema: 'lictor.journal/1';
  /** Over everything that decides what the records are. */
  readonly key: string;
}

export class Journal {
  private readonly file: string;
  private readonly key: string;

  constructor(file: string, plan: Plan, version: string) {
    this.file = file;
    this.key = keyOf(plan, version);
  }

  /**
   * Opens the journal and returns the records of an earlier attempt by source and seed; none when
   * there is no journal, it is of something else, or everything is to be made anew.
   */
  open(fresh: boolean): ReadonlyMap<string, RunRecord> {
    const known = fresh ? null : this.read();
    try {
      mkdirSync(dirname(this.file), { recursive: true });
      const header = { schema: 'lictor.journal/1', key: this.key } satisfies Header;
      const lines = [...(known?.values() ?? [])].map((record) => JSON.stringify(record));
      writeFileSync(this.file, `${[JSON.stringify(header), ...lines].join('\n')}\n`);
    } catch (error) {
      throw new WriteError(this.file, error);
    }
    return known ?? new Map<string, RunRecord>();
  }

  /** A run that ended in an error of the program is made again next time. */
  add(record: JobRecord): void {
    if (record.kind !== 'run' || record.exitCode === 130) return;
    // Its files are written already, and what was printed is not printed again.
    const slim: RunRecord = { ...record, files: null, transcript: [] };
    try {
      appendFileSync(this.file, `${JSON.stringify(slim)}\n`);
    } catch (error) {
      throw new WriteError(this.file, error);
    }
  }

  /** Everything is done: nothing to go on with. */
  close(): void {
    rmSync(this.file, { force: true });
  }

  private read(): Map<string, RunRecord> | null {
    let lines: string[];
    try {
      lines = readFileSync(this.file, 'utf8').split('\n');
    } catch {
      return null;
    }
    const [first, ...rest] = lines.map(parse);
    if ((first as Partial<Header> | null)?.key !== this.key) return null;
    const records = new Map<string, RunRecord>();
    for (const record of rest as (RunRecord | null)[]) {
      if (record !== null) records.set(placeOf(record), record);
    }
    return records;
  }
}

/** By which a job finds its record. */
export function placeOf({ source, seed }: { readonly source: number; readonly seed: number }) {
  return `${source}/${seed}`;
}

function keyOf({ sources, options }: Plan, version: string): string {
  // Which seeds are asked for does not matter to what the others were.
  const { strict, maxEvents, verifyDeterminism } = options;
  const settings = sources.map(({ text, overrides }) => [text, overrides]);
  const text = JSON.stringify([version, settings, strict, maxEvents, verifyDeterminism]);
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}
