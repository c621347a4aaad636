/** A run as a scenario file of its own: every value that held, and the faults a swarm became. */
import { parse, stringify } from 'yaml';
import type { Config } from '../../scenarios/load.ts';
import type { FaultSpec } from '../../scenarios/scenario.ts';
import { formatFaults } from '../faults/format.ts';

/**
 * YAML of the scenario. `plan` is what the run's faults were: those of the file first, with the
 * steps of sequences one by one, then those that were drawn, then those made by hand.
 */
export function savedScenario(full: Config, plan: readonly FaultSpec[]): string {
  // One run of a sweep is not a sweep, and what was drawn is no longer drawn.
  const { sweep: _sweep, draw: _draw, repeat: _repeat, ...config } = full;
  const items = (config['faults'] ?? []) as readonly Readonly<Record<string, unknown>>[];
  const written = items.filter((item) => !('swarm' in item));
  const added = plan.slice(written.reduce((sum, item) => sum + stepsOf(item), 0));
  if (written.length === items.length && added.length === 0) return toYaml(config);
  const faults = [...written, ...((parse(formatFaults(added, 0)) as unknown[] | null) ?? [])];
  return toYaml({ ...config, faults });
}

/** A sequence is a map from its name to its steps. */
function stepsOf(item: Readonly<Record<string, unknown>>): number {
  const [only, ...others] = Object.values(item);
  return others.length === 0 && Array.isArray(only) ? only.length : 1;
}

function toYaml(value: unknown): string {
  return stringify(value, { lineWidth: 100 });
}
