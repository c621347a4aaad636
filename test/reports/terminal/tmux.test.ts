/** A real terminal: keys typed into tmux, screens captured from it. Skipped where tmux is missing. */
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, test } from 'vitest';
import { BIN, Tmux, eventOn, tmuxIsThere } from './tmux.ts';

const LIBRARY = fileURLToPath(new URL('../../../scenarios/', import.meta.url));
const folders: string[] = [];
const terminals: Tmux[] = [];
afterEach(() => {
  terminals.splice(0).forEach((terminal) => terminal.close());
  folders.splice(0).forEach((folder) => rmSync(folder, { recursive: true, force: true }));
});

/** In a folder with leader-crash.yaml, and kept.yaml, a failure that was recorded. */
function start(width: number, height: number, verb: string, environment = ''): Tmux {
  const folder = mkdtempSync(join(tmpdir(), 'lictor-'));
  folders.push(folder);
  const text = readFileSync(join(LIBRARY, 'basic/leader-crash.yaml'), 'utf8');
  const alone = text.replace('cluster: {', 'cluster: { raft: { alone: true },');
  writeFileSync(join(folder, 'leader-crash.yaml'), alone);
  const crash = readFileSync(join(LIBRARY, 'planted/voter-crash.yaml'), 'utf8');
  const recorded = 'replay: { seed: 1, violates: raft.vote-once }\nplant: [B4]\n';
  writeFileSync(join(folder, 'kept.yaml'), crash + recorded);
  const terminal = new Tmux({ width, height, folder, environment });
  terminals.push(terminal);
  terminal.type(`echo before; "${process.execPath}" "${BIN}" ${verb}; echo left with $?`, 'Enter');
  return terminal;
}

describe.skipIf(!tmuxIsThere())('in tmux', () => {
  test.each([
    [80, 24],
    [160, 50],
  ])(
    'the election after a crash, a partition by hand, saved and run again: %i by %i',
    async (width, height) => {
      const terminal = start(width, height, 'watch leader-crash.yaml');
      await terminal.shows(/ running /);
      terminal.type('Space');
      await terminal.shows(/ paused /);
      // The crash is the first thing of note.
      terminal.type('n');
      const crash = await terminal.shows(/paused +20\.000000s/);
      expect(crash).toMatch(/>?s1 +down/);
      expect(crash).toContain('crash s1');
      let screen = crash;
      for (let stops = 0; stops < 12 && !/ leader +true/.test(screen); stops++) {
        const before = eventOn(screen);
        terminal.type('n');
        screen = await terminal.until((one) => / paused /.test(one) && eventOn(one) > before);
      }
      expect(screen).toContain('become leader');
      const elected = eventOn(screen);
      terminal.type('Left');
      const before = await terminal.until((one) => eventOn(one) === elected - 1);
      expect(before).not.toMatch(/ leader +true/);
      terminal.type('Right');
      const again = await terminal.until((one) => eventOn(one) === elected);
      expect(again).toMatch(/ leader +true/);
      // A partition by hand, in a past that is known.
      terminal.type('g', '1', '5', 's', 'Enter');
      await terminal.shows(/paused +15\.000000s/);
      terminal.type('b');
      await terminal.shows(/Break s1/);
      terminal.type('i');
      await terminal.shows(/will not happen/);
      terminal.type('y');
      await terminal.shows(/partition isolate s1/);
      terminal.type('s');
      await terminal.shows(/save as: leader-crash-edited.yaml/);
      terminal.type('Enter');
      await terminal.shows(/Saved\./);
      terminal.type('>');
      const end = await terminal.shows(/ ended /);
      const fingerprint = / ([0-9a-f]{16}) *$/m.exec(end)![1];
      terminal.type('q');
      const left = await terminal.shows(/left with 0/);
      expect(left).toContain('before');
      const words = [BIN, 'run', 'leader-crash-edited.yaml', '--seed', '1', '--reporter', 'json'];
      const { stdout } = spawnSync(process.execPath, words, {
        cwd: terminal.folder,
        encoding: 'utf8',
      });
      expect(JSON.parse(stdout).fingerprint).toBe(fingerprint);
    },
    60_000,
  );

  test('NO_COLOR, a smaller window, and the end by a signal', async () => {
    const terminal = start(80, 24, 'watch leader-crash.yaml --at 30s', 'NO_COLOR=1');
    const first = await terminal.shows(/paused +30\.000000s/);
    expect(first.split('\n')[0]).toContain('leader-crash');
    // eslint-disable-next-line no-control-regex
    expect(terminal.capture(true)).not.toMatch(/\u001b\[[0-9;]*(3[0-7]|9[0-7])m/);
    terminal.resize(40, 12);
    await terminal.until((screen) => {
      const [title, ...rest] = screen.split('\n');
      return title!.length <= 40 && title!.includes('lictor') && /#\d+/.test(rest.join());
    });
    terminal.resize(80, 24);
    await terminal.shows(/ Space run/);
    execFileSync('kill', ['-TERM', String(terminal.program())]);
    const left = await terminal.shows(/left with/);
    expect(left).toContain('before');
    expect(left).not.toContain('Reach');
  }, 60_000);

  test('Ctrl-Z gives the shell, fg the screen as it was', async () => {
    const terminal = start(80, 24, 'watch leader-crash.yaml --at 30s', 'NO_COLOR=1');
    await terminal.shows(/paused +30\.000000s/);
    terminal.type('C-z');
    await terminal.shows(/Stopped|Suspended/i);
    terminal.type('fg', 'Enter');
    await terminal.shows(/paused +30\.000000s/);
    terminal.type('.');
    await terminal.until((screen) => /30\.0\d+s/.test(screen) && !/30\.000000s/.test(screen));
    terminal.type('q');
    await terminal.until((screen) => !screen.includes('leader-crash, seed'));
  }, 60_000);

  test('without a terminal it says so, exit code 64', () => {
    const words = [BIN, 'watch', join(LIBRARY, 'basic/leader-crash.yaml')];
    const { status, stderr } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    expect(status).toBe(64);
    expect(stderr).toMatch(/^Cannot watch .*: this is not a terminal/);
  }, 60_000);
});

describe.skipIf(!tmuxIsThere())('a recorded failure in tmux', () => {
  test('opens at its violation', async () => {
    const terminal = start(80, 24, 'replay kept.yaml --watch');
    const screen = await terminal.shows(/How it came about/);
    expect(screen).toContain('violated: raft.vote-once');
    expect(screen).toContain('grant vote');
  }, 60_000);
});
