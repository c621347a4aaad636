/**
 * `watch.final-value`: when nobody writes any more, every watcher holds what is there; but for those
 * that wait out an error.
 */
import type { WatchState } from '../../client/watch.ts';
import { getKey, listKeys } from '../../consul/state/kv-queries.ts';
import type { KvEntry } from '../../consul/state/rows.ts';
import type { Store } from '../../consul/state/store.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind } from '../invariant.ts';
import { leadersStore } from '../leader.ts';

class FinalValue implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [];
  /** Answers that watchers have got. */
  exercised = 0;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    context.watches.listen(() => this.exercised++);
  }

  onNote(): void {}

  pending(): string | null {
    const store = leadersStore(this.context);
    if (store === null) return null;
    const behind = this.context.watches.watchers().flatMap(({ name, watch }) => {
      if (watch.resting || watch.answer === null) return [];
      return holds(watch, store) ? [] : [`${name} (index ${watch.answer.index})`];
    });
    if (behind.length === 0) return null;
    const more = behind.length > 3 ? ` and ${behind.length - 3} more` : '';
    return `${behind.slice(0, 3).join(', ')}${more} did not hear of the last change`;
  }

  save(): unknown {
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
}

/** Values are unique, so that equal ones are the same write. */
function holds({ config, answer }: WatchState, store: Store): boolean {
  if (config.whole === 'key') {
    const entry = answer!.value as KvEntry | null;
    return getKey(store, config.subject, null).entry?.value === entry?.value;
  }
  const held = answer!.value as readonly KvEntry[];
  const { entries } = listKeys(store, config.subject, null);
  return held.length === entries.length && held.every((one, at) => one.value === entries[at].value);
}

export const finalValue: Invariant = {
  name: 'watch.final-value',
  expectation: 'eventually',
  occasional: true,
  statement:
    'In the end every watcher that does not wait out an error has heard of the last change.',
  source: 'consul:agent/blockingquery/blockingquery.go (Query); exception: consul#577',
  create: (context) => new FinalValue(context),
};
