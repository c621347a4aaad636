/**
 * The stable store and the log store: what is on disk, and the transactions that change it
 * (reference: raft §1.3, §1.17). Each write here is one synced transaction.
 */
import { mix } from '../../core/fingerprint.ts';
import type { ProcessIndex, Weight, Write } from '../../core/machine.ts';
import type { RaftBugs } from './bugs.ts';
import { copyLog, createLog, deleteFrom, deleteTo, entryIn, storeEntries } from './log.ts';
import type { Snapshot } from './snapshot-types.ts';
import type { Command, Configuration, Entry, RaftConfig, RaftDurable } from './types.ts';
import { EntryType } from './types.ts';

/** Snapshots kept on disk (`hashicorp/consul:agent/consul/server.go (snapshotsRetained)`). */
const SNAPSHOTS_RETAINED = 2;

type WriteKind =
  | 'term'
  | 'vote-term'
  | 'vote-candidate'
  | 'vote'
  | 'append'
  | 'delete-suffix'
  | 'delete-prefix'
  | 'snapshot'
  | 'reap'
  // Files that nobody finds before their directory has its name.
  | 'state-file'
  | 'meta-file';

/** One shape for all kinds: each of them passes the same few lines of the kernel. */
interface RaftWrite {
  readonly kind: WriteKind;
  term: number | undefined;
  candidate: ProcessIndex | undefined;
  entries: readonly Entry[] | undefined;
  from: number | undefined;
  to: number | undefined;
  snapshot: Snapshot | undefined;
  bytes: Weight['bytes'];
  access: Weight['access'];
  log: Weight['log'];
}

function blank(kind: WriteKind): RaftWrite {
  return {
    kind,
    term: undefined,
    candidate: undefined,
    entries: undefined,
    from: undefined,
    to: undefined,
    snapshot: undefined,
    bytes: undefined,
    access: undefined,
    log: kind === 'append' || kind === 'delete-suffix' || kind === 'delete-prefix' || undefined,
  };
}

export function writeTerm(term: number): Write {
  const write = blank('term');
  write.term = term;
  return write;
}

/** Two transactions, in this order (`hashicorp/raft:raft.go (persistVote)`). */
export function writeVote(term: number, candidate: ProcessIndex, atomic: boolean): Write[] {
  if (atomic) return [vote('vote', term, candidate)];
  return [vote('vote-term', term, undefined), vote('vote-candidate', term, candidate)];
}

function vote(kind: WriteKind, term: number, candidate: ProcessIndex | undefined): Write {
  const write = blank(kind);
  write.term = term;
  write.candidate = candidate;
  return write;
}

export function writeEntries(entries: readonly Entry[]): Write {
  const write = blank('append');
  write.entries = entries;
  return write;
}

export function deleteSuffix(from: number): Write {
  const write = blank('delete-suffix');
  write.from = from;
  return write;
}

/** Removes the log up to an index. */
export function deletePrefix(to: number): Write {
  const write = blank('delete-prefix');
  write.to = to;
  return write;
}

/**
 * State file, meta data, then the directory gets its name and its parent is synced, and last the
 * oldest ones are removed (`hashicorp/raft:file_snapshot.go (Close)`).
 */
export function writeSnapshot(snapshot: Snapshot, bugs: RaftBugs): Write[] {
  const files = (['state-file', 'meta-file', 'snapshot'] as const).map(blank);
  files[0].bytes = snapshot.bytes;
  files[2].snapshot = bugs.B25 ? { ...snapshot, synced: false } : snapshot;
  const reap = blank('reap');
  reap.access = 'buffered';
  // Until 2017 nothing of it was synced (B25).
  if (bugs.B25) for (const file of files) file.access = 'buffered';
  return [...files, reap];
}

export function applyRaftWrite(durable: RaftDurable, write: Write): void {
  const change = write as RaftWrite;
  switch (change.kind) {
    case 'append':
      storeEntries(durable.log, change.entries!);
      return;
    case 'term':
      durable.currentTerm = change.term!;
      return;
    case 'vote-term':
      durable.lastVoteTerm = change.term!;
      return;
    case 'vote':
      durable.lastVoteTerm = change.term!;
      durable.lastVoteCandidate = change.candidate!;
      durable.lastVoteCandidateTerm = change.term!;
      return;
    case 'vote-candidate':
      durable.lastVoteCandidate = change.candidate!;
      durable.lastVoteCandidateTerm = change.term!;
      return;
    case 'delete-suffix':
      deleteFrom(durable.log, change.from!);
      return;
    case 'delete-prefix':
      deleteTo(durable.log, change.to!);
      return;
    case 'snapshot':
      durable.snapshots = [change.snapshot!, ...durable.snapshots].sort(newerFirst);
      return;
    case 'reap':
      durable.snapshots = durable.snapshots.slice(0, SNAPSHOTS_RETAINED);
  }
}

/** The newest is that of the highest term, then index; of equals the one that was taken last. */
function newerFirst(one: Snapshot, other: Snapshot): number {
  return other.term - one.term || other.index - one.index;
}

/** The host lost power: what was renamed but not synced is not there any more. */
export function loseUnsynced(durable: RaftDurable): void {
  durable.snapshots = durable.snapshots.filter(({ synced }) => synced);
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

/** The prefix up to `index`, from the log or a snapshot; 0 for the empty log. */
export function prefixAt(durable: RaftDurable, index: number): number {
  const entry = entryIn(durable.log, index);
  if (entry !== undefined) return entry.prefix;
  return durable.snapshots.find((snapshot) => snapshot.index === index)?.prefix ?? 0;
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
    snapshots: [],
    formedLeader: -1,
    formedCommit: 0,
  };
}

export function saveRaftDurable(durable: RaftDurable): RaftDurable {
  return { ...durable, log: copyLog(durable.log) };
}
