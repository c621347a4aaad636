/**
 * The package as it would be published, laid out in an empty folder: the command runs scenarios, in
 * threads too, and the library can be imported. Its dependencies are borrowed from the clone.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Script } from 'node:vm';
import { afterAll, beforeAll, expect, test } from 'vitest';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
let folder: string;

function node(...words: string[]) {
  const env = { PATH: process.env.PATH, NO_COLOR: '1' };
  return spawnSync(process.execPath, words, { cwd: folder, env, encoding: 'utf8' });
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'lictor-'));
  const home = join(folder, 'node_modules', 'lictor');
  const packed = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const [{ files }] = JSON.parse(packed.stdout) as [{ files: { path: string }[] }];
  for (const { path } of files) {
    if (!path.startsWith('dist/')) cpSync(join(ROOT, path), join(home, path));
  }
  const compiler = join(ROOT, 'node_modules/typescript/bin/tsc');
  const output = ['--outDir', join(home, 'dist')];
  for (const project of ['tsconfig.build.json', 'tsconfig.page.build.json']) {
    const words = [compiler, '-p', project, ...output];
    const built = spawnSync(process.execPath, words, { cwd: ROOT, encoding: 'utf8' });
    expect(built.stdout).toBe('');
  }
  symlinkSync(join(ROOT, 'node_modules'), join(home, 'node_modules'), 'junction');
}, 120_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('runs a bundled scenario by its name, in threads', () => {
  const bin = 'node_modules/lictor/bin/lictor.mjs';
  const words = [
    'run',
    'leader-crash',
    '--seeds',
    '1..2',
    '--jobs',
    '2',
    '-q',
    '--reporter',
    'json',
  ];
  const { status, stdout, stderr } = node(bin, ...words);
  expect(stderr).toBe('');
  expect(status).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({ schema: 'lictor.summary/1', finished: 2 });
  expect(node(bin, 'list', 'scenarios').stdout).toMatch(/^basic\/leader-crash /m);
});

test('makes a page whose script is one text', () => {
  const bin = 'node_modules/lictor/bin/lictor.mjs';
  const { status, stderr } = node(bin, 'run', 'steady-state', '--reporter', 'html=page.html', '-q');
  expect(stderr).toBe('');
  expect(status).toBe(0);
  const script = readFileSync(join(folder, 'page.html'), 'utf8').split('<script type="module">')[1];
  expect(/^\s*(?:import|export) /m.test(script!)).toBe(false);
  expect(() => new Script(script!.split('</script>')[0]!)).not.toThrow();
});

test('is a library', () => {
  writeFileSync(
    join(folder, 'use.mjs'),
    `import { loadScenario, runScenario } from 'lictor';
import schema from 'lictor/result.schema.json' with { type: 'json' };
const loaded = loadScenario('duration: 2s', { file: 'x.yaml' });
const options = { seed: 1, command: '', overrides: {}, strict: false };
const { result } = runScenario(loaded.scenario, options);
console.log(result.schema, result.scenario, result.verdict, typeof schema.properties.verdict);
`,
  );
  const { stdout, stderr } = node('use.mjs');
  expect(stderr).toBe('');
  expect(stdout).toBe('lictor.result/1 x pass object\n');
});
