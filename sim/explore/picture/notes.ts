/** One pass over the notes of a run, for all who want some of them. */
import type { NoteKind, ProcessIndex } from '../../core/machine.ts';
import type { World } from '../../core/world.ts';

/** Takes notes of the kinds that it wants, in the order in which they were made. */
export interface NoteCollector {
  readonly wants: readonly NoteKind[];
  take(note: Note): void;
}

export interface Note {
  readonly kind: NoteKind;
  readonly process: ProcessIndex;
  readonly event: number;
  /** Microseconds. */
  readonly time: number;
  readonly a: number;
  readonly b: number;
}

export function readNotes(world: World, collectors: readonly NoteCollector[]): void {
  const { notes, trace } = world;
  const takers: NoteCollector[][] = [];
  for (const collector of collectors) {
    for (const kind of collector.wants) {
      // By index up to the kind: holes would make every look at the list a search.
      while (takers.length <= kind) takers.push([]);
      takers[kind]!.push(collector);
    }
  }
  for (let row = 0; row < notes.rows; row++) {
    const kind = notes.kind(row);
    if (kind >= takers.length || takers[kind]!.length === 0) continue;
    const event = notes.event(row);
    const time = event === 0 ? 0 : trace.time(event);
    const process = notes.process(row);
    const note: Note = { kind, process, event, time, a: notes.a(row), b: notes.b(row) };
    for (const collector of takers[kind]!) collector.take(note);
  }
}
