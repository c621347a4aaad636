/**
 * Results on disk: `<out>/<scenario>[~<8 hex of overrides>]/<seed>/` with the result, its manifest,
 * the history of operations, the transcript and the scenario as it was run. Several seeds write one
 * `summary.json`, and folders only for seeds that did not pass or were asked for.
 */
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import type { Plan, Source } from '../sim/explore/plan.ts';
import type { JobRecord } from '../sim/explore/record.ts';
import type { Summary } from '../sim/explore/summary.ts';
import { checkWritable, writeFileAtomically, writeFolderAtomically } from './atomic.ts';
import type { Files } from './export/exports.ts';
import { toJson } from './json.ts';
import { isSinglePlan } from './single.ts';

/** Where results go that `--out` sends nowhere else, seen from the current folder. */
export const OUT_DEFAULT = 'reports/out';

export class ResultFolders {
  readonly root: string;
  private readonly plan: Plan;
  private readonly single: boolean;
  private folder: string | null = null;

  constructor(root: string, plan: Plan) {
    this.root = root;
    this.plan = plan;
    this.single = isSinglePlan(plan);
  }

  /** Throws WriteError when nothing could be written, before anything is run. */
  check(): void {
    checkWritable(this.root);
  }

  /** Writes the folder of a run that brought its files along. */
  writeRun(record: JobRecord, exported: Files = {}): void {
    if (record.kind !== 'run' || record.files === null) return;
    const { result, files } = record;
    const place = join(this.folderOf(this.plan.sources[record.source]!), String(record.seed));
    writeFolderAtomically(place, {
      'result.json': toJson(result),
      'manifest.json': toJson(result.manifest),
      'history.ndjson': lines(files.history),
      'transcript.txt': lines(files.transcript),
      'scenario.yaml': files.scenario,
      ...(files.picture === null ? {} : { 'picture.json': JSON.stringify(files.picture) }),
      ...exported,
    });
    this.folder = place;
  }

  /** Writes what several runs add up to. Returns the place that a report should name. */
  writeSummary(summary: Summary, exported: Files = {}): string | null {
    if (this.single) return this.folder;
    const folder = this.summaryFolder();
    for (const [name, text] of Object.entries(exported)) {
      writeFileAtomically(join(folder, name), text);
    }
    const file = join(folder, 'summary.json');
    writeFileAtomically(file, toJson(summary));
    return file;
  }

  /** Where the results of several runs lie: of a sweep or comparison in a folder of its own. */
  summaryFolder(): string {
    const { sources, purpose } = this.plan;
    const [first, ...others] = sources;
    if (first === undefined) return this.root;
    if (others.length === 0) return this.folderOf(first);
    if (purpose === 'run') return this.root;
    const all = sources.flatMap(({ file, overrides }) => [file, ...overrides]);
    return join(this.root, `${first.name}~${purpose}${overridesTag(all)}`);
  }

  private folderOf(source: Source): string {
    return join(this.root, source.name + overridesTag(source.overrides));
  }
}

/** `~1f2e3d4c` over the overrides, in the order in which they apply; "" without any. */
export function overridesTag(overrides: readonly string[]): string {
  if (overrides.length === 0) return '';
  const hash = createHash('sha256').update(JSON.stringify(overrides)).digest('hex');
  return `~${hash.slice(0, 8)}`;
}

function lines(texts: readonly string[]): string {
  return texts.length === 0 ? '' : `${texts.join('\n')}\n`;
}
