/**
 * Which hashicorp/raft each Consul release contains, and what that decides: pre-vote and its two
 * bugs, and the log store of an empty data directory.
 *
 * Source: hashicorp/consul, go.mod and CHANGELOG.md of each release; the default log store is chosen
 * in agent/consul/server.go (setupRaft).
 */

/** What a release of Consul means for its servers. */
export interface Release {
  readonly release: string;
  readonly raft: '1.5.0' | '1.7.0' | '1.7.3';
  /** The library asks for pre-votes unless that is switched off. */
  readonly preVote: boolean;
  /** `raft_prevote_disabled` exists, so pre-vote can be switched off. */
  readonly preVoteSwitch: boolean;
  /** raft#606: the pre-vote request lacks the candidate's address, so a sitting leader is refused. */
  readonly preVoteBug606: boolean;
  /** raft#609: granting a pre-vote counts as contact with the leader. */
  readonly preVoteBug609: boolean;
  readonly logStore: 'boltdb' | 'wal';
}

/** Lines oldest first: first and last patch with the same behaviour. */
const LINES: readonly (readonly [minor: string, first: number, last: number, Behaviour])[] = [
  ['1.16', 0, 6, behaviour('1.5.0', false, 'boltdb')],
  ['1.17', 0, 4, behaviour('1.5.0', false, 'boltdb')],
  ['1.18', 0, 2, behaviour('1.5.0', false, 'boltdb')],
  ['1.19', 0, 2, behaviour('1.5.0', false, 'boltdb')],
  ['1.20', 0, 1, behaviour('1.5.0', false, 'wal')],
  ['1.20', 2, 6, behaviour('1.7.0', false, 'wal')],
  ['1.21', 0, 2, behaviour('1.7.0', true, 'wal')],
  ['1.21', 3, 4, behaviour('1.7.3', true, 'wal')],
];

type Behaviour = Omit<Release, 'release'>;

function behaviour(
  raft: Release['raft'],
  preVoteSwitch: boolean,
  logStore: Release['logStore'],
): Behaviour {
  const buggy = raft === '1.7.0';
  return {
    raft,
    preVote: raft !== '1.5.0',
    preVoteSwitch,
    preVoteBug606: buggy,
    preVoteBug609: buggy,
    logStore,
  };
}

/** Every release there is a model of, oldest first. */
export const RELEASES: readonly Release[] = LINES.flatMap(([minor, first, last, rest]) =>
  Array.from({ length: last - first + 1 }, (_, index) => ({
    release: `${minor}.${first + index}`,
    ...rest,
  })),
);

/** The release a scenario gets that names none. */
export const RELEASE_DEFAULT = '1.21.4';

/** `1.21.4`, or `1.21` for the last patch of a line; undefined where there is no model of it. */
export function findRelease(text: string): Release | undefined {
  return RELEASES.findLast(
    ({ release }) => release === text || release.slice(0, release.lastIndexOf('.')) === text,
  );
}
