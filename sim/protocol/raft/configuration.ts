/**
 * Configurations and how commands change them, one server at a time
 * (`hashicorp/raft:configuration.go (nextConfiguration, checkConfiguration)`; reference: raft §1.13).
 * ID and address are one here, so that no list can name either twice, and a command that only changes
 * an address changes nothing.
 */
import { mix } from '../../core/fingerprint.ts';
import type { ProcessIndex } from '../../core/machine.ts';
import type { Configuration, Server } from './types.ts';

export const ChangeCommand = {
  addVoter: 0,
  addNonvoter: 1,
  demoteVoter: 2,
  removeServer: 3,
  promote: 4,
} as const;
export type ChangeCommand = (typeof ChangeCommand)[keyof typeof ChangeCommand];

/** A request to change the membership; `tag` names it to whoever asked. */
export interface ConfigurationChange {
  readonly command: ChangeCommand;
  readonly server: ProcessIndex;
  /** Index of the configuration that the asker has seen; 0: any. */
  readonly previousIndex: number;
  readonly tag: number;
}

export function makeConfiguration(servers: readonly Server[]): Configuration {
  let digest = mix(5, servers.length);
  for (const { id, voter } of servers) digest = mix(digest, id * 2 + (voter ? 1 : 0));
  return { servers, digest };
}

/** The whole new list, or null where the command must not be: no voter left, or stale knowledge. */
export function nextConfiguration(
  current: Configuration,
  currentIndex: number,
  { command, server: id, previousIndex }: ConfigurationChange,
): Configuration | null {
  if (previousIndex > 0 && previousIndex !== currentIndex) return null;
  const servers = nextServers(current.servers, command, id);
  return servers.some(({ voter }) => voter) ? makeConfiguration(servers) : null;
}

function nextServers(
  servers: readonly Server[],
  command: ChangeCommand,
  id: ProcessIndex,
): readonly Server[] {
  const known = servers.some((server) => server.id === id);
  const withVote = (voter: boolean): readonly Server[] =>
    servers.map((server) => (server.id === id ? { id, voter } : server));
  switch (command) {
    case ChangeCommand.addVoter:
      return known ? withVote(true) : [...servers, { id, voter: true }];
    case ChangeCommand.addNonvoter:
      // A voter stays one: only its address would change.
      return known ? servers : [...servers, { id, voter: false }];
    case ChangeCommand.demoteVoter:
      return withVote(false);
    case ChangeCommand.removeServer:
      return servers.filter((server) => server.id !== id);
    case ChangeCommand.promote:
      // Of servers that are staging, which nothing makes any more.
      return servers;
    default:
      return command satisfies never;
  }
}
