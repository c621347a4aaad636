/** How a service is called: what a load of kind `call` and the `calls:` of a service have in common. */
import type * as z from 'zod';
import { BACKOFFS, BREAKERS } from '../services.ts';
import type { BackoffSpec } from '../services.ts';
import { parseDuration, parsed, quoteRaw, refused } from '../units.ts';
import type { Parsed } from '../units.ts';
import { balance } from './balance.ts';
import { discover } from './discover.ts';
import type { Broken } from './kit.ts';
import { boolean, choice, fields, isPlainMap, ruled, scalar, word } from './kit.ts';
import { count, duration, number, percent } from './values.ts';

/** A service of this scenario. */
function serviceName(): z.ZodType<string> {
  return scalar({
    syntax: 'the name of a service',
    json: { type: 'string' },
    parse: (raw) =>
      typeof raw === 'string' ? parsed(raw) : refused(`expected a service, got ${quoteRaw(raw)}`),
    role: 'service',
  });
}

const BACKOFF_HINT = 'write a formula and its base and cap, as full-jitter 25ms..250ms, or none';

/** `full-jitter 25ms..250ms`, `fixed 5s`, `none`. */
export function backoff(): z.ZodType<BackoffSpec> {
  return scalar({
    syntax: `a backoff such as full-jitter 25ms..250ms; ${BACKOFFS.join(', ')}`,
    json: { type: 'string' },
    parse: parseBackoff,
  });
}

function parseBackoff(raw: unknown): Parsed<BackoffSpec> {
  const words = typeof raw === 'string' ? raw.trim().split(/\s+/) : [];
  const kind = BACKOFFS.find((name) => name === words[0]);
  if (kind === undefined) return refused(`${quoteRaw(raw)} is no backoff; ${BACKOFF_HINT}`);
  if (kind === 'none') {
    if (words.length > 1) return refused(`${quoteRaw(raw)}: none takes no times`);
    return parsed({ kind, baseMicros: 0, capMicros: 0 });
  }
  const [from, to] = (words[1] ?? '').split('..');
  const base = parseDuration(from);
  const cap = to === undefined ? base : parseDuration(to);
  if (words.length !== 2 || !base.ok || !cap.ok || (to === undefined) !== (kind === 'fixed')) {
    return refused(`${quoteRaw(raw)} has no fitting times; ${BACKOFF_HINT}`);
  }
  if (base.value === 0 || cap.value < base.value) {
    return refused(`${quoteRaw(raw)}: the base is more than 0 and no more than the cap`);
  }
  return parsed({ kind, baseMicros: base.value, capMicros: cap.value });
}

const BUDGET_KEYS = {
  bucket: ['cap'],
  finagle: ['min_per_second', 'window'],
  envoy: ['min'],
  grpc: ['max'],
} as const;

const longBudget = ruled(
  fields({
    kind: word(['bucket', 'finagle', 'envoy', 'grpc']).describe(
      'bucket: each call brings a share of a retry; finagle: the same over a window, with a reserve; ' +
        'envoy: a share of what is under way; grpc: tokens that failures take and successes bring.',
    ),
    ratio: percent({ positive: true }).prefault('20%').describe('Share of retries.'),
    cap: number(1, 1e9).prefault(100).describe('bucket: retries that can be saved up.'),
    min_per_second: number(0, 1e6).prefault(10).describe('finagle: retries a second in reserve.'),
    window: duration({ minimum: 1000 }).prefault('10s').describe('finagle: how long calls count.'),
    min: count(0, 1_000_000)
      .prefault(3)
      .describe('envoy: retries under way that are always allowed.'),
    max: number(1, 1000).prefault(10).describe('grpc: most tokens; retries stop at half of them.'),
  }),
  (raw) => {
    if (!isPlainMap(raw)) return [];
    const own: readonly string[] = BUDGET_KEYS[raw['kind'] as keyof typeof BUDGET_KEYS] ?? [];
    const all = Object.values(BUDGET_KEYS).flat() as string[];
    return Object.keys(raw).flatMap((key): Broken[] => {
      if (!all.includes(key) || own.includes(key)) return [];
      return [
        { path: [key], message: `does nothing with kind: ${String(raw['kind'])}`, at: 'key' },
      ];
    });
  },
);
const shortBudget = percent({ positive: true });
const budget = choice(
  [
    { name: 'share', schema: shortBudget },
    { name: 'settings', schema: longBudget },
  ],
  (raw) => (isPlainMap(raw) ? longBudget : shortBudget),
);

const retry = fields({
  attempts: count(2, 1000).prefault(2).describe('Attempts of a call in all, the first included.'),
  backoff: backoff()
    .prefault('envoy 25ms..250ms')
    .describe('Time before a retry: a formula, its base and its cap.'),
  budget: budget
    .optional()
    .describe('Limit on retries as a share of the calls; 10% means one retry for ten calls.'),
  elsewhere: boolean()
    .prefault(true)
    .describe('A retry goes to an instance that this call has not asked, while there is one.'),
});

const hedge = fields({
  after: duration({ minimum: 1 }).describe(
    'A call that has no answer by then is sent once more; the first answer counts.',
  ),
  attempts: count(2, 10).prefault(2).describe('Attempts of a call in all, the first included.'),
});

const compared = {
  min_hosts: count(1, 10_000).prefault(5).describe('Instances with enough requests that it takes.'),
  enforcing: percent().describe('How often an outlier found is ejected.'),
};
const outliers = ruled(
  fields({
    variant: word(['envoy', 'grpc']).prefault('envoy').describe('Whose rules: Envoy, or gRPC A50.'),
    interval: duration({ minimum: 1000 }).prefault('10s').describe('Time between sweeps.'),
    base_ejection_time: duration({ minimum: 1 })
      .prefault('30s')
      .describe('An instance is ejected for this long times the number of its ejections.'),
    max_ejection_time: duration({ minimum: 1 }).prefault('300s').describe('And no longer.'),
    max_ejection_percent: percent()
      .prefault('10%')
      .describe('Share of the instances that may be ejected at a time.'),
    always_eject_one_host: boolean()
      .prefault(false)
      .describe('One may be ejected however few there are. Always so in gRPC.'),
    consecutive_5xx: count(0, 1_000_000)
      .prefault(5)
      .describe('Errors in a row that eject; 0: never. Envoy only.'),
    success_rate: fields({
      ...compared,
      enforcing: compared.enforcing.prefault('100%'),
      factor: number(0, 100)
        .prefault(1.9)
        .describe('Ejects below the mean less this many standard deviations.'),
      volume: count(1, 1_000_000).prefault(100).describe('Requests in an interval that it takes.'),
    })
      .prefault({})
      .describe('Success rates are compared at each sweep.'),
    failure_percentage: fields({
      ...compared,
      enforcing: compared.enforcing.prefault('0%'),
      threshold: percent().prefault('85%').describe('Share of failures that ejects.'),
      volume: count(1, 1_000_000).prefault(50).describe('Requests in an interval that it takes.'),
    })
      .prefault({})
      .describe('Shares of failures are compared with a threshold at each sweep.'),
  }),
  (raw): Broken[] =>
    isPlainMap(raw) && raw['variant'] === 'grpc'
      ? ['consecutive_5xx', 'always_eject_one_host']
          .filter((key) => key in raw)
          .map((key) => ({ path: [key], message: 'is unknown to variant: grpc', at: 'key' }))
      : [],
);

const longBreaker = fields({
  kind: word(BREAKERS).describe('Whose rules, with their defaults.'),
  open: duration({ minimum: 1000 })
    .optional()
    .describe('Time that it stays open, the first time. Default: as the library has it.'),
});
const shortBreaker = word(BREAKERS);
const breaker = choice(
  [
    { name: 'library', schema: shortBreaker },
    { name: 'settings', schema: longBreaker },
  ],
  (raw) => (isPlainMap(raw) ? longBreaker : shortBreaker),
);

export const callKeys = {
  service: serviceName().describe('Whom it calls.'),
  timeout: duration({ minimum: 1 })
    .prefault('1s')
    .describe('Time that an attempt waits for its answer. The instance goes on working.'),
  deadline: duration({ minimum: 1 })
    .optional()
    .describe('Time after which the whole call fails, retries and all. Default: none.'),
  balance: balance
    .prefault('round-robin')
    .describe('How an instance is picked: a policy, or a map with its settings.'),
  retry: retry
    .optional()
    .describe('What happens after an attempt that failed. Default: the call fails.'),
  discover: discover
    .optional()
    .describe('Where it learns of instances. Default: it knows all of them, dead or alive.'),
  hedge: hedge.optional().describe('Sends a call again before it has failed.'),
  outliers: outliers.optional().describe('Instances that fail are left out for a while.'),
  breaker: breaker.optional().describe('After many failures calls fail at once for a while.'),
  max_requests: count(1, 1_000_000)
    .optional()
    .describe('Calls of one client under way at a time; more fail at once. 1024 in Envoy.'),
};
