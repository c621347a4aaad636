/** Rows of the state store: immutable, shared by copies, answers and messages. */

/** Raft indexes of the entries that made a row and that last changed it. */
export interface Indexed {
  readonly createIndex: number;
  readonly modifyIndex: number;
}

export interface KvEntry extends Indexed {
  readonly key: string;
  readonly value: string;
  readonly flags: number;
  /** Session that holds the key; "": none. */
  readonly session: string;
  /** How often the key was acquired. */
  readonly lockIndex: number;
}

export type SessionBehavior = 'release' | 'delete';

/** What a client asks for, and the leader completes with an id. */
export interface SessionDefinition {
  readonly id: string;
  readonly name: string;
  readonly node: string;
  /** 60 s at most count. */
  readonly lockDelayMicros: number;
  readonly behavior: SessionBehavior;
  /** 0: it does not expire. */
  readonly ttlMicros: number;
  /** Checks of the node, and of services on it, that must not be critical. */
  readonly checks: readonly string[];
}

export interface Session extends SessionDefinition, Indexed {}

/** Pairs, sorted by name. */
export type Meta = readonly (readonly [string, string])[];

export interface NodeDefinition {
  /** A UUID; "": none. */
  readonly id: string;
  readonly node: string;
  readonly address: string;
  readonly meta: Meta;
}

export interface CatalogNode extends NodeDefinition, Indexed {}

export interface ServiceDefinition {
  /** Unique on its node. */
  readonly id: string;
  readonly service: string;
  readonly tags: readonly string[];
  readonly address: string;
  readonly port: number;
  readonly meta: Meta;
}

export interface CatalogService extends ServiceDefinition, Indexed {
  readonly node: string;
}

export type CheckStatus = 'passing' | 'warning' | 'critical';

export interface CheckDefinition {
  /** Unique on its node. */
  readonly id: string;
  readonly name: string;
  readonly status: CheckStatus;
  readonly output: string;
  /** Such as `ttl`, `http` or `session`. */
  readonly type: string;
  /** Of a check of one service; "": of the node. */
  readonly serviceId: string;
  /** Of type `session`: name of the sessions that decide. */
  readonly sessionName: string;
}

export interface CatalogCheck extends CheckDefinition, Indexed {
  readonly node: string;
  /** Of its service, or "". */
  readonly serviceName: string;
}

export interface Coordinate {
  readonly node: string;
  readonly segment: string;
  readonly vector: readonly number[];
  readonly error: number;
  readonly adjustment: number;
  readonly height: number;
}

export interface QueryDefinition {
  readonly id: string;
  readonly name: string;
  /** Session that the query lives with; "": none. */
  readonly session: string;
  /** The name is a template: any name that begins with it. */
  readonly template: boolean;
  readonly service: string;
  /** Tags wanted, or with `!` in front not wanted. */
  readonly tags: readonly string[];
  readonly onlyPassing: boolean;
  readonly ignoreChecks: readonly string[];
  readonly near: string;
  readonly nodeMeta: Meta;
  readonly serviceMeta: Meta;
  /** So many of the nearest datacenters, then those that are listed. */
  readonly failoverNearest: number;
  readonly failoverDatacenters: readonly string[];
}

export interface PreparedQuery extends QueryDefinition, Indexed {}
