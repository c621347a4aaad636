/** Exports of one real run: the same figures everywhere, and what other tools ask of their formats. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parquetReadObjects } from 'hyparquet';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readHistory } from '../../../sim/check/histories/read-history.ts';
import type { RunResult } from '../../../sim/run/result.ts';
import { Desk } from '../../cli/support/host.ts';
import { readCsv } from './csv.ts';

const FORMATS = 'csv,parquet,perfetto,shiviz,jepsen,openmetrics';

let desk: Desk;
let folder: string;
let console_: string;
let result: RunResult;

const read = (name: string): string => readFileSync(join(folder, name), 'utf8');

/** A cell of the page's tables: `metric.kv.latency.p99`, or a single figure by its name alone. */
function inPage(name: string): number {
  const page = readFileSync(join(desk.folder, 'page.html'), 'utf8');
  const [, metric, figure = 'value'] = /^metric\.(.*?)(?:\.(count|p50|p99))?$/.exec(name)!;
  const row = page.split(`<tr data-row="${metric}">`)[1]!.split('</tr>')[0]!;
  return Number(new RegExp(`data-figure="${figure}" data-value="([^"]*)"`).exec(row)![1]);
}

async function parquet(name: string): Promise<Record<string, unknown>[]> {
  const bytes = readFileSync(join(folder, name));
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length) as ArrayBuffer;
  return await parquetReadObjects({ file });
}

beforeAll(async () => {
  desk = new Desk();
  const words = ['run', 'leader-crash', '--seed', '7', '--out', 'out', '--export', FORMATS];
  const reporters = ['--reporter', 'console', '--reporter', 'html=page.html'];
  const { code, stdout } = await desk.run([...words, ...reporters, '--set', 'duration=45s']);
  expect(code).toBe(0);
  console_ = stdout;
  const name = readdirSync(join(desk.folder, 'out')).find((one) => one !== 'last-run.json');
  folder = join(desk.folder, 'out', name!, '7');
  result = JSON.parse(read('result.json')) as RunResult;
});
afterAll(() => desk.clear());

test('five figures are the same in JSON, CSV, Parquet, OpenMetrics, HTML and on the screen', async () => {
  const { metrics } = result;
  const figures = {
    'metric.kv.availability': metrics['kv.availability']!.value!,
    'metric.kv.latency.count': metrics['kv.latency']!.count!,
    'metric.kv.latency.p99': metrics['kv.latency']!.p99!,
    'metric.raft.failover.p50': metrics['raft.failover']!.p50!,
    'metric.raft.elections': metrics['raft.elections']!.value!,
  };
  const [row] = readCsv(read('runs.csv'));
  const [typed] = await parquet('runs.parquet');
  for (const [name, value] of Object.entries(figures)) {
    expect(Number(row![name])).toBe(value);
    expect(Number(typed![name])).toBe(value);
    expect(inPage(name)).toBe(value);
  }
  const { p99, count } = metrics['kv.latency']!;
  expect(read('metrics.prom')).toContain(`quantile="0.99"} ${p99}`);
  const screen = console_.replaceAll(/ {2,}/g, '  ');
  expect(screen).toContain(
    `kv.availability  ${Number((figures['metric.kv.availability'] * 100).toFixed(2))}%`,
  );
  expect(screen).toMatch(
    new RegExp(`kv\\.latency  ${count}  \\S+  ${Number((p99! * 1e3).toPrecision(3))}ms`),
  );
  expect(screen).toMatch(
    new RegExp(`raft\\.failover  1  ${Number(metrics['raft.failover']!.p50!.toPrecision(3))}s`),
  );
  expect(screen).toContain(`raft.elections  ${metrics['raft.elections']!.value}`);
});

describe('tables', () => {
  test.each(['runs', 'metrics', 'operations', 'events', 'notes'])(
    '%s says the same in CSV and Parquet',
    async (name) => {
      const text = readCsv(read(`${name}.csv`));
      const typed = await parquet(`${name}.parquet`);
      expect(typed).toHaveLength(text.length);
      expect(text.length).toBeGreaterThan(0);
      const shown = typed.map((row) =>
        Object.fromEntries(Object.entries(row).map(([key, value]) => [key, textOf(value)])),
      );
      expect(shown).toEqual(text);
    },
  );

  test('operations are the history of clients, with their latencies', async () => {
    const rows = await parquet('operations.parquet');
    const begun = read('history.ndjson').match(/"type":"invoke"/g)!;
    expect(rows).toHaveLength(begun.length);
    const outcomes = new Set(rows.map(({ outcome }) => outcome));
    expect([...outcomes].sort()).toEqual(expect.arrayContaining(['fail', 'ok']));
    for (const { start, end, latency } of rows as {
      start: number;
      end: number;
      latency: number;
    }[]) {
      if (end !== null) expect(latency).toBeCloseTo(end - start, 5);
    }
  });

  test('events are all there are, each after its cause; messages have a sender', async () => {
    const rows = (await parquet('events.parquet')) as {
      event: bigint;
      cause: bigint;
      kind: string;
      from: string;
      class: string;
      process: string;
    }[];
    expect(rows).toHaveLength(result.events);
    expect(rows.every(({ event, cause }) => cause < event)).toBe(true);
    const votes = rows.filter((row) => row.class === 'raft.vote' && row.kind === 'request');
    expect(votes.length).toBeGreaterThan(0);
    for (const { from, process } of votes) expect(from).not.toBe(process);
    const sent = rows.filter((row) => row.class === 'rpc.write' && row.kind === 'answer');
    expect(sent.some(({ process, from }) => process.startsWith('kv#') && /^s\d$/.test(from))).toBe(
      true,
    );
  });
});

function textOf(value: unknown): string | null {
  return value === null || value === undefined ? null : String(value);
}

test('perfetto: slices with a length, arrows from before to after, names for all', () => {
  const { traceEvents } = JSON.parse(read('trace.perfetto.json')) as {
    traceEvents: {
      ph: string;
      pid: number;
      tid: number;
      ts: number;
      dur: number;
      id: number;
      name: string;
    }[];
  };
  const named = new Set(traceEvents.filter(({ ph }) => ph === 'M').map(({ pid }) => pid));
  const starts = new Map<number, number>();
  let arrows = 0;
  for (const { ph, pid, ts, dur, id } of traceEvents) {
    expect('MXisf').toContain(ph);
    expect(named).toContain(pid);
    if (ph === 'X') expect(dur).toBeGreaterThan(0);
    if (ph === 's') starts.set(id, ts);
    if (ph === 'f') {
      expect(starts.get(id)).toBeLessThanOrEqual(ts);
      arrows++;
    }
  }
  expect(arrows).toBe(starts.size);
  expect(arrows).toBeGreaterThan(1000);
  const names = traceEvents.filter(({ ph }) => ph === 'X').map(({ name }) => name);
  expect(names).toContain('crash s3');
  expect(names.filter((name) => name === 'leader').length).toBeGreaterThanOrEqual(1);
});

test('shiviz: its parser reads every event, and clocks are vector clocks', () => {
  const text = read('trace.shiviz.log');
  const events = [...text.matchAll(/(?<host>\S*) (?<clock>{.*})\n(?<event>.*)\n/g)];
  expect(events.map(([whole]) => whole).join('')).toBe(text);
  expect(events.length).toBeGreaterThan(1000);
  const latest = new Map<string, number>();
  let messages = 0;
  for (const { groups } of events) {
    const host = groups!['host']!;
    const clock = JSON.parse(groups!['clock']!) as Record<string, number>;
    expect(clock[host]).toBe((latest.get(host) ?? 0) + 1);
    // Nobody knows of what has not happened.
    for (const [other, count] of Object.entries(clock)) {
      if (other !== host) {
        expect(count).toBeLessThanOrEqual(latest.get(other) ?? 0);
        messages++;
      }
    }
    latest.set(host, clock[host]!);
  }
  expect(messages).toBeGreaterThan(1000);
  expect(text).toMatch(/; 3000 of \d+ events are shown\n$/);
});

test('jepsen: read again it is the same history', () => {
  const options = { independent: true } as const;
  const ours = readHistory(read('history.ndjson'), {});
  const theirs = readHistory(read('history.edn'), options);
  if (!ours.ok || !theirs.ok) throw new Error('not read');
  expect(theirs.format).toMatch(/edn/);
  const times = ({ history }: typeof ours) =>
    // A condition that did not hold is no operation to a reader that does not know the function.
    history.operations
      .filter(({ outcome }) => outcome !== 'refused')
      .map(({ key, outcome, callMicros, returnMicros }) =>
        [key, outcome, callMicros, returnMicros].join(' '),
      );
  expect(times(theirs)).toEqual(times(ours));
});

test('openmetrics: families with a type, samples below them, an end', () => {
  const lines = read('metrics.prom').split('\n');
  expect(lines.slice(-2)).toEqual(['# EOF', '']);
  let family = '';
  let type = '';
  for (const line of lines.slice(0, -2)) {
    const head = /^# (TYPE|UNIT|HELP) (\S+) (.*)$/.exec(line);
    if (head) {
      if (head[1] === 'TYPE') [family, type] = [head[2]!, head[3]!];
      expect(head[2]).toBe(family);
      if (head[1] === 'UNIT') expect(family.endsWith(`_${head[3]}`)).toBe(true);
      continue;
    }
    const sample = /^([a-zA-Z_][a-zA-Z0-9_]*)\{(?:[a-z]+="[^"\n]*",?)+\} -?\d[\d.e+-]*$/.exec(line);
    expect(sample, line).not.toBeNull();
    const suffixes = { gauge: [''], counter: ['_total'], summary: ['', '_count', '_sum'] }[type]!;
    expect(suffixes.map((suffix) => family + suffix)).toContain(sample![1]);
  }
  expect(lines).toContain('# TYPE consul_raft_commitTime summary');
});
