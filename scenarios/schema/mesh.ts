/** `mesh:` and the faults that concern it, in the words of Consul's `connect` block. */
import type { Broken } from './kit.ts';
import { fields, flag, isPlainMap, list, ruled, word } from './kit.ts';
import { lasting, trigger } from './trigger.ts';
import { count, duration, number, offsetRange, text } from './values.ts';

const party = (): ReturnType<typeof text> =>
  text(63, /^(\*|[a-z][a-z0-9-]*)$/, 'the name of a service, or "*" for any');

const intention = {
  source: party().describe('Who calls: the name of a service, or "*".'),
  destination: party().describe('Whom it calls: the name of a service, or "*".'),
  action: word(['allow', 'deny']).describe(
    'allow or deny. Of several that fit, the one with the more exact destination decides, then the ' +
      'one with the more exact source.',
  ),
};

const caConfig = ruled(
  fields(
    {
      leaf_cert_ttl: duration()
        .prefault('72h')
        .describe(
          'Lifetime of leaf certificates, 1h to 2920h. They are renewed at a random point from 60 % to ' +
            '90 % of it.',
        ),
      csr_max_per_second: number(0, 1_000_000)
        .prefault(50)
        .describe(
          'Certificates that the leader signs a second; who would wait for more than 500ms is refused, ' +
            'and tries again within 30s. 0: no limit.',
        ),
      csr_max_concurrent: count(0, 1_000_000)
        .prefault(0)
        .describe('With csr_max_per_second: 0, requests that are served at a time. 0: no limit.'),
    },
    {
      intermediate_cert_ttl: 'the built-in authority signs with its root; remove it',
      root_cert_ttl: 'roots of ten years do not expire in a run; remove it',
    },
  ),
  (raw): Broken[] => {
    if (!isPlainMap(raw)) return [];
    const limited = raw['csr_max_per_second'] !== 0 && raw['csr_max_per_second'] !== '0';
    if (!limited || !('csr_max_concurrent' in raw)) return [];
    const message = 'counts with csr_max_per_second: 0 only';
    return [{ path: ['csr_max_concurrent'], message, at: 'key' }];
  },
);

export const mesh = fields({
  ca_config: caConfig.prefault({}).describe("Consul's `ca_config`."),
  sign_time: duration()
    .prefault('2ms')
    .describe('What the authority needs for one certificate; it makes one at a time.'),
  default_intention_policy: word(['allow', 'deny'])
    .prefault('allow')
    .describe('What holds for calls that no intention is about.'),
  intentions: list(fields(intention), 'intentions', 1000)
    .prefault([])
    .describe('Who may call whom when the run begins.'),
  leaf_age: offsetRange()
    .optional()
    .describe(
      'Age of the certificates when a formed run begins, drawn for each from a range such as 50m..53m. ' +
        'Default: up to 60 % of their lifetime, so that none is due.',
    ),
})
  .optional()
  .describe(
    'The service mesh: a certificate authority on the leader, and proxies beside the instances of ' +
      'services with `sidecar: true` and beside clients with `as`, through which calls between them go. ' +
      'Default: none.',
  );

/** Of a load of kind `call`. */
export const meshCallKeys = {
  as: party()
    .optional()
    .describe(
      'Calls go through the sidecar proxies, with a certificate for this service. Default: directly.',
    ),
};

/** Verbs of `faults:`. */
export const MESH_VERBS = {
  rotate_ca: fields({
    ...trigger,
    rotate_ca: flag().describe(
      'The leader gets a new root, signed by the one before; every certificate is made anew.',
    ),
  }),
  ca_outage: fields({
    ...lasting,
    ca_outage: flag().describe(
      'The authority behind the leader does not answer: nothing is signed until the fault ends.',
    ),
  }),
  intention: fields({
    ...lasting,
    intention: fields(intention).describe(
      'An operator sets an intention; at the end it is again as it was.',
    ),
  }),
};
