/** Bugs of agents, checks and the catalog, and the scenarios that show them. */
import { open, plant } from './campaign.ts';
import type { Planted } from './campaign.ts';

export const AGENTS_PLANTED: readonly Planted[] = [
  plant('P1', 'planted/refused-name', ['catalog.converges', 'catalog.discoverable']),
  open('P2', 'planted/speaking-in-vain', ['check.threshold']),
  plant('P3', 'planted/registered-again', ['check.threshold']),
  open('P4', 'planted/stampede-of-registrations', ['catalog.in-sync']),
  plant('P5', 'planted/forgotten-registrations', ['catalog.discoverable']),
  plant('P5', 'planted/removed-and-back', ['catalog.no-resurrection']),
  plant('P6', 'planted/bare-service', ['catalog.unready-hidden']),
  plant('P7', 'planted/telling-the-time', ['network.messages{http.api}']),
  plant('P16', 'planted/one-failed-renewal', ['session.not-given-up']),
  plant('P17', 'planted/holder-not-told', ['kv.lock-believed']),
  plant('P20', 'planted/ghosts-of-agents', ['catalog.failed-hidden']),
  plant('P21', 'planted/runners-run-on', ['check.runners']),
];
