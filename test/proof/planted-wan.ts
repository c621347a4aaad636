/** Bugs between datacenters over many seeds, as planted-raft.ts does it. */
import { WAN_PLANTED } from '../planted/wan.ts';
import type { PageOptions } from './support/page.ts';
import { provePlanted } from './support/planted.ts';

export const title =
  'bugs between datacenters are caught by bundled scenarios, which pass without them';

export function run({ seeds = 500, page }: PageOptions = {}): number {
  const heading = 'Bugs between datacenters';
  return provePlanted({ name: 'planted-wan', heading, list: WAN_PLANTED, seeds, page });
}
