/** `lictor report`: the same results, told again from their folders. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Desk, SHORT } from './support/host.ts';

let desk: Desk;
beforeEach(() => {
  desk = new Desk();
  desk.write('short.yaml', SHORT);
});
afterEach(() => desk.clear());

const MISSED = ['--set', 'thresholds={ kv.latency: p50<3.1ms }'];
const read = (file: string): string => readFileSync(join(desk.folder, file), 'utf8');

async function folderOf(words: readonly string[], pattern: RegExp): Promise<[string, string]> {
  const { stdout } = await desk.run([...words, '--out', 'out', '--export', 'csv']);
  const folder = readdirSync(join(desk.folder, 'out')).find((name) => pattern.test(name))!;
  return [`out/${folder}`, stdout];
}

test.each(['json', 'console', 'markdown', 'junit', 'minimal'])('%s of many runs', async (name) => {
  const words = ['run', 'short.yaml', '--seeds', '1..4', '--reporter', name, ...MISSED];
  const [folder, told] = await folderOf(words, /^short~/);
  const { code, stdout } = await desk.run(['report', folder, '--reporter', name]);
  expect(code).toBe(4);
  // On the screen the place of the results is another one.
  const body = (text: string): string => text.replaceAll(/^ *out\/\S+\n/gm, '');
  if (name === 'junit') expect(lineless(stdout)).toBe(lineless(told));
  else expect(body(stdout)).toBe(body(told));
});

/** Places in the scenario's text are not known any more. */
function lineless(text: string): string {
  return text.replaceAll(/:\d+/g, '');
}

test('one run, a sweep, a comparison', async () => {
  const [run, told] = await folderOf(
    ['run', 'short.yaml', '--seed', '3', '--reporter', 'json'],
    /^short$/,
  );
  const again = await desk.run(['report', `${run}/3`, '--reporter', 'json']);
  expect(again.stdout).toBe(told);
  const sweep = ['sweep', 'short.yaml', '--vary', 'load.kv.clients=1,2', '--seeds', '1..2'];
  const [swept, table] = await folderOf(sweep, /~sweep~/);
  const head = (text: string): string => text.split('\n').slice(0, 5).join('\n');
  expect(head((await desk.run(['report', swept])).stdout)).toBe(head(table));
  const compare = ['compare', 'short.yaml', '--set', 'load.kv.clients=1', '--seeds', '1..2'];
  const [compared, sides] = await folderOf(compare, /~compare~/);
  expect(head((await desk.run(['report', compared])).stdout)).toBe(head(sides));
});

test('exports again what the folder still knows', async () => {
  const [folder] = await folderOf(['run', 'short.yaml', '--seeds', '1..3'], /^short$/);
  const before = read(`${folder}/metrics.csv`);
  const { code } = await desk.run(['report', folder, '--export', 'csv,openmetrics']);
  expect(code).toBe(0);
  expect(read(`${folder}/metrics.csv`)).toBe(before);
  expect(read(`${folder}/metrics.prom`)).toContain('# EOF');
  const trace = await desk.run(['report', folder, '--export', 'perfetto']);
  expect(trace.code).toBe(64);
  expect(trace.stderr).toContain('Run it again, it will be the same: npx lictor run short.yaml');
  const single = ['run', 'short.yaml', '--seed', '9'];
  await folderOf(single, /^short$/);
  const operations = read('out/short/9/operations.csv');
  await desk.run(['report', 'out/short/9', '--export', 'csv']);
  expect(read('out/short/9/operations.csv')).toBe(operations);
});

test('what is no result is refused', async () => {
  expect((await desk.run(['report', 'nowhere'])).code).toBe(74);
  desk.write('x.json', '{}');
  expect((await desk.run(['report', 'x.json'])).code).toBe(65);
  desk.write('y.json', '{');
  expect((await desk.run(['report', 'y.json'])).code).toBe(65);
});
