/** Numbers of control events: what is to be done, and to which fault or occurrence. */

export const Act = {
  /** A fault of the plan is due. */
  begin: 0,
  /** Somebody to aim at may be there now. */
  retry: 1,
  /** An occurrence has lasted long enough. */
  end: 2,
  /** A restart looks whether it may go on. */
  advance: 3,
  /** The patience of an occurrence is over. */
  giveUp: 4,
} as const;
export type Act = (typeof Act)[keyof typeof Act];

export const ACT_NAMES = ['begin', 'aim', 'end', 'go on with', 'give up'] as const;

const ACTS = 8;

export function tagOf(act: Act, index: number): number {
  return index * ACTS + act;
}

export function actOf(tag: number): Act {
  return (tag % ACTS) as Act;
}

export function indexOf(tag: number): number {
  return Math.floor(tag / ACTS);
}
