/** `load:`: what clients do while the cluster is being broken. */
import { parseCount, parsePercent } from '../units.ts';
import { callKeys } from './calls.ts';
import { meshCallKeys } from './mesh.ts';
import type { Broken } from './kit.ts';
import { choice, fields, isPlainMap, named, ruled, word } from './kit.ts';
import { locking } from './lock-load.ts';
import {
  count,
  datacenter,
  distribution,
  duration,
  homeOfClients,
  percent,
  rate,
  text,
} from './values.ts';

const LATER_KEYS = {
  from: 'clients have hosts of their own; write via: agent for an agent beside each',
  prefix: 'it belongs to the kinds watch, lock and txn',
  writes: 'it belongs to kind: watch; here write rate and mix',
  wait: 'it belongs to kind: watch',
  watch: 'it belongs to kind: watch',
  deletes: 'it belongs to kind: watch; here write mix: { delete: 10% }',
  hold: 'it belongs to kind: lock',
  ttl: 'it belongs to kind: lock',
  size: 'it belongs to kind: txn',
  service: 'only loads of kind: call do; clients of the store talk to servers',
  balance: 'only loads of kind: call do; clients of the store talk to servers',
  retry: 'only loads of kind: call do; clients of the store do not retry',
};

const mix = ruled(
  fields({
    put: percent().prefault('0%').describe('Share of writes, each of a new unique value.'),
    get: percent().prefault('0%').describe('Share of reads.'),
    cas: percent()
      .prefault('0%')
      .describe('Share of compare-and-set writes, each against the value this client last saw.'),
    delete: percent().prefault('0%').describe('Share of deletes.'),
    increment: percent()
      .prefault('0%')
      .describe('Share of increments of a counter: a read, then a cas against what it gave.'),
  }),
  mixRules,
);

function mixRules(raw: unknown): Broken[] {
  if (!isPlainMap(raw)) return [];
  let millionths = 0;
  for (const part of Object.values(raw)) {
    const share = parsePercent(part);
    if (!share.ok) return [];
    millionths += Math.round(share.value * 1e6);
  }
  if (millionths === 1e6) return [];
  return [{ path: [], message: `adds up to ${millionths / 1e4}%; the shares of a mix make 100%` }];
}

const modes = ruled(
  fields({
    default: percent().prefault('0%').describe('Share of reads of mode default.'),
    consistent: percent().prefault('0%').describe('Share of reads of mode consistent.'),
    stale: percent().prefault('0%').describe('Share of reads of mode stale.'),
  }),
  mixRules,
);
const mode = word(['default', 'consistent', 'stale']);

const consistency = choice(
  [
    { name: 'one mode', schema: mode },
    { name: 'shares of modes', schema: modes },
  ],
  (raw) => (isPlainMap(raw) ? modes : mode),
)
  .prefault('default')
  .describe(
    'Reads are answered by whoever believes to lead (default), by a leader that a quorum confirms ' +
      'for each read (consistent), or by any server (stale). A map gives shares of the three.',
  );

const kv = {
  kind: word(['kv'], {
    lock: 'it has keys of its own: hold, ttl, lock_delay',
    txn: 'it has keys of its own: size, reads, conditional',
    watch: 'it has keys of its own: watch, prefix, writes',
  }).describe('What the load does: kv puts, gets, compares-and-sets and deletes keys.'),
  via: word(['server', 'agent'], { agents: 'each client has one of its own; write agent' })
    .prefault('server')
    .describe(
      'Whom clients talk to: a server, and the next one when it fails; or an agent beside them, which ' +
        'finds a server by itself.',
    ),
  clients: count(1, 1000)
    .prefault(1)
    .describe('Clients, each on a host of its own, named load#1, load#2, ...'),
  datacenter: homeOfClients(),
  dc: datacenter()
    .optional()
    .describe(
      'Datacenter that operations are about, as the parameter `dc` of the API: servers of the own one ' +
        'ask one of its servers. Default: the own one.',
    ),
  keys: count(1, 1_000_000)
    .prefault(10)
    .describe('Keys the operations are spread over evenly. Fewer keys mean more contention.'),
  mix: mix
    .prefault({ put: '30%', get: '60%', cas: '10%' })
    .describe('Kinds of operations; the shares add up to 100%.'),
  consistency,
  timeout: duration({ minimum: 1 })
    .prefault('2s')
    .describe('After this time a client gives up; the outcome of a write is then unknown.'),
};

const open = fields(
  {
    ...kv,
    rate: rate().describe(
      'Open loop: operations of the whole load start at this mean rate with exponential gaps, ' +
        'whether or not earlier ones have ended.',
    ),
  },
  LATER_KEYS,
);
const closed = fields(
  {
    ...kv,
    think: distribution().describe(
      'Closed loop: each client waits this long after an answer before its next operation.',
    ),
  },
  LATER_KEYS,
);

const transactions = {
  kind: word(['txn']).describe('What the load does: txn makes transactions of several keys.'),
  via: kv.via,
  clients: kv.clients,
  datacenter: kv.datacenter,
  dc: kv.dc,
  keys: kv.keys,
  prefix: text(64).prefault('txn/').describe('What the names of the keys begin with.'),
  size: count(1, 64)
    .prefault(3)
    .describe('Different keys of a transaction; all, if there are less.'),
  reads: percent()
    .prefault('30%')
    .describe('Share of transactions that only read, without the log; the others also write.'),
  conditional: percent()
    .prefault('0%')
    .describe('Share of writes that compare with the index this client last saw.'),
  consistency,
  timeout: kv.timeout,
};
const LATER_TXN_KEYS = {
  from: LATER_KEYS.from,
  mix: 'transactions are told apart by reads: 30% and conditional: 10%',
};
const openTxn = fields(
  { ...transactions, rate: rate().describe('Open loop: transactions start at this mean rate.') },
  LATER_TXN_KEYS,
);
const closedTxn = fields(
  {
    ...transactions,
    think: distribution().describe('Closed loop: wait after an outcome before the next one.'),
  },
  LATER_TXN_KEYS,
);

/** Keys of other kinds of loads. */
const LATER_CALL_KEYS = {
  from: 'clients have hosts of their own, with an agent beside them where they discover',
};
const callLoad = {
  kind: word(['call']).describe('What the load does: call calls a service.'),
  clients: count(1, 1000)
    .prefault(1)
    .describe(
      'Clients, each on a host and in a zone of its own, with its own view of the service.',
    ),
  datacenter: homeOfClients(),
  keys: count(1, 1_000_000)
    .prefault(1000)
    .describe('Keys that calls are spread over evenly, which consistent hashing goes by.'),
  ...callKeys,
  ...meshCallKeys,
};
const openCall = fields(
  { ...callLoad, rate: rate().describe('Open loop: calls of the whole load start at this rate.') },
  LATER_CALL_KEYS,
);
const closedCall = fields(
  {
    ...callLoad,
    think: distribution().describe('Closed loop: wait after an outcome before the next call.'),
  },
  LATER_CALL_KEYS,
);

const watching = fields(
  {
    kind: word(['watch']).describe('What the load does: each client watches keys, and may write.'),
    via: kv.via,
    clients: kv.clients,
    datacenter: kv.datacenter,
    keys: kv.keys,
    consistency: mode
      .prefault('default')
      .describe('Mode of the blocking queries. A consistent one is verified whenever it looks.'),
    timeout: kv.timeout,
    watch: word(['prefix', 'key'])
      .prefault('prefix')
      .describe('What each client watches: all keys of the load, or one of them.'),
    prefix: text(64).prefault('config/').describe('What the names of the keys begin with.'),
    wait: duration({ minimum: 1000 })
      .optional()
      .describe('How long a query asks to wait; left out that is up to the server (5m).'),
    spread: duration()
      .prefault('0s')
      .describe('After an answer up to so long is waited, a drawn time, before the next query.'),
    writes: rate()
      .optional()
      .describe(
        'Writes of the whole load to random keys, with exponential gaps; none if left out.',
      ),
    deletes: percent().prefault('0%').describe('Share of the writes that delete the key.'),
  },
  {
    from: LATER_KEYS.from,
    hold: LATER_KEYS.hold,
    ttl: LATER_KEYS.ttl,
    rate: 'watchers write `writes: 2/m`',
    think: 'watchers write `writes: 2/m`',
    mix: 'watchers only put and delete; write deletes: 10%',
  },
);

const LOADS_MAX = 100;
const CLIENTS_MAX = 10_000;

/** Every client is a host of its own, so their number in all has a limit too. */
function sizeRules(raw: unknown): Broken[] {
  if (!isPlainMap(raw)) return [];
  const loads = Object.values(raw);
  let clients = 0;
  for (const one of loads) {
    const wanted = parseCount(isPlainMap(one) ? (one['clients'] ?? 1) : 1);
    clients += wanted.ok ? wanted.value : 0;
  }
  if (loads.length > LOADS_MAX) {
    return [{ path: [], message: `has ${loads.length} loads, more than ${LOADS_MAX}` }];
  }
  if (clients <= CLIENTS_MAX) return [];
  return [{ path: [], message: `has ${clients} clients in all, more than ${CLIENTS_MAX}` }];
}

export const load = ruled(
  named(
    choice(
      [
        { name: 'open loop', schema: open },
        { name: 'closed loop', schema: closed },
        { name: 'calls, open loop', schema: openCall },
        { name: 'watchers', schema: watching },
        { name: 'locks', schema: locking },
        { name: 'transactions, open loop', schema: openTxn },
        { name: 'transactions, closed loop', schema: closedTxn },
        { name: 'calls, closed loop', schema: closedCall },
      ],
      (raw) => {
        if (!isPlainMap(raw))
          return { message: 'expected a load such as { kind: kv, rate: 100/s }' };
        if (raw['kind'] === 'watch') return watching;
        if (raw['kind'] === 'lock') return locking;
        if ('rate' in raw && 'think' in raw) {
          return {
            message: 'has both rate and think; keep rate (open loop) or think (closed loop)',
          };
        }
        if (!('rate' in raw || 'think' in raw) && Object.keys(raw).length > 0) {
          return { message: 'needs rate: 100/s (open loop) or think: 10ms (closed loop)' };
        }
        if (raw['kind'] === 'txn') return 'think' in raw ? closedTxn : openTxn;
        if (raw['kind'] === 'call') return 'think' in raw ? closedCall : openCall;
        return 'think' in raw ? closed : open;
      },
    ).describe('One load and its clients.'),
    { keyName: 'loads', keyRole: 'load' },
  ),
  sizeRules,
)
  .prefault({})
  .describe('Loads by name. They run until `duration`, then at a tenth until half of `settle`.');
