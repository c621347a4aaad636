/**
 * The reporter for code scanning: SARIF 2.1.0. A rule is an invariant or a metric with a threshold,
 * a result is what one run found, at the line of the scenario that it comes from.
 */
import { createHash } from 'node:crypto';
import { pathToFileURL } from 'node:url';
import type { Plan } from '../sim/explore/plan.ts';
import type { JobRecord } from '../sim/explore/record.ts';
import type { Ending, Reporter, ReporterContext, Sink } from './reporter.ts';
import { findingsOf } from './troubles.ts';
import type { Finding } from './troubles.ts';

/** Code scanning takes this many results of one run of a tool. */
const RESULTS_MAX = 5000;

const LEVELS: Readonly<Record<Finding['kind'], 'error' | 'warning' | 'note'>> = {
  violation: 'error',
  error: 'error',
  known: 'warning',
  threshold: 'warning',
  unknown: 'note',
};

export class SarifReporter implements Reporter {
  private readonly sink: Sink;
  private readonly findings: Finding[] = [];
  private plan!: Plan;

  constructor({ sink }: ReporterContext) {
    this.sink = sink;
  }

  onStart(plan: Plan): void {
    this.plan = plan;
  }

  onRun(record: JobRecord): void {
    if (record.exitCode === 0 || this.findings.length >= RESULTS_MAX) return;
    this.findings.push(...findingsOf(record, this.plan));
  }

  onEnd({ summary }: Ending): void {
    const findings = this.findings.slice(0, RESULTS_MAX);
    const rules = [...new Set(findings.map(({ rule }) => rule))].sort();
    const log = {
      $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
      version: '2.1.0',
      runs: [
        {
          tool: {
            driver: {
              name: 'lictor',
              semanticVersion: summary.version,
              rules: rules.map((id) => ({
                id,
                shortDescription: { text: `${id} must hold` },
                help: { text: `lictor explain ${id}` },
              })),
            },
          },
          columnKind: 'utf16CodeUnits',
          invocations: [
            {
              executionSuccessful: !summary.interrupted && summary.crashes.length === 0,
              commandLine: summary.command,
              exitCode: summary.exitCode,
            },
          ],
          results: findings.map((finding) => resultOf(finding, rules.indexOf(finding.rule))),
        },
      ],
    };
    this.sink.write(`${JSON.stringify(log, null, 2)}\n`);
  }
}

function resultOf({ kind, rule, message, file, line, record }: Finding, ruleIndex: number) {
  const scenario = record.kind === 'run' ? record.result.manifest.scenarioHash : record.scenario;
  return {
    ruleId: rule,
    ruleIndex,
    level: LEVELS[kind],
    message: { text: `${message}\nTo reproduce: npx ${record.command}` },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: uriOf(file) }, region: { startLine: line } },
      },
    ],
    // The same finding in another seed is the same alert.
    partialFingerprints: { 'lictor/v1': digest(`${rule} ${scenario}`) },
    properties: { seed: record.seed, command: record.command },
  };
}

/** Relative paths stay relative: code scanning looks for them in the repository. */
function uriOf(file: string): string {
  if (/^([\\/]|[A-Za-z]:)/.test(file)) return pathToFileURL(file).href;
  return file.replaceAll('\\', '/').split('/').map(encodeURIComponent).join('/');
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
