/**
 * `gossip.coordinates`: what members estimate of each other's distance stays within what can be
 * measured. A round trip above ten seconds is refused, and nobody is moved farther than that.
 */
import type { Coordinates } from '../../protocol/coordinate/coordinates.ts';
import { ROUND_TRIP_MICROS_MAX } from '../../protocol/coordinate/config.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind } from '../invariant.ts';
import { poolOf } from './members.ts';

/** Two that were measured from opposite sides may be twice as far apart. */
const SECONDS_MAX = (2 * ROUND_TRIP_MICROS_MAX) / 1e6;

class CoordinatesSound implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [];
  /** Coordinates that were looked at, once somebody has measured. */
  exercised = 0;
  private readonly context: CheckContext;
  private readonly coordinates: Coordinates | null;
  private readonly members: number;

  constructor(context: CheckContext) {
    this.context = context;
    const pool = poolOf(context);
    this.coordinates = pool?.coordinates ?? null;
    this.members = pool?.size ?? 0;
  }

  onNote(): void {}

  onSecond(): void {
    const { coordinates, members } = this;
    if (coordinates === null) return;
    for (let member = 0; member < members; member++) this.look(coordinates, member);
  }

  private look(coordinates: Coordinates, member: number): void {
    const row = coordinates.read(member);
    // Who has measured nobody is exactly at the origin.
    if (row[0] === 0 && row[1] === 0) return;
    this.exercised++;
    const wrong = row.findIndex((value) => !(Math.abs(value) <= SECONDS_MAX));
    if (wrong < 0) return;
    const { world, report } = this.context;
    const process = poolOf(this.context)!.processOf[member];
    const text = `the coordinate of ${world.processes[process].name} holds ${row[wrong]} s`;
    report(text, [process]);
  }

  save(): unknown {
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
}

export const coordinates: Invariant = {
  name: 'gossip.coordinates',
  expectation: 'always',
  statement: 'Coordinates stay within the round trips that can be measured, and are numbers.',
  source: 'hashicorp/serf:coordinate/client.go (Update); hashicorp/consul issues 3023, 3704',
  create: (context) => new CoordinatesSound(context),
};
