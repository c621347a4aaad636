/** `check:` of a service: how its agent finds out whether an instance works. */
import { CHECK_KINDS } from '../services.ts';
import type { CheckKind } from '../services.ts';
import type { Broken } from './kit.ts';
import { boolean, choice, fields, flag, isPlainMap, list, ruled, word } from './kit.ts';
import { count, duration, text } from './values.ts';

const check = fields({
  http: text(200, /^\/\S*$/, 'a path such as /health')
    .optional()
    .describe(
      'Path that is asked by HTTP, such as /health. 2xx is passing, 429 (of an instance with a full ' +
        'queue) a warning, all else critical.',
    ),
  tcp: flag()
    .optional()
    .describe('A connection is made and closed: an instance that hangs passes, too.'),
  udp: flag()
    .optional()
    .describe(
      'A datagram is sent. Whatever comes back passes; where nothing does, the run never ends.',
    ),
  grpc: flag().optional().describe('Asked by the health protocol of gRPC.'),
  h2ping: flag()
    .optional()
    .describe('A PING of HTTP/2, which the transport of an instance answers whatever ails it.'),
  script: flag()
    .optional()
    .describe('A program on the host asks. One that takes too long is critical at once.'),
  docker: flag().optional().describe('A program in its container asks, for however long.'),
  ttl: duration({ minimum: 1 })
    .optional()
    .describe('The instance tells its agent how it is; critical after so long without a word.'),
  heartbeat: duration({ minimum: 1 })
    .optional()
    .describe('How often an instance speaks, of a ttl. Default: half of it.'),
  of: word(['service', 'node'])
    .prefault('service')
    .describe('The check is of this service, or of the node and so of every service there.'),
  interval: duration({ minimum: 1 })
    .optional()
    .describe('From the end of a run to the next; less than 1s is 1s. Default: 10s.'),
  timeout: duration({ minimum: 1 })
    .optional()
    .describe('Time for an answer. Default: 10s, of a script 30s.'),
  status: word(['passing', 'warning', 'critical'])
    .prefault('critical')
    .describe('Status until the first run, where a cluster is not formed.'),
  success_before_passing: count(0, 1000)
    .optional()
    .describe('Successes in a row that make it passing. Default: 0, which is as 1.'),
  failures_before_warning: count(0, 1000)
    .optional()
    .describe('Failures in a row that make it a warning. Default: as for critical.'),
  failures_before_critical: count(0, 1000)
    .optional()
    .describe('Failures in a row that make it critical. Default: 0, which is as 1.'),
  deregister_critical_service_after: duration()
    .prefault('0s')
    .describe(
      'The agent removes an instance that has been critical for so long; less than 1m is 1m, and it ' +
        'looks every 30s. 0s: never. A check of the node removes nothing.',
    ),
  dependencies: boolean()
    .prefault(false)
    .describe('The check asks the services that the instance depends on, too.'),
});

/** What does not act on some kinds, and why. */
const TOLD = 'nobody runs a check of a ttl; remove it';
const REFUSED: Readonly<Partial<Record<CheckKind, Readonly<Record<string, string>>>>> = {
  ttl: {
    interval: TOLD,
    timeout: TOLD,
    success_before_passing: 'what is told counts at once; remove it',
    failures_before_warning: 'what is told counts at once; remove it',
    failures_before_critical: 'what is told counts at once; remove it',
    dependencies: TOLD,
  },
  docker: { timeout: 'a run in a container has no time limit; remove it' },
  udp: { timeout: 'the wait for an answer has no time limit; remove it' },
  tcp: { dependencies: 'a connection asks nothing; write http' },
  h2ping: { dependencies: 'a PING asks nothing; write http' },
};

function rules(raw: unknown): Broken[] {
  if (!isPlainMap(raw)) return [];
  const given = CHECK_KINDS.filter((kind) => kind in raw);
  const broken: Broken[] = [];
  const [kind] = given;
  if (given.length !== 1 || kind === undefined) {
    const message = `names ${given.length === 0 ? 'nothing' : given.join(' and ')} to ask by; write one of ${CHECK_KINDS.join(', ')}`;
    broken.push({ path: [], message });
  } else {
    for (const [key, message] of Object.entries(REFUSED[kind] ?? {})) {
      if (key in raw) broken.push({ path: [key], message, at: 'key' });
    }
    if (kind !== 'ttl' && 'heartbeat' in raw) {
      broken.push({ path: ['heartbeat'], message: 'acts on a ttl; remove it', at: 'key' });
    }
  }
  const { failures_before_warning: warning, failures_before_critical: critical = 0 } = raw;
  if (typeof warning === 'number' && typeof critical === 'number' && warning > critical) {
    const message = "can't be higher than failures_before_critical";
    broken.push({ path: ['failures_before_warning'], message });
  }
  if (raw['of'] === 'node' && 'deregister_critical_service_after' in raw) {
    const message = 'a check of the node removes nothing; remove it';
    broken.push({ path: ['deregister_critical_service_after'], message, at: 'key' });
  }
  return broken;
}

const one = ruled(check, rules);
const several = list(one, 'checks', 10);

export const checksOfService = choice(
  [
    { name: 'one', schema: one },
    { name: 'several', schema: several },
  ],
  (raw) => (Array.isArray(raw) ? several : one),
);
