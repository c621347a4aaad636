/** The verdict on a recorded history in words and pictures. */
import type { Operation } from '../../sim/check/linearizability/operation.ts';
import type { Picture } from '../../sim/check/linearizability/picture.ts';
import type { Finding, Verdict } from '../../sim/check/linearizability/verdict.ts';
import type { ConsulModeVerdict } from '../../sim/check/session-guarantees/consul-modes.ts';
import type { Anomaly, GuaranteeVerdict } from '../../sim/check/session-guarantees/result.ts';
import type { TransactionVerdict } from '../../sim/check/transactions/result.ts';
import { formatCount, plural, shorten, wrap } from '../text.ts';
import { drawPicture } from './terminal.ts';

/** Findings that are told in full. */
const TOLD_MAX = 3;
const INDENT = '  ';

export interface ConsoleOptions {
  readonly width: number;
  /** How an operation is called in a line of text. */
  readonly describe: (operation: Operation) => string;
  readonly pictureOf: (finding: Finding) => Picture;
}

/** Lines about a check for linearizability. */
export function tellOrder(verdict: Verdict, options: ConsoleOptions): string[] {
  const { findings, model, parts, steps, limit } = verdict;
  const kinds = verdict.unknown > 0 ? `, ${formatCount(verdict.unknown)} of unknown outcome` : '';
  const size = `${plural(verdict.operations, 'operation')}${kinds}, ${plural(parts, 'part')}`;
  const effort = steps > 0 ? `, ${formatCount(steps)} steps of search` : '';
  const lines = [`${headline(verdict.verdict)} ${model}: ${size}${effort}`];
  if (limit !== undefined) lines.push(`${INDENT}The ${limit} limit was reached.`);
  for (const finding of findings.slice(0, TOLD_MAX)) lines.push('', ...tell(finding, options));
  if (findings.length > TOLD_MAX) {
    lines.push('', `${INDENT}${plural(findings.length - TOLD_MAX, 'more part')} like these.`);
  }
  return lines;
}

function headline(verdict: string): string {
  return verdict === 'pass' ? 'pass' : verdict === 'fail' ? 'FAIL' : 'unknown';
}

function tell(finding: Finding, options: ConsoleOptions): string[] {
  const { keys, reason, verdict, window, order, earliest } = finding;
  const where = keys.length === 1 && keys[0] === '' ? '' : ` (${keys.slice(0, 5).join(', ')})`;
  const sentence = `${capital(reason)}${where}.`;
  const lines = indent(wrap(sentence, options.width - 2));
  if (verdict === 'fail') {
    lines.push(`${INDENT}${placeOfFailure(finding)}`);
  } else {
    const count = plural(window.operations.length, 'operation');
    const what = `${count} in ${spanOfLines(window.operations)} could not be settled`;
    lines.push(`${INDENT}${capital(what)}; ${orderedSo(finding)}.`);
  }
  const last = order.slice(-5).map((one) => shorten(options.describe(one), 40));
  if (last.length > 0) {
    const more = order.length > last.length ? '... ' : '';
    const text = `An order as far as one exists: ${more}${last.join(', ')}.`;
    lines.push(...indent(wrap(text, options.width - 2)));
  }
  if (!earliest && verdict === 'fail') {
    lines.push(`${INDENT}It may go wrong earlier: the search for the first place was cut short.`);
  }
  const picture = drawPicture(options.pictureOf(finding), options.width - 4);
  return [...lines, '', ...picture.map((line) => `${INDENT}${INDENT}${line}`)];
}

function placeOfFailure(finding: Finding): string {
  const { brokenAt, involved } = finding;
  const last = involved.find((operation) => operation.return === brokenAt);
  const line = last === undefined ? 0 : last.returnLine;
  const place = line > 0 ? `line ${line}` : `record ${brokenAt + 1}`;
  return `No order is left with ${place}; ${orderedSo(finding)}.`;
}

function orderedSo({ orderedUpTo }: Finding): string {
  return orderedUpTo < 0
    ? 'nothing before it is ordered'
    : `the ${plural(orderedUpTo + 1, 'record')} before it can be put in order`;
}

function spanOfLines(operations: readonly Operation[]): string {
  const lines = operations.flatMap(({ callLine, returnLine }) => [callLine, returnLine]);
  const known = lines.filter((line) => line > 0).sort((left, right) => left - right);
  return known.length === 0 ? 'this stretch' : `lines ${known[0]} to ${known.at(-1)}`;
}

/** Lines about one of Consul's read modes. */
export function tellMode(verdict: ConsulModeVerdict, options: ConsoleOptions): string[] {
  const { linearizable, anomalies, mode } = verdict;
  const [first, ...rest] = tellOrder(linearizable, options);
  const head = first!.replace(/^\S+ \S+:/, `${headline(verdict.verdict)} consul-${mode}:`);
  return [head, ...rest, ...tellAnomalies(anomalies, options)];
}

/** Lines about a session guarantee. */
export function tellGuarantee(verdict: GuaranteeVerdict, options: ConsoleOptions): string[] {
  const { guarantee, operations, judged, undecided, anomalies } = verdict;
  const counts = `${formatCount(judged)} compared, ${formatCount(undecided)} undecided`;
  const head = `${headline(verdict.verdict)} ${guarantee}: ${plural(operations, 'operation')}, ${counts}`;
  return [head, ...tellAnomalies(anomalies, options)];
}

function tellAnomalies(anomalies: readonly Anomaly[], { width }: ConsoleOptions): string[] {
  const lines: string[] = [];
  for (const { status, message, reference, operations } of anomalies.slice(0, TOLD_MAX)) {
    const last = operations.at(-1)!;
    const place = last.returnLine > 0 ? ` (line ${last.returnLine})` : '';
    const label = status === 'allowed' ? `allowed, ${reference}: ` : '';
    lines.push('', ...indent(wrap(`${label}${capital(message)}${place}.`, width - 2)));
  }
  if (anomalies.length > TOLD_MAX) {
    lines.push('', `${INDENT}${plural(anomalies.length - TOLD_MAX, 'more')} like these.`);
  }
  return lines;
}

/** Lines about a check of transactions. */
export function tellTransactions(verdict: TransactionVerdict, { width }: ConsoleOptions): string[] {
  const { model, level, transactions, committed, dependencies, anomalies, reason } = verdict;
  const size = `${plural(transactions, 'transaction')}, ${formatCount(committed)} committed`;
  const head = `${headline(verdict.verdict)} ${model}, ${level}: ${size}, ${plural(dependencies, 'dependency', 'dependencies')}`;
  const lines = [head];
  if (reason !== '') lines.push(...indent(wrap(`Cannot judge it: ${reason}.`, width - 2)));
  if (verdict.excluded.length > 0) lines.push(`${INDENT}Not ${verdict.excluded.join(', ')}.`);
  for (const { name, message, operations, forbidden, cycle } of anomalies.slice(0, 2 * TOLD_MAX)) {
    const status = forbidden ? '' : ` (allowed under ${level})`;
    const names = operations.map((operation, i) => {
      const steps = JSON.stringify(operation.output ?? operation.input);
      const place = operation.callLine > 0 ? ` (line ${operation.callLine})` : '';
      return `${INDENT}${INDENT}T${i + 1} = ${steps.slice(0, Math.max(20, width - 20))}${place}`;
    });
    const reasons = cycle.length > 0 ? cycle.map((step) => step.reason) : [message];
    lines.push('', `${INDENT}${name}${status}`, ...names);
    for (const text of reasons) {
      lines.push(
        ...wrap(`- ${capital(text)}.`, width - 4).map((line) => `${INDENT}${INDENT}${line}`),
      );
    }
  }
  if (anomalies.length > 2 * TOLD_MAX) {
    lines.push('', `${INDENT}${plural(anomalies.length - 2 * TOLD_MAX, 'more')} like these.`);
  }
  return lines;
}

function indent(lines: readonly string[]): string[] {
  return lines.map((line) => INDENT + line);
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1);
}
