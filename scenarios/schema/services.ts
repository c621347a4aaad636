/** `services:`: programs that answer calls, in so many instances with workers and a queue each. */
import type { Broken, Pick } from './kit.ts';
import { AT_KEY, boolean, choice, fields, isPlainMap, list, named, ruled, word } from './kit.ts';
import { callKeys } from './calls.ts';
import { checksOfService } from './checks.ts';
import { registrationKeys } from './registration.ts';
import { count, distribution, duration, factor, percent, selector } from './values.ts';
import { SERVICE_INSTANCES_MAX } from '../hosts.ts';
import { parseCount } from '../units.ts';

export const SERVICES_MAX = 100;
/** Of all services, with hosts of their own; those that share hosts cost less. */
export const INSTANCES_MAX = 10_000;
export const SHARING_MAX = 200_000;

const when = {
  at: duration({ role: 'time' }).optional().describe('From then on. Default: from the start.'),
  for: duration({ minimum: 1 }).optional().describe('For so long. Default: until the end.'),
};

const KINDS = {
  slow: fields({ slow: factor().describe('Its own work takes so many times as long.'), ...when }),
  service_time: fields({
    service_time: distribution({ positive: true }).describe(
      'Its own work takes this long instead.',
    ),
    ...when,
  }),
  hung: fields({
    hung: boolean().describe('Takes requests and does nothing about them until it ends.'),
    ...when,
  }),
  refusing: fields({ refusing: boolean().describe('Turns every request away at once.'), ...when }),
  failing: fields({
    failing: percent({ positive: true }).describe(
      'Share of requests that it answers with an error.',
    ),
    in: distribution().optional().describe('Time an error takes. Default: as long as an answer.'),
    ...when,
  }),
  flapping: fields({
    flapping: fields({
      up: duration({ minimum: 1 }).describe('Works for so long, then'),
      down: duration({ minimum: 1 }).describe('refuses for so long, and so on.'),
    }).describe('Refuses again and again.'),
    ...when,
  }),
};

const KIND_OPTIONS = Object.entries(KINDS).map(([name, schema]) => ({ name, schema })) as {
  name: string;
  schema: (typeof KINDS)[keyof typeof KINDS];
}[];

function pickBehaviour(raw: unknown): Pick {
  const names = Object.keys(KINDS) as (keyof typeof KINDS)[];
  const hint = `a behaviour is one of ${names.join(', ')}, as { slow: 4x }`;
  if (!isPlainMap(raw)) return { message: hint };
  const found = names.filter((name) => name in raw);
  if (found.length === 1) return KINDS[found[0]!];
  return { message: found.length === 0 ? hint : `has ${found.join(' and ')}; write two entries` };
}

const behaviours = list(choice(KIND_OPTIONS, pickBehaviour), 'behaviours', 20);
const oneOrMore = choice([...KIND_OPTIONS, { name: 'several', schema: behaviours }], (raw) =>
  Array.isArray(raw) ? behaviours : pickBehaviour(raw),
).describe('One behaviour, or a list of them.');

const instanceCount = count(1, SERVICE_INSTANCES_MAX);
const instancesByDatacenter = ruled(
  named(instanceCount.describe('Instances there.'), {
    keyName: 'datacenters',
    keyRole: 'datacenter',
  }),
  (raw) =>
    isPlainMap(raw) && Object.keys(raw).length === 0
      ? [{ path: [], message: 'names no datacenter; write a number, or { dc1: 3, dc2: 2 }' }]
      : [],
);

const service = fields({
  instances: choice(
    [
      { name: 'in dc1', schema: instanceCount },
      { name: 'by datacenter', schema: instancesByDatacenter },
    ],
    (raw) => (isPlainMap(raw) ? instancesByDatacenter : instanceCount),
  )
    .optional()
    .describe(
      'Instances, each a process on a host of its own, named service-1, service-2, ..., dealt to the ' +
        'zones in turn. A map has a number for each datacenter: { dc1: 3, dc2: 2 } makes service-1.dc2 ' +
        'and service-2.dc2, too. Default: 1 in dc1, or one for each agent of `on`.',
    ),
  on: selector('agent')
    .optional()
    .describe(
      'Client agents whose hosts the instances are on, dealt in turn: agents, a1..a4, zone:b. Several ' +
        'instances, of one or more services, then share an agent, which is one node of the catalog; ' +
        'each has an address of its own, as containers have. Default: a host, and an agent, for each.',
    ),
  workers: count(1, 10_000).prefault(1).describe('Requests that an instance works on at a time.'),
  queue: count(0, 1_000_000_000)
    .prefault(1000)
    .describe('Requests that may wait in an instance; more are turned away as overloaded.'),
  service_time: distribution({ positive: true }).describe(
    'Time that the work on one request takes, dependencies apart.',
  ),
  errors: percent()
    .prefault('0%')
    .describe('Share of requests that end in an error after the work.'),
  cancel: boolean()
    .prefault(false)
    .describe(
      'Requests whose caller has given up are dropped when their turn comes. Otherwise they are ' +
        'worked on like any other.',
    ),
  cold_start: fields({
    slow: factor().describe('How much longer work takes just after a start.'),
    for: duration({ minimum: 1 }).describe('Time in which that wears off.'),
  })
    .optional()
    .describe('An instance that has just been started is slow for a while.'),
  weights: named(count(1, 65_535).describe('Weight of the instance.'), {
    keyName: 'instances',
    keyRole: 'instance',
  })
    .prefault({})
    .describe('Weights of instances, as `Weights.Passing` of Consul; 1 where left out.'),
  behaviour: named(oneOrMore, { keyName: 'instances', keyRole: 'instance' })
    .prefault({})
    .describe('What is wrong with which instances, and when.'),
  check: checksOfService
    .optional()
    .describe(
      'The agent beside each instance registers it and checks it; one check, or a list of them. ' +
        'Default: no agent.',
    ),
  health_text: word(['constant', 'time'])
    .prefault('constant')
    .describe(
      'What an instance says to a health check beside its status: always the same, or something ' +
        'else each time, such as the time.',
    ),
  ...registrationKeys,
  calls: list(fields(callKeys), 'calls', 10)
    .prefault([])
    .describe(
      'Services that each request asks in turn; a worker is held meanwhile, and the request fails ' +
        'when one of them does.',
    ),
}).describe('One service and its instances.');

function rules(raw: unknown): Broken[] {
  if (!isPlainMap(raw)) return [];
  const names = Object.keys(raw);
  const broken: Broken[] = names.flatMap((name): Broken[] => {
    if (/^[a-z][a-z-]{0,30}$/.test(name) && !name.endsWith('-')) return [];
    const message = `"${name}" is no name of a service; use up to 31 small letters and dashes`;
    return [{ path: [name], message, ...AT_KEY } as Broken];
  });
  let total = 0;
  for (const one of Object.values(raw)) {
    if (isPlainMap(one) && 'on' in one) continue;
    const written = isPlainMap(one) ? (one['instances'] ?? 1) : 1;
    for (const count of isPlainMap(written) ? Object.values(written) : [written]) {
      const wanted = parseCount(count);
      total += wanted.ok ? wanted.value : 0;
    }
  }
  if (names.length > SERVICES_MAX || total > INSTANCES_MAX) {
    const message = `has ${names.length} services with ${total} instances; at most ${SERVICES_MAX} and ${INSTANCES_MAX}`;
    broken.push({ path: [], message });
  }
  return [...broken, ...cycles(raw), ...Object.keys(raw).flatMap((name) => unheard(name, raw))];
}

/** Keys that would say something to nobody. */
function unheard(name: string, raw: Readonly<Record<string, unknown>>): Broken[] {
  const one = raw[name];
  if (!isPlainMap(one)) return [];
  const broken: Broken[] = [];
  const { names = [], denied = [], check } = one;
  const known = [name, ...(Array.isArray(names) ? (names as unknown[]) : [])];
  for (const [at, wanted] of (Array.isArray(denied) ? (denied as unknown[]) : []).entries()) {
    if (known.includes(wanted)) continue;
    const message = `"${String(wanted)}" is none of its names; write one of ${known.join(', ')}`;
    broken.push({ path: [name, 'denied', at], message });
  }
  if ('health_text' in one && check === undefined) {
    const message = 'acts on checks; write a check';
    broken.push({ path: [name, 'health_text'], message, ...AT_KEY } as Broken);
  }
  return broken;
}

/** A service that waits for itself would hold its workers for ever. */
function cycles(raw: Readonly<Record<string, unknown>>): Broken[] {
  const targets = (name: string): string[] => {
    const one = raw[name];
    const calls = isPlainMap(one) && Array.isArray(one['calls']) ? one['calls'] : [];
    return calls.flatMap((call: unknown) => (isPlainMap(call) ? [String(call['service'])] : []));
  };
  const broken: Broken[] = [];
  for (const name of Object.keys(raw)) {
    const seen = new Set<string>();
    const open = targets(name);
    while (open.length > 0) {
      const next = open.pop()!;
      if (seen.has(next)) continue;
      seen.add(next);
      open.push(...targets(next));
    }
    if (seen.has(name))
      broken.push({ path: [name, 'calls'], message: 'come back to the service itself' });
  }
  return broken;
}

export const services = ruled(named(service, { keyName: 'services' }), rules)
  .prefault({})
  .describe('Services by name.');
