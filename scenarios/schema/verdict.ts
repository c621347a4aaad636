/** What is checked and expected: invariants, thresholds, expect, bugs, limits. */
import type * as z from 'zod';
import { suggest } from '../errors.ts';
import { parseThresholds } from '../thresholds.ts';
import type { Parsed } from '../units.ts';
import { parsed, quoteRaw, refused } from '../units.ts';
import type { OpenBugId, PlantId } from '../vocabulary.ts';
import { INVARIANT_NAMES, INVARIANTS, isLaterBug, OPEN_BUGS, PLANTS } from '../vocabulary.ts';
import type { Pick } from './kit.ts';
import { choice, fields, isPlainMap, list, named, scalar, word } from './kit.ts';
import { bytes, count, duration, text } from './values.ts';

const within = fields({
  within: duration({ minimum: 1 })
    .optional()
    .describe(
      'It must come true this long after the last fault has ended; default: by the end of settle.',
    ),
});

type WithinShape = Record<'raft.one-leader' | 'raft.write-recovers', z.ZodOptional<typeof within>>;

function alwaysNames(): Record<string, string> {
  const always = INVARIANT_NAMES.filter((name) => !INVARIANTS[name].eventually);
  const reason = 'it holds always and has no settings; list it under "without" to leave it out';
  return Object.fromEntries(always.map((name) => [name, reason]));
}

const eventually = INVARIANT_NAMES.filter((name) => INVARIANTS[name].eventually);

const invariantMap = fields(
  {
    without: list(word(INVARIANT_NAMES), 'invariants')
      .prefault([])
      .describe('Invariants that are not checked.'),
    ...(Object.fromEntries(
      eventually.map((name) => [name, within.optional().describe('Settings of this invariant.')]),
    ) as WithinShape),
  },
  { with: 'this version has no invariants of your own', ...alwaysNames() },
);
const allInvariants = word(['all']);

export const invariants = choice(
  [
    { name: 'all', schema: allInvariants },
    { name: 'settings', schema: invariantMap },
  ],
  (raw) => (isPlainMap(raw) ? invariantMap : allInvariants),
)
  .prefault('all')
  .describe('What must hold: all, or all with settings and exceptions.');

export const thresholds = named(
  scalar({
    syntax:
      'an expression such as "p99<250ms" or ">99%", a list, or a map to { abort: true } or ' +
      '{ seeds: 95% }',
    json: {
      anyOf: [
        { type: 'string' },
        { type: 'array', items: { type: 'string' }, minItems: 1 },
        {
          type: 'object',
          additionalProperties: {
            type: 'object',
            properties: {
              abort: { type: 'boolean' },
              seeds: { type: 'string', pattern: '^[0-9.]+ *%$' },
            },
            minProperties: 1,
            additionalProperties: false,
          },
        },
      ],
    },
    parse: parseThresholds,
    role: 'threshold',
  }).describe(
    'What the metric must keep to; the unit is that of the metric. With abort a run ends as soon ' +
      'as it has missed it for good, with seeds only that share of the runs must keep to it.',
  ),
  { keyName: 'metrics', keyRole: 'metric' },
)
  .prefault({})
  .describe('Bounds on metrics, by metric name; a run that misses one ends with exit code 4.');

const invariantName = word(INVARIANT_NAMES);
const pass = word(['pass']);
const violation = fields({
  violation: invariantName.describe('The run passes if exactly this invariant is violated.'),
  known: text(100).optional().describe('The known bug it must be put down to, such as raft#695.'),
});
const anomaly = fields({
  anomaly: invariantName.describe(
    'The run passes if an allowed exception of this invariant shows.',
  ),
});

function pickExpect(raw: unknown): Pick {
  if (!isPlainMap(raw)) return pass;
  if (Object.hasOwn(raw, 'anomaly')) {
    if (!Object.hasOwn(raw, 'violation')) return anomaly;
    return { message: 'has both violation and anomaly; keep one', key: 'anomaly' };
  }
  return violation;
}

export const expectation = choice(
  [
    { name: 'pass', schema: pass },
    { name: 'violation', schema: violation },
    { name: 'anomaly', schema: anomaly },
  ],
  pickExpect,
)
  .prefault('pass')
  .describe('What the run must end with to count as passed.');

const plantIds = Object.keys(PLANTS) as PlantId[];
const openIds = Object.keys(OPEN_BUGS) as OpenBugId[];

function bugId<T extends string>(ids: readonly T[], elsewhere: readonly string[], advice: string) {
  return scalar<T>({
    syntax: ids.join(' | '),
    json: { enum: [...ids] },
    parse: (raw): Parsed<T> => {
      const found = ids.find((id) => id === raw);
      if (found !== undefined) return parsed(found);
      if (typeof raw !== 'string')
        return refused(`expected a bug such as ${ids[0]}, got ${quoteRaw(raw)}`);
      if (elsewhere.includes(raw)) return refused(`${raw} ${advice}`);
      if (isLaterBug(raw))
        return refused(`this version has no model of ${raw}; it has ${ids.join(', ')}`);
      return refused(`unknown bug "${raw}"${suggest(raw, ids)}`);
    },
  });
}

export const plant = list(
  bugId(plantIds, openIds, 'is a bug of the real program and on by default; see fix:'),
  'bugs',
)
  .prefault([])
  .describe('Bugs to put into the programs, to see that they are caught.');

const fixAll = word(['all']);
const fixList = list(
  bugId(openIds, plantIds, 'is not in the real program; it is only on when planted'),
  'bugs',
);
export const fix = choice(
  [
    { name: 'all', schema: fixAll },
    { name: 'list', schema: fixList },
  ],
  (raw) => (typeof raw === 'string' ? fixAll : fixList),
)
  .prefault([])
  .describe('Bugs of the real programs to take out: all, or a list.');

export const knownIssues = word(['fail', 'allow', 'fix'])
  .prefault('fail')
  .describe(
    'A violation that comes from a bug of the real programs fails the run, is reported but allowed, ' +
      'or cannot happen because all of them are fixed.',
  );

export const limits = fields({
  events: count(1, 1e15).prefault('50M').describe('Events of one run.'),
  wall: duration({ minimum: 1000 }).prefault('60s').describe('Real time of one run.'),
  memory: bytes().prefault('1GiB').describe('Memory of the process that runs it.'),
  queue: count(1, 1e9).prefault('4M').describe('Events pending at once.'),
  trace: bytes().prefault('512MiB').describe('Memory of the trace of one run.'),
})
  .prefault({})
  .describe('A run that reaches one ends with the verdict unknown, naming the limit.');
