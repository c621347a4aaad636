/** `sweep:` and `repeat:`: what `lictor sweep` varies, and how often each setting is run. */
import type { Parsed } from '../units.ts';
import { parsed, quoteRaw, refused } from '../units.ts';
import { named, scalar } from './kit.ts';
import { count } from './values.ts';

const VALUES_MAX = 100;
const EXAMPLE = '[1, 2, 5] or "0%..4% step 1%"';

/** The values of one key, as they would stand in the file. */
export function parseValues(raw: unknown): Parsed<readonly unknown[]> {
  if (typeof raw === 'string') return parseSteps(raw);
  if (!Array.isArray(raw))
    return refused(`expected values such as ${EXAMPLE}, got ${quoteRaw(raw)}`);
  if (raw.length === 0) return refused(`the list is empty; write values such as ${EXAMPLE}`);
  if (raw.length > VALUES_MAX) return refused(`has more than ${VALUES_MAX} values`);
  const texts = raw.map((value) => valueText(value));
  const twice = texts.findIndex((text, index) => texts.indexOf(text) < index);
  if (twice >= 0) return refused(`has ${texts[twice]} twice; each value is run once`);
  return parsed(raw);
}

/** A value as `--set` takes it, which is YAML on one line. */
export function valueText(value: unknown): string {
  if (typeof value !== 'string') return JSON.stringify(value);
  // What YAML would read as something else than text, or with a meaning of its own, is quoted.
  const plain = /^[A-Za-z\d][\w.%/ -]*$/.test(value) && !/^(true|false|null|[\d.]+)$/i.test(value);
  return plain && !value.endsWith(' ') ? value : JSON.stringify(value);
}

interface Quantity {
  readonly digits: string;
  readonly unit: string;
}

/** `0%..4% step 1%`: both ends belong to it; the last step may end before the upper one. */
function parseSteps(text: string): Parsed<readonly unknown[]> {
  const part = String.raw`(-?\d{1,12}(?:\.\d{1,9})?)\s*([a-zA-Zµ%/]*)`;
  const match = new RegExp(String.raw`^\s*${part}\s*\.\.\s*${part}\s+step\s+${part}\s*$`).exec(
    text,
  );
  if (!match) return refused(`${quoteRaw(text)} is no range; write values such as ${EXAMPLE}`);
  const [low, high, step] = [1, 3, 5].map((at): Quantity => ({
    digits: match[at]!,
    unit: match[at + 1]!,
  })) as [Quantity, Quantity, Quantity];
  const { unit } = high;
  const fits = (one: Quantity): boolean => one.unit === unit || one.unit === '';
  if (!fits(low) || !fits(step)) {
    return refused(`${quoteRaw(text)} mixes units; write all three in one`);
  }
  return steps(low.digits, high.digits, step.digits, unit, text);
}

function steps(
  low: string,
  high: string,
  step: string,
  unit: string,
  text: string,
): Parsed<readonly unknown[]> {
  const decimals = Math.max(
    ...[low, high, step].map((digits) => digits.split('.')[1]?.length ?? 0),
  );
  // In whole numbers, so that 0.1 three times is 0.3.
  const whole = (digits: string): number => Math.round(Number(digits) * Number(`1e${decimals}`));
  const [from, to, by] = [whole(low), whole(high), whole(step)];
  if (by <= 0) return refused(`${quoteRaw(text)} needs a step above 0`);
  if (to < from) return refused(`${quoteRaw(text)} runs backwards; write the lower end first`);
  if ((to - from) / by >= VALUES_MAX) return refused(`has more than ${VALUES_MAX} values`);
  const values: unknown[] = [];
  for (let at = from; at <= to; at += by) {
    const number = Number((at / Number(`1e${decimals}`)).toFixed(decimals));
    values.push(unit === '' ? number : `${number}${unit}`);
  }
  return parsed(values);
}

const values = () =>
  scalar({
    syntax: `values such as ${EXAMPLE}`,
    json: {
      anyOf: [
        { type: 'array', minItems: 1, maxItems: VALUES_MAX },
        { type: 'string', pattern: '^.*\\.\\..* step .*$' },
      ],
    },
    parse: parseValues,
  });

export const sweep = named(
  values().describe('Every value of this key; of several keys every combination is run.'),
  { keyName: 'keys' },
)
  .prefault({})
  .describe('What "lictor sweep" varies, by the path of the key as --set takes it.');

export const draw = named(
  values().describe('Each seed draws one value of this key; of several keys one of each.'),
  { keyName: 'keys' },
)
  .prefault({})
  .describe(
    'What every seed draws for itself before it begins, by the path of the key as --set takes it; ' +
      'what --set says of a key is not drawn.',
  );

export const repeat = count(1, 100_000)
  .prefault(10)
  .describe(
    'Seeds that "lictor sweep" and "lictor compare" run each setting with, from 1 on; --seeds ' +
      'replaces it.',
  );
