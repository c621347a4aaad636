/** Bugs that only show between datacenters, and the scenarios that show them. */
import { plant } from './campaign.ts';
import type { Planted } from './campaign.ts';

export const WAN_PLANTED: readonly Planted[] = [
  plant('G8', 'planted/dead-server-abroad', ['wan.routes']),
  plant('G22', 'planted/dead-server-abroad', ['wan.routes']),
];
