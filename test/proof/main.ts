/**
 * Long forms of the tests: `npm run proof -- NAME [--seeds N]`. Each file of this folder but this one
 * is a proof, and exports `run(options)` that prints a table and answers whether it holds.
 */
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';

export interface ProofOptions {
  /** Seeds 1..n of everything; left out: as many as the proof wants. */
  readonly seeds?: number;
  readonly print: (line: string) => void;
}

export interface Proof {
  /** One line for `--list`. */
  readonly title?: string;
  /** False: what was to be shown is not so. */
  run(options: ProofOptions): Promise<boolean> | boolean;
}

const USAGE = 'Usage: npm run proof -- NAME [--seeds N] | --list';

function names(): string[] {
  return readdirSync(new URL('.', import.meta.url))
    .filter((file) => /^[a-z][a-z-]*\.ts$/.test(file) && file !== 'main.ts')
    .map((file) => file.slice(0, -'.ts'.length))
    .sort();
}

async function load(name: string): Promise<Proof> {
  return (await import(new URL(`./${name}.ts`, import.meta.url).href)) as Proof;
}

async function list(): Promise<number> {
  for (const name of names()) {
    const { title, run } = await load(name);
    if (typeof run === 'function') console.log(`${name.padEnd(18)} ${title ?? ''}`.trimEnd());
  }
  return 0;
}

function complain(message: string): number {
  console.error(`${message}\n${USAGE}\nProofs: ${names().join(', ')}.`);
  return 64;
}

/** The exit code: 0 it holds, 1 it does not, 64 a wrong command line. */
async function main(words: string[]): Promise<number> {
  let parsed;
  try {
    const options = { seeds: { type: 'string' }, list: { type: 'boolean' } } as const;
    parsed = parseArgs({ args: words, options, allowPositionals: true });
  } catch (error) {
    return complain((error as Error).message);
  }
  const { values, positionals } = parsed;
  if (values.list === true) return list();
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0) return complain('Name one proof.');
  if (!names().includes(name)) return complain(`There is no proof "${name}".`);
  const seeds = values.seeds === undefined ? undefined : Number(values.seeds);
  if (seeds !== undefined && !(Number.isInteger(seeds) && seeds > 0)) {
    return complain(`--seeds ${values.seeds} is no positive whole number.`);
  }
  const { run } = await load(name);
  if (typeof run !== 'function') return complain(`"${name}" has no run(options).`);
  const print = (line: string): void => console.log(line);
  return (await run({ ...(seeds === undefined ? {} : { seeds }), print })) ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
