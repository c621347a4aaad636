/** What picks an instance: state that each client has of its own, and what it may know. */
import type { Draws } from '../../core/draws.ts';
import type { Endpoint, LoadReport } from '../../service/vocabulary.ts';
import type { BalanceSpec } from '../../../scenarios/services.ts';

/** What a policy sees at a pick: the list, its health, and this client's own counters; no more. */
export interface Picking {
  readonly endpoints: readonly Endpoint[];
  /** Indexes of those that may be picked, ascending; at least one. */
  candidates: readonly number[];
  /** Another one whenever the candidates or their weights are others. */
  version: number;
  /** Whether each endpoint is neither ejected nor behind an open breaker. */
  readonly healthy: readonly boolean[];
  /** Attempts of this client under way, by index of the endpoint. */
  readonly active: readonly number[];
  /** Those of all endpoints. */
  activeTotal: number;
  /** Weight of each endpoint, slow start included. */
  readonly weights: readonly number[];
  /** All weights are the same. */
  equalWeights: boolean;
  /** Local time. */
  now: number;
  /** What consistent hashing goes by. */
  hash: number;
  readonly draws: Draws;
  readonly settings: BalanceSpec;
}

/** How an attempt ended. */
export interface Sample {
  readonly endpoint: number;
  readonly ok: boolean;
  /** The connection failed or nothing came: it is not known to live. */
  readonly lost: boolean;
  readonly micros: number;
  readonly now: number;
  readonly report: LoadReport | null;
}

export interface Policy<State = unknown> {
  /** Paper, or repository and file. */
  readonly source: string;
  /** Candidates are all there are, healthy or not: the policy itself looks at that. */
  readonly seesHealth?: true;
  create(settings: BalanceSpec, endpoints: readonly Endpoint[], draws: Draws): State;
  /** Index of an endpoint, one of the candidates; or -1 where nobody will do. */
  pick(state: State, picking: Picking): number;
  onEnd?(state: State, sample: Sample, picking: Picking): void;
  /** The list has grown: the table has new endpoints at its end. */
  grow?(state: State, endpoints: readonly Endpoint[], settings: BalanceSpec): void;
  save(state: State): State;
}

export const stateless = { create: () => null, save: () => null };
