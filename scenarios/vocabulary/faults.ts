/** Names of messages, links and faults. */

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
  'join',
  'recover',
  'upgrade',
  'maintenance',
  'rotate_ca',
  'ca_outage',
  'intention',
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
