/** Heal: ends every fault in force and brings back what is down. */
import type { ActionOf, Verb } from './verb.ts';

export interface HealHeld {
  readonly kind: 'heal';
  /** Faults ended and processes started. */
  readonly healed: number;
}

export const heal: Verb<ActionOf<'heal'>, HealHeld> = {
  begin(_action, _aim, stage) {
    return { held: { kind: 'heal', healed: stage.healEverything() }, over: true };
  },
  affected: ({ healed }) => healed,
  end: ({ healed }) => healed,
};
