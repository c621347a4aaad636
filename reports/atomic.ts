/** Files and folders that are there whole or not at all: written beside their place, then renamed. */
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

/** Results that could not be written: `Cannot write <place>: <reason>. <remedy>`; exit code 74. */
export class WriteError extends Error {
  override readonly name = 'WriteError';

  constructor(place: string, cause: unknown) {
    super(`Cannot write ${place}: ${reasonOf(cause)}. ${remedyFor(cause)}`, { cause });
  }
}

/** Writes one file; its folder is made if need be. */
export function writeFileAtomically(file: string, text: string | Uint8Array): void {
  const temporary = `${file}${suffix()}`;
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(temporary, text);
    renameSync(temporary, file);
  } catch (error) {
    discard(temporary);
    throw new WriteError(file, error);
  }
}

/** Writes a folder with these files, in place of what had its name. */
export function writeFolderAtomically(
  folder: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): void {
  const temporary = `${folder}${suffix()}`;
  const old = `${folder}${suffix()}.old`;
  try {
    mkdirSync(dirname(folder), { recursive: true });
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary);
    for (const [name, text] of Object.entries(files)) writeFileSync(join(temporary, name), text);
    moveAside(folder, old);
    renameSync(temporary, folder);
    rmSync(old, { recursive: true, force: true });
  } catch (error) {
    discard(temporary);
    throw new WriteError(folder, error);
  }
}

/** Fails early, before a long run, where nothing could be written after it. */
export function checkWritable(folder: string): void {
  const probe = join(folder, suffix());
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(probe, '');
  } catch (error) {
    throw new WriteError(folder, error);
  } finally {
    discard(probe);
  }
}

/** What was begun; that it cannot be removed matters less than why it could not be written. */
function discard(place: string): void {
  try {
    rmSync(place, { recursive: true, force: true });
  } catch {
    // Its folder is a file, or gone.
  }
}

/** A folder cannot be renamed onto one that holds files. */
function moveAside(folder: string, old: string): void {
  try {
    rmSync(old, { recursive: true, force: true });
    renameSync(folder, old);
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw error;
  }
}

/** Two processes that write the same results at the same time do not meet. */
function suffix(): string {
  return `.tmp-${process.pid}`;
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}

const REASONS: Readonly<Record<string, readonly [reason: string, remedy: string]>> = {
  EACCES: ['permission denied', 'Choose another folder with --out.'],
  EPERM: ['permission denied', 'Choose another folder with --out.'],
  EROFS: ['the file system is read-only', 'Choose another folder with --out.'],
  ENOSPC: ['no space is left on the disk', 'Free some, or choose another folder with --out.'],
  ENOTDIR: ['a part of the path is a file', 'Remove it, or choose another folder with --out.'],
  EEXIST: ['a file has that name', 'Remove it, or choose another folder with --out.'],
  EISDIR: ['a folder has that name', 'Choose another file name.'],
  ENAMETOOLONG: ['the name is too long', 'Choose a shorter one with --out.'],
};

function reasonOf(error: unknown): string {
  const known = REASONS[codeOf(error)];
  if (known) return known[0];
  return error instanceof Error ? error.message : String(error);
}

function remedyFor(error: unknown): string {
  return REASONS[codeOf(error)]?.[1] ?? 'Choose another folder with --out.';
}
