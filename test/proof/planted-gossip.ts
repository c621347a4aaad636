/** Bugs of gossip over many seeds, as planted-raft.ts does it. */
import { GOSSIP_PLANTED } from '../planted/gossip.ts';
import type { PageOptions } from './support/page.ts';
import { provePlanted } from './support/planted.ts';

export const title = 'bugs of gossip are caught by bundled scenarios, which pass without them';

export function run({ seeds = 500, page }: PageOptions = {}): number {
  const heading = 'Bugs of gossip';
  return provePlanted({ name: 'planted-gossip', heading, list: GOSSIP_PLANTED, seeds, page });
}
