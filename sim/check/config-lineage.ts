/**
 * `raft.config-lineage`: configurations change one voter at a time, so that any majority of one and
 * any of the next have a server in common. The committed ones are compared by index: each index has
 * one, and neighbours differ by at most one voter.
 */
import { entryIn } from '../protocol/raft/log.ts';
import { EntryType } from '../protocol/raft/types.ts';
import type { Configuration, Entry } from '../protocol/raft/types.ts';
import type { CheckContext, Invariant, InvariantCheck } from './invariant.ts';
import type { NoteKind, ProcessIndex } from './invariant.ts';
import { sameEntry } from './scan.ts';

interface Committed {
  readonly entry: Entry;
  /** Who committed it first. */
  readonly server: ProcessIndex;
}

interface State {
  readonly lineage: readonly Committed[];
  readonly exercised: number;
}

class ConfigLineage implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [];
  /** Committed configurations that were compared with others. */
  exercised = 0;
  /** Ascending by index. */
  private lineage: Committed[] = [];
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    context.commits.onConfiguration((process, { committedIndex, latestIndex }) => {
      // A follower far behind commits two of them at once.
      this.look(process, committedIndex);
      this.look(process, latestIndex);
    });
  }

  onNote(): void {}

  private look(process: ProcessIndex, index: number): void {
    const entry = entryIn(this.context.durable(process).log, index);
    if (entry?.type === EntryType.configuration) {
      this.exercised += this.place({ entry, server: process });
    }
  }

  /** Returns how many others it was compared with. */
  private place(found: Committed): number {
    const { lineage } = this;
    let at = lineage.length;
    while (at > 0 && lineage[at - 1].entry.index >= found.entry.index) at--;
    const known = lineage.at(at);
    if (known?.entry.index === found.entry.index) {
      if (known.server === found.server) return 0;
      if (!sameEntry(known.entry, found.entry)) this.conflict(known, found);
      return 1;
    }
    lineage.splice(at, 0, found);
    let compared = 0;
    for (const [one, next] of [
      [lineage[at - 1], found],
      [found, lineage[at + 1]],
    ]) {
      if (one === undefined || next === undefined) continue;
      compared++;
      if (votersApart(configurationOf(one), configurationOf(next)) > 1) this.leap(one, next);
    }
    return compared;
  }

  private conflict(known: Committed, found: Committed): void {
    const { name, report } = this.context;
    const told = [known, found].map(
      ({ entry, server }) => `${name(server)} committed ${this.show(entry)}`,
    );
    report(`At index ${found.entry.index} ${told.join(', ')}`, [known.server, found.server]);
  }

  private leap(one: Committed, next: Committed): void {
    const [before, after] = [one, next].map(
      ({ entry }) => `${this.show(entry)} at index ${entry.index}`,
    );
    const what = `${after} was committed after ${before}: more than one voter changed`;
    this.context.report(what, [one.server, next.server]);
  }

  /** `[s1 s2 s4]`: the voters. */
  private show(entry: Entry): string {
    const { servers } = entry.data as Configuration;
    const voters = servers.filter(({ voter }) => voter).map(({ id }) => this.context.name(id));
    return `[${voters.join(' ')}]`;
  }

  onSecond(): void {
    const { book, durable, raft, servers } = this.context;
    for (const { process } of servers) {
      const commitIndex = raft(process)?.commitIndex ?? 0;
      const { log } = durable(process);
      for (const index of book.configurationsOf(process)) {
        const entry = index <= commitIndex ? entryIn(log, index) : undefined;
        if (entry?.type === EntryType.configuration) this.place({ entry, server: process });
      }
    }
  }

  save(): unknown {
    const { lineage, exercised } = this;
    return { lineage: lineage.slice(), exercised } satisfies State;
  }

  restore(state: unknown): void {
    const { lineage, exercised } = state as State;
    this.lineage = lineage.slice();
    this.exercised = exercised;
  }
}

function configurationOf({ entry }: Committed): Configuration {
  return entry.data as Configuration;
}

/** Servers that have a vote in one and not in the other. */
function votersApart(one: Configuration, other: Configuration): number {
  const votersOf = ({ servers }: Configuration): number[] =>
    servers.filter(({ voter }) => voter).map(({ id }) => id);
  const [first, second] = [votersOf(one), votersOf(other)];
  const missing = first.filter((id) => !second.includes(id)).length;
  return missing + second.filter((id) => !first.includes(id)).length;
}

export const configLineage: Invariant = {
  name: 'raft.config-lineage',
  expectation: 'always',
  statement:
    'Each index has one committed configuration, and neighbours differ by at most one voter.',
  source: "Ongaro's dissertation, §4.1 and §4.2 (single-server changes)",
  create: (context) => new ConfigLineage(context),
};
