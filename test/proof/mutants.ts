/** Small mistakes drawn from the code of the protocols: do the tests, or a search, notice them? */
import { readFileSync } from 'node:fs';
import { allMutants, drawn, FOLDERS } from './mutants/draw.ts';
import { STAGES, Workshop } from './mutants/judge.ts';
import type { Stage, Verdict } from './mutants/judge.ts';
import { OPERATORS } from './mutants/sites.ts';
import type { Mutant } from './mutants/sites.ts';
import { writePage } from './support/page.ts';
import type { PageOptions } from './support/page.ts';
import { Progress } from './support/resume.ts';

export const title = 'mistakes drawn from the code are noticed by tests or by a search';

const COUNT = 30;
/** Drawn beyond these are judged by the tests beside them alone. */
const COUNT_BESIDE = 300;
const SEED = 1;
/** Of those that change behaviour so many must be noticed. */
const SHARE_MIN = 0.8;

interface MutantsOptions extends PageOptions {
  /** Mutants that all stages judge. */
  readonly count?: number;
  /** No mutant is begun after this time, so that it can be done in parts. */
  readonly seconds?: number;
}

/** Mutants that no run can tell from the code, by key, and why. */
const EQUIVALENT = JSON.parse(
  readFileSync(new URL('./mutants/equivalent.json', import.meta.url), 'utf8'),
) as Readonly<Record<string, string>>;

const [FIRST, ...OTHERS] = Object.keys(STAGES) as Stage[];
const BESIDE = [FIRST!];

interface Judged extends Verdict {
  readonly commit: string;
}

const TEXT =
  `Mutants are drawn by a seeded generator from all of ${FOLDERS.map((one) => `\`${one}\``).join(' and ')}: ` +
  `${Object.entries(OPERATORS)
    .map(([name, what]) => `${name} (${what})`)
    .join(', ')}. ` +
  'Each is applied to a copy of the project and judged in this order until something notices it: ' +
  `${Object.values(STAGES).join('; ')}. Golden fingerprints are not asked: they change with whatever ` +
  'changes. Equivalent are those that no run can tell from the code, with the reason.';

function cell(text: string): string {
  return `\`${text.replaceAll(/\s+/g, ' ').replaceAll('|', '\\|').slice(0, 60)}\``;
}

function rowOf(mutant: Mutant, { killer, stage, commit }: Judged): string[] {
  const reason = EQUIVALENT[mutant.key];
  const fate = killer !== null ? 'killed' : reason === undefined ? 'alive' : 'equivalent';
  const by = killer?.replaceAll('|', '/') ?? reason ?? '';
  const { file, line, operator, before, after } = mutant;
  return [`${file}:${line}`, operator, cell(before), cell(after), fate, stage, by, commit];
}

/** Of those judged: killed, alive and equivalent. */
function tally(rows: readonly (readonly string[])[]) {
  const of = (fate: string): number => rows.filter((row) => row[4] === fate).length;
  const [killed, alive, equivalent] = [of('killed'), of('alive'), of('equivalent')];
  const share = killed / Math.max(1, killed + alive);
  const text = `${killed} killed, ${alive} alive, ${equivalent} equivalent: ${(share * 100).toFixed(0)} %`;
  return { share, text };
}

const COLUMNS = ['where', 'operator', 'code', 'mutant', 'fate', 'stage', 'by', 'commit'];

export function run({ count = COUNT, seconds, page }: MutantsOptions = {}): number {
  const progress = new Progress<Verdict>('mutants');
  const until = performance.now() + (seconds ?? Infinity) * 1000;
  const all = allMutants();
  const sample = drawn(all, Math.max(count, COUNT_BESIDE), SEED);
  const workshop = new Workshop();
  const rows: string[][] = [];
  const rowsBeside: string[][] = [];
  const judge = (mutant: Mutant, stages: readonly Stage[]): Judged | undefined => {
    const key = `${stages.length} ${mutant.key}`;
    const known = progress.get(key);
    if (known === undefined && performance.now() >= until) return undefined;
    const verdict = known ?? workshop.judge(mutant, stages);
    progress.finish(key, verdict);
    return { ...verdict, commit: progress.commitOf(key) };
  };
  const take = (table: string[][], mutant: Mutant, judged: Judged | undefined): void => {
    if (judged === undefined) return;
    table.push(rowOf(mutant, judged));
    process.stderr.write(`${table.length} ${table.at(-1)!.join(' ')}\n`);
  };
  try {
    for (const mutant of sample.slice(0, count)) {
      const beside = judge(mutant, BESIDE);
      const isOver = beside?.killer !== null || EQUIVALENT[mutant.key] !== undefined;
      take(rows, mutant, isOver ? beside : judge(mutant, OTHERS));
    }
    for (const mutant of sample) take(rowsBeside, mutant, judge(mutant, BESIDE));
  } finally {
    workshop.remove();
  }
  const { share, text } = tally(rows);
  writePage(
    {
      name: 'mutants',
      heading: 'Mutants',
      text: `${TEXT} ${all.length} mutants there are; ${rows.length} of ${count} drawn are judged: ${text}.`,
      seeds: count,
      command: `npm run proof -- mutants --count ${count}`,
      columns: COLUMNS,
      rows,
      more: [
        {
          heading: 'A larger sample, by the tests beside it',
          text: `${rowsBeside.length} of ${sample.length} are judged by the tests of their own folder alone: ${tally(rowsBeside).text}. Those that these tests let live:`,
          columns: COLUMNS,
          rows: rowsBeside.filter((row) => row[4] !== 'killed'),
        },
      ],
    },
    page,
  );
  return share >= SHARE_MIN && rows.length === count ? 0 : 1;
}
