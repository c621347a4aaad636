/** Bugs of the service mesh, and of the clients of services, with the scenarios that show them. */
import { plant } from './campaign.ts';
import type { Planted } from './campaign.ts';

export const MESH_PLANTED: readonly Planted[] = [
  plant('M1', 'planted/certificate-given-up', ['mesh.leaf-valid']),
  plant('M2', 'planted/unwatched-intentions', ['mesh.intention-obeyed']),
  plant('M3', 'planted/root-swapped', ['mesh.trust-unbroken']),
  plant('M4', 'planted/certificates-at-once', ['mesh.csr-paced', 'mesh.follows-root']),
];

export const CLIENTS_PLANTED: readonly Planted[] = [
  plant('P15', 'planted/lock-step-retries', ['call.retry-spread']),
  plant('P22', 'planted/backoff-overflow', ['call.backoff']),
  plant('P23', 'planted/retries-without-budget', ['call.recovers']),
  plant('P24', 'planted/fast-errors', ['balance.no-sinkhole']),
];
