/** Faults: what happens, when, and how long. */
import type { DistributionSpec } from '../distribution.ts';
import type { IntentionSpec } from './mesh.ts';
import type { Release } from '../releases.ts';
import type { Selector } from '../selectors.ts';
import type { MessageClass, SwarmKind } from '../vocabulary.ts';

export type FaultItem = FaultSpec | FaultSequence | SwarmSpec;

/** One fault. */
export interface FaultSpec {
  readonly kind: 'fault';
  /** Short text for reports, such as `crash leader`. */
  readonly label: string;
  /** From 1 in the order of the file, steps of sequences included: the n of `fault.effect{n}`. */
  readonly number: number;
  /** Where it was written, for reports: `file:line` or `--set:n`. */
  readonly origin: string;
  readonly trigger: Trigger;
  /** Null: until `heal` or the end of `duration`; for one-shot actions always null. */
  readonly lasts: DistributionSpec | null;
  readonly patienceMicros: number;
  readonly action: FaultAction;
}

/** Each step begins when the one before has ended; one without an end counts as ended at once. */
export interface FaultSequence {
  readonly kind: 'sequence';
  readonly name: string;
  readonly origin: string;
  readonly steps: readonly FaultSpec[];
}

export interface SwarmSpec {
  readonly kind: 'swarm';
  readonly origin: string;
  /** 0..1. */
  readonly intensity: number;
  readonly kinds: readonly SwarmKind[];
  /** Whether each seed leaves kinds out. */
  readonly mix: 'drawn' | 'all';
  /** None of its faults begins or ends later; null: the end of duration. */
  readonly untilMicros: number | null;
}

/** One choice of the run, by name; `nth` from 1. Processes by the names of their hosts. */
export type DecisionSpec =
  | {
      readonly kind: 'delay';
      readonly messageClass: MessageClass;
      readonly from: string;
      readonly to: string;
      readonly nth: number;
      readonly micros: number;
    }
  | {
      readonly kind: 'select';
      readonly process: string;
      readonly lane: number;
      readonly nth: number;
      readonly choice: number;
    }
  | {
      readonly kind: 'draw';
      readonly process: string;
      readonly purpose: string;
      readonly nth: number;
      /** In [0, 1). */
      readonly value: number;
    };

export type Trigger =
  | { readonly kind: 'at'; readonly atMicros: number }
  | {
      readonly kind: 'every';
      /** From one beginning to the next; the first counts from `sinceMicros`. */
      readonly period: DistributionSpec;
      readonly sinceMicros: number;
      readonly untilMicros: number;
    }
  | {
      readonly kind: 'when';
      readonly condition: Condition;
      readonly afterMicros: number;
      readonly times: number;
    }
  /** A later step of a sequence: this long after the end of the step before. */
  | { readonly kind: 'next'; readonly afterMicros: number };

export type Condition =
  | { readonly kind: 'elected'; readonly count: number }
  | {
      readonly kind: 'leader' | 'voted' | 'campaign' | 'crashed' | 'write';
      readonly hosts: Selector;
    }
  | { readonly kind: 'appended'; readonly hosts: Selector; readonly count: number }
  | { readonly kind: 'committed'; readonly index: number };

/** Which traffic a rule is about. `only` null means every class. */
export interface TrafficSpec {
  readonly only: readonly MessageClass[] | null;
  readonly transport: 'all' | 'tcp' | 'udp';
}

/** Links from any of `from` to any of `to`, and back where `bothWays`; null is every host. */
export interface LinksSpec extends TrafficSpec {
  readonly from: Selector | null;
  readonly to: Selector | null;
  readonly bothWays: boolean;
}

export type PartitionShape =
  | { readonly kind: 'isolate' | 'bridge'; readonly hosts: Selector }
  | { readonly kind: 'halves' | 'ring' }
  | { readonly kind: 'groups'; readonly groups: readonly Selector[] }
  | { readonly kind: 'oneway'; readonly from: Selector; readonly to: Selector }
  | { readonly kind: 'zone'; readonly zone: string; readonly hosts: readonly string[] }
  | { readonly kind: 'between'; readonly first: Selector; readonly second: Selector };

export type DiskMode = 'stall' | 'error' | 'log_error' | 'full';

/** What a rolling restart waits for before the next server. */
export type RestartWait =
  'voted' | 'caught-up' | 'healthy' | 'passing' | { readonly micros: number };

export type FaultAction =
  | {
      readonly kind: 'crash';
      readonly hosts: Selector;
      readonly how: 'kill' | 'power' | 'exit' | 'terminate' | 'interrupt';
      /** 1..: when the n-th write of the next batch begins; null: at once. */
      readonly atWrite: number | null;
      /** The agent beside an instance, and not the instance. */
      readonly agent?: true;
    }
  /** Mode of the instances' services, or of their whole nodes. */
  | { readonly kind: 'maintenance'; readonly hosts: Selector; readonly of: 'service' | 'node' }
  | {
      readonly kind: 'restart';
      readonly hosts: Selector;
      readonly oneByOne: boolean;
      readonly wait: RestartWait | null;
      /** What ends a program first; left out: `terminate`. */
      readonly how?: 'interrupt' | 'exit';
      /** The agent beside an instance, and not the instance. */
      readonly agent?: true;
    }
  /** A restart with the programs of another release; `number` counts the upgrades of the scenario. */
  | {
      readonly kind: 'upgrade';
      readonly hosts: Selector;
      readonly to: Release;
      readonly number: number;
      readonly oneByOne: boolean;
      readonly wait: RestartWait | null;
    }
  /** With peers.json: these servers are the cluster from now on. */
  | { readonly kind: 'recover'; readonly hosts: Selector }
  | { readonly kind: 'leave'; readonly hosts: Selector }
  | {
      readonly kind: 'force_leave';
      readonly hosts: Selector;
      readonly leader: Selector;
      /** They are to be forgotten, too. */
      readonly prune?: true;
    }
  /** `to` null: the servers. */
  | { readonly kind: 'join'; readonly hosts: Selector; readonly to: Selector | null }
  | {
      readonly kind: 'pause';
      readonly hosts: Selector;
      readonly mode: 'stop' | 'suspend' | 'io';
      readonly agent?: true;
    }
  | { readonly kind: 'partition'; readonly shape: PartitionShape; readonly traffic: TrafficSpec }
  | { readonly kind: 'loss' | 'duplicate'; readonly links: LinksSpec; readonly probability: number }
  | {
      readonly kind: 'delay' | 'reorder';
      readonly links: LinksSpec;
      readonly delay: DistributionSpec;
    }
  | { readonly kind: 'hold'; readonly links: LinksSpec }
  | {
      readonly kind: 'slow';
      readonly hosts: Selector;
      readonly resource: 'cpu' | 'link' | 'disk';
      readonly factor: number;
    }
  | {
      readonly kind: 'skew';
      readonly hosts: Selector;
      /** Microseconds for offset and jump, ppm for drift. */
      readonly change: 'offset' | 'drift' | 'jump';
      readonly amount: number;
    }
  | { readonly kind: 'disk'; readonly hosts: Selector; readonly mode: DiskMode }
  /** Asked of `leader`, which is looked up when the fault begins. */
  | {
      readonly kind: 'add';
      readonly hosts: Selector;
      readonly leader: Selector;
      readonly suffrage: 'voter' | 'nonvoter';
    }
  | { readonly kind: 'remove' | 'demote'; readonly hosts: Selector; readonly leader: Selector }
  /** `to` null: the leader chooses. */
  | { readonly kind: 'transfer'; readonly hosts: Selector; readonly to: Selector | null }
  /** Asked of the leader, `hosts`. */
  | { readonly kind: 'rotate_ca'; readonly hosts: Selector }
  | { readonly kind: 'intention'; readonly hosts: Selector; readonly intention: IntentionSpec }
  | { readonly kind: 'ca_outage' }
  | { readonly kind: 'heal' };
