/**
 * The stable store and the log store: what is on disk, and the transactions that change it
 * (reference: raft §1.3, §1.17). Each write here is one synced transaction.
 */
import { mix } from '../../core/fingerprint.ts';
import type { ProcessIndex, Write } from '../../core/machine.ts';
import { copyLog, createLog, deleteFrom, entryIn, storeEntries } from './log.ts';
import type { Command, Configuration, Entry, RaftConfig, RaftDurable } from './types.ts';
import { EntryType } from './types.ts';

type RaftWrite =
  | { readonly kind: 'term'; readonly term: number }
  | { readonly kind: 'vote-term'; readonly term: number }
  | { readonly kind: 'vote-candidate'; readonly candidate: ProcessIndex; readonly term: number }
  | { readonly kind: 'vote'; readonly candidate: ProcessIndex; readonly term: number }
  | { readonly kind: 'append'; readonly entries: readonly Entry[] }
  | { readonly kind: 'delete-suffix'; readonly from: number };

export function writeTerm(term: number): Write {
  return { kind: 'term', term } satisfies RaftWrite;
}

/** Two transactions, in this order (`hashicorp/raft:raft.go (persistVote)`). */
export function writeVote(term: number, candidate: ProcessIndex, atomic: boolean): Write[] {
  if (atomic) return [{ kind: 'vote', term, candidate } satisfies RaftWrite];
  return [
    { kind: 'vote-term', term } satisfies RaftWrite,
    { kind: 'vote-candidate', candidate, term } satisfies RaftWrite,
  ];
}

export function writeEntries(entries: readonly Entry[]): Write {
  return { kind: 'append', entries } satisfies RaftWrite;
}

export function deleteSuffix(from: number): Write {
  return { kind: 'delete-suffix', from } satisfies RaftWrite;
}

export function applyRaftWrite(durable: RaftDurable, write: Write): void {
  const change = write as RaftWrite;
  switch (change.kind) {
    case 'term':
      durable.currentTerm = change.term;
      return;
    case 'vote-term':
      durable.lastVoteTerm = change.term;
      return;
    case 'vote':
      durable.lastVoteTerm = change.term;
      durable.lastVoteCandidate = change.candidate;
      durable.lastVoteCandidateTerm = change.term;
      return;
    case 'vote-candidate':
      durable.lastVoteCandidate = change.candidate;
      durable.lastVoteCandidateTerm = change.term;
      return;
    case 'append':
      storeEntries(durable.log, change.entries);
      return;
    case 'delete-suffix':
      deleteFrom(durable.log, change.from);
  }
}

export function entryAt(durable: RaftDurable, index: number): Entry | undefined {
  return entryIn(durable.log, index);
}

export function makeEntry(
  previousPrefix: number,
  index: number,
  term: number,
  type: EntryType,
  data: Command | Configuration | null,
): Entry {
  const content = mix(mix(index, term), data === null ? type : data.digest);
  return { index, term, type, data, prefix: mix(previousPrefix, content) };
}

/** The prefix up to `index`; 0 for the empty log. */
export function prefixAt(durable: RaftDurable, index: number): number {
  return entryIn(durable.log, index)?.prefix ?? 0;
}

/** A fresh disk; a bootstrapped one holds term 1 and the configuration at index 1 (§1.16). */
export function createRaftDurable(config: RaftConfig): RaftDurable {
  const { initial } = config;
  return {
    currentTerm: initial === null ? 0 : 1,
    lastVoteTerm: 0,
    lastVoteCandidate: -1,
    lastVoteCandidateTerm: 0,
    log: createLog(initial === null ? [] : [makeEntry(0, 1, 1, EntryType.configuration, initial)]),
    formedLeader: -1,
    formedCommit: 0,
  };
}

export function saveRaftDurable(durable: RaftDurable): RaftDurable {
  return { ...durable, log: copyLog(durable.log) };
}
