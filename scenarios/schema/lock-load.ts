/** Loads whose clients hold sessions: `kind: lock`. */
import { fields, list, word } from './kit.ts';
import { count, distribution, duration, homeOfClients, percent, text } from './values.ts';

/** `consul:agent/structs/structs.go (SessionTTLMax, MaxLockDelay)`. */
const TTL_MICROS_MIN = 10_000_000;

export const LOCK_LATER = {
  from: 'clients of locks talk to the servers directly in this version; there is only `via: server`',
  rate: 'a client of locks does one thing after the other; write think: 1s',
  mix: 'a client of locks takes turns: write hold, think, destroys, silent',
  consistency: 'a client of locks looks with mode default, and with mode consistent while it holds',
  wait: 'a client of locks looks for 15s at a time, as the real one does',
};

export const locking = fields(
  {
    kind: word(['lock']).describe(
      'What the load does: each client takes turns at locks that its session holds, as the lock ' +
        'helper of Consul does.',
    ),
    via: word(['server'])
      .prefault('server')
      .describe('Whom clients talk to; the session belongs to the node of that server.'),
    clients: count(1, 1000)
      .prefault(1)
      .describe('Clients, each on a host of its own, named load#1, load#2, ...'),
    datacenter: homeOfClients(),
    keys: count(1, 1_000_000)
      .prefault(1)
      .describe('Locks that clients want, each turn one of them at random.'),
    prefix: text(64).prefault('lock/').describe('What the names of the locks begin with.'),
    ttl: duration({ minimum: TTL_MICROS_MIN })
      .prefault('15s')
      .describe('TTL of the sessions, 10s to 24h; they are renewed each half of it.'),
    lock_delay: duration()
      .prefault('15s')
      .describe('How long nobody gets a lock whose session has ended; more than 60s is 60s.'),
    behavior: word(['release', 'delete'])
      .prefault('release')
      .describe('What the end of a session does to the keys it holds.'),
    checks: list(word(['serfHealth']), 'checks', 1)
      .prefault(['serfHealth'])
      .describe('Checks of the node that end its sessions when they are critical.'),
    hold: distribution({ positive: true })
      .prefault('1s..5s')
      .describe('How long a client keeps a lock.'),
    think: distribution()
      .prefault('exp 1s')
      .describe('Time from the end of a turn to the next one of the client.'),
    destroys: percent()
      .prefault('0%')
      .describe('Share of turns that end with the session destroyed, not with a release.'),
    silent: percent()
      .prefault('0%')
      .describe('Share of turns that end in silence: the session is left to expire.'),
    renewals: word(['default', 'stale'])
      .prefault('default')
      .describe(
        'Mode of renewals. Whoever is asked answers a stale one, and the leader hears not.',
      ),
    timeout: duration({ minimum: 1 })
      .prefault('2s')
      .describe('After this time a client gives up; the outcome of a write is then unknown.'),
  },
  LOCK_LATER,
);
