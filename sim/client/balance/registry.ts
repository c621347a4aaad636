/** All policies by name; the scenario language owns the names. */
import type { PolicyName } from '../../../scenarios/services.ts';
import { aperture } from './aperture.ts';
import { dynamicWeights } from './dynamic-weights.ts';
import { leastOutstanding } from './least-outstanding.ts';
import { leastRequest } from './least-request.ts';
import { maglev } from './maglev.ts';
import { p2c } from './p2c.ts';
import { peakEwma } from './peak-ewma.ts';
import { pickFirst } from './pick-first.ts';
import type { Policy } from './policy.ts';
import { random } from './random.ts';
import { ringHash } from './ring-hash.ts';
import { roundRobin } from './round-robin.ts';
import { smoothWeighted } from './smooth-weighted.ts';
import { staticStride } from './static-stride.ts';
import { weightedRandom } from './weighted-random.ts';

export const POLICY_CODE = {
  random,
  'weighted-random': weightedRandom,
  'round-robin': roundRobin,
  'smooth-weighted': smoothWeighted,
  'static-stride': staticStride,
  'dynamic-weights': dynamicWeights,
  'least-outstanding': leastOutstanding,
  'least-request': leastRequest,
  p2c,
  'peak-ewma': peakEwma,
  'ring-hash': ringHash,
  maglev,
  aperture,
  'pick-first': pickFirst,
} as const satisfies Record<PolicyName, unknown> as unknown as Readonly<Record<PolicyName, Policy>>;
