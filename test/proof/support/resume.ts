/**
 * Long proofs go on where they were interrupted: what is done is kept in a file beside the results of
 * runs. What was begun with other code begins anew; what was finished with it stays, under the commit
 * that it was done with. To do all anew, delete the file.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../../reports/out/proof/', import.meta.url));

/** Saved after so many steps. */
const STEPS_PER_SAVE = 25;

interface Kept<T> {
  readonly commit: string;
  readonly code: string;
  readonly finished: boolean;
  readonly value: T;
}

export class Progress<T> {
  private readonly file: string;
  private readonly kept: Record<string, Kept<T>>;
  private readonly code = git('rev-parse', 'HEAD:sim', 'HEAD:scenarios').replace('\n', ' ');
  private readonly commit = git('rev-parse', '--short', 'HEAD');
  private steps = 0;

  constructor(name: string) {
    this.file = `${FOLDER}${name}.json`;
    this.kept = read(this.file);
  }

  /** What is done, or undefined where it has to begin. */
  get(key: string): T | undefined {
    const kept = this.kept[key];
    return kept?.finished === true || kept?.code === this.code ? kept.value : undefined;
  }

  /** Commit with which it was finished. */
  commitOf(key: string): string {
    return this.kept[key]!.commit;
  }

  set(key: string, value: T): void {
    const { code, commit } = this;
    this.kept[key] = { commit, code, finished: false, value };
    this.steps++;
    if (this.steps % STEPS_PER_SAVE === 0) this.save();
  }

  finish(key: string, value: T): void {
    if (this.kept[key]?.finished !== true) {
      const { code, commit } = this;
      this.kept[key] = { commit, code, finished: true, value };
    }
    this.save();
  }

  save(): void {
    mkdirSync(dirname(this.file), { recursive: true });
    writeFileSync(`${this.file}.part`, JSON.stringify(this.kept));
    renameSync(`${this.file}.part`, this.file);
  }
}

function read<T>(file: string): Record<string, Kept<T>> {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Record<string, Kept<T>>;
  } catch {
    return {};
  }
}

function git(...words: string[]): string {
  try {
    return execFileSync('git', words, {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return 'unknown';
  }
}
