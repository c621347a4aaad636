/** The reporters for CI and programs, on fixed results: golden files, and what their formats ask. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { validateXML } from 'xmllint-wasm';
import { REPORTERS } from '../../reports/registry.ts';
import { findingsOf } from '../../reports/troubles.ts';
import type { ReporterName } from '../../reports/registry.ts';
import type { Reporter } from '../../reports/reporter.ts';
import { ndjsonLine } from '../../reports/schema/ndjson.ts';
import { element } from '../../reports/xml.ts';
import type { JobRecord } from '../../sim/explore/record.ts';
import { summarise } from '../../sim/explore/summary.ts';
import * as fixed from './support/records.ts';
import { sarifLog } from './support/sarif.ts';

const PLAN = fixed.planOf(['leader-crash', 'one-way'], 1, 4);
const TEXT =
  'name: x\nthresholds:\n  kv.latency: p99<10ms\nfaults:\n  - { at: 20s, crash: leader }\n';

/** A pass, a violation, an error of the program, a missed threshold, an unknown one. */
const RECORDS: readonly JobRecord[] = [
  fixed.recordOf(fixed.passing({ seed: 1 })),
  fixed.recordOf(fixed.failing({ seed: 2 })),
  fixed.crashed(3),
  fixed.recordOf(
    fixed.passing({ seed: 4, exitCode: 4, thresholds: fixed.failing().thresholds.slice(0, 2) }),
  ),
  fixed.recordOf(
    fixed.passing({
      seed: 1,
      scenario: 'one-way',
      exitCode: 2,
      verdict: 'unknown',
      limits: ['wall'],
    }),
    { source: 1 },
  ),
];

/** A page has tests of its own. */
type TextReporterName = Exclude<ReporterName, 'html'>;

function show(
  name: TextReporterName,
  records: readonly JobRecord[] = RECORDS,
  variables: Readonly<Record<string, string>> = {},
): string {
  const plan = { ...PLAN, sources: PLAN.sources.map((source) => ({ ...source, text: TEXT })) };
  let text = '';
  const sink = { write: (part: string) => void (text += part) };
  const context = { sink, environment: fixed.PIPE, verbosity: 0, variables } as const;
  const reporter: Reporter = REPORTERS[name].create(context);
  reporter.onStart?.(plan);
  for (const record of records) reporter.onRun?.(record);
  const summary = summarise(fixed.factsOf(plan, records));
  reporter.onEnd?.({ summary, written: 'reports/out/summary.json' });
  return text;
}

const FILES: Readonly<Partial<Record<TextReporterName, string>>> = {
  minimal: 'minimal.txt',
  ndjson: 'ndjson.ndjson',
  markdown: 'markdown.md',
  junit: 'junit.xml',
  github: 'github.txt',
  sarif: 'sarif.json',
};

test.each(Object.entries(FILES) as [TextReporterName, string][])(
  '%s looks like golden/%s',
  async (name, file) => {
    await expect(show(name)).toMatchFileSnapshot(`golden/${file}`);
  },
);

describe('junit', () => {
  const schema = readFileSync(new URL('support/junit.xsd', import.meta.url), 'utf8');
  const problems = async (contents: string): Promise<string[]> => {
    const { errors } = await validateXML({ xml: { fileName: 'x.xml', contents }, schema });
    return errors.map(({ message }) => message);
  };

  test('is valid by the schema that CI servers share', async () => {
    expect(await problems(show('junit'))).toEqual([]);
    expect(await problems(show('junit', []))).toEqual([]);
    const wrong = show('junit').replace('tests="4"', '');
    expect(await problems(wrong)).not.toEqual([]);
  });

  test('stays so whatever a message holds', async () => {
    const message = 'a < b && "c" ]]> \u001b[31mred\u001b[0m \u0000\uffff ü\n</failure>';
    const violation = { ...fixed.failing().violations[0]!, message };
    const record = fixed.recordOf(fixed.failing({ violations: [violation] }));
    expect(await problems(show('junit', [record]))).toEqual([]);
    expect(element('a', { b: message }, message)).not.toContain('\u001b');
  });
});

describe('a violation is found at the line', () => {
  const lineOf = (faults: string, at: number, changes = {}): number | undefined => {
    const text = `name: x\nfaults:\n${faults}`;
    const plan = { ...PLAN, sources: PLAN.sources.map((source) => ({ ...source, text })) };
    const violation = { ...fixed.failing().violations[0]!, time: at, ...changes };
    const record = fixed.recordOf(fixed.failing({ violations: [violation] }));
    return findingsOf(record, plan)[0]!.line;
  };
  // The record has a crash of s2 at 11.9 s and a partition of s1 | s2, s3 at 12.2 s.
  const FAULTS = '  - { at: 5s, crash: s1 }\n  - { at: 11.9s, crash: s2 }\n  - { partition: x }\n';

  test.each([
    ['of the last fault before it', FAULTS, 12.5, {}, 5],
    ['of the fault with its time, of several of a kind', FAULTS, 12, {}, 4],
    ['of the fault that named its hosts', FAULTS, 12.5, { hosts: ['s4'] }, 5],
    ['of faults, where none had begun', FAULTS, 3, {}, 2],
    ['of faults, where the file has none like it', '  - { at: 1s, pause: s1 }\n', 12.5, {}, 2],
  ])('%s', (_, faults, at, changes, line) => {
    expect(lineOf(faults, at, changes)).toBe(line);
  });
});

describe('sarif', () => {
  test('has the structure of 2.1.0', () => {
    const log = JSON.parse(show('sarif')) as unknown;
    expect(sarifLog.safeParse(log).error).toBeUndefined();
    expect(sarifLog.safeParse(JSON.parse(show('sarif', []))).error).toBeUndefined();
  });

  test('points at the line, and knows a finding again in another seed', () => {
    const again = fixed.recordOf(fixed.failing({ seed: 3 }));
    const log = sarifLog.parse(JSON.parse(show('sarif', [RECORDS[1]!, again])));
    const [first, second] = log.runs[0]!.results;
    expect(first!.locations[0]!.physicalLocation.region.startLine).toBe(4);
    expect(first!.partialFingerprints).toEqual(second!.partialFingerprints);
    expect(first!.properties['seed']).not.toBe(second!.properties['seed']);
  });
});

test('every line of ndjson is valid by its schema', () => {
  const lines = show('ndjson').trimEnd().split('\n');
  expect(lines).toHaveLength(RECORDS.length + 2);
  for (const line of lines) expect(ndjsonLine.safeParse(JSON.parse(line)).error).toBeUndefined();
});

describe('github', () => {
  const many = Array.from({ length: 14 }, (_, at) => {
    const violation = { ...fixed.failing().violations[0]!, invariant: `raft.rule-${at}` };
    return fixed.recordOf(fixed.failing({ seed: 1, violations: [violation, violation] }));
  });

  test('annotates ten at most, worst first, and says how many more', () => {
    const lines = show('github', [RECORDS[3]!, ...many]).split('\n');
    const annotations = lines.filter((line) => line.startsWith('::'));
    expect(annotations).toHaveLength(10);
    expect(annotations[0]).toMatch(
      /^::error file=scenarios\/basic\/leader-crash\.yaml,line=4,title=/,
    );
    expect(annotations[0]).toContain('raft.rule-0%3A leader-crash%2C seed 1 (found 2 times)');
    expect(annotations[9]).toBe('::error title=lictor::and 6 more; the job summary has all');
    expect(show('github', [RECORDS[3]!])).toMatch(/^::warning file=.*,line=3,title=kv\.latency/);
  });

  test('adds to the summary of the job, up to what GitHub takes', () => {
    const folder = mkdtempSync(join(tmpdir(), 'lictor-'));
    try {
      const file = join(folder, 'summary.md');
      show('github', RECORDS, { GITHUB_STEP_SUMMARY: file });
      expect(readFileSync(file, 'utf8')).toBe(show('markdown'));
      const long = { ...fixed.failing().violations[0]!, message: 'ü'.repeat(1_000_000) };
      const record = fixed.recordOf(fixed.failing({ violations: [long] }));
      const big = join(folder, 'big.md');
      show('github', [record], { GITHUB_STEP_SUMMARY: big });
      const bytes = readFileSync(big);
      expect(bytes.length).toBeLessThanOrEqual(1024 * 1024);
      expect(bytes.toString('utf8')).toMatch(/The rest was left out: GitHub takes 1 MiB\.\n$/);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
