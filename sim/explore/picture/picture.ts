/**
 * What a picture of a run needs, in plain columns: taken from what the run has recorded anyway, after
 * it has ended, so that it costs the run nothing. Times are microseconds of virtual time.
 */
import type { Scenario } from '../../../scenarios/scenario.ts';
import type { World } from '../../core/world.ts';
import type { Violation } from '../../run/result.ts';
import { LaneCollector } from './lanes.ts';
import type { HostLane, Leadership } from './lanes.ts';
import { matrixOf } from './matrix.ts';
import type { MessageMatrix } from './matrix.ts';
import { MemberCollector } from './members.ts';
import { momentsOf } from './moments.ts';
import type { Moment } from './moments.ts';
import { readNotes } from './notes.ts';
import { OperationCollector } from './operations.ts';
import type { LoadPicture } from './operations.ts';

export interface RunPicture {
  readonly schema: 'lictor.picture/1';
  readonly endMicros: number;
  /** The part that is measured. */
  readonly measured: { readonly fromMicros: number; readonly untilMicros: number };
  readonly loads: readonly LoadPicture[];
  /** Who led, in the order of time; between two spans nobody did. */
  readonly leadership: readonly Leadership[];
  readonly lanes: readonly HostLane[];
  /** Hosts of which nothing happened and that have no lane. */
  readonly quietHosts: number;
  readonly matrix: MessageMatrix;
  /** Around violations; where there are none, around changes of leader. */
  readonly moments: readonly Moment[];
  /** Events that the run had. */
  readonly events: number;
}

export function pictureOf(
  world: World,
  scenario: Scenario,
  violations: readonly Violation[],
): RunPicture {
  const endMicros = world.now;
  const operations = new OperationCollector(world);
  const lanes = new LaneCollector(world);
  const members = new MemberCollector(world);
  readNotes(world, [operations, lanes, members]);
  const names = [...scenario.loads, ...scenario.calls].map(({ name }) => name);
  const { shown, quiet } = lanes.finish(endMicros, members.finish(endMicros));
  const leadership = lanes.leadership(endMicros);
  return {
    schema: 'lictor.picture/1',
    endMicros,
    measured: {
      fromMicros: scenario.warmupMicros,
      untilMicros: Math.min(scenario.durationMicros, endMicros),
    },
    loads: operations.finish(names, endMicros),
    leadership,
    lanes: shown,
    quietHosts: quiet,
    matrix: matrixOf(world),
    moments: momentsOf(world, violations, lanes.elections),
    events: world.event,
  };
}
