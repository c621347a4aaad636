/** Kinds of events in the queue. Separate constants, so that the engine folds them. */
export const TIMER = 1;
export const DATAGRAM = 2;
export const REQUEST = 3;
export const ANSWER = 4;
/** The answer to a request is an application error. */
export const FAILURE = 5;
export const SYN = 6;
export const SYN_ACK = 7;
/** A FIN or RST; the code says which (`ErrorCause.eof`, `reset` or `refused`). */
export const CLOSE = 8;
export const RETRANSMIT = 9;
export const DEADLINE = 10;
/** The deadline of a dial passes. */
export const DIAL_DEADLINE = 11;
export const DISK = 12;
/** A lane's sleep, service time or preemption ends. */
export const WAKE = 13;
/** A fault, a condition or another act of the run's controller. */
export const CONTROL = 14;
/** A wait ended while the process was paused (only in backlogs, never in the queue). */
export const RESUMPTION = 15;

export const EVENT_NAMES = [
  '',
  'timer',
  'datagram',
  'request',
  'answer',
  'failure',
  'syn',
  'syn-ack',
  'close',
  'retransmit',
  'deadline',
  'dial-deadline',
  'disk',
  'wake',
  'control',
  'resumption',
] as const;
