/** The shapes of a partition: who is cut off from whom. */
import type * as z from 'zod';
import { choice, fields, flag, isPlainMap, list, pair, unknownKey } from './kit.ts';
import { selector, zone } from './values.ts';

const SHAPES = {
  isolate: fields({
    isolate: selector().describe(
      'Each of these hosts is cut off from every other host, clients too.',
    ),
  }),
  halves: fields({
    halves: flag().describe('The servers fall into two random halves; clients reach both.'),
  }),
  groups: fields({
    groups: list(selector(), 'groups', 16)
      .min(2, { error: 'needs at least two groups' })
      .describe(
        'Hosts of different groups cannot reach each other; hosts in no group reach everybody.',
      ),
  }),
  ring: fields({
    ring: flag().describe(
      'Every server reaches only its two neighbours in a ring; clients reach all.',
    ),
  }),
  bridge: fields({
    bridge: selector().describe(
      'The other servers fall into two random halves that both reach these, but not each other.',
    ),
  }),
  oneway: fields({
    oneway: fields({
      from: selector().describe('Hosts whose messages are lost.'),
      to: selector().describe('Hosts that no longer hear them, but are heard.'),
    }).describe('Messages of one direction are lost.'),
  }),
  zone: fields({
    zone: zone().describe(
      'The hosts of this zone are cut off from all others, but reach each other.',
    ),
  }),
  between: fields({
    between: pair(selector(), 'selectors').describe(
      'The first and the second cannot reach each other.',
    ),
  }),
} satisfies Readonly<Record<string, z.ZodType>>;

export type PartitionKind = keyof typeof SHAPES;
const KINDS = Object.keys(SHAPES) as PartitionKind[];

export const partition = (
  choice(
    KINDS.map((kind) => ({ name: kind, schema: SHAPES[kind] })),
    (raw) => {
      if (!isPlainMap(raw)) return { message: 'expected a partition such as { isolate: leader }' };
      const found = KINDS.filter((kind) => Object.hasOwn(raw, kind));
      if (found.length === 1) return SHAPES[found[0]!];
      if (found.length > 1) {
        return { message: `has two shapes, ${found[0]} and ${found[1]}; keep one`, key: found[1]! };
      }
      const [key] = Object.keys(raw);
      if (key === undefined) return { message: `has no shape; add one of ${KINDS.join(', ')}` };
      return { message: unknownKey(key, KINDS, new Map()), key };
    },
  ) as z.ZodType<z.output<(typeof SHAPES)[PartitionKind]>>
).describe('Who cannot reach whom. Streams stall and resume later, datagrams are lost.');
