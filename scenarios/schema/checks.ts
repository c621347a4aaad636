/** `check:` of a service: how its agent finds out whether an instance works. */
import type { Broken } from './kit.ts';
import { boolean, fields, flag, isPlainMap, ruled, word } from './kit.ts';
import { count, duration, text } from './values.ts';

/** Ways of asking; each check has one. */
const KINDS = ['http', 'grpc', 'script'] as const;

const check = fields({
  http: text(200, /^\/\S*$/, 'a path such as /health')
    .optional()
    .describe('Path that is asked by HTTP, such as /health.'),
  grpc: flag().optional().describe('Asked by the health protocol of gRPC.'),
  script: flag()
    .optional()
    .describe('A program on the host asks. One that takes too long is critical at once.'),
  interval: duration({ minimum: 1 })
    .prefault('10s')
    .describe('From the end of a run to the next; less than 1s is 1s.'),
  timeout: duration({ minimum: 1 })
    .optional()
    .describe('Time for an answer. Default: 10s, of a script 30s.'),
  status: word(['passing', 'warning', 'critical'])
    .prefault('critical')
    .describe('Status until the first run, where a cluster is not formed.'),
  success_before_passing: count(0, 1000)
    .prefault(0)
    .describe('Successes in a row that make it passing.'),
  failures_before_warning: count(0, 1000)
    .optional()
    .describe('Failures in a row that make it a warning. Default: as for critical.'),
  failures_before_critical: count(0, 1000)
    .prefault(0)
    .describe('Failures in a row that make it critical.'),
  deregister_critical_service_after: duration()
    .prefault('0s')
    .describe(
      'The agent removes an instance that has been critical for so long; less than 1m is 1m, and it ' +
        'looks every 30s. 0s: never.',
    ),
  dependencies: boolean()
    .prefault(false)
    .describe('The check asks the services that the instance depends on, too.'),
});

function rules(raw: unknown): Broken[] {
  if (!isPlainMap(raw)) return [];
  const given = KINDS.filter((kind) => kind in raw);
  const broken: Broken[] = [];
  if (given.length !== 1) {
    const message = `names ${given.length === 0 ? 'nothing' : given.join(' and ')} to ask by; write one of ${KINDS.join(', ')}`;
    broken.push({ path: [], message });
  }
  const { failures_before_warning: warning, failures_before_critical: critical = 0 } = raw;
  if (typeof warning === 'number' && typeof critical === 'number' && warning > critical) {
    const message = "can't be higher than failures_before_critical";
    broken.push({ path: ['failures_before_warning'], message });
  }
  return broken;
}

export const checkOfService = ruled(check, rules);
