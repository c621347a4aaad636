/** When a fault begins and how long it lasts; and the conditions of `when:`. */
import type * as z from 'zod';
import { unknownKey, choice, fields, isPlainMap } from './kit.ts';
import type { Pick } from './kit.ts';
import { count, distribution, duration, selector } from './values.ts';

const among = (what: string): string =>
  `${what} Takes hosts that are fixed, or leader, followers or voters.`;

const watched = (): ReturnType<typeof selector> => selector('watched');

const CONDITIONS = {
  elected: fields({
    elected: count(1, 1_000_000).describe(
      'The n-th election of the run is won; the one that formed the cluster does not count.',
    ),
  }),
  leader: fields({ leader: watched().describe(among('One of these becomes leader.')) }),
  voted: fields({
    voted: watched().describe(among('One of these has granted a vote to another.')),
  }),
  campaign: fields({ campaign: watched().describe(among('One of these becomes candidate.')) }),
  appended: fields({
    appended: watched().describe(among('One of these has appended entries to its log.')),
    count: count(1, 1_000_000_000)
      .prefault(1)
      .describe('Entries appended since the condition began to be watched.'),
  }),
  committed: fields({
    committed: count(1, 1_000_000_000).describe('Some server knows this log index as committed.'),
  }),
  crashed: fields({ crashed: watched().describe(among('One of these crashes.')) }),
  write: fields({
    write: watched().describe(among('One of these begins a write to stable storage.')),
  }),
} satisfies Readonly<Record<string, z.ZodType>>;

export type ConditionKind = keyof typeof CONDITIONS;
const KINDS = Object.keys(CONDITIONS) as ConditionKind[];

const LATER_CONDITIONS = new Map([
  ['snapshot', 'nothing waits for a snapshot; take appended or committed'],
  ['suspected', 'this version has no model of gossip'],
]);

function pickCondition(raw: unknown): Pick {
  if (!isPlainMap(raw)) return { message: 'expected a condition such as { elected: 2 }' };
  const found = KINDS.filter((kind) => kind in raw);
  if (found.length === 1) return CONDITIONS[found[0]!];
  if (found.length > 1) {
    return { message: `has two conditions, ${found[0]} and ${found[1]}; keep one`, key: found[1]! };
  }
  const [key] = Object.keys(raw);
  if (key === undefined) return { message: `has no condition; add one of ${KINDS.join(', ')}` };
  return { message: unknownKey(key, KINDS, LATER_CONDITIONS), key };
}

const condition = choice(
  KINDS.map((kind) => ({ name: kind, schema: CONDITIONS[kind] })),
  pickCondition,
) as z.ZodType<z.output<(typeof CONDITIONS)[ConditionKind]>>;

/** Fields that say when a fault begins; which of them go together is checked in `faults.ts`. */
export const trigger = {
  at: duration({ role: 'time' })
    .optional()
    .describe('Begins at this time of the run, counted from its start, at most `duration`.'),
  every: distribution({ positive: true })
    .optional()
    .describe('Begins again and again, each time this long after the beginning of the one before.'),
  since: duration({ role: 'time' })
    .optional()
    .describe('With every: the first wait begins here; default the end of `warmup`.'),
  until: duration({ role: 'time' })
    .optional()
    .describe('With every: none begins later; default `duration`.'),
  when: condition.optional().describe('Begins when this comes true.'),
  after: duration()
    .optional()
    .describe('With when, or as a later step of a sequence: how long to wait before it begins.'),
  times: count(1, 1_000_000).optional().describe('With when: how often it may begin; default 1.'),
  patience: duration()
    .prefault('10s')
    .describe('How long to wait for somebody to aim at; then the fault counts as inert.'),
};

/** For faults that last. */
export const lasting = {
  ...trigger,
  for: distribution({ positive: true })
    .optional()
    .describe('How long it lasts; without it, until `heal` or the end of `duration`.'),
};
