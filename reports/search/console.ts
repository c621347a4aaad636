/** What a search came to, on a screen: a line for the search, a few lines for each finding. */
import type { Exploration, FindingReport } from '../../sim/explore/search/report.ts';
import { paintWord, wordOf } from '../console/verdict.ts';
import type { Paint } from '../paint.ts';
import { formatCount, formatLarge, formatMoment, formatSeconds, plural, wrap } from '../text.ts';

export function describeExploration(
  report: Exploration,
  columns: number,
  paint: Paint,
  quiet: boolean,
): string[] {
  const head = wrap(verdictLine(report, paint), columns);
  if (quiet) return head;
  const lines = [...head, ...figures(report)];
  for (const finding of report.findings)
    lines.push('', ...describeFinding(finding, columns, paint));
  return lines;
}

function verdictLine(report: Exploration, paint: Paint): string {
  const { exitCode, strategy, findings, runs, unknown, scenarios } = report;
  const what = scenarios.length === 1 ? scenarios[0]! : plural(scenarios.length, 'scenario');
  const found = findings.length === 0 ? 'nothing found' : plural(findings.length, 'finding');
  const open = unknown === 0 ? '' : `, ${formatCount(unknown)} unknown`;
  const word = paintWord(wordOf(exitCode), paint);
  return `${word} ${what}, strategy ${strategy}: ${plural(runs, 'run')}, ${found}${open}`;
}

function figures(report: Exploration): string[] {
  const { simulatedSeconds, wallSeconds, runsPerSecond, simulatedHoursPerSecond } = report;
  const hours = formatLarge(simulatedSeconds / 3600);
  return [
    `searched     ${hours} h simulated, ${formatCount(report.states)} states of the cluster`,
    `speed        ${runsPerSecond} runs/s, ${simulatedHoursPerSecond} simulated hours per second, ` +
      `${formatSeconds(wallSeconds)} this time`,
  ];
}

export function describeFinding(finding: FindingReport, columns: number, paint: Paint): string[] {
  const { invariant, kind, scenario, seed, time, event, count, runs, others, shrunk } = finding;
  const word = kind === 'threshold' ? paint.warn('MISSED') : paint.bad('VIOLATED');
  const known = finding.reference === '' ? '' : ` (${finding.reference})`;
  const lines = [
    `${word} ${invariant}${known}: ${scenario}, seed ${seed}, at ${formatMoment(time)}, event ${event}`,
    ...wrap(finding.message, columns - 2).map((line) => `  ${line}`),
    `  seen in ${plural(count, 'run')}, first after ${plural(runs, 'run')}; as found: ${size(finding.size)}`,
  ];
  if (others.length > 0) {
    lines.push(...wrap(`then also ${others.join(', ')}`, columns - 2).map((line) => `  ${line}`));
  }
  if (shrunk !== null) {
    const open = shrunk.done ? '' : ', perhaps not the simplest';
    lines.push(
      `  as simple as it gets: ${size(shrunk)}, ${formatSeconds(shrunk.time)} to the violation ` +
        `(${plural(shrunk.runs, 'run')}${open})`,
    );
  }
  if (finding.written !== null) lines.push(`  npx lictor replay ${finding.written}`);
  return lines;
}

function size({ faults, hosts }: { readonly faults: number; readonly hosts: number }): string {
  return `${plural(faults, 'fault')}, ${plural(hosts, 'host')}`;
}
