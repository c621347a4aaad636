/**
 * How a cluster comes into being, and how it is brought back with other members
 * (`hashicorp/raft:api.go (BootstrapCluster, RecoverCluster)`, `hashicorp/raft:raft.go
 * (liveBootstrap)`; reference: raft §1.16).
 */
import { ErrorCause } from '../../core/machine.ts';
import type { Outbox } from '../../core/machine.ts';
import {
  applyRaftWrite,
  makeEntry,
  prefixAt,
  writeEntries,
  writeSnapshot,
  writeTerm,
} from './durable.ts';
import { stateOfImage } from './fsm.ts';
import { createLog, entryIn, lastIndexOf } from './log.ts';
import { adoptConfiguration, setLastLog, setTerm } from './state.ts';
import { BOOTSTRAPPED } from './steps.ts';
import { EntryType, Role, isVoter } from './types.ts';
import type { Configuration, RaftConfig, RaftDurable, RaftState } from './types.ts';
import { BOOTSTRAP, RaftNote } from './vocabulary.ts';

/** Within this time after its start a server has found all the others (`bootstrap_expect`). */
const DISCOVERY_MICROS = 1_000_000;

/** `hashicorp/raft:api.go (HasExistingState)`. */
export function hasState({ currentTerm, log, snapshots }: RaftDurable): boolean {
  return currentTerm > 0 || log.entries.length > 0 || snapshots.length > 0;
}

/** A fresh server of a cluster that is to be bootstrapped waits for the others. */
export function armBootstrap(state: RaftState, out: Outbox): void {
  if (state.config.bootstrap === null || hasState(state.durable)) return;
  out.timer(BOOTSTRAP, 0, out.draw('bootstrap').below(DISCOVERY_MICROS));
}

/**
 * Each server does it by itself, with the same configuration. Whoever has already taken over the term
 * of another is refused, which does no harm.
 */
export function onBootstrap(
  state: RaftState,
  configuration: Configuration | null,
  out: Outbox,
): void {
  const fresh = state.loop === Role.follower && !hasState(state.durable);
  if (configuration === null || !fresh || !isVoter(configuration, state.self)) {
    out.note(RaftNote.bootstrap, 0, 0, 0);
    return;
  }
  const entry = makeEntry(0, 1, 1, EntryType.configuration, configuration);
  // The term once more: the live part sets it again.
  out.write([writeTerm(1), writeEntries([entry]), writeTerm(1)], BOOTSTRAPPED, 0);
}

export function onBootstrapped(state: RaftState, out: Outbox): void {
  const entry = entryIn(state.durable.log, 1);
  if (out.error !== ErrorCause.none || entry === undefined) {
    out.note(RaftNote.bootstrap, 0, 0, 0);
    return;
  }
  setTerm(state, 1, out);
  setLastLog(state, entry.index, entry.term);
  adoptConfiguration(state, entry);
  out.note(RaftNote.bootstrap, 1, 0, 0);
}

/**
 * With peers.json, on a server that is down: the whole log counts as committed, whether it was or not,
 * and a snapshot with the given members takes its place. False: there is nothing to recover, or a part
 * of it cannot be read.
 */
export function maybeRecover(
  durable: RaftDurable,
  { fsm, bugs }: Pick<RaftConfig, 'fsm' | 'bugs'>,
  configuration: Configuration,
): boolean {
  if (!hasState(durable)) return false;
  const { log, snapshots } = durable;
  const snapshot = snapshots.find(({ intact }) => intact);
  if (snapshot === undefined && snapshots.length > 0) return false;
  const state = snapshot === undefined ? fsm.create() : stateOfImage(fsm, snapshot.image);
  let index = snapshot?.index ?? 0;
  let term = snapshot?.term ?? 0;
  for (let at = index + 1; at <= lastIndexOf(log); at++) {
    const entry = entryIn(log, at);
    if (entry === undefined) return false;
    if (entry.type === EntryType.command) fsm.apply(state, entry);
    ({ index, term } = entry);
  }
  const recovered = {
    index,
    term,
    prefix: prefixAt(durable, index),
    configuration,
    configurationIndex: 1,
    bytes: fsm.bytes(state),
    image: fsm.save(state),
    digest: fsm.digest(state),
    intact: true,
    synced: true,
  };
  for (const write of writeSnapshot(recovered, bugs)) applyRaftWrite(durable, write);
  durable.log.entries = [];
  durable.log.firstIndex = createLog().firstIndex;
  return true;
}
