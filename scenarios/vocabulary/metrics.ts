/** Metrics of the cluster, and what a load may not be called. */
import type { MetricSpec } from './load-metrics.ts';

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
  'instance.drain': {
    unit: 's',
    shape: 'distribution',
    description: 'Time from the signal that tells an instance to stop to its end, where it drains.',
  },
  'instance.cut-off': {
    unit: '1',
    shape: 'value',
    description: 'Requests that were in instances when these ended, by whatever cause.',
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
  'watch.push-latency': {
    unit: 's',
    shape: 'distribution',
    description:
      'Time from the moment at which the first server has applied a write to the answer that tells a watcher of the store.',
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
  'mesh.certificates': {
    unit: '1',
    shape: 'value',
    description: 'Leaf certificates that leaders have signed in the whole run.',
  },
  'mesh.refusals': {
    unit: '1',
    shape: 'value',
    description: 'Requests for certificates that were refused in the whole run.',
  },
  'mesh.rotation': {
    unit: 's',
    shape: 'distribution',
    description:
      'Time from the change of the active root to the new certificate of a service on an agent.',
  },
  'mesh.intention-lag': {
    unit: 's',
    shape: 'distribution',
    description: 'Time from the commit of an intention to each proxy that obeys it.',
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
  'mesh',
];
