/** `cluster:` and what belongs to a host: its release, Raft settings, CPU, disk and clock. */
import { RELEASE_DEFAULT } from '../releases.ts';
import { AGENTS_MAX } from '../hosts.ts';
import type { DatacenterName } from '../datacenters.ts';
import type { Broken } from './kit.ts';
import { boolean, fields, fieldsAnd, list, named, ruled, word } from './kit.ts';
import { paperKeys, variantRules } from './paper.ts';
import { holdTimeout, requestKeys } from './requests.ts';
import { AGENT_READS_OF_ALL, agentReadKeys } from './agent-reads.ts';
import { LEAVING_OF_ALL, leavingKeys } from './leaving.ts';
import { SERVER_LAYER_OF_ALL, serverLayerKeys } from './server-layer.ts';
import {
  bandwidth,
  count,
  distribution,
  driftRange,
  duration,
  offsetRange,
  percent,
  release,
  text,
} from './values.ts';

const LATER_RAFT = {
  election_timeout: 'hashicorp/raft derives it from agent.performance.raft_multiplier',
  heartbeat: 'hashicorp/raft derives it from agent.performance.raft_multiplier',
  snapshot_interval: 'write agent: { raft_snapshot_interval: ... }, as Consul does',
  snapshot_threshold: 'write agent: { raft_snapshot_threshold: ... }, as Consul does',
  trailing_logs: 'write agent: { raft_trailing_logs: ... }, as Consul does',
};

const OF_THE_CLUSTER = {
  alone: 'all servers run the same programs; write it under cluster.raft',
  variant: 'all servers run one variant; write it under cluster.raft',
  election_timeout: 'all servers have the same; write it under cluster.raft',
  heartbeat: 'all servers have the same; write it under cluster.raft',
};

const preVote = boolean()
  .optional()
  .describe(
    'Servers ask for pre-votes before they raise the term. Default: as the release does. Off, a ' +
      'server that comes back from a partition deposes the leader; on, an election takes one more ' +
      'round trip. Releases before 1.20.2 have none, and 1.20.2 to 1.20.6 cannot switch it off. The ' +
      'textbook variant has it off.',
  );
const maxAppendEntries = count(1, 1024);
const maxAppendEntriesText =
  'Entries in one append, 1 to 1024. Lower means smaller messages and slower catch-up.';
const commitTimeout = duration({ minimum: 1000 });
const commitTimeoutText =
  'An idle leader sends its commit index after a random time of one to two of these, whatever the ' +
  'multiplier. Lower means followers apply sooner, for more messages.';
const raftMultiplier = count(1, 10);
const raftMultiplierText =
  'Scales the heartbeat and election timeouts (1s x multiplier) and the leader lease (500ms x ' +
  'multiplier). Lower detects failures sooner and elects by mistake more often.';

const snapshotInterval = duration({ minimum: 5000 });
const snapshotIntervalText =
  'A server looks after a random time of one to two of these whether a snapshot is due. Lower means ' +
  'shorter logs and faster restarts, for more work.';
const snapshotThreshold = count(0, 1_000_000_000);
const snapshotThresholdText =
  'Entries since the last snapshot that make a new one due. Lower means more of them.';
const trailingLogs = count(0, 1_000_000_000);
const trailingLogsText =
  'Entries that stay in the log behind a snapshot, for followers that lag. Lower means that they ' +
  'need a whole snapshot sooner; a follower that falls behind by more while it gets one never catches up.';

/** The keys of a pool that Consul lets users set. */
const poolKeys = {
  gossip_nodes: count(0, 100)
    .prefault(3)
    .describe('Random peers that news are sent to at each tick. More is faster, for more traffic.'),
  gossip_interval: duration({ minimum: 1000 })
    .prefault('200ms')
    .describe('Time between two ticks of gossip. Lower is faster, for more traffic.'),
  probe_interval: duration({ minimum: 1000 })
    .prefault('1s')
    .describe(
      'Time between two probes of a member, each of another member. Lower detects failures sooner.',
    ),
  probe_timeout: duration({ minimum: 1000 })
    .prefault('500ms')
    .describe(
      'How long an answer to a direct ping may take before others are asked. Should be above the ' +
        '99 % of round trips, and well below probe_interval: the rest is the time of the others.',
    ),
  suspicion_mult: count(1, 100)
    .optional()
    .describe(
      'Default 4; with lifeguard: paper 5. A suspect is dead after suspicion_mult x log10(members) x probe_interval, if enough others ' +
        'suspect it too, and after up to six times that if they do not.',
    ),
  retransmit_mult: count(1, 100)
    .prefault(4)
    .describe('Each member sends each piece of news retransmit_mult x log10(members + 1) times.'),
};

/** Consul's `gossip_lan`, with its defaults. */
const gossipLan = fields(poolKeys);

/** Consul's `gossip_wan`, with its defaults. */
const gossipWan = fields({
  ...poolKeys,
  gossip_interval: poolTime('gossip_interval', '500ms'),
  probe_interval: poolTime('probe_interval', '5s'),
  probe_timeout: poolTime('probe_timeout', '3s'),
  suspicion_mult: count(1, 100)
    .prefault(6)
    .describe(
      'A suspect is dead after suspicion_mult x log10(members) x probe_interval, if enough others ' +
        'suspect it too, and after up to six times that if they do not.',
    ),
});

/** The same of the WAN, whose times are longer. */
function poolTime(key: 'gossip_interval' | 'probe_interval' | 'probe_timeout', usual: string) {
  return duration({ minimum: 1000 })
    .prefault(usual)
    .describe(poolKeys[key].description ?? '');
}

/** Settings of the cluster, with defaults. */
const raft = fields(
  {
    ...paperKeys,
    alone: boolean()
      .optional()
      .describe(
        'True: servers are Raft and the requests for keys alone, without what Consul builds on it ' +
          '(leader loop, autopilot, membership). For scenarios about Raft; the textbook variant is ' +
          'always alone.',
      ),
    pre_vote: preVote,
    max_append_entries: maxAppendEntries.prefault(64).describe(maxAppendEntriesText),
    commit_timeout: commitTimeout.prefault('50ms').describe(commitTimeoutText),
  },
  LATER_RAFT,
);
const agent = fields({
  gossip_lan: gossipLan
    .optional()
    .describe("Consul's `gossip_lan` block, for every member of the LAN pools."),
  gossip_wan: gossipWan
    .optional()
    .describe("Consul's `gossip_wan` block, for the pool of the servers of all datacenters."),
  ...serverLayerKeys,
  ...leavingKeys,
  performance: fields({
    raft_multiplier: raftMultiplier.prefault(5).describe(raftMultiplierText),
    rpc_hold_timeout: holdTimeout,
  })
    .prefault({})
    .describe("Consul's `performance` block."),
  raft_snapshot_interval: snapshotInterval.prefault('30s').describe(snapshotIntervalText),
  raft_snapshot_threshold: snapshotThreshold.prefault(16_384).describe(snapshotThresholdText),
  raft_trailing_logs: trailingLogs.prefault(10_240).describe(trailingLogsText),
  ...requestKeys,
  ...agentReadKeys,
});

/** The same for one server, where what is left out is the cluster's. */
const ownRaft = fields(
  {
    pre_vote: preVote,
    max_append_entries: maxAppendEntries.optional().describe(maxAppendEntriesText),
    commit_timeout: commitTimeout.optional().describe(commitTimeoutText),
  },
  { ...LATER_RAFT, ...OF_THE_CLUSTER },
);
const ownAgent = fields(
  {
    performance: fields({
      raft_multiplier: raftMultiplier.optional().describe(raftMultiplierText),
      rpc_hold_timeout: holdTimeout,
    })
      .optional()
      .describe("Consul's `performance` block."),
    raft_snapshot_interval: snapshotInterval.optional().describe(snapshotIntervalText),
    raft_snapshot_threshold: snapshotThreshold.optional().describe(snapshotThresholdText),
    raft_trailing_logs: trailingLogs.optional().describe(trailingLogsText),
    ...requestKeys,
  },
  {
    ...SERVER_LAYER_OF_ALL,
    ...LEAVING_OF_ALL,
    ...AGENT_READS_OF_ALL,
    gossip_lan: 'all members have the same; write it under cluster.agent',
    gossip_wan: 'all members have the same; write it under cluster.agent',
  },
);

const hostOverlay = fields(
  {
    consul: release().optional().describe('Release of this server, for clusters under upgrade.'),
    raft: ownRaft.optional().describe('Raft settings of this server.'),
    agent: ownAgent.optional().describe("Settings in Consul's own words for this server."),
    cpu: percent({ positive: true })
      .optional()
      .describe('Speed of its CPU against the others: 50% takes twice as long for each message.'),
  },
  {
    fsync: 'write it under disks',
    drift: 'write it under clocks',
    zone: 'zones are dealt in turn',
  },
);

function distinct(raw: unknown): Broken[] {
  if (!Array.isArray(raw)) return [];
  return raw.flatMap((zone: unknown, index) =>
    raw.indexOf(zone) < index
      ? [{ path: [index], message: `names zone "${String(zone)}" twice` }]
      : [],
  );
}

const datacenter = fields(
  {
    servers: count(1, 9)
      .prefault(3)
      .describe(
        'Servers s1, s2, ...; 1 to 9. A majority of n is floor(n/2) + 1, so an even number survives ' +
          'no more failures than the odd one below it.',
      ),
    agents: count(1, AGENTS_MAX)
      .optional()
      .describe(
        'Client agents a1, a2, ...; up to 10000. They and the servers are members of one LAN gossip ' +
          'pool. Left out there are none.',
      ),
    zones: ruled(list(text(32, /^[a-z][a-z0-9-]*$/, 'a zone name such as a'), 'zones', 9), distinct)
      .prefault([])
      .describe(
        'Availability zones, dealt to the servers in turn, and to the agents: with [a, b] s1 and s3 are ' +
          'in a.',
      ),
  },
  {},
);

function another(name: DatacenterName) {
  return datacenter.optional().describe(`A further one, with servers s1.${name}, s2.${name}, ...`);
}

export const cluster = ruled(
  fields(
    {
      consul: release()
        .prefault(RELEASE_DEFAULT)
        .describe(
          'Release whose behaviour the servers have; decides the Raft library and pre-vote.',
        ),
      raft: raft.prefault({}).describe('Settings of the Raft library, for every server.'),
      datacenters: fields({
        dc1: datacenter.prefault({}).describe('The first datacenter: servers s1, s2, ...'),
        dc2: another('dc2'),
        dc3: another('dc3'),
        dc4: another('dc4'),
        dc5: another('dc5'),
        dc6: another('dc6'),
        dc7: another('dc7'),
        dc8: another('dc8'),
      })
        .prefault({})
        .describe(
          'Datacenters by name, dc1 to dc8. Each has servers with a log of their own, and a LAN pool. ' +
            'Names of hosts and zones of all but dc1 end in that of the datacenter, as in s1.dc2.',
        ),
      agent: agent.prefault({}).describe("Settings in Consul's own words, for every server."),
      lifeguard: word(['shipped', 'paper'])
        .prefault('shipped')
        .describe(
          'How members judge suspects and themselves. shipped: as memberlist does. paper: as the Lifeguard ' +
            'paper has it where the two differ: nacks after 80 % of the timeout, acks passed on after them, ' +
            'health scores up to 8 that stretch timeouts too, three confirmations.',
        ),
      cpu: fields({
        message: distribution()
          .prefault('0')
          .describe(
            'Service time of one message on a server; default 0. Above 0 a busy server answers late, ' +
              'and overload is real: the utilisation is messages/s x this time.',
          ),
      })
        .prefault({})
        .describe('What work costs a server.'),
      hosts: named(hostOverlay.describe('What these servers have of their own.'), {
        keyName: 'servers',
        keyRole: 'server',
      })
        .prefault({})
        .describe(
          'Differences of single servers, by selector; where several match, later ones win.',
        ),
    },
    {
      servers: 'write datacenters: { dc1: { servers: 5 } }',
      membership:
        'servers gossip as Consul does; write agent: { gossip_lan: { probe_interval: ... } }',
    },
  ),
  variantRules,
);

const fsync = distribution();
const fsyncText =
  'Time of one write to stable storage. A vote costs two of them, an append one; a slow disk makes ' +
  'elections and commits slow.';
const backend = word(['boltdb', 'wal']);
const backendText =
  'Log store. Default: that of an empty data directory of the release, wal since 1.20.0. A write ' +
  'costs the same in both; they differ in what InstallSnapshot leaves of the log.';
const throughput = bandwidth();
const throughputText =
  'How fast the state file of a snapshot is written and read. Slower means that a follower is busy ' +
  'with one for longer.';

export const disks = fieldsAnd(
  {
    all: fields({
      fsync: fsync.prefault({ median: '1ms', p99: '8ms' }).describe(fsyncText),
      backend: backend.optional().describe(backendText),
      throughput: throughput.prefault('200MB/s').describe(throughputText),
    })
      .prefault({})
      .describe('Every server.'),
  },
  fields({
    fsync: fsync.optional().describe(fsyncText),
    backend: backend.optional().describe(backendText),
    throughput: throughput.optional().describe(throughputText),
  }).describe('The disks of these servers.'),
  { keyName: 'servers', keyRole: 'server' },
)
  .prefault({})
  .describe('Disks by selector. What `all` says holds for the rest; otherwise later ones win.');

const offset = offsetRange();
const offsetText = 'Wall clock minus true time at the start, drawn from a range for each host.';
const drift = driftRange();
const driftText =
  'How much faster than true time every clock of the host runs, drawn from a range for each host. ' +
  '1000ppm gains 1 ms every second. Timers and leases follow it.';

export const clocks = fieldsAnd(
  {
    all: fields({
      offset: offset.prefault('0').describe(offsetText),
      drift: drift.prefault('0').describe(driftText),
    })
      .prefault({})
      .describe('Every server.'),
  },
  fields({
    offset: offset.optional().describe(offsetText),
    drift: drift.optional().describe(driftText),
  }).describe('The clocks of these hosts.'),
  { keyName: 'hosts', keyRole: 'host' },
)
  .prefault({})
  .describe(
    'Clocks by selector. What `all` says holds for the other servers; otherwise later ones win. ' +
      'Clocks of load clients are right unless they are named.',
  );

const serverState = fields(
  {
    term: count(0, 1_000_000)
      .optional()
      .describe('Current term; default the term of the last entry.'),
    log: list(count(1, 1_000_000), 'terms', 10_000)
      .optional()
      .describe(
        'Terms of the log entries from index 1 on, never falling. Such a server does not know `kv`.',
      ),
    down: boolean().optional().describe('True: the server is down when the run begins.'),
    suffrage: word(['voter', 'nonvoter', 'none'])
      .optional()
      .describe(
        'In the configuration that the run begins with: a voter (default), a server without a vote, ' +
          'or outside it, with an empty disk, until a fault adds it.',
      ),
  },
  { voted_for: 'write a fault that crashes the server after its vote instead' },
);

export const initial = fieldsAnd(
  {
    kv: named(text(65_536).describe('The value of the key.'), { keyName: 'keys' })
      .prefault({})
      .describe('Keys and values that every server knows when the run begins.'),
  },
  serverState.describe('The state of these servers.'),
  { keyName: 'servers', keyRole: 'server' },
)
  .prefault({})
  .describe(
    'What differs from a fresh cluster when the run begins: server states by selector, kv.',
  );
