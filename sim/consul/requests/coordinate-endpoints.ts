/** Coordinates that agents tell (`consul:agent/consul/coordinate_endpoint.go (Update)`; reference: gossip §3.4). */
import { COORDINATES } from '../../protocol/coordinate/config.ts';
import { UPDATE } from '../coordinate/vocabulary.ts';
import type { Coordinate } from '../state/rows.ts';
import type { LeaderEndpoint } from './endpoint.ts';
import { definite } from './request.ts';

function isValid({ vector, error, adjustment, height }: Coordinate): boolean {
  return [...vector, error, adjustment, height].every(Number.isFinite);
}

/** A write that the leader takes into its memory; what is in the catalog later, nobody waits for. */
export const coordinateUpdate: LeaderEndpoint = {
  name: 'Coordinate.Update',
  kind: 'leader',
  reads: false,
  answersStale: false,
  bytes: 250,
  answerBytes: 60,
  answer: (coordinate: Coordinate, out) => {
    if (!isValid(coordinate)) return definite('invalid coordinate');
    if (coordinate.vector.length !== COORDINATES.dimensions) {
      return definite('incompatible coordinate');
    }
    out.post(UPDATE, 0, 0, coordinate);
    return { value: null, applied: true, index: 0 };
  },
};
