/**
 * Messages about members and what one view holds of a member, each packed into small integers.
 *
 * A message is two words: `incarnation << 18 | node << 2 | type`, and beside it the accuser of a
 * suspect or dead, or the number of the announcement of an alive that says something unusual. A view
 * holds `incarnation << 3 | state`; 0 is a node that it does not know.
 */

/** The wire knows one alive; a refutation is queued under another name (`refute`). */
export const Type = { alive: 0, suspect: 1, dead: 2, refutation: 3 } as const;
export type Type = (typeof Type)[keyof typeof Type];
export const TYPE_NAMES = ['alive', 'suspect', 'dead', 'alive'] as const;

/** What a view says of a node. */
export const State = {
  unknown: 0,
  alive: 1,
  suspect: 2,
  /** A suspect that needs no more confirmations: most news of it die on a look at the key. */
  confirmed: 3,
  dead: 4,
  left: 5,
} as const;
export type State = (typeof State)[keyof typeof State];
export const STATE_NAMES = ['unknown', 'alive', 'suspect', 'suspect', 'dead', 'left'] as const;

/** Largest incarnation that fits; more is a limit of the run, not a wrap. */
export const INCARNATION_MAX = 8191;
/** Nodes of one pool. */
export const NODES_MAX = 65_535;

export function message(type: Type, node: number, incarnation: number): number {
  return (incarnation << 18) | (node << 2) | type;
}

export function typeOf(word: number): Type {
  return (word & 3) as Type;
}

export function nodeOf(word: number): number {
  return (word >>> 2) & 0xffff;
}

export function incarnationOf(word: number): number {
  return word >>> 18;
}

export function key(state: State, incarnation: number): number {
  return (incarnation << 3) | state;
}

export function stateOf(held: number): State {
  return (held & 7) as State;
}

export function heldIncarnation(held: number): number {
  return held >>> 3;
}

/** Suspect, whether or not it waits for more confirmations. */
export function isSuspect(held: number): boolean {
  const state = held & 7;
  return state === State.suspect || state === State.confirmed;
}

/** Dead or left: not probed, not counted among the living. */
export function isGone(held: number): boolean {
  return (held & 7) >= State.dead;
}

/**
 * Under which name a message is queued: its node's, whatever it says; but a refutation is queued
 * under the address of its sender, which is no node's name.
 */
export function nameOf(word: number): number {
  return (word & 3) === Type.refutation ? word & 0x3ffff : word & 0x3fffc;
}
