/** An observer that hears only of some processes, such as those of one datacenter. */
import type { ProcessIndex } from '../core/machine.ts';
import type { NoteHandler, Observer } from '../core/observer.ts';

export type Concerns = (process: ProcessIndex) => boolean;

export function within(observer: Observer, concerns: Concerns): Observer {
  const narrowed = (handler: NoteHandler): NoteHandler => {
    return (process, a, b, c) => {
      if (concerns(process)) handler(process, a, b, c);
    };
  };
  return {
    wants: observer.wants,
    onNote: (kind, process, a, b, c) => {
      if (concerns(process)) observer.onNote(kind, process, a, b, c);
    },
    ...(observer.handlerOf === undefined
      ? {}
      : {
          handlerOf: (kind) => {
            const handler = observer.handlerOf!(kind);
            return handler === undefined ? undefined : narrowed(handler);
          },
        }),
    ...(observer.onSecond === undefined ? {} : { onSecond: () => observer.onSecond!() }),
    ...(observer.save === undefined ? {} : { save: () => observer.save!() }),
    ...(observer.restore === undefined ? {} : { restore: (state) => observer.restore!(state) }),
  };
}
