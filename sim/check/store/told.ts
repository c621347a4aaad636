/** What clients of the store were told of each operation; whoever runs the load feeds this. */
import type { ProcessIndex } from '../../core/machine.ts';
import type { Operation } from '../../client/operation.ts';

/** `unknown`: nobody knows whether it happened. */
export type Ending = 'answered' | 'failed' | 'unknown';

export type ToldListener = (process: ProcessIndex, operation: Operation, ending: Ending) => void;

/** A client begins or ceases to believe that it holds a lock. */
export type HolderListener = (process: ProcessIndex, key: string, holds: boolean) => void;

export class Told {
  private readonly listeners: ToldListener[] = [];
  private readonly holderListeners: HolderListener[] = [];

  listen(listener: ToldListener): void {
    this.listeners.push(listener);
  }

  listenToHolders(listener: HolderListener): void {
    this.holderListeners.push(listener);
  }

  tell(process: ProcessIndex, operation: Operation, ending: Ending): void {
    for (const listener of this.listeners) listener(process, operation, ending);
  }

  tellOfHolder(process: ProcessIndex, key: string, holds: boolean): void {
    for (const listener of this.holderListeners) listener(process, key, holds);
  }
}
