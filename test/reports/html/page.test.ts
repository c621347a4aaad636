/** The page of a run in a browser: it opens without a complaint, and what it offers works. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { Desk } from '../../cli/support/host.ts';
import { Browser, findChromium } from './support/browser.ts';
import type { Tab } from './support/browser.ts';

const CHROMIUM = findChromium();
const WHY =
  CHROMIUM === null ? ' (skipped: no chromium in /usr/bin; apt-get install chromium)' : '';

let desk: Desk;
beforeAll(async () => {
  desk = new Desk();
  const words = ['run', 'leader-crash', '--seed', '7', '--reporter', 'html=run.html'];
  const { code, stderr } = await desk.run([...words, '--set', 'duration=45s']);
  expect(stderr).toBe('');
  expect(code).toBe(0);
});
afterAll(() => desk.clear());

test('a page is one file that asks for nothing', () => {
  const text = readFileSync(join(desk.folder, 'run.html'), 'utf8');
  expect(/\b(?:src|href)="(?!#|data:)/.test(text)).toBe(false);
  expect(/@import|url\((?!#)/.test(text)).toBe(false);
  expect(text.length).toBeLessThan(600_000);
});

test('without a path it lies beside the results, and is made again from them', async () => {
  const words = ['run', 'leader-crash', '--seed', '8', '--out', 'out', '--reporter', 'html'];
  const { stdout, stderr } = await desk.run([...words, '--set', 'duration=25s']);
  expect(stdout).toBe('');
  const [, place] = /^html: (\S+report\.html)\n$/.exec(stderr)!;
  const folder = join(desk.folder, place!, '..');
  expect(readdirSync(folder)).toContain('picture.json');
  const before = readFileSync(join(folder, 'report.html'), 'utf8');
  await desk.run(['report', join(place!, '..'), '--reporter', 'html=again.html']);
  const after = readFileSync(join(desk.folder, 'again.html'), 'utf8');
  // Distributions are not kept: curves of percentiles have fewer points.
  const figures = (text: string): string[] =>
    [...text.matchAll(/data-(?:figure|chart|row)="[^"]*"(?: data-value="[^"]*")?/g)].map(String);
  expect(figures(after)).toEqual(figures(before));
});

describe.skipIf(CHROMIUM === null)(`in a browser${WHY}`, () => {
  let browser: Browser;
  let tab: Tab;
  beforeAll(async () => {
    browser = new Browser(CHROMIUM!);
    tab = await browser.open(1280, 900);
    await tab.load(join(desk.folder, 'run.html'));
  });
  afterAll(async () => await browser?.close());

  const text = async (selector: string): Promise<string> =>
    await tab.evaluate<string>(`document.querySelector('${selector}').textContent`);
  const count = async (selector: string): Promise<number> =>
    await tab.evaluate<number>(`document.querySelectorAll('${selector}').length`);
  const click = async (selector: string): Promise<void> =>
    await tab.evaluate<void>(`document.querySelector('${selector}').click()`);

  test('opens without a complaint', async () => {
    expect(tab.complaints).toEqual([]);
    expect(await text('h1')).toBe('leader-crash, seed 7');
    expect(await text('.badge')).toBe('PASS');
  });

  test('shows fault, failover and recovery', async () => {
    const timeline = '[data-chart=timeline] svg';
    expect(await text(timeline)).toMatch(/crash s\d/);
    expect(await text(timeline)).toMatch(/no leader for 1\d(\.\d)?s/);
    expect(await count(`${timeline} .gap`)).toBe(1);
    expect(await count(`${timeline} .state.down`)).toBe(1);
    const label = `document.querySelector('${timeline}').getAttribute('aria-label')`;
    expect(await tab.evaluate(label)).toMatch(/crash s\d from 20s to 40s.*No leader for/);
  });

  test('zooms by keys and buttons, and goes back', async () => {
    const status = '[data-chart=timeline] output';
    await tab.evaluate("document.querySelector('[data-chart=timeline] svg').focus()");
    await tab.press('+');
    expect(await text(status)).toMatch(/^Shown: 18\.750 s to 56\.250 s$/);
    await tab.press('Home');
    expect(await text(status)).toBe('Shown: the whole run');
    await click('[data-chart=timeline] [data-zoom=in]');
    expect(await text(status)).toMatch(/^Shown: \d/);
    await click('[data-chart=timeline] [data-zoom=all]');
  });

  test('zooms by dragging, and tells what is under the pointer', async () => {
    const box = await tab.evaluate<Readonly<Record<string, number>>>(
      `(() => { const svg = document.querySelector('[data-chart=timeline] svg'); svg.scrollIntoView();
        const { x, y, width, height } = svg.getBoundingClientRect(); return { x, y, width, height }; })()`,
    );
    const at = (share: number): number => box['x']! + box['width']! * share;
    const y = box['y']! + 80;
    await tab.mouse('mouseMoved', at(0.38), y);
    expect(await text('[data-chart=timeline] .tip')).toMatch(/fault: crash s\d.*no leader/);
    await tab.mouse('mousePressed', at(0.3), y, 'left');
    await tab.mouse('mouseMoved', at(0.5), y, 'left');
    await tab.mouse('mouseReleased', at(0.5), y, 'left');
    expect(await text('[data-chart=timeline] output')).toMatch(/^Shown: 1\d|^Shown: 2\d/);
    await click('[data-chart=timeline] [data-zoom=all]');
  });

  test('goes from event to event in the space-time diagram', async () => {
    const facts = '[data-chart=moment] .facts';
    const past = '[data-chart=moment] .message.past';
    expect(await text(facts)).toContain('become leader');
    const before = await count(past);
    expect(before).toBeGreaterThan(1);
    await tab.evaluate("document.querySelector('[data-chart=moment] svg').focus()");
    const first = await text(facts);
    await tab.press('ArrowUp');
    const parent = await text(facts);
    expect(parent).not.toBe(first);
    expect(first).toContain(`#${/event (\d+)/.exec(parent)![1]}`);
    expect(await count('[data-chart=moment] .message.future')).toBeGreaterThan(0);
    await tab.press('Escape');
    await click('[data-chart=moment] [data-zoom=spacing]');
    expect(await count('[data-chart=moment] .node')).toBeGreaterThan(0);
    expect(tab.complaints).toEqual([]);
  });

  test('shows the matrix of one class', async () => {
    await tab.evaluate(`(() => { const select = document.querySelector('[data-chart=matrix] select');
      select.value = 'raft.vote'; select.dispatchEvent(new Event('change')); })()`);
    const numbers = await tab.evaluate<string[]>(
      "[...document.querySelectorAll('[data-chart=matrix] tbody td')].map((cell) => cell.textContent).filter((one) => one !== '')",
    );
    expect(numbers.length).toBeGreaterThan(0);
    expect(numbers.every((one) => Number(one) < 10)).toBe(true);
  });

  test('copies a table as text', async () => {
    await tab.evaluate(
      `navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }`,
    );
    await tab.evaluate(
      `[...document.querySelectorAll('button.copy')].find((one) => one.previousElementSibling?.ariaLabel?.startsWith('Single')).click()`,
    );
    expect(await tab.evaluate('window.copied')).toMatch(
      /^metric\tvalue\tunit\n.*\nkv\.availability\t/s,
    );
  });

  test.each([
    [1280, 'light'],
    [1280, 'dark'],
    [400, 'light'],
    [400, 'dark'],
  ] as const)('fits %i pixels, %s', async (width, scheme) => {
    await tab.resize(width, 900);
    await tab.prefer(scheme);
    await tab.load(join(desk.folder, 'run.html'));
    expect(await tab.evaluate('document.documentElement.scrollWidth')).toBeLessThanOrEqual(width);
    const background = await tab.evaluate<string>(
      'getComputedStyle(document.body).backgroundColor',
    );
    expect(background === 'rgb(255, 255, 255)').toBe(scheme === 'light');
    const folder = process.env['SCREENSHOTS'];
    if (folder !== undefined) {
      mkdirSync(folder, { recursive: true });
      const png = Buffer.from(await tab.screenshot(), 'base64');
      writeFileSync(join(folder, `run-${width}-${scheme}.png`), png);
    }
    expect(tab.complaints).toEqual([]);
  });

  test('a run of very many events has no larger page, and says what it leaves out', async () => {
    const words = ['run', 'leader-crash', '--seed', '7', '--reporter', 'html=many.html'];
    await desk.run([...words, '--set', 'duration=45s', '--set', 'load.kv.rate=1000/s']);
    await tab.resize(1280, 900);
    await tab.load(join(desk.folder, 'many.html'));
    expect(await text('header dl')).toMatch(/2\d\d k events/);
    expect(await text('[data-chart=timeline]')).toMatch(/dots: one of \d+ operations/);
    expect(await count('*')).toBeLessThan(1500);
    expect(readFileSync(join(desk.folder, 'many.html')).length).toBeLessThan(900_000);
    expect(tab.complaints).toEqual([]);
  });

  test('changes between dark and light by its button', async () => {
    await tab.prefer('light');
    await tab.load(join(desk.folder, 'run.html'));
    await click('button.theme');
    expect(await tab.evaluate('getComputedStyle(document.body).backgroundColor')).not.toBe(
      'rgb(255, 255, 255)',
    );
  });
});
