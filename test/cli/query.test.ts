/** `lictor query`, where DuckDB is installed; and what it says where it is not. */
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Desk, SHORT } from './support/host.ts';

const name: string = '@duckdb/node-api';
const installed = await import(name).then(
  () => true,
  () => false,
);

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
  desk.write('short.yaml', SHORT);
});
afterEach(() => desk.clear());

const words = ['run', 'short.yaml', '--seeds', '1..3', '--out', 'out', '--export', 'parquet'];

test.runIf(installed)('asks the tables of all runs below the folder', async () => {
  await desk.run([...words, '--keep']);
  await desk.run([...words, '--set', 'load.kv.clients=3']);
  const ask = (sql: string, format: string) =>
    desk.run(['query', sql, '--out', 'out', '--format', format]);
  const counts = await ask('select setting, count(*) as n from runs group by 1 order by 1', 'csv');
  expect(counts.stdout).toBe('setting,n\n"",3\nload.kv.clients=3,3\n');
  const joined = await ask(
    'select seed, count(*) as n, max(latency) > 0 as some from operations group by 1 order by 1',
    'json',
  );
  expect(JSON.parse(joined.stdout)).toMatchObject([{ seed: '1', some: true }, { seed: '2' }, {}]);
  const wrong = await ask('select * from nothing', 'table');
  expect(wrong.code).toBe(64);
  expect(wrong.stderr).toMatch(
    /^Cannot query: .*nothing.* The tables are runs, metrics, operations/,
  );
});

test.skipIf(installed)('says how to install what it needs', async () => {
  await desk.run(words);
  const { code, stderr } = await desk.run(['query', 'select 1', '--out', 'out']);
  expect(code).toBe(74);
  expect(stderr).toContain('npm install @duckdb/node-api');
});

test('says what to do where nothing was exported', async () => {
  const { code, stderr } = await desk.run(['query', 'select 1', '--out', 'out']);
  expect(code).toBe(74);
  expect(stderr).toContain('Run something with --export parquet.');
});

test('an unknown format is refused with the near one', async () => {
  const { code, stderr } = await desk.run([...words.slice(0, -1), 'parket']);
  expect(code).toBe(64);
  expect(stderr).toContain('Cannot export parket: unknown format, did you mean "parquet"?');
});
