/** The command as people start it: exit codes, pipes, signals, an old Node. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SHORT } from './support/host.ts';

const BIN = fileURLToPath(new URL('../../bin/lictor.mjs', import.meta.url));
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lictor-'));
  writeFileSync(join(folder, 'short.yaml'), SHORT);
  writeFileSync(join(folder, 'bad.yaml'), 'duration: soon\n');
  const long = SHORT.replace('duration: 2s', 'duration: 15m');
  writeFileSync(join(folder, 'long.yaml'), long);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function lictor(...words: string[]) {
  const env = { PATH: process.env.PATH, NO_COLOR: '1' };
  return spawnSync(process.execPath, [BIN, ...words], { cwd: folder, env, encoding: 'utf8' });
}

test.each([
  [0, ['short.yaml', '--reporter', 'json']],
  [64, ['run', '--bad']],
  [65, ['run', 'bad.yaml']],
  [74, ['run', 'nowhere.yaml']],
])('exit code %s of %j', (code, words) => {
  const { status, stdout, stderr } = lictor(...words);
  expect(status).toBe(code);
  expect(stderr).not.toContain('    at ');
  if (code === 0) expect(JSON.parse(stdout)).toMatchObject({ schema: 'lictor.result/1', seed: 1 });
  else expect(stdout).toBe('');
});

test('a reader that has left is no error', () => {
  const command = `"${process.execPath}" "${BIN}" list | true`;
  const { status, stderr } = spawnSync('bash', ['-o', 'pipefail', '-c', command], {
    encoding: 'utf8',
  });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});

test('Ctrl-C finishes the runs under way and reports; twice ends at once', async () => {
  const words = [BIN, 'run', 'long.yaml', '--seeds', '1..400', '--jobs', '2'];
  const env = { PATH: process.env.PATH, NO_COLOR: '1', LICTOR_FORCE_TTY: '80x24' };
  const interrupt = (times: number): Promise<{ code: number | null; stdout: string }> =>
    new Promise((resolve) => {
      const child = spawn(process.execPath, words, { cwd: folder, env });
      let stdout = '';
      let stderr = '';
      let pressed = 0;
      child.stdout.on('data', (text) => (stdout += String(text)));
      child.stderr.on('data', (text) => {
        stderr += String(text);
        // The first once progress shows that it works, the second once the first was answered.
        const due = stderr.includes('Interrupted') ? 2 : 1;
        if (pressed >= Math.min(due, times)) return;
        pressed++;
        child.kill('SIGINT');
      });
      child.on('close', (code) => resolve({ code, stdout }));
    });
  const once = await interrupt(1);
  expect(once.code).toBe(130);
  expect(once.stdout).toMatch(/^INTERRUPTED long, seeds 1\.\.400: \d+ of 400 runs/);
  const twice = await interrupt(2);
  expect(twice).toEqual({ code: 130, stdout: '' });
});

test('an old Node is told what it is missing', () => {
  const old = ['/usr/bin/node', '/usr/local/bin/node'].find((node) => {
    const major =
      existsSync(node) && spawnSync(node, ['-p', 'process.versions.node.split(".")[0]']);
    return major && Number(String(major.stdout)) < 24;
  });
  if (old === undefined) return;
  const env = { PATH: process.env.PATH, LICTOR_HANDED_OVER: '1' };
  const { status, stderr } = spawnSync(old, [BIN, '--version'], { env, encoding: 'utf8' });
  expect(status).toBe(70);
  expect(stderr).toMatch(/^Cannot run lictor: it needs Node 24 or newer, and this is \d+\./);
});
