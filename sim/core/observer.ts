/** The one typed stream out of a run. Observers look and never touch. */
import type { NoteKind, ProcessIndex } from './machine.ts';

export interface Observer {
  /** Note kinds it wants; the rest never reaches it. */
  readonly wants: readonly NoteKind[];
  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number, c: number): void;
  /** Once per simulated second, between two events: slow full scans belong here. */
  onSecond?(): void;
  save?(): unknown;
  restore?(state: unknown): void;
}

/** Notes of the kernel itself (machine number 0). */
export const KernelNote = {
  started: 1,
  /** a: 0 kill, 1 power, 2 exit. */
  crashed: 2,
  /** a: 0 stop, 1 suspend, 2 io. */
  paused: 3,
  resumed: 4,
  /** A program of stable writes begins. */
  write: 5,
  panicked: 6,
} as const;

export const KERNEL_NOTE_NAMES = [
  '',
  'start',
  'crash',
  'pause',
  'resume',
  'write',
  'panic',
] as const;
