/** What every kind of fault has in common: it begins, holds something, touches something, and ends. */
import type { Sampler } from '../core/distribution.ts';
import type { Draws } from '../core/draws.ts';
import type { DistributionSpec, FaultAction } from '../../scenarios/scenario.ts';
import type { FaultContext } from './context.ts';
import type { CrashHeld } from './crash.ts';
import type { DiskHeld } from './disk.ts';
import type { HealHeld } from './heal.ts';
import type { LeaveHeld } from './leave.ts';
import type { AskedHeld } from './membership.ts';
import type { MaintenanceHeld } from './maintenance.ts';
import type { PauseHeld } from './pause.ts';
import type { RestartHeld } from './restart.ts';
import type { IntentionHeld, OutageHeld } from './mesh.ts';
import type { RulesHeld } from './rules.ts';
import type { Aim } from './selectors.ts';
import type { SkewHeld } from './skew.ts';
import type { SlowHeld } from './slow.ts';

export type ActionKind = FaultAction['kind'];

/** The variant of FaultAction that a kind belongs to. */
export type ActionOf<K extends ActionKind, A extends FaultAction = FaultAction> = A extends {
  readonly kind: infer P;
}
  ? K extends P
    ? A
    : never
  : never;

/**
 * What a fault in force remembers in order to undo itself, and only itself: immutable plain data, so
 * that a saved run may share it.
 */
export type Held =
  | AskedHeld
  | CrashHeld
  | DiskHeld
  | HealHeld
  | LeaveHeld
  | IntentionHeld
  | MaintenanceHeld
  | OutageHeld
  | PauseHeld
  | RestartHeld
  | RulesHeld
  | SkewHeld
  | SlowHeld;

/** The Held whose `kind` is that. */
export type HeldOf<K extends Held['kind']> = Extract<Held, { readonly kind: K }>;

export interface Begun<H extends Held> {
  readonly held: H;
  /** There is nothing that lasts. */
  readonly over?: boolean;
  /** Text instead of the action's own, where who was meant has been drawn. */
  readonly label?: string;
}

/** One kind of fault; its end is the second of the pair of verbs (crash and restart, ...). */
export interface Verb<A extends FaultAction, H extends Held> {
  begin(action: A, aim: Aim, stage: Stage): Begun<H>;
  /** What it has touched so far: messages, writes, processes or clocks. */
  affected(held: H, stage: Stage): number;
  /** Undoes it, and returns what it has touched in all. */
  end(held: H, stage: Stage): number;
}

/** What a verb may use; made for one occurrence. */
export interface Stage {
  readonly context: FaultContext;
  /** Number of the occurrence, unique in the run. */
  readonly id: number;
  /** Number of its fault, as in `fault.effect{n}`. */
  readonly fault: number;
  /** The fault's stream for choices and durations. */
  draws(): Draws;
  /** The fault's stream for what it does to single messages. */
  messageDraws(): Draws;
  /** A compiled distribution; one table serves all faults that share it. */
  sampler(spec: DistributionSpec): Sampler;
  /** What the other occurrences in force hold of that kind, oldest first. */
  others<K extends Held['kind']>(kind: K): readonly HeldOf<K>[];
  /** Rules have changed: streams that wait for just that go on when the act is over. */
  networkChanged(): void;
  /** Calls `advance` of the occurrence again at that time. */
  wakeAt(micros: number): void;
  /** Crash faults let go of a process that is being started on purpose. */
  takeOver(process: number): void;
  /** Ends every other fault in force and starts what is down; returns how many of both. */
  healEverything(): number;
}
