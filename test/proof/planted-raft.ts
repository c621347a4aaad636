/** Bugs of Raft over many seeds: how often bundled scenarios catch them, and that nothing else fails. */
import { PLANTED } from '../planted/campaign.ts';
import type { PageOptions } from './support/page.ts';
import { provePlanted } from './support/planted.ts';

export const title = 'bugs of Raft are caught by bundled scenarios, which pass without them';

export function run({ seeds = 2000, page }: PageOptions = {}): number {
  return provePlanted({
    name: 'planted-raft',
    heading: 'Bugs of Raft',
    list: PLANTED,
    seeds,
    page,
  });
}
