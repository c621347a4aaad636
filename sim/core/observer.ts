/** The one typed stream out of a run. Observers look and never touch. */
import type { NoteKind, ProcessIndex } from './machine.ts';

/** Takes notes of one kind. */
export type NoteHandler = (process: ProcessIndex, a: number, b: number, c: number) => void;

export interface Observer {
  /** Note kinds it wants; the rest never reaches it. */
  readonly wants: readonly NoteKind[];
  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number, c: number): void;
  /** Asked once: what takes notes of this kind in the place of `onNote`. Worth it for frequent ones. */
  handlerOf?(kind: NoteKind): NoteHandler | undefined;
  /** Once per simulated second, between two events: slow full scans belong here. */
  onSecond?(): void;
  save?(): unknown;
  restore?(state: unknown): void;
}

/** Who takes which notes, in the order of joining. */
export class NoteBoard {
  private readonly handlers: NoteHandler[][] = [];

  join(observer: Observer): void {
    for (const kind of observer.wants) {
      // By index up to the kind: holes would make every look at the list a search.
      while (this.handlers.length <= kind) this.handlers.push([]);
      const handler = observer.handlerOf?.(kind);
      this.handlers[kind].push(
        handler ?? ((process, a, b, c) => observer.onNote(kind, process, a, b, c)),
      );
    }
  }

  wanted(kind: NoteKind): boolean {
    return kind < this.handlers.length && this.handlers[kind].length > 0;
  }

  tell(kind: NoteKind, process: ProcessIndex, a: number, b: number, c: number): void {
    if (kind >= this.handlers.length) return;
    const handlers = this.handlers[kind];
    for (let i = 0; i < handlers.length; i++) handlers[i](process, a, b, c);
  }
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
