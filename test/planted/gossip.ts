/** Bugs of gossip, and the scenarios that show them. */
import { open, plant } from './campaign.ts';
import type { Planted } from './campaign.ts';

export const GOSSIP_PLANTED: readonly Planted[] = [
  open('G1', 'planted/late-nacks', ['gossip.health-score']),
  plant('G2', 'planted/told-for-ever', ['gossip.queues-drain']),
  plant('G3', 'planted/never-forgotten', ['gossip.retention']),
  open('G5', 'planted/late-alive', ['gossip.no-resurrection']),
  plant('G12', 'planted/cut-off-and-sick', ['gossip.false-positives']),
  plant('G15', 'planted/udp-blocked', ['gossip.false-positives']),
  plant('G16', 'planted/wall-clock-coordinates', ['gossip.coordinates']),
  plant('G21', 'planted/short-absence', ['gossip.retention']),
  open('G23', 'planted/missed-helper', ['gossip.health-score']),
];
