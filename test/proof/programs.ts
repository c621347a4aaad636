/** The two programs of the tutorials, step by step, over many seeds, beside what the rules say. */
import { PARTS, addSamples } from '../paper/programs/parts.ts';
import { summarize } from '../paper/programs/steps.ts';
import type { Step } from '../paper/programs/steps.ts';
import type { Samples } from '../paper/programs/steps.ts';
import { writePage } from './support/page.ts';
import type { PageOptions } from './support/page.ts';
import { Progress } from './support/resume.ts';

export const title = 'the two programs of the tutorials, each step inside its window';

const TEXT =
  'Program A registers an instance, which is checked, discovered, picked and called; program B is ' +
  'removed when it is dead, and reads its configuration from the key-value store. Each runs in whole ' +
  'clusters: three servers, a pool, an agent beside each instance and client, programs that speak to ' +
  'their agents only; faults strike at another moment of the checks with each seed. Every sample must ' +
  'lie inside the window that follows from the rule beside it, and where a time is spread ' +
  'evenly, its mean within three standard errors. A fact that holds is 1. The last column names the ' +
  'code that a row is of.';

interface Done {
  runs: number;
  samples: Samples;
}

function sorted(parts: typeof PARTS): (readonly [string, string, Step])[] {
  const all = parts.flatMap(({ name, steps }) =>
    Object.entries(steps).map(([key, step]) => [name, key, step] as const),
  );
  // The sort is stable: steps of a number stay in their order.
  const rank = ({ step }: Step): number =>
    step.charCodeAt(0) * 100 + Number.parseInt(step.slice(1));
  return all.sort(([, , left], [, , right]) => rank(left) - rank(right));
}

export function run({ seeds = 500, page }: PageOptions = {}): number {
  const progress = new Progress<Done>('programs');
  const found = new Map<string, Samples>();
  for (const { name, measure } of PARTS) {
    const key = `${name} ${seeds}`;
    const done = progress.get(key) ?? { runs: 0, samples: {} };
    while (done.runs < seeds) {
      addSamples(done.samples, measure(done.runs + 1));
      done.runs++;
      progress.set(key, done);
      if (done.runs % 50 === 0) process.stderr.write(`${name}: ${done.runs} seeds\n`);
    }
    progress.finish(key, done);
    found.set(name, done.samples);
  }
  let holds = true;
  const rows = sorted(PARTS).map(([part, name, step]) => {
    const summary = summarize(step, found.get(part)![name] ?? []);
    holds &&= summary.holds;
    const text = (value: number): string =>
      step.unit === '1' && Number.isInteger(value) ? String(value) : value.toFixed(3);
    const [low, high] = step.window;
    const { count, min, mean, max, outside } = summary;
    const window = low === high ? String(low) : `${low} to ${high}${step.unit === 's' ? ' s' : ''}`;
    return [
      step.step,
      step.what,
      count,
      text(min),
      text(mean),
      text(max),
      window,
      outside,
      step.rule,
      progress.commitOf(`${part} ${seeds}`),
    ];
  });
  writePage(
    {
      name: 'programs',
      heading: 'The two programs, step by step',
      text: TEXT,
      seeds,
      columns: [
        'step',
        'what',
        'samples',
        'least',
        'mean',
        'most',
        'window',
        'outside',
        'rule',
        'commit',
      ],
      rows,
    },
    page,
  );
  return holds ? 0 : 1;
}
