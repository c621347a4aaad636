import { readFileSync } from 'node:fs';

/** The version in package.json, which lies two folders up in a clone and three in a package. */
export const VERSION: string = readVersion();

function readVersion(): string {
  for (const path of ['../../package.json', '../../../package.json']) {
    try {
      const text = readFileSync(new URL(path, import.meta.url), 'utf8');
      const found = JSON.parse(text) as { name?: string; version?: string };
      if (found.name === 'lictor' && found.version !== undefined) return found.version;
    } catch {
      // Not this folder: try the next one up.
    }
  }
  return '0.0.0';
}
