/** Services and the loads that call them, with every default filled in. */
import type { ScenarioDraft } from '../schema.ts';
import { balanceDefaults } from '../schema/balance.ts';
import { SHARING_MAX } from '../schema/services.ts';
import { resolveDiscover } from './agent-reads.ts';
import type { HostTable } from '../selectors.ts';
import { matching } from './matching.ts';
import { resolveChecks, resolveRegistration } from './checks.ts';
import type { Complain } from './hosts.ts';
import type {
  BalanceSpec,
  BehaviourSpec,
  BreakerName,
  BreakerSpec,
  BudgetSpec,
  CallLoadSpec,
  CallSettings,
  OutlierSpec,
  ServiceSpec,
} from '../services.ts';

type ServiceDraft = ScenarioDraft['services'][string];
type LoadDraft = ScenarioDraft['load'][string];
type CallDraft = ServiceDraft['calls'][number];
type BehaviourDraft = Exclude<ServiceDraft['behaviour'][string], readonly unknown[]>;

/** How long each library keeps a breaker open, at first. */
const OPEN_MICROS: Readonly<Record<BreakerName, number>> = {
  hystrix: 5_000_000,
  resilience4j: 60_000_000,
  gobreaker: 60_000_000,
  finagle: 5_000_000,
  linkerd: 1_000_000,
};

/** Retries that a bare `budget: 20%` lets clients save up. */
const BUCKET_CAP = 100;

export function arrivalOf(
  one: Exclude<LoadDraft, { kind: 'watch' | 'lock' }>,
): CallLoadSpec['arrival'] {
  return 'rate' in one
    ? { kind: 'open', ratePerSecond: one.rate }
    : { kind: 'closed', think: one.think };
}

/** Plants that show without services: in loads of kind watch or lock, or in the catalog. */
const OF_OTHERS: readonly string[] = ['P9', 'P10', 'P16', 'P17', 'P20'];

export function resolveServices(
  { services, plant }: ScenarioDraft,
  table: HostTable,
  complain: Complain,
): ServiceSpec[] {
  const planted = plant.findIndex((id) => id.startsWith('P') && !OF_OTHERS.includes(id));
  if (planted >= 0 && table.services.size === 0) {
    complain(['plant', planted], 'acts on services; write services');
  }
  if (table.placedOn.size > SHARING_MAX) {
    const message = `has ${table.placedOn.size} instances on agents; at most ${SHARING_MAX}`;
    complain(['services'], message);
  }
  return Object.entries(services).map(([name, one]) => {
    const instances = table.services.get(name) ?? [];
    const astray = one.on && instances.find((instance) => !table.placedOn.has(instance));
    if (astray !== undefined) {
      complain(['services', name, 'on'], `names no agent of the datacenter of ${astray}`);
    }
    const { cold_start: coldStart } = one;
    return {
      name,
      instances,
      workers: one.workers,
      queue: one.queue,
      time: one.service_time,
      errors: one.errors,
      cancel: one.cancel,
      coldStart: coldStart ? { micros: coldStart.for, factor: coldStart.slow } : null,
      weights: instances.map((host) => matching(one.weights, host, table).at(-1)?.[1] ?? 1),
      behaviours: instances.map((host) =>
        matching(one.behaviour, host, table)
          .flatMap(([, own]) => own)
          .map(resolveBehaviour),
      ),
      calls: one.calls.map(resolveSettings),
      checks: resolveChecks(one.check),
      registration: resolveRegistration(one),
      tellsTime: one.health_text === 'time',
    };
  });
}

function resolveBehaviour(one: BehaviourDraft): BehaviourSpec {
  const { at = 0, for: lasts = Infinity } = one;
  const when = { fromMicros: at, untilMicros: at + lasts };
  if ('slow' in one) return { kind: 'slow', factor: one.slow, ...when };
  if ('service_time' in one) return { kind: 'time', time: one.service_time, ...when };
  if ('hung' in one) return { kind: 'hung', ...when };
  if ('refusing' in one) return { kind: 'refusing', ...when };
  if ('failing' in one) {
    return { kind: 'failing', share: one.failing, after: one.in ?? null, ...when };
  }
  const { up, down } = one.flapping;
  return { kind: 'flapping', upMicros: up, downMicros: down, ...when };
}

export function resolveCalls({ load }: ScenarioDraft, table: HostTable): CallLoadSpec[] {
  return Object.entries(load).flatMap(([name, one]): CallLoadSpec[] => {
    if (one.kind !== 'call') return [];
    const clients = table.clients.filter((client) => client.startsWith(`${name}#`));
    return [
      {
        ...resolveSettings(one),
        name,
        clients,
        arrival: arrivalOf(one),
        keys: one.keys,
        as: one.as ?? null,
      },
    ];
  });
}

function resolveSettings(one: CallDraft): CallSettings {
  const { retry, hedge } = one;
  return {
    service: one.service,
    timeoutMicros: one.timeout,
    deadlineMicros: one.deadline ?? null,
    balance: resolveBalance(one.balance),
    retry: retry
      ? {
          attempts: retry.attempts,
          backoff: retry.backoff,
          budget: retry.budget === undefined ? null : resolveBudget(retry.budget),
          elsewhere: retry.elsewhere,
        }
      : null,
    discover: one.discover === undefined ? null : resolveDiscover(one.discover),
    hedge: hedge ? { afterMicros: hedge.after, attempts: hedge.attempts } : null,
    outliers: one.outliers ? resolveOutliers(one.outliers) : null,
    breaker: one.breaker === undefined ? null : resolveBreaker(one.breaker),
    requestsMax: one.max_requests ?? null,
  };
}

function resolveBalance(written: CallDraft['balance']): BalanceSpec {
  const one = typeof written === 'string' ? balanceDefaults.parse({ policy: written }) : written;
  const { slow_start: slowStart, aperture } = one;
  return {
    policy: one.policy,
    choices: one.choices,
    replacement: one.replacement,
    bias: one.bias,
    decayMicros: one.decay,
    defaultMicros: one.default_rtt ?? null,
    errorMicros: one.error_time ?? null,
    scan: one.scan,
    ring: { min: one.ring_min, max: one.ring_max },
    table: one.table,
    bounded: one.bounded_load ?? null,
    subset: one.subset ?? null,
    aperture: {
      smoothMicros: aperture.smooth,
      low: aperture.low,
      high: aperture.high,
      min: aperture.min,
    },
    locality: one.locality,
    zoneWeights: one.zone_weights,
    panic: one.panic,
    overprovisioning: one.overprovisioning,
    slowStart: slowStart
      ? {
          windowMicros: slowStart.window,
          aggression: slowStart.aggression,
          minWeight: slowStart.min_weight,
        }
      : null,
  };
}

type BudgetDraft = NonNullable<NonNullable<CallDraft['retry']>['budget']>;

function resolveBudget(one: BudgetDraft): BudgetSpec {
  if (typeof one === 'number') return { kind: 'bucket', ratio: one, cap: BUCKET_CAP };
  const { kind, ratio } = one;
  switch (kind) {
    case 'bucket':
      return { kind, ratio, cap: one.cap };
    case 'finagle':
      return { kind, ratio, minPerSecond: one.min_per_second, windowMicros: one.window };
    case 'envoy':
      return { kind, ratio, min: one.min };
    case 'grpc':
      return { kind, ratio, max: one.max };
    default:
      return kind satisfies never;
  }
}

function resolveOutliers(one: NonNullable<CallDraft['outliers']>): OutlierSpec {
  const { success_rate: rate, failure_percentage: failure } = one;
  const isGrpc = one.variant === 'grpc';
  return {
    variant: one.variant,
    intervalMicros: one.interval,
    baseEjectionMicros: one.base_ejection_time,
    maxEjectionMicros: one.max_ejection_time,
    maxEjectionShare: one.max_ejection_percent,
    alwaysEjectOne: one.always_eject_one_host,
    consecutiveErrors: isGrpc ? 0 : one.consecutive_5xx,
    successRate: {
      factor: rate.factor,
      enforcing: rate.enforcing,
      minHosts: rate.min_hosts,
      volume: rate.volume,
    },
    failurePercentage: {
      threshold: failure.threshold,
      enforcing: failure.enforcing,
      minHosts: failure.min_hosts,
      volume: failure.volume,
    },
  };
}

function resolveBreaker(one: NonNullable<CallDraft['breaker']>): BreakerSpec {
  if (typeof one === 'string') return { kind: one, openMicros: OPEN_MICROS[one] };
  return { kind: one.kind, openMicros: one.open ?? OPEN_MICROS[one.kind] };
}
