/** `lictor merge`: parts of a campaign that were run apart, told as if they had been run at once. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { BlobEnd, BlobLine } from '../../../reports/blob.ts';
import { OUT_DEFAULT } from '../../../reports/folders.ts';
import { plural } from '../../../reports/text.ts';
import { Keeper } from '../../explore/keeper.ts';
import { joinPlans, placeIn } from '../../explore/merge.ts';
import { runCount, shellQuote } from '../../explore/plan.ts';
import type { Plan } from '../../explore/plan.ts';
import type { JobRecord } from '../../explore/record.ts';
import type { SearchPart } from '../../explore/search/join.ts';
import { combineExitCodes, summarise } from '../../explore/summary.ts';
import type { Summary } from '../../explore/summary.ts';
import { EXIT } from '../../run/result.ts';
import { foldersOf, shown, Troubles } from '../executing.ts';
import { Failure } from '../failure.ts';
import type { Host } from '../host.ts';
import * as read from '../options.ts';
import type { MergeVerbOptions } from '../program.ts';
import { OpenReporters } from '../reporting.ts';
import { mergeSearch } from './merge-search.ts';
import type { PartFile } from './merge-search.ts';

interface Blob {
  readonly file: string;
  readonly plan: Plan;
  readonly records: readonly JobRecord[];
  /** Null: the run ended before its blob did. */
  readonly end: BlobEnd | null;
}

export async function mergeVerb(
  host: Host,
  operands: readonly string[],
  options: MergeVerbOptions,
): Promise<number> {
  const files = operands.flatMap((name) => filesOf(host, name));
  const parts = files.flatMap((file) => readSearchPart(host, file) ?? []);
  if (parts.length > 0 && parts.length === files.length) {
    return mergeSearch(host, parts, operands, options);
  }
  const settings = {
    verbosity: read.readVerbosity({ ...options, verbose: 0 }),
    colour: read.readColour(options),
    reporters: await read.readReporters(host.folder, options.reporter),
  };
  const blobs = files.map((file) => readBlob(host, file));
  const plan = planOf(blobs);
  const records = recordsOf(blobs, plan);
  const folders = foldersOf(host, options.out ?? OUT_DEFAULT, plan);
  const reporters = new OpenReporters(host, settings);
  const keeper = new Keeper(plan);
  reporters.onStart(plan);
  for (const record of records) {
    reporters.onRun(record);
    keeper.add(record);
  }
  const summary = summaryOf(blobs, plan, keeper, operands);
  const troubles = new Troubles();
  let written: string | null = null;
  troubles.attempt(() => {
    const place = folders.writeSummary(summary);
    written = place === null ? null : shown(host, place);
  });
  reporters.onEnd({ summary, written });
  for (const error of reporters.close()) troubles.note(error);
  const missing = summary.planned - summary.finished;
  if (missing > 0) host.stderr.write(`${plural(missing, 'run')} of the campaign are missing.\n`);
  return troubles.exitCode(host, summary);
}

function filesOf(host: Host, name: string): string[] {
  const place = resolve(host.folder, name);
  const isFolder = statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false;
  if (!isFolder) return [name];
  const files = readdirSync(place).sort();
  if (files.length > 0) return files.map((file) => join(name, file));
  throw new Failure(`Cannot merge ${name}: the folder is empty. Name blobs.`, EXIT.data);
}

/** Null for what is no part of a search: runs have blobs of another form. */
function readSearchPart(host: Host, file: string): PartFile | null {
  const text = readText(host, file);
  if (!text.startsWith('{"schema":"lictor.search-part/1"')) return null;
  try {
    return { file, part: JSON.parse(text) as SearchPart };
  } catch {
    throw new Failure(
      `Cannot merge ${file}: it is cut off. Make it again with --reporter blob.`,
      EXIT.data,
    );
  }
}

function readText(host: Host, file: string): string {
  try {
    return readFileSync(resolve(host.folder, file), 'utf8');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(`Cannot read ${file}: ${reason}. Check its name.`, EXIT.io);
  }
}

function readBlob(host: Host, file: string): Blob {
  const text = readText(host, file);
  const lines = text.split('\n').flatMap((line, at): BlobLine[] => {
    if (line === '') return [];
    try {
      return [JSON.parse(line) as BlobLine];
    } catch {
      throw new Failure(
        `Cannot merge ${file}: line ${at + 1} is no JSON. Make it again with --reporter blob.`,
        EXIT.data,
      );
    }
  });
  const [start] = lines;
  if (start?.type !== 'start' || start.schema !== 'lictor.blob/1') {
    throw new Failure(
      `Cannot merge ${file}: it is no blob. Name files that --reporter blob=FILE wrote.`,
      EXIT.data,
    );
  }
  const records = lines.flatMap((line) => (line.type === 'record' ? [line.record] : []));
  const end = lines.find((line) => line.type === 'end') ?? null;
  return { file, plan: start.plan, records, end };
}

function planOf(blobs: readonly Blob[]): Plan {
  const [first] = blobs as [Blob, ...Blob[]];
  for (const { file, plan, end } of blobs) {
    const same = JSON.stringify([plan.purpose, plan.sources, plan.options]);
    const wanted = JSON.stringify([first.plan.purpose, first.plan.sources, first.plan.options]);
    if (same !== wanted) {
      throw new Failure(
        `Cannot merge ${file} with ${first.file}: they are of different scenarios or options. ` +
          'Run all shards with the same command.',
        EXIT.data,
      );
    }
    if (end !== null && first.end !== null && end.version !== first.end.version) {
      throw new Failure(
        `Cannot merge ${file} (lictor ${end.version}) with ${first.file} ` +
          `(lictor ${first.end.version}): they may differ. Run all shards with one version.`,
        EXIT.data,
      );
    }
  }
  return joinPlans(blobs.map(({ plan }) => plan));
}

/** In the order of scenarios and seeds; what several blobs hold counts once. */
function recordsOf(blobs: readonly Blob[], plan: Plan): JobRecord[] {
  const found = new Map<number, { readonly record: JobRecord; readonly file: string }>();
  for (const { file, records } of blobs) {
    for (const record of records) {
      const place = placeIn(plan, record);
      const known = found.get(place);
      if (known === undefined) found.set(place, { record, file });
      else if (fingerprintOf(known.record) !== fingerprintOf(record)) {
        throw new Failure(
          `Cannot merge ${file} with ${known.file}: ${record.scenario}, seed ${record.seed} ended ` +
            'differently in them. Find out where with --verify-determinism.',
          EXIT.nondeterminism,
        );
      }
    }
  }
  return [...found].sort(([left], [right]) => left - right).map(([, { record }]) => record);
}

function fingerprintOf(record: JobRecord): string {
  return record.kind === 'run' ? record.result.fingerprint : record.message;
}

function summaryOf(
  blobs: readonly Blob[],
  plan: Plan,
  { records, pools }: Keeper,
  operands: readonly string[],
): Summary {
  const [first] = blobs as [Blob, ...Blob[]];
  const summary = summarise({
    plan,
    records,
    pools,
    planned: runCount(plan),
    interrupted: blobs.some(({ end }) => end === null || end.interrupted),
    wallSeconds: blobs.reduce((sum, { end }) => sum + (end?.wallSeconds ?? 0), 0),
    version: first.end?.version ?? '',
    node: first.end?.node ?? '',
    command: ['lictor', 'merge', ...operands].map(shellQuote).join(' '),
  });
  // What was not run, nobody knows.
  if (summary.finished === summary.planned) return summary;
  const exitCode = combineExitCodes([summary.exitCode, EXIT.unknown]);
  return {
    ...summary,
    exitCode,
    verdict: summary.verdict === 'pass' ? 'unknown' : summary.verdict,
  };
}
