/** All invariants by name; the scenario language owns the names. */
import type { InvariantName } from '../../scenarios/vocabulary.ts';
import { acknowledgedWriteSurvives } from './acknowledged-write-survives.ts';
import { voteForVoter } from './vote-for-voter.ts';
import { voteRecorded } from './vote-recorded.ts';
import { leaderUndisturbed } from './leader-undisturbed.ts';
import { verifiedLeader } from './verified-leader.ts';
import { transferQuiet } from './transfer-quiet.ts';
import { backoffEnds } from './backoff-ends.ts';
import { leaderCanStore } from './leader-can-store.ts';
import { changeInOwnTerm } from './change-in-own-term.ts';
import { configLineage } from './config-lineage.ts';
import { backoff } from './calls/backoff.ts';
import { deadline } from './calls/deadline.ts';
import { ejectionLimit } from './calls/ejection-limit.ts';
import { recovers } from './calls/recovers.ts';
import { retrySpread } from './calls/retry-spread.ts';
import { share } from './calls/share.ts';
import { sinkhole } from './calls/sinkhole.ts';
import { converges as discoveryConverges } from './discovery/converges.ts';
import { converges as catalogConverges, inSync } from './catalog/drift.ts';
import { failedHidden } from './catalog/failed.ts';
import { unreadyHidden } from './catalog/unready.ts';
import { discoverable, noResurrection as catalogNoResurrection } from './catalog/wishes.ts';
import { reap } from './health/reap.ts';
import { runners } from './health/runners.ts';
import { threshold } from './health/threshold.ts';
import { electionSafety } from './election-safety.ts';
import { accuracy } from './gossip/accuracy.ts';
import { completeness } from './gossip/completeness.ts';
import { converges } from './gossip/converges.ts';
import { coordinates } from './gossip/coordinates.ts';
import { noResurrection } from './gossip/no-resurrection.ts';
import { queuesDrain } from './gossip/queues-drain.ts';
import { retention } from './gossip/retention.ts';
import { incarnationMonotonic } from './gossip/incarnation-monotonic.ts';
import { refutation } from './gossip/refutation.ts';
import type { Invariant } from './invariant.ts';
import { followerCatchesUp } from './follower-catches-up.ts';
import { leaderAppendOnly } from './leader-append-only.ts';
import { leaderCompleteness } from './leader-completeness.ts';
import { linearizable } from './linearizable.ts';
import { logMatching } from './log-matching.ts';
import { csrPaced } from './mesh/csr-paced.ts';
import { followsRoot } from './mesh/follows-root.ts';
import { intentionObeyed } from './mesh/intention-obeyed.ts';
import { leafValid } from './mesh/leaf-valid.ts';
import { trustUnbroken } from './mesh/trust-unbroken.ts';
import { oneLeader } from './one-leader.ts';
import { oneServingLeader } from './one-serving-leader.ts';
import { leaderEstablished } from './server/leader-established.ts';
import { removesOnlyDead } from './server/removes-only-dead.ts';
import {
  monotonicReads,
  monotonicWrites,
  readYourWrites,
  writesFollowReads,
} from './session-guarantee.ts';
import { consistentReads, defaultReads, staleReads } from './reads/fresh-reads.ts';
import { indexMonotonic } from './reads/index-monotonic.ts';
import { cas } from './store/cas.ts';
import { increments } from './store/increments.ts';
import { lockBelieved } from './store/lock-believed.ts';
import { lockDelay } from './store/lock-delay.ts';
import { lockExclusive } from './store/lock-exclusive.ts';
import { notEarly } from './store/not-early.ts';
import { notGivenUp } from './store/not-given-up.ts';
import { finalValue } from './watches/final-value.ts';
import { watchMonotonic } from './watches/monotonic.ts';
import { beginsAnew } from './watches/begins-anew.ts';
import { paced } from './watches/paced.ts';
import { appliesNewer } from './watches/applies-newer.ts';
import { noGap } from './watches/no-gap.ts';
import { keepsLast } from './watches/keeps-last.ts';
import { patience } from './watches/patience.ts';
import { spread } from './watches/spread.ts';
import { snapshotMonotonic } from './snapshot-monotonic.ts';
import { stateMachineSafety } from './state-machine-safety.ts';
import { termMonotonic } from './term-monotonic.ts';
import { voteOnce } from './vote-once.ts';
import { routes } from './wan/routes.ts';
import { writeRecovers } from './write-recovers.ts';

export const INVARIANTS: Readonly<Record<InvariantName, Invariant>> = {
  'raft.election-safety': electionSafety,
  'raft.leader-append-only': leaderAppendOnly,
  'raft.log-matching': logMatching,
  'raft.leader-completeness': leaderCompleteness,
  'raft.state-machine-safety': stateMachineSafety,
  'raft.term-monotonic': termMonotonic,
  'raft.vote-once': voteOnce,
  'raft.config-lineage': configLineage,
  'raft.change-in-own-term': changeInOwnTerm,
  'raft.one-serving-leader': oneServingLeader,
  'raft.vote-for-voter': voteForVoter,
  'raft.vote-recorded': voteRecorded,
  'raft.leader-undisturbed': leaderUndisturbed,
  'raft.verified-leader': verifiedLeader,
  'raft.transfer-quiet': transferQuiet,
  'raft.backoff-ends': backoffEnds,
  'raft.leader-can-store': leaderCanStore,
  'kv.acknowledged-write-survives': acknowledgedWriteSurvives,
  'kv.linearizable': linearizable,
  'kv.consistent-read-linearizable': consistentReads,
  'kv.default-read-fresh': defaultReads,
  'kv.stale-read-bounded': staleReads,
  'kv.index-monotonic': indexMonotonic,
  'kv.cas': cas,
  'kv.increments': increments,
  'kv.lock-exclusive': lockExclusive,
  'kv.lock-delay': lockDelay,
  'kv.lock-believed': lockBelieved,
  'session.not-early': notEarly,
  'session.not-given-up': notGivenUp,
  'watch.monotonic': watchMonotonic,
  'watch.final-value': finalValue,
  'watch.begins-anew': beginsAnew,
  'watch.paced': paced,
  'watch.patience': patience,
  'watch.no-gap': noGap,
  'watch.applies-newer': appliesNewer,
  'watch.keeps-last': keepsLast,
  'watch.spread': spread,
  'discovery.converges': discoveryConverges,
  'session.monotonic-reads': monotonicReads,
  'session.read-your-writes': readYourWrites,
  'session.monotonic-writes': monotonicWrites,
  'session.writes-follow-reads': writesFollowReads,
  'raft.one-leader': oneLeader,
  'raft.write-recovers': writeRecovers,
  'raft.snapshot-monotonic': snapshotMonotonic,
  'raft.follower-catches-up': followerCatchesUp,
  'leader.established': leaderEstablished,
  'autopilot.removes-only-dead': removesOnlyDead,
  'gossip.completeness': completeness,
  'gossip.accuracy': accuracy,
  'gossip.refutation': refutation,
  'gossip.incarnation-monotonic': incarnationMonotonic,
  'gossip.converges': converges,
  'gossip.no-resurrection': noResurrection,
  'gossip.coordinates': coordinates,
  'gossip.retention': retention,
  'gossip.queues-drain': queuesDrain,
  'wan.routes': routes,
  'catalog.converges': catalogConverges,
  'catalog.in-sync': inSync,
  'catalog.discoverable': discoverable,
  'catalog.no-resurrection': catalogNoResurrection,
  'catalog.unready-hidden': unreadyHidden,
  'catalog.failed-hidden': failedHidden,
  'check.threshold': threshold,
  'check.reap': reap,
  'check.runners': runners,
  'balance.share': share,
  'balance.ejection-limit': ejectionLimit,
  'balance.no-sinkhole': sinkhole,
  'call.deadline': deadline,
  'call.backoff': backoff,
  'call.retry-spread': retrySpread,
  'call.recovers': recovers,
  'mesh.leaf-valid': leafValid,
  'mesh.intention-obeyed': intentionObeyed,
  'mesh.trust-unbroken': trustUnbroken,
  'mesh.csr-paced': csrPaced,
  'mesh.follows-root': followsRoot,
};
