/** The list of faults: items, sequences and swarms, and the rules between their fields. */
import type * as z from 'zod';
import { listWords } from '../errors.ts';
import { FAULT_KINDS, SWARM_KINDS } from '../vocabulary.ts';
import { ONE_OF, pickVerb, VERBS, verbsOf } from './faults.ts';
import type { Broken, Pick, Plain } from './kit.ts';
import { choice, fields, isPlainMap, list, named, ruled, unknownKey, word } from './kit.ts';
import { duration, share } from './values.ts';

const TRIGGERS = ['at', 'every', 'when'] as const;
const ONE_SHOT = new Set(
  'restart add remove demote transfer force_leave recover upgrade rotate_ca heal join'.split(' '),
);

const VERB_OPTIONS = FAULT_KINDS.map((kind) => ({ name: kind, schema: VERBS[kind] as z.ZodType }));

type FaultOutput = { [K in keyof typeof VERBS]: z.output<(typeof VERBS)[K]> }[keyof typeof VERBS];

function noVerb(raw: Plain): Pick {
  for (const key of Object.keys(raw)) {
    const known = [...FAULT_KINDS, ...TRIGGERS, 'for', 'swarm'];
    if (known.includes(key as never) || key in lastingKeys) continue;
    const message = unknownKey(key, known, new Map());
    if (message.includes('did you mean')) return { message, key };
  }
  return { message: `has no action; add one of ${FAULT_KINDS.join(', ')}` };
}

/** Fields that an item may have before its verb is known. */
const lastingKeys = VERBS.pause.shape;

const step = choice(
  VERB_OPTIONS,
  (raw) => pickVerb(raw) ?? noVerb(raw as Plain),
) as z.ZodType<FaultOutput>;
const sequence = ruled(
  named(list(step, 'steps', 1000).describe('Steps; each begins when the one before has ended.'), {
    keyName: 'sequences',
  }),
  (raw): Broken[] => (isPlainMap(raw) ? sequenceRules(raw) : []),
);
const swarm = fields({
  swarm: fields({
    intensity: share().describe(
      'From 0, hardly any fault, to 1, as many as there are servers for.',
    ),
    kinds: list(word(SWARM_KINDS), 'kinds')
      .min(1, { error: 'the list is empty; name a kind, or remove the line' })
      .optional()
      .describe('Kinds of faults that it draws from; all of them where nothing is said.'),
    mix: word(['drawn', 'all'])
      .prefault('drawn')
      .describe('drawn: each seed leaves about half of the kinds out. all: each seed uses all.'),
    until: duration()
      .optional()
      .describe('When the last of its faults has begun and ended; the end of duration by default.'),
  }).describe('Every seed draws its own mix of faults; the plan is printed and saved.'),
});

function pickItem(raw: unknown): Pick {
  if (isPlainMap(raw)) {
    if (Object.hasOwn(raw, 'swarm')) return swarm;
    const [key, ...others] = Object.keys(raw);
    const value = key === undefined ? undefined : raw[key];
    const isSequence = Array.isArray(value) && value.every(isPlainMap) && others.length === 0;
    if (isSequence && value.length > 0 && verbsOf(raw).length === 0) return sequence;
  }
  return pickVerb(raw) ?? noVerb(raw as Plain);
}

const item = choice(
  [...VERB_OPTIONS, { name: 'sequence', schema: sequence }, { name: 'swarm', schema: swarm }],
  pickItem,
) as z.ZodType<FaultOutput | z.output<typeof sequence> | z.output<typeof swarm>>;

export const faults = ruled(list(item, 'faults', 1000), (raw) =>
  Array.isArray(raw) ? raw.flatMap((one: unknown, index) => itemRules(one, index)) : [],
)
  .prefault([])
  .describe('What goes wrong: items, named sequences of steps, or a swarm.');

function itemRules(raw: unknown, index: number): Broken[] {
  if (!isPlainMap(raw) || verbsOf(raw).length !== 1) return [];
  const found = TRIGGERS.filter((key) => Object.hasOwn(raw, key));
  const broken = commonRules(raw);
  if (found.length === 0) {
    broken.push({ path: [], message: 'never begins; add at:, every: or when:' });
  } else if (found.length > 1) {
    broken.push({
      path: [found[1]!],
      at: 'key',
      message: `has both ${listWords(found, 'and')}; keep one`,
    });
  }
  if (!Object.hasOwn(raw, 'when')) {
    for (const key of ['after', 'times']) {
      if (Object.hasOwn(raw, key)) {
        broken.push({ path: [key], at: 'key', message: `"${key}" goes with when: only` });
      }
    }
  }
  return broken.map((one) => ({ ...one, path: [index, ...one.path] }));
}

function sequenceRules(raw: Plain): Broken[] {
  return Object.entries(raw).flatMap(([name, steps]) => {
    if (!Array.isArray(steps)) return [];
    return steps.flatMap((one: unknown, index) =>
      isPlainMap(one)
        ? stepRules(one, index).map((rule) => ({ ...rule, path: [name, index, ...rule.path] }))
        : [],
    );
  });
}

/** A step begins when the one before has ended; only the first may say when. */
function stepRules(raw: Plain, index: number): Broken[] {
  const broken = commonRules(raw);
  for (const key of ['every', 'times']) {
    if (Object.hasOwn(raw, key)) {
      broken.push({ path: [key], at: 'key', message: `"${key}" cannot be used in a sequence` });
    }
  }
  if (index === 0) {
    if (!Object.hasOwn(raw, 'at') && !Object.hasOwn(raw, 'when')) {
      broken.push({ path: [], message: 'the first step never begins; add at: or when:' });
    }
    if (Object.hasOwn(raw, 'after') && !Object.hasOwn(raw, 'when')) {
      broken.push({ path: ['after'], at: 'key', message: '"after" goes with when: here' });
    }
  } else if (Object.hasOwn(raw, 'at')) {
    const message = 'a step begins when the one before has ended; write after: or when:';
    broken.push({ path: ['at'], at: 'key', message });
  }
  return broken;
}

/** Rules of a fault wherever it stands. */
function commonRules(raw: Plain): Broken[] {
  const [verb] = verbsOf(raw);
  if (verb === undefined) return [];
  const broken: Broken[] = [];
  const has = (key: string): boolean => Object.hasOwn(raw, key);
  const key = (name: string, message: string): void => {
    broken.push({ path: [name], at: 'key', message });
  };
  const wanted = ONE_OF[verb];
  const given = wanted?.filter(has) ?? [];
  if (wanted && given.length === 0) {
    broken.push({ path: [verb], at: 'key', message: `"${verb}" needs ${listWords(wanted)}` });
  } else if (given.length > 1) {
    key(given[1]!, `has both ${given[0]} and ${given[1]}; write two faults`);
  }
  const jumps = has('jump') && !has('offset') && !has('drift');
  if (has('for') && jumps) key('for', 'a jump has no duration; remove "for"');
  if (has('every') && !has('for') && !ONE_SHOT.has(verb) && !jumps) {
    key('every', 'faults would pile up without an end; add for:');
  }
  for (const window of ['since', 'until']) {
    if (has(window) && !has('every')) key(window, `"${window}" goes with every: only`);
  }
  if (has('between') && (has('from') || has('to'))) {
    key('between', 'has both between and from/to; keep one of them');
  }
  if (has('direction') && !has('between')) {
    key('direction', '"direction" goes with between: only; from and to say it already');
  }
  if (verb === 'restart') restartRules(raw, key);
  return broken;
}

function restartRules(raw: Plain, key: (name: string, message: string) => void): void {
  const nested = isPlainMap(raw['restart']) ? raw['restart'] : undefined;
  for (const name of nested ? ['one_by_one', 'wait'] : []) {
    if (Object.hasOwn(raw, name)) key(name, `"${name}" belongs into the map of restart here`);
  }
  const settings = nested ?? raw;
  if (settings['wait'] !== undefined && settings['one_by_one'] !== true) {
    key(nested ? 'restart' : 'wait', '"wait" goes with one_by_one: true only');
  }
}
