/**
 * `npm run bench -- NAME [--json]`: runs the cases of `test/bench/NAME.ts`, each in a process of its
 * own, and prints a table or one document (schema `lictor.bench/1`).
 */
import { spawnSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { tuneEngine } from '../../sim/cli/engine.ts';
import { measureCase, median } from './harness.ts';
import type { Bench, CaseReport, CaseResult, Station } from './harness.ts';

const HERE = dirname(fileURLToPath(import.meta.url));
const CACHE = join(HERE, '..', '..', 'node_modules', '.cache', 'lictor-bench');
const PARTS = ['main', 'harness', 'heap', 'cluster'];
const USAGE_ERROR = 64;

async function benchOf(name: string): Promise<Bench | undefined> {
  if (!/^[a-z-]+$/.test(name) || !benchNames().includes(name)) return undefined;
  const module: { bench?: Bench } = await import(`./${name}.ts`);
  return module.bench;
}

function benchNames(): string[] {
  return readdirSync(HERE)
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
    .map((file) => file.slice(0, -3))
    .filter((name) => !PARTS.includes(name))
    .toSorted();
}

/**
 * Runs this program again. With the sources in the compile cache, as the command has them from its
 * second run on: stripping types in the process that measures costs a tenth of the kernel's speed,
 * since it detaches a buffer, and V8 then checks every typed array for that.
 */
function runAgain(...options: string[]): string {
  const child = spawnSync(process.execPath, [join(HERE, 'main.ts'), ...options], {
    env: { ...process.env, NODE_COMPILE_CACHE: CACHE },
    stdio: ['ignore', 'pipe', 'inherit'],
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  if (child.status !== 0) process.exit(child.status ?? 70);
  return child.stdout;
}

function measureAll(bench: Bench): CaseReport[] {
  runAgain(bench.name, '--case=load');
  return bench.cases.map((one, index) => {
    if (process.stderr.isTTY) process.stderr.write(`${bench.name}: ${title(one)}\n`);
    return JSON.parse(runAgain(bench.name, `--case=${index}`)) as CaseReport;
  });
}

function documentOf(bench: Bench, reports: readonly CaseReport[]): object {
  const rates = reports.flatMap((report) => report.calibration);
  return {
    schema: 'lictor.bench/1',
    bench: bench.name,
    node: process.versions.node,
    calibration: { unit: '1/s', median: Math.round(median(rates)) },
    results: reports.map((report) => report.result),
  };
}

function printTable(bench: Bench, reports: readonly CaseReport[]): void {
  const rates = reports.flatMap((report) => report.calibration);
  const yardstick = (median(rates) / 1e6).toFixed(2);
  if (reports.every(({ result }) => result.latency !== undefined))
    return printLatencies(bench, reports);
  const rows = reports.map(({ result }) => [
    title(result),
    (result.eventsPerSecond / 1e6).toFixed(2),
    comparisonOf(result),
    result.simulatedPerWall.toLocaleString('en'),
    `${result.useful.median.toLocaleString('en')} ${result.useful.unit}`,
    `${Math.round(result.rssBytes / 2 ** 20)} MB`,
  ]);
  const head = ['case', 'M events/s', 'vs baseline', 'simulated s/s', 'useful', 'memory'];
  const about = `${bench.name}: ${bench.title}`;
  const calibration = `Node ${process.versions.node}, calibration ${yardstick} M/s`;
  const stations = reports.flatMap(({ result }) => (result.stations ?? []).map(sentenceOf));
  console.log([about, calibration, '', ...aligned([head, ...rows]), ...stations].join('\n'));
}

/** The first column to the left, all others to the right. */
function aligned(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0].map((_, i) => Math.max(...rows.map((row) => row[i].length)));
  return rows.map((row) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  '),
  );
}

function printLatencies(bench: Bench, reports: readonly CaseReport[]): void {
  const rows = reports.map(({ result }) => {
    const { count, p50, p99, max, cpuP50, cpuP99 } = result.latency!;
    const memory = `${Math.round(result.rssBytes / 2 ** 20)} MB`;
    return [
      title(result),
      String(count),
      ...[p50, p99, max, cpuP50, cpuP99].map((one) => `${one} ms`),
      memory,
    ];
  });
  const head = ['case', 'times', 'p50', 'p99', 'max', 'CPU p50', 'CPU p99', 'memory'];
  console.log([`${bench.name}: ${bench.title}`, '', ...aligned([head, ...rows])].join('\n'));
}

function sentenceOf(station: Station): string {
  const { simulatedSeconds, wallSeconds, cpuSeconds, rssBytes, heldBytes } = station;
  const days = (simulatedSeconds / 86_400).toFixed(1);
  const [memory, held] = [rssBytes, heldBytes].map((bytes) => (bytes / 2 ** 20).toFixed(1));
  return `${days} days in ${wallSeconds} s (${cpuSeconds} s of CPU time), ${memory} MB, of it in use ${held} MB`;
}

function comparisonOf({ ratio, costPercent }: CaseResult): string {
  if (costPercent !== undefined) return `${costPercent >= 0 ? '+' : ''}${costPercent.toFixed(1)} %`;
  return ratio === undefined ? '' : `${ratio.toFixed(1)}x`;
}

function title({ name, params }: Pick<CaseResult, 'name' | 'params'>): string {
  const values = Object.entries(params).map(([key, value]) => `${key}=${value}`);
  return [name, ...values].join(' ');
}

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, case: { type: 'string' } },
});
const name = positionals[0] ?? '';
const bench = await benchOf(name);
if (bench === undefined) {
  console.error(`Cannot run the benchmark "${name}": use one of ${benchNames().join(', ')}.`);
  process.exitCode = USAGE_ERROR;
} else if (values.case === 'load') {
  // Only fills the compile cache.
} else if (values.case !== undefined) {
  tuneEngine();
  console.log(JSON.stringify(await measureCase(bench.cases[Number(values.case)])));
} else {
  const reports = measureAll(bench);
  if (values.json) console.log(JSON.stringify(documentOf(bench, reports), null, 2));
  else printTable(bench, reports);
}
