/**
 * Long forms of the tests: `npm run proof -- NAME [options]`. Each file of this folder but this one is
 * a proof: it exports `run(options)`, which says on stderr how far it is, writes its page under
 * docs/proof/, and returns the exit code: 0 it holds, 1 it does not.
 */
import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';

interface Proof {
  /** One line for `--list`. */
  readonly title?: string;
  run(options: Readonly<Record<string, string | number>>): Promise<number> | number;
}

const OPTIONS = {
  seeds: { type: 'string' },
  count: { type: 'string' },
  shrink: { type: 'string' },
  seconds: { type: 'string' },
  strategies: { type: 'string' },
  bugs: { type: 'string' },
  histories: { type: 'string' },
  page: { type: 'string' },
  list: { type: 'boolean' },
} as const;
const COUNTS: readonly string[] = ['seeds', 'count', 'seconds', 'shrink'];
const USAGE =
  'Usage: npm run proof -- NAME [--seeds N] [--count N] [--seconds N] [--shrink N] [--strategies all]\n' +
  '       [--bugs A,B] [--histories FOLDER] [--page FILE]\n' +
  '       npm run proof -- --list';

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
  for (const name of names()) console.log(`${name.padEnd(18)} ${(await load(name)).title ?? ''}`);
  return 0;
}

function complain(message: string): number {
  console.error(`${message}\n${USAGE}\nProofs: ${names().join(', ')}.`);
  return 64;
}

/** The exit code; 64 for a wrong command line. */
async function main(words: string[]): Promise<number> {
  let parsed;
  try {
    parsed = parseArgs({ args: words, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    return complain((error as Error).message);
  }
  const { list: listAsked, ...given } = parsed.values;
  if (listAsked === true) return list();
  const [name, ...rest] = parsed.positionals;
  if (name === undefined || rest.length > 0) return complain('Name one proof.');
  if (!names().includes(name)) return complain(`There is no proof "${name}".`);
  const options: Record<string, string | number> = {};
  for (const [key, value] of Object.entries(given)) {
    if (COUNTS.includes(key) && !/^[1-9]\d{0,8}$/.test(value)) {
      return complain(`--${key} ${value} is no positive whole number.`);
    }
    options[key] = COUNTS.includes(key) ? Number(value) : value;
  }
  return (await load(name)).run(options);
}

process.exitCode = await main(process.argv.slice(2));
