/** Labels of bugs. */

/** Bugs that `plant:` turns on: what each one breaks. */
export const PLANTS = {
  B2: 'a leader counts replicas of entries from older terms and commits them',
  B3: 'a leader changes the configuration before its own Noop is committed',
  B4: 'a vote is answered before it is stored',
  B13: 'consistent reads do not wait until a new leader is ready, as before Consul 0.8.5',
  B14: 'stale reads are answered by servers that have heard from nobody since they began',
  B15: 'servers campaign without pre-vote and vote although they know a leader',
  B19: 'the end of a session leaves its locks held',
  B21: 'candidates outside the configuration, or without a vote in it, get votes',
  B22: 'a transfer lets writes in again at once, and an append ends the candidacy of its target',
  B24: 'an append truncates entries that do not conflict',
  B25: 'a snapshot is not synced before the log behind it is trimmed',
  B28: 'a leader that cannot get its barrier gives up its duties for good',
  B29: 'what is said of leadership while the leader loop waits for Raft is lost',
  B31: 'deletions leave no tombstones, so that the index of a prefix goes back',
  B32: 'clients take a write of unknown outcome for one that failed',
  P1: 'the first error ends the push of an agent, and what comes after it waits',
  P3: 'registering a service again makes its checks critical',
  P5: 'what programs register or take back is not kept on disk',
  P6: 'a service and its checks come into the catalog one by one',
  P7: 'a new output of a check is pushed at once',
  P9: 'watchers keep their index when that of the answers goes back',
  P10: 'servers answer index 0, and whoever waits for a change of that asks without end',
  P11: 'a stream begins after its snapshot: what changes in between is lost',
  P12: 'streams are not closed when a snapshot replaces the store that they read',
  P13: 'an entry of the agent cache is not fetched again after a few errors',
  P14: 'agents wait for a blocking query without the jitter that servers add',
  P15: 'retries of calls wait without jitter',
  P16: 'clients of locks give their session up when one renewal fails',
  P17: 'clients of locks that cannot ask whether they hold one go on as if they did',
  P20: 'leaders leave nodes that have failed, or left, in the catalog as they were',
  P21: 'runners of checks run on after deregistration',
  P22: 'the exponential backoff of calls overflows before it is capped',
  P23: 'retries of calls know no budget',
  P24: 'errors count as little as they took, however long they should count',
  M1: 'a leaf certificate whose renewal has failed is not tried again',
  M2: 'agents read intentions once and do not watch them',
  M3: 'a new root takes the place of the old one at once, which nobody trusts from then on',
  M4: 'after a rotation of roots, and when they are refused, agents ask for certificates at once',
  W5: 'watchers of a key that is not there forget the index of the answer',
  W6: 'watchers wait from an index that is newer than the value they hold',
  W7: 'clients increment without comparing the index, and lose updates',
  W8: 'watchers take an older configuration for a newer one',
  W9: 'watchers forget their configuration with an error',
  W10: 'watchers that are told together ask again together, whatever their spread',
  G2: 'a leave intent about who leaves or has left is told on each time it comes',
  G3: 'members that left are never purged',
  G8: 'a rebalance pings one dead server again and again, and gives its datacenter up',
  G12: 'the failure detector takes no account of its own health',
  G15: 'members that UDP does not reach are not probed over TCP',
  G16: 'round trips are taken by the wall clock, and coordinates are not checked',
  G21: 'dead members are purged at once and not gossiped to',
  G22: 'servers that fail in the WAN pool are no longer asked',
} as const;
export type PlantId = keyof typeof PLANTS;

/** Bugs of the real programs, on by default, that `fix:` turns off. */
export const OPEN_BUGS = {
  B1: 'a heartbeat changes term and state beside the main thread',
  B5: 'a vote is stored as two writes, and a crash may fall between them',
  B6: 'InstallSnapshot leaves in the log what conflicts with the snapshot',
  B8: 'a server whose log cannot be written stands for election',
  B9: 'a newer term in a heartbeat answer is ignored and still extends the lease',
  B10: 'lease and verification go by when an answer came, not by when it was asked for',
  B11: 'verification of a leader counts servers without a vote',
  B18: 'a new leader knows of no lock-delay that it has not started itself',
  B23: 'a TimeoutNow that comes late is obeyed, whatever the term',
  B26: 'of a snapshot taken and one installed at a time, the older sets the last one back',
  B27: 'a follower commits up to its own last entry, not up to the last it has compared',
  B33: 'after a long absence appends wait out a backoff of up to 10.24 s',
  B34: 'attempts to destroy a session outlive the leadership and renewals',
  P2: 'the state of an agent is locked while a push waits for its servers',
  P4: 'registering the same again after a failed push passes for in sync',
  G1: "a relay's nack comes when the prober has stopped waiting for it",
  G5: 'newer evidence that changes no state leaves the stored incarnation as it was',
  G23: 'in pools of a few members, those that could help with a probe are missed now and then',
  G25: 'the random stagger of probes and gossip has no effect',
} as const;
export type OpenBugId = keyof typeof OPEN_BUGS;

/** Ids of bugs that are described but not modelled in this version. */
export function isLaterBug(id: string): boolean {
  const match = /^([BGP])(\d{1,2})$/.exec(id);
  if (!match) return false;
  const last = { B: 34, G: 25, P: 26 }[match[1] as 'B' | 'G' | 'P'];
  const number = Number(match[2]);
  return number >= 1 && number <= last && !(id in PLANTS) && !(id in OPEN_BUGS);
}
