/**
 * What can be set about memberlist, with the presets of `hashicorp/memberlist:config.go` and what
 * Consul makes of them (`consul:agent/consul/config.go`, `consul:agent/config/default.go`).
 */
import { SHIPPED_BUGS } from './bugs.ts';
import type { GossipBugs } from './bugs.ts';

/**
 * Where the Lifeguard paper (arXiv 1707.00788v2) and the code that shipped differ. One record of
 * rules each, so that nothing else in the model asks which of the two it is.
 */
export interface LifeguardRules {
  /** A relay's nack leaves after this share of the probe timeout. */
  readonly nackShare: number;
  /** An ack that reaches the relay after its nack is still passed on. */
  readonly lateAcksForwarded: boolean;
  /** A failed probe counts by itself, and missed nacks together once more. */
  readonly failureCounts: boolean;
  /** The health score stretches the probe timeout too, not the interval alone. */
  readonly scalesTimeout: boolean;
  /** Largest health score. */
  readonly healthMax: number;
  /** Pings to a suspect that carry the suspicion: none, the prober's own, or relayed ones too. */
  readonly buddy: 'none' | 'direct' | 'any';
  /** The least timeout grows with log10 n from one node on, instead of from ten. */
  readonly smallClustersScale: boolean;
  /** Confirmations that a suspicion waits for; null: the suspicion multiplier less 2. */
  readonly confirmations: number | null;
}

export const SHIPPED: LifeguardRules = {
  nackShare: 1,
  lateAcksForwarded: false,
  failureCounts: false,
  scalesTimeout: false,
  healthMax: 7,
  buddy: 'direct',
  smallClustersScale: false,
  confirmations: null,
};

export const PAPER: LifeguardRules = {
  nackShare: 0.8,
  lateAcksForwarded: true,
  failureCounts: true,
  scalesTimeout: true,
  healthMax: 8,
  buddy: 'any',
  smallClustersScale: true,
  confirmations: 3,
};

export interface MemberlistConfig {
  readonly probeIntervalMicros: number;
  readonly probeTimeoutMicros: number;
  readonly indirectChecks: number;
  readonly suspicionMult: number;
  readonly suspicionMaxTimeoutMult: number;
  readonly gossipIntervalMicros: number;
  readonly gossipNodes: number;
  readonly retransmitMult: number;
  readonly pushPullIntervalMicros: number;
  readonly gossipToTheDeadMicros: number;
  readonly tcpTimeoutMicros: number;
  /** 0: the name of a dead node is never given to another address. */
  readonly deadNodeReclaimMicros: number;
  /** Budget of one packet (`UDPBufferSize`). */
  readonly packetBytes: number;
  /** Messages that wait for the worker, for each of the two priorities. */
  readonly handoffQueueDepth: number;
  readonly streamPings: boolean;
  readonly encrypted: boolean;
  readonly lifeguard: LifeguardRules;
  readonly bugs: GossipBugs;
  /** Joins that reached nobody are tried again after this long (Consul's `retry_join`); 0: never. */
  readonly retryJoinMicros: number;
  /** Ticks that find nothing to send are not simulated; switched off to show that none is missed. */
  readonly skipIdleTicks: boolean;
}

const SECOND = 1_000_000;

/** `DefaultLANConfig`. */
export const LAN: MemberlistConfig = {
  probeIntervalMicros: SECOND,
  probeTimeoutMicros: SECOND / 2,
  indirectChecks: 3,
  suspicionMult: 4,
  suspicionMaxTimeoutMult: 6,
  gossipIntervalMicros: SECOND / 5,
  gossipNodes: 3,
  retransmitMult: 4,
  pushPullIntervalMicros: 30 * SECOND,
  gossipToTheDeadMicros: 30 * SECOND,
  tcpTimeoutMicros: 10 * SECOND,
  deadNodeReclaimMicros: 0,
  packetBytes: 1400,
  handoffQueueDepth: 1024,
  streamPings: true,
  encrypted: false,
  lifeguard: SHIPPED,
  bugs: SHIPPED_BUGS,
  retryJoinMicros: 0,
  skipIdleTicks: true,
};

/** `DefaultWANConfig`. */
export const WAN: MemberlistConfig = {
  ...LAN,
  probeIntervalMicros: 5 * SECOND,
  probeTimeoutMicros: 3 * SECOND,
  suspicionMult: 6,
  gossipIntervalMicros: SECOND / 2,
  gossipNodes: 4,
  pushPullIntervalMicros: 60 * SECOND,
  gossipToTheDeadMicros: 60 * SECOND,
  tcpTimeoutMicros: 30 * SECOND,
};

/** `DefaultLocalConfig`. */
export const LOCAL: MemberlistConfig = {
  ...LAN,
  probeTimeoutMicros: SECOND / 5,
  indirectChecks: 1,
  suspicionMult: 3,
  gossipIntervalMicros: SECOND / 10,
  retransmitMult: 2,
  pushPullIntervalMicros: 15 * SECOND,
  gossipToTheDeadMicros: 15 * SECOND,
  tcpTimeoutMicros: SECOND,
};

const CONSUL = { deadNodeReclaimMicros: 30 * SECOND, retryJoinMicros: 30 * SECOND };

export const CONSUL_LAN: MemberlistConfig = { ...LAN, ...CONSUL };

/** Consul writes the fan-out of its LAN into the WAN's section, so it is 3 and not 4. */
export const CONSUL_WAN: MemberlistConfig = { ...WAN, ...CONSUL, gossipNodes: LAN.gossipNodes };
