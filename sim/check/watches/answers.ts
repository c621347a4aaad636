/** What watchers are told; whoever runs the load feeds this, and invariants listen. */
import type { WatchState } from '../../client/watch.ts';
import type { ProcessIndex } from '../../core/machine.ts';

export interface WatchAnswer {
  readonly process: ProcessIndex;
  readonly watch: WatchState;
  /** How long the answer took. */
  readonly micros: number;
  readonly index: number;
  /** The query waited for a higher index than this; 0: it did not wait. */
  readonly asked: number;
}

export interface Watcher {
  readonly name: string;
  readonly watch: WatchState;
}

export type FailureListener = (process: ProcessIndex, watch: WatchState) => void;

export class WatchAnswers {
  /** All watchers as they are now. */
  watchers: () => readonly Watcher[] = () => [];
  private readonly listeners: ((answer: WatchAnswer) => void)[] = [];
  private readonly failureListeners: FailureListener[] = [];

  listen(listener: (answer: WatchAnswer) => void): void {
    this.listeners.push(listener);
  }

  listenToFailures(listener: FailureListener): void {
    this.failureListeners.push(listener);
  }

  tellOfFailure(process: ProcessIndex, watch: WatchState): void {
    for (const listener of this.failureListeners) listener(process, watch);
  }

  tell(answer: WatchAnswer): void {
    for (const listener of this.listeners) listener(answer);
  }
}
