/** The service mesh of a scenario, with every default filled in. */

export interface MeshSpec {
  /** Consul's `ca_config`; 0: no limit. */
  readonly leafCertTtlMicros: number;
  readonly csrMaxPerSecond: number;
  readonly csrMaxConcurrent: number;
  /** What the authority needs for one certificate. */
  readonly signMicros: number;
  /** Consul's `default_intention_policy`. */
  readonly allowsByDefault: boolean;
  readonly intentions: readonly IntentionSpec[];
  /** Age of the certificates when a formed run begins, drawn for each. */
  readonly leafAgeMicros: readonly [low: number, high: number];
}

export interface IntentionSpec {
  /** Names of services; `*`: any. */
  readonly source: string;
  readonly destination: string;
  readonly action: 'allow' | 'deny';
}
