/** Lanes, inputs and notes of the machine that is the certificate authority of a leader. */
import type { InputSpec, LaneSpec, NoteSpec } from '../../core/machine.ts';

export const CA_MACHINE = 0x1c;

/** Raft's answers; the first input of every machine that proposes. */
export const ANSWERED = 0x1c01;
/** Leadership is established (1) or revoked (0). */
export const ESTABLISHED = 0x1c02;
/** A signing request, by its exchange; body: a SignInput. */
export const SIGN = 0x1c03;
/** An operator wants a new root. */
export const ROTATE = 0x1c04;
/** An operator changes an intention; body: a ConnectChange. */
export const CHANGE_INTENTION = 0x1c05;
/** The authority behind the leader can be reached (1) or not (0). */
export const REACHABLE = 0x1c06;
/** By number of the request: it goes on, it has waited too long, its certificate is made. */
export const GO_ON_TIMER = 0x1c07;
export const PATIENCE_TIMER = 0x1c08;
export const SIGNED_TIMER = 0x1c09;
export const PRUNE_TIMER = 0x1c0a;
export const CALL_TIMER = 0x1c0b;

/** Nothing waits: goroutines that do are records of the state. */
export const CA_LANES: readonly LaneSpec[] = [
  { name: 'authority', channels: [{ name: 'events', capacity: 0 }] },
];

const input = (name: string): InputSpec => ({ name, lane: 0, channel: 0 });

export const CA_INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  input('raft answer'),
  input('leadership established'),
  input('sign'),
  input('rotate'),
  input('change intention'),
  input('authority reachable'),
  input('go on'),
  input('patience is over'),
  input('signed'),
  input('prune roots'),
  input('enqueue timeout'),
];

export const CaNote = {
  /** The authority is ready: a: number of its active root. */
  ready: 0x1c01,
  /** A certificate was issued: a: process that asked, b: index, c: number of the root. */
  issued: 0x1c02,
  /** A request was refused: a: process that asked, b: 1 if too many came, 0 otherwise. */
  refused: 0x1c03,
  /** There is another active root: a: its number. */
  rotated: 0x1c04,
  /** Roots were dropped: a: how many. */
  pruned: 0x1c05,
  /** What an operator wanted was not done. */
  failed: 0x1c06,
  /** An intention is another. */
  changed: 0x1c07,
} as const;

export const CA_NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  { name: 'authority ready', text: (root) => `root=${root}` },
  {
    name: 'certificate issued',
    detail: 1,
    text: (to, index, root, name) => `to=${name(to)} index=${index} root=${root}`,
  },
  {
    name: 'certificate refused',
    text: (to, limited, _, name) => `to=${name(to)} ${limited === 1 ? 'rate limited' : 'failed'}`,
  },
  { name: 'root rotated', text: (root) => `root=${root}` },
  { name: 'roots pruned', text: (roots) => `roots=${roots}` },
  { name: 'change failed' },
  { name: 'intention changed' },
];
