/** `decisions:`: single choices of a run that a saved failure needs beyond its seed. */
import { MESSAGE_CLASSES } from '../vocabulary.ts';
import { choice, fields, isPlainMap, list, word } from './kit.ts';
import { count, duration, share, text } from './values.ts';

const NTH = () =>
  count(1, 1e12).describe('Which of them, from 1 on, since the first start of the process.');
const process = () => text(64).describe('Name of a server, an agent or a client such as kv#1.');

const delay = fields({
  delay: word(MESSAGE_CLASSES).describe('A message of this class, or its answer.'),
  from: process(),
  to: process(),
  nth: NTH(),
  takes: duration().describe('Time from its sender to its receiver.'),
});
const select = fields({
  select: process(),
  lane: count(0, 255).describe('Number of the goroutine that has several inputs to choose from.'),
  nth: NTH(),
  choice: count(0, 31).describe('Which of the inputs that are ready is taken, from 0.'),
});
const draw = fields({
  draw: text(64).describe('What is drawn for, such as election.'),
  of: process(),
  nth: NTH(),
  value: share().describe('What comes instead, from 0 to 1.'),
});

const OPTIONS = [
  { name: 'delay', schema: delay },
  { name: 'select', schema: select },
  { name: 'draw', schema: draw },
] as const;

export const decisions = list(
  choice(OPTIONS, (raw) => {
    const found = OPTIONS.find(({ name }) => isPlainMap(raw) && Object.hasOwn(raw, name));
    return found?.schema ?? { message: 'decides nothing; add one of delay, select, draw' };
  }),
  'decisions',
  100_000,
)
  .prefault([])
  .describe('Single choices of the run, by name; all others are drawn as ever.');
