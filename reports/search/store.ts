/**
 * What a search knows, on disk: `state.json`, replaced as a whole after every batch, so that a search
 * that was interrupted goes on where it was; and a folder for each finding.
 */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SearchPlan } from '../../sim/explore/search/plan.ts';
import type { SearchState } from '../../sim/explore/search/search.ts';
import { writeFileAtomically, writeFolderAtomically } from '../atomic.ts';

interface Stored {
  readonly schema: 'lictor.search/1';
  /** Over everything that decides what trials are. */
  readonly key: string;
  readonly state: SearchState;
}

export class SearchStore {
  readonly folder: string;
  private readonly key: string;

  constructor(folder: string, plan: SearchPlan, version: string) {
    this.folder = folder;
    this.key = keyOf(plan, version);
  }

  /** Null where there is none, or it is of something else. */
  read(): SearchState | null {
    try {
      const text = readFileSync(this.file, 'utf8');
      const stored = JSON.parse(text) as Partial<Stored> | null;
      return stored?.key === this.key ? (stored.state ?? null) : null;
    } catch {
      return null;
    }
  }

  write(state: SearchState): void {
    const stored: Stored = { schema: 'lictor.search/1', key: this.key, state };
    writeFileAtomically(this.file, `${JSON.stringify(stored)}\n`);
  }

  /** Replaces the folder of a finding; returns its place. */
  writeFinding(name: string, files: Readonly<Record<string, string>>): string {
    const place = join(this.folder, name);
    writeFolderAtomically(place, files);
    return place;
  }

  writeReport(text: string): void {
    writeFileAtomically(join(this.folder, 'exploration.json'), text);
  }

  private get file(): string {
    return join(this.folder, 'state.json');
  }
}

/** `raft.vote-once-1a2b3c4d`: one place for failures of one kind. */
export function findingFolder(invariant: string, key: string): string {
  const digits = createHash('sha256').update(key).digest('hex').slice(0, 8);
  return `${invariant.replaceAll(/[^A-Za-z0-9.]+/g, '-')}-${digits}`;
}

/** How many trials are asked for does not matter to what they are. */
function keyOf(plan: SearchPlan, version: string): string {
  const { strategy, sources, firstSeed, part, parts } = plan;
  const texts = sources.map(({ text, overrides }) => [text, overrides]);
  const parameters = JSON.stringify([version, strategy, texts, firstSeed, part, parts]);
  return createHash('sha256').update(parameters).digest('hex').slice(0, 16);
}
