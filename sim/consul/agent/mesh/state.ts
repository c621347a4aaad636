/** Memory of an agent's part in the mesh: certificates, whom it trusts, who may call, who waits. */
import type { Intention, Leaf } from '../../../service/mesh.ts';
import type { CaRoot } from '../../state/connect.ts';
import type { RpcCall } from '../state.ts';

export interface MeshConfig {
  /** Services whose proxies are on this host. */
  readonly services: readonly string[];
  readonly allowsByDefault: boolean;
  /** What an agent of a formed cluster has when the run begins; null: nothing. */
  readonly formed: FormedMesh | null;
  readonly bugs: {
    /** plant: a certificate whose renewal has failed is not tried again. */
    readonly M1: boolean;
    /** plant: intentions are read once and not watched. */
    readonly M2: boolean;
    /** plant: after a rotation, and after a refusal, agents ask at once. */
    readonly M4: boolean;
  };
}

export interface FormedMesh {
  /** Time since its certificates were made, drawn anew for each. */
  readonly ageMicros: readonly [low: number, high: number];
  readonly ttlMicros: number;
  readonly roots: readonly CaRoot[];
  readonly intentions: readonly Intention[];
}

/** `hashicorp/consul:agent/leafcert/cert.go (fetchState)`. */
export interface FetchState {
  /** Local time after which the certificate counts as expired; 0: as it says itself. */
  forceExpireMicros: number;
  rotationMicros: number;
  rateLimitErrors: number;
}

export interface Service {
  readonly number: number;
  readonly name: string;
  leaf: Leaf | null;
  fetch: FetchState;
  /** Local time at which it is to be renewed, whatever comes. */
  dueMicros: number;
  /** Its goroutine, or 0. */
  goroutine: number;
  failures: number;
  intentions: readonly Intention[] | null;
  version: number;
  /** Something has changed, and the proxies are about to be told. */
  changed: boolean;
  /** Exchanges of proxies that wait for a version above the one they have. */
  proxies: { readonly exchange: number; readonly version: number }[];
}

export interface MeshState {
  readonly config: MeshConfig;
  readonly services: Service[];
  roots: readonly CaRoot[];
  /** By goroutine: its request, and the number of the service. */
  readonly goroutines: Map<number, { readonly rpc: RpcCall; readonly service: number }>;
  lastGoroutine: number;
  /** Indexes of the last answers: of the roots, then of each service's intentions. */
  indexes: number[];
}

export function createMesh(config: MeshConfig): MeshState {
  return {
    config,
    services: config.services.map((name, number) => ({
      number,
      name,
      leaf: null,
      fetch: { forceExpireMicros: 0, rotationMicros: 0, rateLimitErrors: 0 },
      dueMicros: 0,
      goroutine: 0,
      failures: 0,
      intentions: null,
      version: 0,
      changed: false,
      proxies: [],
    })),
    roots: [],
    goroutines: new Map(),
    lastGoroutine: 0,
    indexes: [0, ...config.services.map(() => 0)],
  };
}

export function saveMesh(state: MeshState): MeshState {
  return {
    ...state,
    services: state.services.map((one) => ({
      ...one,
      fetch: { ...one.fetch },
      proxies: one.proxies.slice(),
    })),
    goroutines: new Map(
      [...state.goroutines].map(([key, one]) => [key, { ...one, rpc: { ...one.rpc } }]),
    ),
    indexes: state.indexes.slice(),
  };
}
