/** Pages of several runs: campaigns, sweeps, comparisons, and what is left of interrupted ones. */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Summary } from '../../../sim/explore/summary.ts';
import { Desk, SHORT } from '../../cli/support/host.ts';
import { Browser, findChromium } from './support/browser.ts';

const CHROMIUM = findChromium();
const WHY =
  CHROMIUM === null ? ' (skipped: no chromium in /usr/bin; apt-get install chromium)' : '';

const PLANTED = ['run', 'two-majorities', '--set', 'expect=pass', '--set', 'plant=[B3]'];
const COMMANDS = {
  campaign: ['run', 'short.yaml', '--seeds', '1..12'],
  failing: [...PLANTED, '--seeds', '1..2'],
  sweep: ['sweep', 'short.yaml', '--vary', 'load.kv.clients=1,2,4', '--seeds', '1..10'],
  compare: ['compare', 'short.yaml', '--set', 'load.kv.rate=40/s', '--seeds', '1..10'],
} as const;

let desk: Desk;
const page = (name: string): string => readFileSync(join(desk.folder, `${name}.html`), 'utf8');
const summaryOf = (name: string): Summary =>
  JSON.parse(readFileSync(join(desk.folder, `${name}.json`), 'utf8')) as Summary;

beforeAll(async () => {
  desk = new Desk();
  desk.write('short.yaml', SHORT);
  for (const [name, words] of Object.entries(COMMANDS)) {
    const reporters = ['--reporter', `html=${name}.html`, '--reporter', `json=${name}.json`];
    await desk.run([...words, ...reporters, '-q', '--jobs', '1', '--out', `out-${name}`]);
  }
}, 120_000);
afterAll(() => desk.clear());

/** Cells by their names for programs. */
function cell(text: string, row: string, figure: string): number {
  const found = text
    .split(`data-row="${row}"`)
    .slice(1)
    .map((part) => part.split('</tr>')[0]!);
  const pattern = new RegExp(`data-figure="${figure}" data-value="([^"]*)"`);
  return Number(found.map((part) => pattern.exec(part)?.[1]).find((one) => one !== undefined));
}

test('the figures of a campaign are those of its summary', () => {
  const { metrics } = summaryOf('campaign').scenarios[0]!;
  const text = page('campaign');
  expect(cell(text, 'kv.availability', 'median')).toBe(metrics['kv.availability']!.median);
  expect(cell(text, 'kv.latency', 'p50')).toBe(metrics['kv.latency']!.p50);
  expect(cell(text, 'kv.latency', 'p99')).toBe(metrics['kv.latency']!.p99);
  expect(text.match(/class="cell good"/g)).toHaveLength(12);
});

test('a comparison tells the differences of its summary, with and without pairing', () => {
  const found = summaryOf('compare').comparison!.find(
    ({ metric, figure }) => metric === 'network.messages{rpc.write}' && figure === 'value',
  )!;
  expect(found.finding).toBe('higher');
  const text = page('compare');
  expect(cell(text, 'network.messages{rpc.write} value', 'difference')).toBe(found.difference);
  expect(text.includes('class="unpaired"')).toBe(true);
});

test('a sweep has a plot for each figure, with a mark for each value', () => {
  const text = page('sweep');
  expect(text.includes('kv.latency by clients')).toBe(true);
  const plot = text.split('kv.latency by clients</h3>')[1]!.split('</figure>')[0]!;
  expect(plot.match(/<circle/g)).toHaveLength(3);
  expect(plot.match(/class="whisker/g)).toHaveLength(3);
});

test('runs that failed are shown in pictures, with the commands that make them again', () => {
  const text = page('failing');
  expect(text.match(/data-chart="timeline"/g)!.length).toBeGreaterThanOrEqual(1);
  expect(text.includes('raft.leader-completeness</b> violated')).toBe(true);
  expect(/npx lictor run \S*two-majorities.yaml --seed 1 [^<]*B3/.test(text)).toBe(true);
});

test('a page that is made again from a folder has the pictures of its failures', async () => {
  const out = join(desk.folder, 'out-failing');
  const [folder] = readdirSync(out, { withFileTypes: true }).filter((one) => one.isDirectory());
  const words = ['report', join(out, folder!.name), '--reporter', 'html=failing-again.html'];
  await desk.run(words);
  const charts = (text: string): number => text.match(/data-chart="timeline"/g)!.length;
  expect(charts(page('failing-again'))).toBe(charts(page('failing')));
});

test('an interrupted campaign has a page of what was run', async () => {
  const words = ['run', 'short.yaml', '--seeds', '1..30', '--jobs', '1', '--out', 'out-cut'];
  const { code } = await desk.run([...words, '--reporter', 'html=cut.html'], {
    onBreath: (press, breath) => {
      if (breath === 4) press();
    },
  });
  expect(code).toBe(130);
  expect(page('cut').includes('Interrupted')).toBe(true);
  expect(/<h1>short, seeds 1\.\.30<\/h1>/.test(page('cut'))).toBe(true);
});

test('a page is complete where another reporter throws', async () => {
  const thrower = 'export default () => ({ onRun() { throw new Error("full"); } });\n';
  writeFileSync(join(desk.folder, 'mine.mjs'), thrower);
  const words = ['run', 'short.yaml', '--seeds', '1..2', '--out', 'out-throw'];
  const { code, stderr } = await desk.run([
    ...words,
    '--reporter',
    './mine.mjs=x.txt',
    '--reporter',
    'html=thrown.html',
  ]);
  expect(code).toBe(74);
  expect(stderr).toContain('full');
  expect(page('thrown').match(/class="cell good"/g)).toHaveLength(2);
});

test('nothing that a scenario is called by becomes markup', async () => {
  const name = '"><script>x</script>&';
  desk.write('odd.yaml', SHORT.replace('duration', `description: '${name}'\nduration`));
  await desk.run(['run', 'odd.yaml', '--out', 'out-odd', '--reporter', 'html=odd.html']);
  expect(page('odd').includes(name)).toBe(false);
  expect(page('odd').includes('&quot;&gt;&lt;script&gt;x&lt;/script&gt;&amp;')).toBe(true);
});

describe.skipIf(CHROMIUM === null)(`in a browser${WHY}`, () => {
  let browser: Browser;
  beforeAll(() => {
    browser = new Browser(CHROMIUM!);
  });
  afterAll(async () => await browser?.close());

  test.each(Object.keys(COMMANDS))('%s opens without a complaint and fits', async (name) => {
    for (const [width, scheme] of [
      [1280, 'light'],
      [400, 'dark'],
    ] as const) {
      const tab = await browser.open(width, 900);
      await tab.prefer(scheme);
      await tab.load(join(desk.folder, `${name}.html`));
      expect(tab.complaints).toEqual([]);
      const wide = 'document.documentElement.scrollWidth';
      expect(await tab.evaluate(wide)).toBeLessThanOrEqual(width);
      const marks = 'document.querySelectorAll("[data-chart=plot] svg > g > *").length';
      expect(await tab.evaluate(marks)).toBeGreaterThan(5);
    }
  });
});
