/** When the faults of a swarm begin: mostly at a time, sometimes at the worst moment. */
import type { Draws } from '../core/draws.ts';
import type { Condition, FaultAction, FaultSpec, Selector } from '../../scenarios/scenario.ts';
import type { Cluster } from './swarm-actions.ts';

const CONDITIONS = ['elected', 'leader', 'voted', 'campaign', 'appended', 'crashed'] as const;
const DELAYS_MICROS = [0, 0, 2_000, 50_000];

/**
 * A time, or a condition that names one of the servers. Conditions go with faults that end somebody
 * or cut somebody off; the others are hardly sharper for it.
 */
export function drawTrigger(
  atMicros: number,
  action: FaultAction,
  cluster: Cluster,
  draws: Draws,
): FaultSpec['trigger'] {
  const sharp = action.kind === 'crash' || action.kind === 'pause' || action.kind === 'partition';
  if (!draws.chance(0.25) || !sharp) return { kind: 'at', atMicros };
  const condition = drawCondition(cluster, draws);
  const times = condition.kind === 'elected' ? 1 : draws.between(1, 4);
  return { kind: 'when', condition, afterMicros: draws.pick(DELAYS_MICROS), times };
}

function drawCondition(cluster: Cluster, draws: Draws): Condition {
  const kind = draws.pick(CONDITIONS);
  const server = draws.pick(cluster.servers);
  const hosts: Selector = { kind: 'hosts', text: server, hosts: [server] };
  if (kind === 'elected') return { kind, count: draws.between(1, 4) };
  if (kind === 'appended') return { kind, hosts, count: draws.pick([1, 20, 100]) };
  return { kind, hosts };
}
