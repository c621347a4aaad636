/** `lictor check`: judges histories that were recorded elsewhere. */
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import process from 'node:process';
import type { ConsoleOptions } from '../../../reports/history/console.ts';
import {
  tellGuarantee,
  tellMode,
  tellOrder,
  tellTransactions,
} from '../../../reports/history/console.ts';
import { checkDocument } from '../../../reports/history/json.ts';
import { drawSvg } from '../../../reports/history/svg.ts';
import { formatCount } from '../../../reports/text.ts';
import type { Problem } from '../../check/histories/record.ts';
import type { ReadOptions } from '../../check/histories/read-history.ts';
import { readHistory } from '../../check/histories/read-history.ts';
import { Budget } from '../../check/linearizability/budget.ts';
import { describe } from '../../check/linearizability/model.ts';
import { picture, pictureOf } from '../../check/linearizability/picture.ts';
import type { Outcome } from '../../check/recorded.ts';
import { judgementOf, judgeRecorded, misfitsFor } from '../../check/recorded.ts';
import { EXIT } from '../../run/result.ts';
import type { ExitCode } from '../../run/result.ts';
import type { CheckOptions, CheckSettings } from '../check-options.ts';
import { readCheckOptions } from '../check-options.ts';
import { Failure } from '../failure.ts';
import type { Host } from '../host.ts';

/** Larger files do not fit into a text of the engine. */
const FILE_BYTES_MAX = 512 * 1024 * 1024;
const PROBLEMS_MAX = 20;
const WIDTH_DEFAULT = 100;

/** The worst of several files counts: 65 > 1 > 2 > 0. */
const ORDER: readonly ExitCode[] = [EXIT.data, EXIT.violation, EXIT.unknown, EXIT.pass];

/** Judges each file; the exit code tells the worst. Throws Failure for what cannot be read. */
export function checkVerb(host: Host, operands: readonly string[], options: CheckOptions): number {
  const settings = readCheckOptions(options);
  const single = operands.length === 1;
  const codes = operands.map((file) => checkFile(host, file, settings, single));
  return ORDER.find((code) => codes.includes(code)) ?? EXIT.pass;
}

function checkFile(host: Host, file: string, settings: CheckSettings, single: boolean): ExitCode {
  const text = readText(resolve(host.folder, file), file);
  const read = readHistory(text, settings.read satisfies ReadOptions);
  if (!read.ok) return complain(host, file, read.problems);
  const { history, format } = read;
  const misfits = misfitsFor(settings.model, history);
  if (misfits.length > 0) return complain(host, file, misfits);
  // A check has the process to itself, so that what the process grows by is what it takes.
  const residentBytes = (): number => process.memoryUsage.rss();
  const budget = new Budget({ ...settings.budget, now: () => host.now(), residentBytes });
  const outcome = judgeRecorded(settings.model, history, budget, settings.recorded);
  const empty = history.operations.length === 0;
  const exitCode = empty ? EXIT.unknown : exitCodeOf(outcome);
  if (settings.reporter === 'json') {
    const head = { file, format, model: settings.model, exitCode };
    // Several documents are one a line, so that they can be told apart.
    const text = JSON.stringify(checkDocument(head, outcome), null, single ? 2 : 0);
    host.stdout.write(`${text}\n`);
  } else if (empty) {
    host.stdout.write(`unknown ${file}: there is no operation in it, so nothing was checked\n`);
  } else {
    const lines = tell(outcome, Math.max(40, host.stdout.columns ?? WIDTH_DEFAULT));
    host.stdout.write(`${file}\n${lines.join('\n')}\n`);
  }
  if (settings.svg !== undefined) writeSvg(host, settings.svg, outcome);
  return exitCode;
}

function readText(path: string, file: string): string {
  try {
    if (statSync(path).size > FILE_BYTES_MAX) {
      const limit = `${formatCount(FILE_BYTES_MAX / 1024 / 1024)} MiB`;
      throw new Failure(`Cannot check ${file}: it is over ${limit}. Check parts of it.`, EXIT.data);
    }
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (error instanceof Failure) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(`Cannot read ${file}: ${reason}. Name a recorded history.`, EXIT.io);
  }
}

function complain(host: Host, file: string, problems: readonly Problem[]): ExitCode {
  for (const { line, message } of problems.slice(0, PROBLEMS_MAX)) {
    host.stderr.write(`${file}${line > 0 ? `:${line}` : ''} ${message}\n`);
  }
  if (problems.length > PROBLEMS_MAX) {
    host.stderr.write(`${formatCount(problems.length - PROBLEMS_MAX)} more problems.\n`);
  }
  return EXIT.data;
}

function exitCodeOf(outcome: Outcome): ExitCode {
  const verdict = judgementOf(outcome);
  return verdict === 'pass' ? EXIT.pass : verdict === 'fail' ? EXIT.violation : EXIT.unknown;
}

function tell(outcome: Outcome, width: number): string[] {
  const model = 'model' in outcome ? outcome.model : undefined;
  const options: ConsoleOptions = {
    width,
    describe: (operation) => describe(model, operation),
    pictureOf: (finding) => pictureOf(finding, model),
  };
  switch (outcome.kind) {
    case 'order':
      return tellOrder(outcome.result, options);
    case 'mode':
      return tellMode(outcome.result, options);
    case 'guarantee':
      return tellGuarantee(outcome.result, options);
    default:
      return tellTransactions(outcome.result, options);
  }
}

/** Draws the first finding; a history without one has nothing to draw. */
function writeSvg(host: Host, file: string, outcome: Outcome): void {
  const drawing = drawingOf(outcome);
  if (drawing === undefined) {
    host.stderr.write(`No picture was written to ${file}: nothing was found.\n`);
    return;
  }
  try {
    writeFileSync(resolve(host.folder, file), drawSvg(drawing));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(`Cannot write ${file}: ${reason}. Choose another place.`, EXIT.io);
  }
}

function drawingOf(outcome: Outcome): ReturnType<typeof pictureOf> | undefined {
  switch (outcome.kind) {
    case 'order': {
      const [finding] = outcome.result.findings;
      return finding && pictureOf(finding, outcome.model);
    }
    case 'mode': {
      const [finding] = outcome.result.linearizable.findings;
      if (finding !== undefined) return pictureOf(finding, outcome.model);
      const [anomaly] = outcome.result.anomalies;
      return anomaly && picture(anomaly.message, anomaly.operations, [], -1, outcome.model);
    }
    default: {
      const [anomaly] = outcome.result.anomalies;
      return anomaly && picture(anomaly.message, anomaly.operations, [], -1, undefined);
    }
  }
}
