/** Results on disk: where they go, that they are whole, and what is said when they cannot be. */
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeFileAtomically, writeFolderAtomically, WriteError } from '../../reports/atomic.ts';
import { overridesTag, ResultFolders } from '../../reports/folders.ts';
import { summarise } from '../../sim/explore/summary.ts';
import * as fixed from './support/records.ts';

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'lictor-'));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

const FILES = {
  history: ['{"op":1}', '{"op":2}'],
  transcript: ['line'],
  scenario: 'name: x\n',
  events: null,
  picture: null,
};

describe('result folders', () => {
  test('of one run', () => {
    const folders = new ResultFolders(root, fixed.planOf(['leader-crash'], 7, 7));
    folders.check();
    const record = fixed.recordOf(fixed.passing(), { files: FILES });
    folders.writeRun(record);
    const folder = join(root, 'leader-crash', '7');
    const plan = fixed.planOf(['leader-crash'], 7, 7);
    expect(folders.writeSummary(summarise(fixed.factsOf(plan, [record])))).toBe(folder);
    expect(readdirSync(root, { recursive: true }).sort()).toEqual([
      'leader-crash',
      'leader-crash/7',
      ...['history.ndjson', 'manifest.json', 'result.json', 'scenario.yaml', 'transcript.txt'].map(
        (name) => `leader-crash/7/${name}`,
      ),
    ]);
    const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
    expect(JSON.parse(read('result.json'))).toEqual(fixed.passing());
    expect(JSON.parse(read('manifest.json'))).toEqual(fixed.passing().manifest);
    expect(read('history.ndjson')).toBe('{"op":1}\n{"op":2}\n');
    expect(read('transcript.txt')).toBe('line\n');
  });

  test('of several runs: one summary, and folders for those that brought files', () => {
    const plan = fixed.planOf(['leader-crash'], 1, 2);
    const folders = new ResultFolders(root, plan);
    const records = [
      fixed.recordOf(fixed.passing({ seed: 1 })),
      fixed.recordOf(fixed.failing({ seed: 2 }), { files: FILES }),
    ];
    for (const record of records) folders.writeRun(record);
    const place = folders.writeSummary(summarise(fixed.factsOf(plan, records)));
    expect(place).toBe(join(root, 'leader-crash', 'summary.json'));
    expect(readdirSync(join(root, 'leader-crash')).sort()).toEqual(['2', 'summary.json']);
  });

  test('of several scenarios: the summary lies above them', () => {
    const plan = fixed.planOf(['one', 'two'], 1, 1);
    const folders = new ResultFolders(root, plan);
    expect(folders.writeSummary(summarise(fixed.factsOf(plan, [])))).toBe(
      join(root, 'summary.json'),
    );
  });

  test('are named after the overrides', () => {
    expect(overridesTag([])).toBe('');
    expect(overridesTag(['a=1'])).toMatch(/^~[0-9a-f]{8}$/);
    expect(overridesTag(['a=1'])).not.toBe(overridesTag(['a=2']));
  });
});

describe('writing', () => {
  test('replaces a folder as a whole', () => {
    const folder = join(root, 'a', 'b');
    writeFolderAtomically(folder, { old: '1', both: '1' });
    writeFolderAtomically(folder, { both: '2' });
    expect(readdirSync(folder)).toEqual(['both']);
    expect(readFileSync(join(folder, 'both'), 'utf8')).toBe('2');
    expect(readdirSync(join(root, 'a'))).toEqual(['b']);
  });

  test('leaves nothing half-written', () => {
    const folder = join(root, 'a', 'b');
    writeFolderAtomically(folder, { old: '1' });
    const bad = { fine: '1', 'no/such/folder': '2' };
    expect(() => writeFolderAtomically(folder, bad)).toThrow(WriteError);
    expect(readdirSync(join(root, 'a'))).toEqual(['b']);
    expect(readdirSync(folder)).toEqual(['old']);
  });

  test('says the place, the reason and the remedy', () => {
    writeFileSync(join(root, 'file'), '');
    expect(() => writeFileAtomically(join(root, 'file', 'x.json'), '')).toThrow(
      /^Cannot write .*x\.json: a (part of the path is a file|file has that name)\. Remove it, or/,
    );
    mkdirSync(join(root, 'folder'));
    expect(() => writeFileAtomically(join(root, 'folder'), '')).toThrow(/a folder has that name/);
    expect(readdirSync(root).sort()).toEqual(['file', 'folder']);
  });

  test.skipIf(process.getuid?.() === 0)('says it where permission is missing', () => {
    chmodSync(root, 0o500);
    const folders = new ResultFolders(join(root, 'out'), fixed.planOf(['x'], 1, 1));
    expect(() => folders.check()).toThrow(/permission denied\. Choose another folder with --out\./);
    chmodSync(root, 0o700);
  });
});
