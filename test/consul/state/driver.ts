/** A store to which tests give one entry after the other. */
import { kvCommand } from '../../../sim/consul/state/commands.ts';
import type { KvOperation, StoreCommand } from '../../../sim/consul/state/commands.ts';
import { applyCommand } from '../../../sim/consul/state/fsm.ts';
import { createStore } from '../../../sim/consul/state/store.ts';
import type { Store } from '../../../sim/consul/state/store.ts';
import { makeEntry } from '../../../sim/protocol/raft/durable.ts';

export class Driver {
  readonly store: Store = createStore();
  /** Index of the last entry. */
  index = 0;

  /** The next entry of the log, or the one with this index; returns the FSM's answer. */
  apply(command: StoreCommand, index = this.index + 1): unknown {
    this.index = index;
    return applyCommand(this.store, makeEntry(0, index, 1, 0, command));
  }

  kv(
    op: KvOperation,
    key: string,
    value = '',
    { compareIndex = 0, flags = 0, session = '' } = {},
  ): unknown {
    return this.apply(kvCommand(op, key, value, compareIndex, 1, flags, session));
  }
}
