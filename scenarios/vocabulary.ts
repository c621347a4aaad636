/**
 * The names a scenario may use, as data: faults, message classes, invariants, metrics, bugs. Code
 * elsewhere keys its registries by these types, so that the compiler finds a missing entry. A change
 * that lands a model moves its names from a `LATER_` list to the one above it.
 */

/** Classes of messages that some model of this version sends. A prefix names all below it. */
export const MESSAGE_CLASSES = [
  'raft.heartbeat',
  'raft.append',
  'raft.vote',
  'raft.prevote',
  'raft.timeout-now',
  'raft.install',
  'rpc.read',
  'rpc.write',
  'rpc.status',
  'gossip.probe',
  'gossip.gossip',
  'gossip.push-pull',
  'call',
  'rpc.blocking',
  'http.api',
  'http.check',
  'rpc.stream',
  'dns',
] as const;
export type MessageClass = (typeof MESSAGE_CLASSES)[number];

export const LATER_MESSAGE_CLASSES: readonly string[] = ['gossip.query'];

/** Classes of links between two hosts, nearest first. */
export const LINK_CLASSES = ['loopback', 'zone', 'lan', 'wan'] as const;
export type LinkClass = (typeof LINK_CLASSES)[number];

/** The verbs of a fault item; each has one file of code in `sim/faults`. */
export const FAULT_KINDS = [
  'crash',
  'restart',
  'pause',
  'partition',
  'loss',
  'delay',
  'duplicate',
  'reorder',
  'hold',
  'slow',
  'skew',
  'disk',
  'add',
  'remove',
  'demote',
  'transfer',
  'leave',
  'force_leave',
  'recover',
  'upgrade',
  'maintenance',
  'heal',
] as const;
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Kinds that a swarm draws from. `duplicate` touches datagrams alone, `heal` ends what others began. */
export const SWARM_KINDS = [
  'crash',
  'restart',
  'pause',
  'partition',
  'loss',
  'delay',
  'reorder',
  'hold',
  'slow',
  'skew',
  'disk',
  'add',
  'remove',
  'demote',
  'transfer',
] as const satisfies readonly FaultKind[];
export type SwarmKind = (typeof SWARM_KINDS)[number];

export const LATER_FAULT_KINDS: readonly string[] = ['join'];

/** What must hold, and what `within:` may be set for (those judged as `eventually`). */
export const INVARIANTS = {
  'raft.election-safety': { eventually: false },
  'raft.leader-append-only': { eventually: false },
  'raft.log-matching': { eventually: false },
  'raft.leader-completeness': { eventually: false },
  'raft.state-machine-safety': { eventually: false },
  'raft.term-monotonic': { eventually: false },
  'raft.vote-once': { eventually: false },
  'raft.config-lineage': { eventually: false },
  'raft.one-serving-leader': { eventually: false },
  'raft.vote-recorded': { eventually: false },
  'raft.leader-undisturbed': { eventually: false },
  'raft.verified-leader': { eventually: false },
  'raft.transfer-quiet': { eventually: false },
  'raft.backoff-ends': { eventually: false },
  'raft.leader-can-store': { eventually: false },
  'kv.acknowledged-write-survives': { eventually: false },
  'kv.linearizable': { eventually: false },
  'kv.consistent-read-linearizable': { eventually: false },
  'kv.default-read-fresh': { eventually: false },
  'kv.stale-read-bounded': { eventually: false },
  'kv.index-monotonic': { eventually: false },
  'kv.cas': { eventually: false },
  'kv.lock-exclusive': { eventually: false },
  'kv.lock-delay': { eventually: false },
  'session.not-early': { eventually: false },
  'watch.monotonic': { eventually: false },
  'watch.final-value': { eventually: true },
  'watch.begins-anew': { eventually: false },
  'watch.paced': { eventually: false },
  'watch.patience': { eventually: false },
  'discovery.converges': { eventually: true },
  'session.monotonic-reads': { eventually: false },
  'session.read-your-writes': { eventually: false },
  'session.monotonic-writes': { eventually: false },
  'session.writes-follow-reads': { eventually: false },
  'raft.one-leader': { eventually: true },
  'raft.write-recovers': { eventually: true },
  'raft.snapshot-monotonic': { eventually: false },
  'raft.follower-catches-up': { eventually: true },
  'leader.established': { eventually: true },
  'autopilot.removes-only-dead': { eventually: false },
  'gossip.completeness': { eventually: false },
  'gossip.accuracy': { eventually: false },
  'gossip.refutation': { eventually: false },
  'gossip.incarnation-monotonic': { eventually: false },
  'gossip.converges': { eventually: true },
  'gossip.no-resurrection': { eventually: false },
  'gossip.coordinates': { eventually: false },
  'gossip.retention': { eventually: false },
  'catalog.converges': { eventually: false },
  'catalog.in-sync': { eventually: false },
  'catalog.discoverable': { eventually: false },
  'catalog.no-resurrection': { eventually: false },
  'catalog.unready-hidden': { eventually: false },
  'check.threshold': { eventually: false },
  'check.reap': { eventually: false },
  'check.runners': { eventually: false },
  'balance.share': { eventually: false },
  'balance.ejection-limit': { eventually: false },
  'balance.no-sinkhole': { eventually: false },
  'call.deadline': { eventually: false },
  'call.backoff': { eventually: false },
  'call.retry-spread': { eventually: false },
  'call.recovers': { eventually: false },
} as const;
export type InvariantName = keyof typeof INVARIANTS;
export const INVARIANT_NAMES = Object.keys(INVARIANTS) as InvariantName[];

/** How a metric is measured: base unit, and whether it has a distribution or one value. */
export interface MetricSpec {
  /**
   * `s`: recorded in microseconds, reported in seconds; `share`: 0..1; `1`: a count; `number`: any
   * number.
   */
  readonly unit: 's' | 'share' | '1' | 'number' | 'bytes';
  readonly shape: 'distribution' | 'value';
  /** The word inside braces, for metrics that come in parts. */
  readonly label?: 'class' | 'fault' | 'operation' | 'instance' | 'error';
  /** Only loads of this kind have it. */
  readonly of?: 'call' | 'lock';
  readonly description: string;
}

/** Kinds of operations of loads, which thresholds may tell apart: `kv.latency{put}`. */
export const OPERATIONS = [
  'put',
  'get',
  'cas',
  'delete',
  'txn',
  'acquire',
  'release',
  'session-create',
  'session-renew',
  'session-destroy',
] as const;

/** Why calls fail. */
export const CALL_ERRORS: readonly string[] = [
  'refused',
  'unreachable',
  'dial-timeout',
  'timeout',
  'eof',
  'reset',
  'failed',
  'overloaded',
  'unavailable',
  'expired',
  'dependency',
  'no-endpoint',
  'overflow',
  'open',
];

/** Metrics of every load, named `<load>.<metric>`. */
export const LOAD_METRICS = {
  latency: {
    unit: 's',
    shape: 'distribution',
    label: 'operation',
    description: 'Time from the start of an operation to its success; successes only.',
  },
  'error-latency': {
    unit: 's',
    shape: 'distribution',
    label: 'operation',
    description: 'Time from the start of an operation to its failure or timeout.',
  },
  availability: {
    unit: 'share',
    shape: 'value',
    label: 'operation',
    description:
      'Acknowledged / (acknowledged + failed + unknown), over the operations that started in the ' +
      'measured part of the run.',
  },
  'longest-outage': {
    unit: 's',
    shape: 'value',
    description: 'The longest time between two successes with an attempt between them.',
  },
  recovery: {
    unit: 's',
    shape: 'distribution',
    description: 'Time from the beginning of a fault to the first success after it.',
  },
  'lock-wait': {
    unit: 's',
    shape: 'distribution',
    of: 'lock',
    description: 'Time from when a client wants a lock until it is told that it has it.',
  },
  'lock-hold': {
    unit: 's',
    shape: 'distribution',
    of: 'lock',
    description: 'Time for which a client believes to hold a lock.',
  },
  amplification: {
    unit: 'number',
    shape: 'value',
    of: 'call',
    description: 'Attempts that were sent for each call; 1 without retries and hedges.',
  },
  goodput: {
    unit: 'number',
    shape: 'value',
    of: 'call',
    description: 'Calls answered well, per second of the measured part.',
  },
  share: {
    unit: 'share',
    shape: 'value',
    label: 'instance',
    of: 'call',
    description: 'Share of the attempts that went to an instance.',
  },
  errors: {
    unit: '1',
    shape: 'value',
    label: 'error',
    of: 'call',
    description: 'Calls that failed, by the error of their last attempt.',
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;
export type LoadMetric = keyof typeof LOAD_METRICS;

/** Metrics of the cluster. */
export const METRICS = {
  'raft.elections': {
    unit: '1',
    shape: 'value',
    description: 'Real elections started, won or not; pre-vote rounds do not count.',
  },
  'raft.leader-changes': {
    unit: '1',
    shape: 'value',
    description: 'Elections won by another server than the one before.',
  },
  'raft.split-votes': {
    unit: '1',
    shape: 'value',
    description: 'Terms in which at least two servers campaigned and nobody won.',
  },
  'raft.failover': {
    unit: 's',
    shape: 'distribution',
    description:
      'Time from the moment the old leader stops leading (crash, step-down, loss of quorum) to ' +
      'the next leader.',
  },
  'raft.write-outage': {
    unit: 's',
    shape: 'distribution',
    description: 'Time without a commit, from the last one under a leader to the next one.',
  },
  'raft.commit-latency': {
    unit: 's',
    shape: 'distribution',
    description: 'Time from the append on the leader to the commit.',
  },
  'raft.replication-lag': {
    unit: 's',
    shape: 'distribution',
    description: 'Time from an entry being stored by the leader to its being stored by a follower.',
  },
  'check.detection': {
    unit: 's',
    shape: 'distribution',
    description: 'Time from the crash of an instance to its agent saying that it is critical.',
  },
  'check.deregistration': {
    unit: 's',
    shape: 'distribution',
    description: 'Time from an instance being critical to its agent removing it.',
  },
  'gossip.detection-first': {
    unit: 's',
    shape: 'distribution',
    description:
      'Time from the crash of a member to the first other member that takes it for dead.',
  },
  'gossip.detection-all': {
    unit: 's',
    shape: 'distribution',
    description:
      'Time from the crash of a member to the last of the others that run to take it for dead.',
  },
  'gossip.false-positives': {
    unit: '1',
    shape: 'value',
    description: 'Times a member took another for dead that ran, wherever that was.',
  },
  'gossip.false-positives-healthy': {
    unit: '1',
    shape: 'value',
    description: 'The same, where no fault touched the member that was mistaken.',
  },
  'gossip.return': {
    unit: 's',
    shape: 'distribution',
    description:
      'How long others still take a member for dead, from its start or resumption on where it was down or paused.',
  },
  'gossip.messages': {
    unit: '1',
    shape: 'value',
    description: 'Messages of all gossip classes in the whole run.',
  },
  'gossip.bytes': {
    unit: 'bytes',
    shape: 'value',
    description: 'Bytes of all gossip classes in the whole run, before compression.',
  },
  'gossip.health-score': {
    unit: '1',
    shape: 'value',
    description: 'Largest health score that any member had; 0 is healthy, 7 the worst.',
  },
  'session.expiry': {
    unit: 's',
    shape: 'distribution',
    description:
      'Time from the last renewal of a session that was answered until the leader finds its time over.',
  },
  'rpc.retries': {
    unit: '1',
    shape: 'value',
    description: 'Attempts of servers to serve a request that were to be followed by another one.',
  },
  'rpc.wake-ups': {
    unit: '1',
    shape: 'value',
    description: 'Times a blocking query looked again, because something it had read changed.',
  },
  'rpc.blocking-queries': {
    unit: '1',
    shape: 'value',
    description: 'The largest number of blocking queries that waited on one server at a time.',
  },
  'network.messages': {
    unit: '1',
    shape: 'value',
    label: 'class',
    description: 'Messages sent in the whole run, by class.',
  },
  'network.bytes': {
    unit: 'bytes',
    shape: 'value',
    label: 'class',
    description: 'Bytes sent in the whole run, by class.',
  },
  'fault.effect': {
    unit: '1',
    shape: 'value',
    label: 'fault',
    description: 'Events that the n-th fault of the scenario touched; 0 means that it was inert.',
  },
} as const satisfies Readonly<Record<string, MetricSpec>>;
export type MetricName = keyof typeof METRICS;

/** First words of names that are not a load's; a load may not be called like one of them. */
export const RESERVED_LOAD_NAMES: readonly string[] = [
  'raft',
  'leader',
  'autopilot',
  'gossip',
  'rpc',
  'network',
  'fault',
  'check',
  'catalog',
  'discovery',
  'session',
  'balance',
  'call',
];

/** Bugs that `plant:` turns on: what each one breaks. */
export const PLANTS = {
  B2: 'a leader counts replicas of entries from older terms and commits them',
  B3: 'a leader changes the configuration before its own Noop is committed',
  B4: 'a vote is answered before it is stored',
  B13: 'consistent reads do not wait until a new leader is ready, as before Consul 0.8.5',
  B14: 'stale reads are answered by servers that have heard from nobody since they began',
  B15: 'servers campaign without pre-vote and vote although they know a leader',
  B19: 'the end of a session leaves its locks held',
  B21: 'candidates outside the configuration, or without a vote in it, get votes',
  B22: 'a transfer lets writes in again at once, and an append ends the candidacy of its target',
  B24: 'an append truncates entries that do not conflict',
  B25: 'a snapshot is not synced before the log behind it is trimmed',
  B28: 'a leader that cannot get its barrier gives up its duties for good',
  B29: 'what is said of leadership while the leader loop waits for Raft is lost',
  B31: 'deletions leave no tombstones, so that the index of a prefix goes back',
  B32: 'clients take a write of unknown outcome for one that failed',
  P1: 'the first error ends the push of an agent, and what comes after it waits',
  P3: 'registering a service again makes its checks critical',
  P5: 'what programs register or take back is not kept on disk',
  P6: 'a service and its checks come into the catalog one by one',
  P7: 'a new output of a check is pushed at once',
  P9: 'watchers keep their index when that of the answers goes back',
  P10: 'servers answer index 0, and whoever waits for a change of that asks without end',
  P11: 'a stream begins after its snapshot: what changes in between is lost',
  P12: 'streams are not closed when a snapshot replaces the store that they read',
  P13: 'an entry of the agent cache is not fetched again after a few errors',
  P14: 'agents wait for a blocking query without the jitter that servers add',
  P15: 'retries of calls wait without jitter',
  P21: 'runners of checks run on after deregistration',
  P22: 'the exponential backoff of calls overflows before it is capped',
  P23: 'retries of calls know no budget',
  P24: 'errors count as little as they took, however long they should count',
  G2: 'a leave intent about who leaves or has left is told on each time it comes',
  G3: 'members that left are never purged',
  G12: 'the failure detector takes no account of its own health',
  G15: 'members that UDP does not reach are not probed over TCP',
  G16: 'round trips are taken by the wall clock, and coordinates are not checked',
  G21: 'dead members are purged at once and not gossiped to',
} as const;
export type PlantId = keyof typeof PLANTS;

/** Bugs of the real programs, on by default, that `fix:` turns off. */
export const OPEN_BUGS = {
  B1: 'a heartbeat changes term and state beside the main thread',
  B5: 'a vote is stored as two writes, and a crash may fall between them',
  B6: 'InstallSnapshot leaves in the log what conflicts with the snapshot',
  B8: 'a server whose log cannot be written stands for election',
  B9: 'a newer term in a heartbeat answer is ignored and still extends the lease',
  B10: 'lease and verification go by when an answer came, not by when it was asked for',
  B11: 'verification of a leader counts servers without a vote',
  B18: 'a new leader knows of no lock-delay that it has not started itself',
  B23: 'a TimeoutNow that comes late is obeyed, whatever the term',
  B26: 'of a snapshot taken and one installed at a time, the older sets the last one back',
  B27: 'a follower commits up to its own last entry, not up to the last it has compared',
  B33: 'after a long absence appends wait out a backoff of up to 10.24 s',
  B34: 'attempts to destroy a session outlive the leadership and renewals',
  P2: 'the state of an agent is locked while a push waits for its servers',
  P4: 'registering the same again after a failed push passes for in sync',
  G1: "a relay's nack comes when the prober has stopped waiting for it",
  G5: 'newer evidence that changes no state leaves the stored incarnation as it was',
  G23: 'in pools of a few members, those that could help with a probe are missed now and then',
  G25: 'the random stagger of probes and gossip has no effect',
} as const;
export type OpenBugId = keyof typeof OPEN_BUGS;

/** Ids of bugs that are described but not modelled in this version. */
export function isLaterBug(id: string): boolean {
  const match = /^([BGP])(\d{1,2})$/.exec(id);
  if (!match) return false;
  const last = { B: 34, G: 25, P: 26 }[match[1] as 'B' | 'G' | 'P'];
  const number = Number(match[2]);
  return number >= 1 && number <= last && !(id in PLANTS) && !(id in OPEN_BUGS);
}
