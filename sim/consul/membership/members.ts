/** What a server knows of the members of its LAN pool: plain data, and how news changes it. */
import type { ProcessIndex } from '../../core/machine.ts';

/** `hashicorp/serf:serf/serf.go (MemberStatus)`; `reaped` is Consul's own, for a member forgotten. */
export const MemberStatus = {
  none: 0,
  alive: 1,
  leaving: 2,
  left: 3,
  failed: 4,
  reaped: 5,
} as const;
export type MemberStatus = (typeof MemberStatus)[keyof typeof MemberStatus];
export const STATUS_NAMES = ['none', 'alive', 'leaving', 'left', 'failed', 'reaped'] as const;

/** A member of the pool as the configuration names it. */
export interface MemberSpec {
  readonly process: ProcessIndex;
  readonly name: string;
  readonly server: boolean;
  /** Its `bootstrap_expect`, a tag; 0: none. */
  readonly expect: number;
}

/** What a member says of itself, or others of it: travels in datagrams. */
export interface News {
  /** Start of the program, in its own clock: a restart makes a new life. */
  readonly life: number;
  /** Counts up while it lives. */
  readonly beat: number;
  /** Alive, leaving or left. */
  readonly said: MemberStatus;
}

export interface Member {
  news: News;
  status: MemberStatus;
  /** Local time of the last news. */
  heardMicros: number;
  /** Local time since which it has this status. */
  sinceMicros: number;
  /** A timer runs that will declare it failed. */
  suspected: boolean;
}

/** Nothing is known. */
export const NO_NEWS: News = { life: -1, beat: 0, said: MemberStatus.none };

export function unknownMember(): Member {
  return {
    news: NO_NEWS,
    status: MemberStatus.none,
    heardMicros: 0,
    sinceMicros: 0,
    suspected: false,
  };
}

/** True for those whose program counts as running: `leaving` still does (`NodeStatus` of autopilot). */
export function isUp({ status }: Member): boolean {
  return status === MemberStatus.alive || status === MemberStatus.leaving;
}

/** A later life, a later beat, or a graver word with the same beat. */
export function isNewer(news: News, known: News): boolean {
  if (news.life !== known.life) return news.life > known.life;
  if (news.beat !== known.beat) return news.beat > known.beat;
  return news.said > known.said;
}

/** Servers of a scenario, which are processes 0 to n - 1 of the world. */
export function memberSpecs(
  servers: readonly { readonly name: string }[],
  expect: number,
): MemberSpec[] {
  return servers.map(({ name }, process) => ({ process, name, server: true, expect }));
}
