/**
 * The reporter for CI servers: JUnit's XML by the schema that most of them share. A scenario (of a
 * sweep: a setting) is a suite, a seed is a case. The format wants a date and a host; runs have
 * neither, so both are constants, and equal runs give equal files but for the times they took.
 */
import type { Plan } from '../sim/explore/plan.ts';
import type { JobRecord } from '../sim/explore/record.ts';
import { reasonOf } from './console/verdict.ts';
import { unpainted } from './paint.ts';
import type { Reporter, ReporterContext, Sink } from './reporter.ts';
import { findingsOf } from './troubles.ts';
import { element } from './xml.ts';

const TIMESTAMP = '1970-01-01T00:00:00';

interface Case {
  readonly xml: string;
  readonly outcome: 'pass' | 'failure' | 'error';
  readonly seconds: number;
}

export class JunitReporter implements Reporter {
  private readonly sink: Sink;
  private plan!: Plan;
  private readonly cases = new Map<number, Case[]>();

  constructor({ sink }: ReporterContext) {
    this.sink = sink;
  }

  onStart(plan: Plan): void {
    this.plan = plan;
  }

  onRun(record: JobRecord): void {
    const list = this.cases.get(record.source) ?? [];
    this.cases.set(record.source, [...list, this.caseOf(record)]);
  }

  onEnd(): void {
    const suites = this.plan.sources.map((_, source) => this.suiteOf(source));
    const xml = element('testsuites', {}, suites);
    this.sink.write(`<?xml version="1.0" encoding="UTF-8"?>\n${xml}\n`);
  }

  private suiteOf(source: number): string {
    const { file } = this.plan.sources[source]!;
    const cases = this.cases.get(source) ?? [];
    const count = (outcome: Case['outcome']): number =>
      cases.filter((one) => one.outcome === outcome).length;
    const attributes = {
      name: this.nameOf(source),
      timestamp: TIMESTAMP,
      hostname: 'localhost',
      tests: cases.length,
      failures: count('failure'),
      errors: count('error'),
      time: seconds(cases.reduce((sum, one) => sum + one.seconds, 0)),
      id: source,
      package: 'lictor',
    };
    const properties = element('properties', {}, [
      element('property', { name: 'file', value: file }),
    ]);
    return element('testsuite', attributes, [
      properties,
      ...cases.map(({ xml }) => xml),
      element('system-out', {}, ''),
      element('system-err', {}, ''),
    ]);
  }

  /** A setting of a sweep carries its values. */
  private nameOf(source: number): string {
    const { name, overrides } = this.plan.sources[source]!;
    return [name, ...overrides].join(' ');
  }

  private caseOf(record: JobRecord): Case {
    const taken = record.kind === 'run' ? record.result.wallSeconds : 0;
    const attributes = {
      name: `seed ${record.seed}`,
      classname: this.nameOf(record.source),
      time: seconds(taken),
    };
    const { outcome, children } = this.outcomeOf(record);
    return { xml: element('testcase', attributes, children), outcome, seconds: taken };
  }

  private outcomeOf(record: JobRecord): Pick<Case, 'outcome'> & { readonly children: string[] } {
    if (record.exitCode === 0) return { outcome: 'pass', children: [] };
    const [first] = findingsOf(record, this.plan);
    const outcome = [1, 3, 4].includes(record.exitCode) ? 'failure' : 'error';
    const attributes = { message: messageOf(record), type: first!.rule };
    return { outcome, children: [element(outcome, attributes, detailsOf(record, this.plan))] };
  }
}

function messageOf(record: JobRecord): string {
  return record.kind === 'run' ? reasonOf(record) : record.message;
}

/** What a reader of the CI page needs: what was found, how it came about, how to see it again. */
function detailsOf(record: JobRecord, plan: Plan): string {
  const lines = findingsOf(record, plan).map(({ rule, message }) => `${rule}: ${message}`);
  if (record.kind === 'crash') lines.push(record.stack);
  else if (record.story.length > 0) lines.push('', ...record.story);
  lines.push('', 'To reproduce:', `npx ${record.command}`);
  return unpainted(lines.join('\n'));
}

function seconds(value: number): string {
  return value.toFixed(3);
}
