/** Bugs of the reference that this machine can show; true: the bug is there (design §6). */
export interface RaftBugs {
  /** open: a heartbeat changes term and role beside the main thread (raft#695). */
  readonly B1: boolean;
  /** plant: replicas of an entry of an old term count (Raft paper, figure 8). */
  readonly B2: boolean;
  /** plant: a configuration is changed before the leader's Noop is committed. */
  readonly B3: boolean;
  /** plant: a vote is answered before it is stored. */
  readonly B4: boolean;
  /** open: a vote is stored in two transactions (neighbour of raft#661). */
  readonly B5: boolean;
  /** open: InstallSnapshot leaves what conflicts with the snapshot in the log (raft#697). */
  readonly B6: boolean;
  /** open: a server whose log cannot be written stands for election (raft#614). */
  readonly B8: boolean;
  /** open: a heartbeat answer with a newer term is ignored and refreshes the lease. */
  readonly B9: boolean;
  /** open: the lease and VerifyLeader go by when an answer came, not by when it was asked for. */
  readonly B10: boolean;
  /** open: VerifyLeader counts servers without a vote. */
  readonly B11: boolean;
  /** plant: neither pre-vote nor leader stickiness. */
  readonly B15: boolean;
  /** raft 1.7.0: a pre-vote request carries no candidate address (raft#606). */
  readonly B16: boolean;
  /** raft 1.7.0: granting a pre-vote counts as contact (raft#609). */
  readonly B17: boolean;
  /** plant: candidates outside the configuration, or without a vote in it, get votes. */
  readonly B21: boolean;
  /** plant: a transfer lets writes in again at once, and an append ends the target's candidacy. */
  readonly B22: boolean;
  /** open: a TimeoutNow carries no term, and one that comes late is obeyed. */
  readonly B23: boolean;
  /** plant: an append truncates entries that do not conflict (raft#113). */
  readonly B24: boolean;
  /** plant: a snapshot is not synced before the log is trimmed (raft#229). */
  readonly B25: boolean;
  /** open: of a snapshot taken and one installed at a time, the older may set the last one back (raft#248). */
  readonly B26: boolean;
  /** open: a follower commits up to its own last index, not up to the last new one. */
  readonly B27: boolean;
  /** open: replication to a server that was down for long sleeps up to 10.24 s more (consul#1674). */
  readonly B33: boolean;
}

export const RAFT_OPEN_BUGS = [
  'B1',
  'B5',
  'B6',
  'B8',
  'B9',
  'B10',
  'B11',
  'B23',
  'B26',
  'B27',
  'B33',
] as const;
export const RAFT_PLANTS = ['B2', 'B3', 'B4', 'B15', 'B21', 'B22', 'B24', 'B25'] as const;

/** What a release of the library brings with it. */
export interface ReleaseBugs {
  readonly B16: boolean;
  readonly B17: boolean;
}

const NO_RELEASE_BUGS: ReleaseBugs = { B16: false, B17: false };

/** Open bugs are present unless fixed, plants absent unless planted. */
export function raftBugs(
  plant: ReadonlySet<string>,
  fix: ReadonlySet<string>,
  release: ReleaseBugs = NO_RELEASE_BUGS,
): RaftBugs {
  return {
    B1: !fix.has('B1'),
    B2: plant.has('B2'),
    B3: plant.has('B3'),
    B4: plant.has('B4'),
    B5: !fix.has('B5'),
    B6: !fix.has('B6'),
    B8: !fix.has('B8'),
    B9: !fix.has('B9'),
    B10: !fix.has('B10'),
    B11: !fix.has('B11'),
    B15: plant.has('B15'),
    B16: release.B16,
    B17: release.B17,
    B21: plant.has('B21'),
    B22: plant.has('B22'),
    B23: !fix.has('B23'),
    B24: plant.has('B24'),
    B25: plant.has('B25'),
    B26: !fix.has('B26'),
    B27: !fix.has('B27'),
    B33: !fix.has('B33'),
  };
}
