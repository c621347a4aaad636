/** Finds and reads the scenarios that a command line names: files, folders, bundled ones. */
import { closeSync, openSync, readdirSync, readSync, statSync } from 'node:fs';
import { basename, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkDraw } from '../../scenarios/draw.ts';
import { nearest } from '../../scenarios/errors.ts';
import type { Loaded, NotLoaded } from '../../scenarios/load.ts';
import { formatIssue, loadScenario } from '../../scenarios/load.ts';
import { FILE_BYTES_MAX } from '../../scenarios/yaml-guard.ts';
import type { Source } from '../explore/plan.ts';
import { EXIT } from '../run/result.ts';
import { Failure } from './failure.ts';

/** Files of one folder that are looked at, at most. */
const FILES_MAX = 10_000;

/** One file as it was read, loaded or not. */
export interface Input {
  readonly file: string;
  readonly text: string;
  readonly loaded: Loaded | NotLoaded;
}

/** The folder of the bundled scenarios; the sources lie two levels deep, a package's three. */
export function libraryFolder(): string {
  const candidates = ['../../scenarios', '../../../scenarios'].map((path) =>
    fileURLToPath(new URL(path, import.meta.url)),
  );
  return candidates.find((folder) => isFolder(join(folder, 'basic'))) ?? candidates[0]!;
}

/** Every scenario of the library, by path below its folder: `basic/leader-crash.yaml`. */
export function libraryFiles(): string[] {
  const folder = libraryFolder();
  return isFolder(folder) ? scenariosIn(folder).map((file) => relative(folder, file)) : [];
}

/** Reads and loads everything that is named; throws Failure for what cannot be read at all. */
export function readInputs(
  folder: string,
  names: readonly string[],
  overrides: readonly string[],
): Input[] {
  const files = [...new Set(names.flatMap((name) => findFiles(folder, name)))];
  return files.map((file) => {
    const bytes = readBytes(folder, file);
    if (bytes.length === READ_BYTES_MAX) return { file, text: '', loaded: tooLarge(file) };
    const loaded = loadScenario(bytes, { file, overrides });
    if (!loaded.ok) return { file, text: '', loaded };
    const text = bytes.toString('utf8');
    const issues = checkDraw(text, loaded.config, { file, overrides });
    return { file, text, loaded: issues.length === 0 ? loaded : { ok: false, issues } };
  });
}

/** What a campaign needs of a scenario that was loaded. */
export function sourceOf({ file, text, loaded }: Input, overrides: readonly string[]): Source {
  const { name, description } = (loaded as Loaded).scenario;
  return { file, text, overrides, name, description, parameters: [] };
}

/** Results lie in folders named after scenarios: two of one name cannot run together. */
export function checkNames(inputs: readonly Input[]): void {
  const files = new Map<string, string>();
  for (const { file, loaded } of inputs) {
    const { name } = (loaded as Loaded).scenario;
    const other = files.get(name);
    if (other !== undefined) {
      throw new Failure(
        `Cannot run ${other} and ${file} together: both are named "${name}", and their results ` +
          'would share a folder. Give one another name.',
        EXIT.data,
      );
    }
    files.set(name, file);
  }
}

/** All problems of all files, and below each the line it is about. */
export function describeIssues(inputs: readonly Input[]): string[] {
  const lines: string[] = [];
  for (const { loaded } of inputs) {
    if (!loaded.ok)
      lines.push(...loaded.issues.map((issue) => formatIssue(issue, { caret: true })));
  }
  // A wrong --set is wrong for every file; once is enough.
  return [...new Set(lines)];
}

function findFiles(folder: string, name: string): string[] {
  const place = resolve(folder, name);
  if (isFolder(place)) {
    const found = scenariosIn(place).map((file) => join(name, relative(place, file)));
    if (found.length > 0) return found;
    throw new Failure(
      `Cannot run ${name}: the folder holds no scenario (*.yaml). ` +
        'Name another one; "lictor list scenarios" shows the bundled ones.',
      EXIT.data,
    );
  }
  if (exists(place)) return [name];
  const bundled = findBundled(folder, name);
  if (bundled !== undefined) return [bundled];
  throw new Failure(
    `Cannot read ${name}: no such file${suggestion(folder, name)} ` +
      'Name a file, a folder or one of "lictor list scenarios".',
    EXIT.io,
  );
}

/** `leader-crash` or `basic/leader-crash.yaml`, wherever the package lies. */
function findBundled(folder: string, name: string): string | undefined {
  const wanted = name.replace(/^scenarios[\\/]/, '').replace(/\.ya?ml$/i, '');
  const found = libraryFiles().filter((file) => {
    const path = file.replace(/\.ya?ml$/i, '').replaceAll('\\', '/');
    return path === wanted || basename(path) === wanted;
  });
  if (found.length !== 1) return undefined;
  const place = join(libraryFolder(), found[0]!);
  const shorter = relative(folder, place);
  return shorter.startsWith('..') ? place : shorter;
}

function suggestion(folder: string, name: string): string {
  const bare = (file: string): string => basename(file).replace(/\.ya?ml$/i, '');
  const here = readdirSync(folder).filter((file) => /\.ya?ml$/i.test(file));
  const bundled = libraryFiles().map(bare);
  const near = nearest(bare(name), [...here.map(bare), ...bundled]);
  if (near === undefined) return '.';
  return `, did you mean "${here.find((file) => bare(file) === near) ?? near}"?`;
}

/** Scenario files below a folder, in an order that does not depend on the file system. */
function scenariosIn(folder: string): string[] {
  const found: string[] = [];
  const visit = (place: string): void => {
    const entries = readdirSync(place, { withFileTypes: true });
    entries.sort((left, right) => (left.name < right.name ? -1 : 1));
    for (const entry of entries) {
      if (found.length >= FILES_MAX || entry.name.startsWith('.')) continue;
      const path = join(place, entry.name);
      if (entry.isDirectory() && entry.name !== 'node_modules') visit(path);
      else if (entry.isFile() && /\.ya?ml$/i.test(entry.name)) found.push(path);
    }
  };
  visit(folder);
  return found;
}

/** Bytes that are surely more characters than a scenario may have: UTF-8 takes three at most. */
const READ_BYTES_MAX = 3 * FILE_BYTES_MAX + 1;

function tooLarge(file: string): NotLoaded {
  const message = `the file is larger than a scenario may be: at most ${FILE_BYTES_MAX / 1024} KiB`;
  return { ok: false, issues: [{ file, line: 1, column: 1, path: '', message }] };
}

/** Reads no more than that, since some files have no end. */
function readBytes(folder: string, file: string): Buffer {
  let descriptor: number | undefined;
  try {
    descriptor = openSync(resolve(folder, file), 'r');
    const bytes = Buffer.alloc(READ_BYTES_MAX);
    let length = 0;
    while (length < READ_BYTES_MAX) {
      const read = readSync(descriptor, bytes, length, READ_BYTES_MAX - length, null);
      if (read === 0) break;
      length += read;
    }
    return bytes.subarray(0, length);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new Failure(`Cannot read ${file}: ${reason}. Check its name and permissions.`, EXIT.io);
  } finally {
    if (descriptor !== undefined) closeSync(descriptor);
  }
}

function isFolder(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function exists(place: string): boolean {
  return statSync(place, { throwIfNoEntry: false }) !== undefined;
}
