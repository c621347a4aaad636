/** One machine of a server's duties alone: what it sees of Raft and of the pool is the test's. */
import { Recording } from '../../../sim/core/recording.ts';
import type { Machine } from '../../../sim/core/machine.ts';
import { NEVER, Role } from '../../../sim/protocol/raft/types.ts';
import type { Configuration } from '../../../sim/protocol/raft/types.ts';
import { RAFT_MACHINE } from '../../../sim/protocol/raft/vocabulary.ts';
import type { CatalogPort } from '../../../sim/consul/leader/catalog-port.ts';
import type { Member, MemberStatus } from '../../../sim/consul/membership/members.ts';
import { MEMBERSHIP_MACHINE } from '../../../sim/consul/membership/vocabulary.ts';

export const SECOND = 1_000_000;

/** What the duties read of the Raft beside them. */
export function raftOf(voters: readonly number[], nonvoters: readonly number[] = []) {
  const servers = [
    ...voters.map((id) => ({ id, voter: true })),
    ...nonvoters.map((id) => ({ id, voter: false })),
  ];
  return {
    role: Role.leader as Role,
    leader: 0,
    lastContact: NEVER as number,
    lastIndex: 100,
    lastLogIndex: 100,
    lastLogTerm: 3,
    latest: { servers, digest: 1 } as Configuration,
    fsm: null,
    proposalsTakenOf: [] as number[],
  };
}

/** A pool of servers with these statuses, by process. */
export function poolOf(statuses: readonly MemberStatus[]) {
  return {
    config: {
      members: statuses.map((_, process) => ({
        process,
        name: `s${process + 1}`,
        address: `10.0.0.${process + 1}`,
        server: true,
        expect: 0,
      })),
    },
    members: statuses.map((status): Member => ({ status })),
  };
}

export function alone<State, Durable>(
  machine: Machine<State, Durable>,
  config: unknown,
  raft: ReturnType<typeof raftOf>,
  pool: ReturnType<typeof poolOf>,
): Recording<State, Durable> {
  const recording = new Recording(machine, config);
  recording.siblings.set(RAFT_MACHINE, raft);
  recording.siblings.set(MEMBERSHIP_MACHINE, pool);
  return recording;
}

/** A catalog that writes down what it is asked for, and wants an entry for everything in `wanted`. */
export function catalogOf(wanted: ReadonlySet<string>): CatalogPort {
  const entry = (name: string) => (wanted.has(name) ? { digest: 1, name } : null);
  return {
    system: (_, key) => entry(key),
    alive: (_, { name }) => entry(`alive ${name}`),
    failed: (_, { name }) => entry(`failed ${name}`),
    gone: (_, { name }) => entry(`gone ${name}`),
    unknown: () =>
      [...wanted].filter((name) => name.startsWith('unknown')).map((name) => ({ digest: 1, name })),
  };
}
