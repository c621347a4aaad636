/** What a program does before it ends, and how far it has come with it. */

export interface Shutdown {
  /** What it takes out of the catalog; none: nothing. */
  readonly services: readonly string[];
  /** For so long it goes on serving. */
  readonly drainMicros: number;
  /** Whoever has told it to stop ends it then, whatever it has left to do. */
  readonly graceMicros: number;
}

/** Of the program beside an instance. */
export interface Stoppable {
  /** `shutdown` null: it ends at once. */
  readonly config: { readonly shutdown: Shutdown | null };
  readonly phase: 'running' | 'draining' | 'drained';
}
