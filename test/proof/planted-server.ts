/** The same for bugs of what Consul builds on Raft, and of its clients. */
import { PLANTED_SERVER } from '../planted/campaign.ts';
import type { PageOptions } from './support/page.ts';
import { provePlanted } from './support/planted.ts';

export const title = 'bugs of the server are caught by bundled scenarios, which pass without them';

export function run({ seeds = 2000, page }: PageOptions = {}): number {
  const heading = 'Bugs of the server and its clients';
  return provePlanted({ name: 'planted-server', heading, list: PLANTED_SERVER, seeds, page });
}
