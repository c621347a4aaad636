/** Links between hosts. */
import type { DistributionSpec } from '../distribution.ts';
import type { LinkClass } from '../vocabulary.ts';

export interface NetworkSpec {
  readonly classes: Readonly<Record<LinkClass, LinkSpec>>;
  readonly tcp: TcpSpec;
  /** In order; where several match a pair, each field is the last one's that sets it. */
  readonly links: readonly LinkOverride[];
}

export interface LinkSpec {
  readonly latency: DistributionSpec;
  readonly loss: number;
  /** Bytes per second of one stream; undefined: no limit. */
  readonly bandwidth?: number | undefined;
}

/** From any of `from` to any of `to`; null leaves the class's value. */
export interface LinkOverride {
  readonly from: readonly string[];
  readonly to: readonly string[];
  readonly latency: DistributionSpec | null;
  readonly loss: number | null;
  readonly bandwidth?: number | undefined;
}

/** Where `ideal`, streams resume at the heal and the times mean nothing. */
export interface TcpSpec {
  readonly ideal: boolean;
  readonly retransmitMicros: number;
  readonly retransmitMaxMicros: number;
  readonly synMicros: number;
}
