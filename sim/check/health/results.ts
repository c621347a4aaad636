/** What the checks of agents have found, in the order in which they found it. */
import { CHECK_STATUSES } from '../../consul/agent/definitions.ts';
import type { CheckSpec } from '../../consul/agent/state.ts';
import type { CheckStatus } from '../../consul/state/rows.ts';
import type { World } from '../../core/world.ts';
import type { ProcessIndex } from '../invariant.ts';
import { agentAt } from '../catalog/agents.ts';

/** One check since it was registered. */
export interface Results {
  successes: number;
  failures: number;
  total: number;
  /** What is known of its status without asking. */
  status: CheckStatus;
  /** A script took too long, or a program spoke: that counts whatever the thresholds are. */
  outright: boolean;
  /** `ttl`: when a program last spoke. */
  toldMicros: number;
  /** When it became critical, or -1. */
  criticalMicros: number;
}

export function noResults(status: CheckStatus, now: number): Results {
  return {
    successes: 0,
    failures: 0,
    total: 0,
    status,
    outright: false,
    toldMicros: now,
    criticalMicros: -1,
  };
}

export function countResult(results: Results, status: CheckStatus, outright: boolean): void {
  const failed = status === 'critical';
  results.total++;
  results.failures = failed ? results.failures + 1 : 0;
  results.successes = failed ? 0 : results.successes + 1;
  results.outright = outright;
}

export function statusAt(index: number): CheckStatus {
  return CHECK_STATUSES[index];
}

/** Definition of a check by its number; undefined where nobody runs it. */
export function definitionAt(
  world: World,
  process: ProcessIndex,
  number: number,
): CheckSpec | undefined {
  const agent = agentAt(world, process);
  return agent?.runners.get(agent.checkIds[number])?.definition;
}
