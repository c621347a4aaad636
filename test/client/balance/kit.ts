/** Picks without a world: a policy, a list of instances, and draws of its own. */
import { POLICIES } from '../../../scenarios/services.ts';
import type { BalanceSpec, PolicyName } from '../../../scenarios/services.ts';
import { balanceDefaults } from '../../../scenarios/schema/balance.ts';
import type { Picking, Policy } from '../../../sim/client/balance/policy.ts';
import { POLICY_CODE } from '../../../sim/client/balance/registry.ts';
import { Streams } from '../../../sim/core/draws.ts';
import type { LoadReport } from '../../../sim/service/vocabulary.ts';

export { POLICIES };

/** Settings as the scenario language fills them in, with changes. */
export function settingsOf(policy: PolicyName, more: Partial<BalanceSpec> = {}): BalanceSpec {
  const one = balanceDefaults.parse({ policy });
  return {
    policy,
    choices: one.choices,
    replacement: one.replacement,
    bias: one.bias,
    decayMicros: one.decay,
    defaultMicros: null,
    errorMicros: null,
    scan: one.scan,
    ring: { min: one.ring_min, max: one.ring_max },
    table: one.table,
    bounded: null,
    subset: null,
    aperture: { smoothMicros: one.aperture.smooth, ...one.aperture },
    locality: 'none',
    zoneWeights: {},
    panic: one.panic,
    overprovisioning: one.overprovisioning,
    slowStart: null,
    ...more,
  };
}

type Changing = { -readonly [K in keyof Picking]: Picking[K] };

/** One client's view that a test may change between picks. */
export class Bench {
  readonly policy: Policy;
  readonly state: unknown;
  readonly picking: Changing;

  constructor(
    policy: PolicyName,
    weights: readonly number[],
    more: Partial<BalanceSpec> = {},
    seed = 1,
  ) {
    const settings = settingsOf(policy, more);
    const endpoints = weights.map((weight, at) => {
      return { process: at, name: `web-${at + 1}`, zone: '', weight };
    });
    const draws = new Streams(seed).stream('test');
    this.policy = POLICY_CODE[policy];
    this.state = this.policy.create(settings, endpoints, draws);
    this.picking = {
      endpoints,
      candidates: endpoints.map((_, at) => at),
      version: 1,
      healthy: endpoints.map(() => true),
      active: endpoints.map(() => 0),
      activeTotal: 0,
      weights,
      equalWeights: weights.every((weight) => weight === weights[0]),
      now: 0,
      hash: 0,
      draws,
      settings,
    };
  }

  pick(change: Partial<Picking> = {}): number {
    Object.assign(this.picking, change);
    return this.policy.pick(this.state, this.picking);
  }

  picks(count: number): number[] {
    return Array.from({ length: count }, () => this.pick());
  }

  /** Shares of so many picks. */
  shares(count: number): number[] {
    const counts = this.picking.endpoints.map(() => 0);
    for (const one of this.picks(count)) counts[one]!++;
    return counts.map((times) => times / count);
  }

  end(endpoint: number, micros: number, ok = true, report: LoadReport | null = null): void {
    const { now } = this.picking;
    this.policy.onEnd?.(this.state, { endpoint, ok, lost: !ok, micros, now, report }, this.picking);
  }
}
