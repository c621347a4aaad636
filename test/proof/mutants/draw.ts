/**
 * A sample of all mutants. Each has a number of its own, made of the seed and of its key, and those
 * with the lowest are taken: a change of the code elsewhere leaves the sample as it was.
 */
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { mutantsOf } from './sites.ts';
import type { Mutant } from './sites.ts';

export const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** What is mutated. */
export const FOLDERS = ['sim/protocol', 'sim/consul'] as const;
/** Files that number and name things, and decide nothing. */
const NAMES = /(vocabulary|bugs|steps)\.ts$/;

/** Of all files, by name. */
export function allMutants(): Mutant[] {
  return FOLDERS.flatMap((folder) => {
    const names = readdirSync(`${ROOT}${folder}`, { recursive: true, encoding: 'utf8' });
    const files = names.filter((name) => name.endsWith('.ts') && !NAMES.test(name)).sort();
    return files.flatMap((name) => {
      const file = `${folder}/${name.replaceAll('\\', '/')}`;
      return mutantsOf(file, readFileSync(`${ROOT}${file}`, 'utf8'));
    });
  });
}

export function drawn(mutants: readonly Mutant[], count: number, seed: number): Mutant[] {
  const numbered = mutants.map((mutant) => ({ mutant, number: numberOf(mutant, seed) }));
  numbered.sort((one, other) => (one.number < other.number ? -1 : 1));
  return numbered.slice(0, count).map(({ mutant }) => mutant);
}

function numberOf({ key }: Mutant, seed: number): string {
  return createHash('sha256').update(`${seed} ${key}`).digest('hex');
}
