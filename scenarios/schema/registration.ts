/** How instances come into the catalog: by their agent's configuration, or by themselves. */
import { boolean, fields, list } from './kit.ts';
import { duration, text } from './values.ts';

const serviceName = text(63, /^[a-z][a-z-]{0,62}$/, 'a name such as web-admin');

export const registrationKeys = {
  register: fields({
    again: duration({ minimum: 1_000_000 })
      .optional()
      .describe('It registers the same again so often. Default: never.'),
    look: duration({ minimum: 1_000_000 })
      .optional()
      .describe(
        'It asks its agent so often whether it is still registered, and registers again if not. ' +
          'Default: never.',
      ),
    data_dir: boolean()
      .prefault(true)
      .describe(
        'Its agent keeps on disk what programs register. Without, as in dev mode, an agent that ' +
          'restarts knows nothing of it and removes it from the catalog.',
      ),
  })
    .optional()
    .describe(
      'Each instance registers itself through the HTTP API of its agent when it starts. Default: it ' +
        "is in its agent's configuration files.",
    ),
  shutdown: fields({
    deregister: boolean()
      .prefault(true)
      .describe('It takes itself out of the catalog first, by a request to its agent.'),
    drain: duration()
      .prefault('5s')
      .describe(
        'It goes on serving for so long, until callers have heard of it; then it ends when no request ' +
          'is left in it.',
      ),
    grace: duration({ minimum: 1 })
      .prefault('30s')
      .describe('After so long it is ended whatever is left in it.'),
  })
    .optional()
    .describe(
      'What an instance does when it is told to stop, by a restart or by crash with how: terminate. ' +
        'Default: it ends at once, and stays in the catalog.',
    ),
  names: list(serviceName, 'names', 20)
    .prefault([])
    .describe('Further services that each instance is registered as, without checks.'),
  denied: list(serviceName, 'names', 20)
    .prefault([])
    .describe(
      'Of these names, those whose registration the servers refuse, as with a token that lacks the ' +
        'right to it.',
    ),
  sidecar: boolean()
    .prefault(false)
    .describe(
      'A sidecar proxy is registered beside each instance, with the checks that Consul gives it: TCP ' +
        'every 10s, and an alias of the instance.',
    ),
};
