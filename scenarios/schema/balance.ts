/** `balance:`: how a client picks an instance. */
import { POLICIES } from '../services.ts';
import type { PolicyName } from '../services.ts';
import type { Broken } from './kit.ts';
import { boolean, choice, fields, isPlainMap, named, ruled, word } from './kit.ts';
import { count, duration, factor, number, percent } from './values.ts';

const HASHING: readonly PolicyName[] = ['ring-hash', 'maglev'];

/** Keys that only some policies look at. */
const ONLY: Readonly<Record<string, readonly PolicyName[]>> = {
  choices: ['least-request'],
  replacement: ['least-request'],
  bias: ['least-request'],
  decay: ['peak-ewma'],
  default_rtt: ['peak-ewma'],
  error_time: ['peak-ewma'],
  scan: ['peak-ewma'],
  ring_min: ['ring-hash'],
  ring_max: ['ring-hash'],
  table: ['maglev'],
  bounded_load: HASHING,
  aperture: ['aperture'],
};

const slowStart = fields({
  window: duration({ minimum: 1 }).describe(
    'Time in which the weight of a new instance, or one that is let back, rises to all of it.',
  ),
  aggression: number(0.1, 100)
    .prefault(1)
    .describe('1 rises linearly; more rises faster at first.'),
  min_weight: percent({ positive: true })
    .prefault('10%')
    .describe('Share of its weight that an instance begins with.'),
});

const aperture = fields({
  smooth: duration({ minimum: 1 })
    .prefault('15s')
    .describe('Time constant of the load that the width goes by.'),
  low: number(0, 1000)
    .prefault(0.875)
    .describe('Requests under way per instance at which the window narrows.'),
  high: number(0, 1000)
    .prefault(1.125)
    .describe('Requests under way per instance at which the window widens.'),
  min: count(1, 10_000).prefault(1).describe('Fewest instances in the window.'),
});

const long = ruled(
  fields({
    policy: word(POLICIES)
      .prefault('round-robin')
      .describe('How an instance is picked; each client has a state of its own.'),
    choices: count(2, 10).prefault(2).describe('least-request: how many instances are looked at.'),
    replacement: boolean()
      .prefault(true)
      .describe('least-request: the same instance may be drawn twice, as in Envoy and gRPC.'),
    bias: number(0, 10)
      .prefault(1)
      .describe('least-request with weights: how much requests under way count against a weight.'),
    decay: duration({ minimum: 1000 })
      .prefault('10s')
      .describe('peak-ewma: time constant with which a peak of latency is forgotten.'),
    default_rtt: duration({ minimum: 1 })
      .optional()
      .describe(
        'peak-ewma: latency that an instance is taken to have before it has answered, as in tower. ' +
          'Default: as in Finagle, it costs nothing, and gets one request at a time.',
      ),
    error_time: duration({ minimum: 1 })
      .optional()
      .describe(
        'peak-ewma: latency that an error counts as at least. Default: what it took, so that an ' +
          'instance which fails fast attracts load.',
      ),
    scan: boolean()
      .prefault(false)
      .describe('peak-ewma: the least loaded of all instances, not of two.'),
    ring_min: count(1, 8_388_608).prefault(1024).describe('ring-hash: fewest entries of the ring.'),
    ring_max: count(1, 8_388_608)
      .prefault(8_388_608)
      .describe('ring-hash: most entries of the ring; 4096 in gRPC.'),
    table: count(2, 5_000_011).prefault(65_537).describe('maglev: size of the table, a prime.'),
    bounded_load: factor()
      .optional()
      .describe(
        'Consistent hashing passes over an instance with more requests under way than so many times ' +
          'the mean, as 1.25x.',
      ),
    subset: count(1, 10_000)
      .optional()
      .describe('Each client keeps to so many instances, drawn by rendezvous hashing.'),
    aperture: aperture.prefault({}).describe('aperture: the window of instances in use.'),
    locality: word(['none', 'zone-aware', 'weighted', 'failover'])
      .prefault('none')
      .describe(
        'zone-aware stays in the own zone as far as its instances reach for its clients; weighted ' +
          'shares among zones by weight and health; failover takes others only for what the own ' +
          'zone cannot take.',
      ),
    zone_weights: named(count(0, 1_000_000).describe('Weight of the zone.'), {
      keyName: 'zones',
      keyRole: 'zone',
    })
      .prefault({})
      .describe('weighted: weight of each zone; 1 where left out.'),
    panic: percent()
      .prefault('50%')
      .describe('Share of healthy instances below which requests go to all of them. 0% disables.'),
    overprovisioning: factor()
      .prefault('1.4x')
      .describe('How much of its load a zone is taken to be able to carry, by its healthy part.'),
    slow_start: slowStart.optional().describe('New instances get their share bit by bit.'),
  }),
  balanceRules,
);

function balanceRules(raw: unknown): Broken[] {
  if (!isPlainMap(raw)) return [];
  const policy = (raw['policy'] ?? 'round-robin') as PolicyName;
  const broken: Broken[] = [];
  for (const key of Object.keys(raw)) {
    const users = ONLY[key];
    if (users === undefined || users.includes(policy)) continue;
    const message = `only ${users.join(' and ')} look${users.length > 1 ? '' : 's'} at it`;
    broken.push({ path: [key], message, at: 'key' });
  }
  const locality = raw['locality'] ?? 'none';
  if ('zone_weights' in raw && locality !== 'weighted') {
    broken.push({ path: ['zone_weights'], message: 'acts with locality: weighted', at: 'key' });
  }
  if ('overprovisioning' in raw && locality !== 'weighted' && locality !== 'failover') {
    const message = 'acts with locality: weighted or failover';
    broken.push({ path: ['overprovisioning'], message, at: 'key' });
  }
  const { table } = raw;
  if (typeof table === 'number' && !isPrime(table)) {
    broken.push({ path: ['table'], message: `${table} is no prime; Envoy takes 65537` });
  }
  return broken;
}

function isPrime(value: number): boolean {
  for (let divisor = 2; divisor * divisor <= value; divisor++) {
    if (value % divisor === 0) return false;
  }
  return value > 1;
}

const short = word(POLICIES);

/** `balance: p2c`, or a map. */
export const balance = choice(
  [
    { name: 'policy', schema: short },
    { name: 'settings', schema: long },
  ],
  (raw) => (isPlainMap(raw) ? long : short),
);
export const balanceDefaults = long;
