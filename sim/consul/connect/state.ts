/** What a server remembers as certificate authority; it means something while it leads. */
import type { ConnectChange } from '../state/connect.ts';

export interface CaConfig {
  /** `ca_config` of Consul's `connect` block. */
  readonly leafCertTtlMicros: number;
  /** Certificates a second; 0: no limit, and `csrMaxConcurrent` counts. */
  readonly csrMaxPerSecond: number;
  /** 0: no limit. */
  readonly csrMaxConcurrent: number;
  /** What making one certificate takes. */
  readonly signMicros: number;
  readonly bugs: {
    /** plant: a new root takes the place of the old one at once. */
    readonly M3: boolean;
  };
}

export interface SignInput {
  readonly service: string;
}

/**
 * `waiting` for the authority to be ready, for a token or for a place among the concurrent ones; then
 * for the `lock` of the provider, for the certificate, and for Raft.
 */
export type SignPhase = 'starting' | 'waiting' | 'locked-out' | 'signing' | 'serial' | 'index';

/** A goroutine that serves one signing request. */
export interface Signing {
  readonly number: number;
  readonly exchange: number;
  readonly input: SignInput;
  phase: SignPhase;
  /** Looks for the provider. */
  looks: number;
  /** Of its proposal under way. */
  proposal: number;
}

/** A write of an operator or of the authority itself. */
export interface Duty {
  readonly kind: 'initialize' | 'rotate' | 'prune' | 'intention';
  readonly proposal: number;
  readonly change: ConnectChange;
}

export interface CaState {
  readonly config: CaConfig;
  leads: boolean;
  /** Id of the root that signs; "": the authority is not ready. */
  provider: string;
  reachable: boolean;
  signings: Map<number, Signing>;
  lastNumber: number;
  /** Local time at which the next token is there. */
  tokenMicros: number;
  /** Requests that hold a place, and those that wait for one, in order. */
  places: number;
  queue: number[];
  /** Who holds the provider's lock, 0: nobody; and who waits for it. */
  holder: number;
  locked: number[];
  duties: Duty[];
  proposals: number;
  /** Proposals that somebody waits for, in order: their enqueueing has a limit. */
  waiting: { readonly proposal: number; readonly byMicros: number }[];
}

export function createCaState(config: CaConfig): CaState {
  return {
    config,
    leads: false,
    provider: '',
    reachable: true,
    signings: new Map(),
    lastNumber: 0,
    tokenMicros: 0,
    places: 0,
    queue: [],
    holder: 0,
    locked: [],
    duties: [],
    proposals: 0,
    waiting: [],
  };
}

export function saveCaState(state: CaState): CaState {
  return {
    ...state,
    signings: new Map([...state.signings].map(([number, one]) => [number, { ...one }])),
    queue: state.queue.slice(),
    locked: state.locked.slice(),
    duties: state.duties.slice(),
    waiting: state.waiting.slice(),
  };
}
