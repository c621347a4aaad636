/** `lictor report`: results that lie in a folder, told or exported again without running anything. */
import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { writeFileAtomically } from '../../../reports/atomic.ts';
import { overridesTag } from '../../../reports/folders.ts';
import { PICTURED_MAX, withPicture } from '../../../reports/html/pictured.ts';
import type { ExportName } from '../../../reports/export/names.ts';
import type { RunPicture } from '../../explore/picture/picture.ts';
import type { Source } from '../../explore/plan.ts';
import type { JobRecord, RunRecord } from '../../explore/record.ts';
import { recordsOfSummary, recordOfResult } from '../../explore/stored.ts';
import type { Stored } from '../../explore/stored.ts';
import type { Summary } from '../../explore/summary.ts';
import { EXIT } from '../../run/result.ts';
import type { RunResult } from '../../run/result.ts';
import { shown, Troubles } from '../executing.ts';
import { Failure } from '../failure.ts';
import type { Host } from '../host.ts';
import * as read from '../options.ts';
import type { ReportVerbOptions } from '../program.ts';
import { OpenReporters } from '../reporting.ts';

/** Formats that need every event, which no folder keeps; tables leave the events out instead. */
const TRACES: readonly ExportName[] = ['perfetto', 'shiviz'];

export async function reportVerb(
  host: Host,
  operands: readonly string[],
  options: ReportVerbOptions,
): Promise<number> {
  const settings = {
    verbosity: read.readVerbosity({ ...options, verbose: 0 }),
    colour: read.readColour(options),
    reporters: await read.readReporters(host.folder, options.reporter),
  };
  const exports = read.readExports(options.export);
  const [name] = operands as [string];
  const file = fileOf(host, name);
  const stored = readStored(file);
  const trace = exports.find((one) => TRACES.includes(one));
  if (trace !== undefined) {
    const command = stored.records[0]?.command ?? stored.summary.command;
    throw new Failure(
      `Cannot export ${trace} of ${name}: it needs every event, and no folder keeps them. ` +
        `Run it again, it will be the same: npx ${command} --export ${trace}.`,
      EXIT.usage,
    );
  }
  const reporters = new OpenReporters(host, settings);
  reporters.onStart(stored.plan);
  for (const record of withPictures(stored, dirname(file))) reporters.onRun(record);
  const troubles = new Troubles();
  if (exports.length > 0) await exportTo(dirname(file), exports, stored, troubles);
  reporters.onEnd({ summary: stored.summary, written: shown(host, dirname(file)) });
  for (const error of reporters.close()) troubles.note(error);
  return troubles.exitCode(host, stored.summary);
}

/** `result.json` or `summary.json`, by itself or in the folder that is named. */
function fileOf(host: Host, name: string): string {
  const place = resolve(host.folder, name);
  const candidates = [join(place, 'summary.json'), join(place, 'result.json')];
  const file = name.endsWith('.json') ? place : candidates.find((one) => existsSync(one));
  if (file !== undefined && existsSync(file)) return file;
  throw new Failure(
    `Cannot report ${name}: there is no summary.json or result.json. Name a folder of results.`,
    EXIT.io,
  );
}

function readStored(file: string): Stored {
  let document: RunResult | Summary;
  try {
    document = JSON.parse(readFileSync(file, 'utf8')) as RunResult | Summary;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(`Cannot read ${file}: ${reason}. Run it again.`, EXIT.data);
  }
  if (document.schema === 'lictor.summary/1') return recordsOfSummary(document);
  if (document.schema === 'lictor.result/1') return recordOfResult(document, textsBeside(file));
  throw new Failure(
    `Cannot report ${basename(file)}: it is no result of lictor. Name a folder of results.`,
    EXIT.data,
  );
}

/** Pictures of the first runs that did not pass, out of the folders that were written for those. */
function withPictures({ plan, records }: Stored, folder: string): JobRecord[] {
  let pictured = 0;
  return records.map((record) => {
    const { exitCode } = record;
    const passed = exitCode === EXIT.pass || exitCode === EXIT.threshold;
    if (record.kind !== 'run' || record.files !== null || passed) return record;
    if (pictured === PICTURED_MAX) return record;
    const own = folderOfRun(record, plan.sources[record.source]!, folder);
    const picture = own === undefined ? null : readPicture(own);
    if (picture === null) return record;
    pictured++;
    return withPicture(record, picture);
  });
}

/** Beside or below the summary; a folder that another run has written since is none of its. */
function folderOfRun(record: RunRecord, source: Source, folder: string): string | undefined {
  const name = source.name + overridesTag(source.overrides);
  const places = [[folder], [folder, name], [dirname(folder), name]];
  return places
    .map((parts) => join(...parts, String(record.seed)))
    .find((place) => {
      const file = join(place, 'result.json');
      if (!existsSync(file)) return false;
      const { fingerprint } = JSON.parse(readFileSync(file, 'utf8')) as RunResult;
      return fingerprint === record.result.fingerprint;
    });
}

/** The other files of a run's folder; what is not there is as if it were empty. */
function textsBeside(file: string) {
  const text = (name: string): string => {
    const place = join(dirname(file), name);
    return existsSync(place) ? readFileSync(place, 'utf8') : '';
  };
  const lines = (name: string): string[] =>
    text(name)
      .split('\n')
      .filter((line) => line !== '');
  return {
    history: lines('history.ndjson'),
    transcript: lines('transcript.txt'),
    scenario: text('scenario.yaml'),
    events: null,
    picture: readPicture(dirname(file)),
  };
}

/** Null where the run was made without a reporter that draws. */
function readPicture(folder: string): RunPicture | null {
  const place = join(folder, 'picture.json');
  if (!existsSync(place)) return null;
  try {
    const picture = JSON.parse(readFileSync(place, 'utf8')) as RunPicture;
    return picture.schema === 'lictor.picture/1' ? picture : null;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(`Cannot read ${place}: ${reason}. Run it again.`, EXIT.data);
  }
}

async function exportTo(
  folder: string,
  names: readonly ExportName[],
  { plan, records }: Stored,
  troubles: Troubles,
): Promise<void> {
  const { exportAll, exportRun } = await import('../../../reports/export/exports.ts');
  const isKept = (record: JobRecord): record is RunRecord => {
    return record.kind === 'run' && record.files !== null;
  };
  const own = records.filter(isKept).map((record) => exportRun(names, record, plan));
  const files = Object.assign({}, ...own, exportAll(names, records, plan)) as ReturnType<
    typeof exportAll
  >;
  for (const [name, text] of Object.entries(files)) {
    troubles.attempt(() => writeFileAtomically(join(folder, name), text));
  }
}
