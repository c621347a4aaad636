/** Bugs of agents, checks and the catalog over many seeds, as planted-raft.ts does it. */
import { AGENTS_PLANTED } from '../planted/agents.ts';
import type { PageOptions } from './support/page.ts';
import { provePlanted } from './support/planted.ts';

export const title = 'bugs of agents are caught by bundled scenarios, which pass without them';

export function run({ seeds = 500, page }: PageOptions = {}): number {
  const heading = 'Bugs of agents';
  return provePlanted({ name: 'planted-agents', heading, list: AGENTS_PLANTED, seeds, page });
}
