/** What an agent tells the catalog: when two services or checks are the same, and which is worse. */
import type { CheckDefinition, CheckStatus, ServiceDefinition } from '../state/rows.ts';

/** In the order of how bad it is. */
export const CHECK_STATUSES: readonly CheckStatus[] = ['passing', 'warning', 'critical'];

/** The worst of several; passing where there is none (`consul:api/health.go (AggregatedStatus)`). */
export function worstOf(statuses: readonly CheckStatus[]): CheckStatus {
  return statuses.reduce<CheckStatus>(
    (worst, one) => (isWorse(one, worst) ? one : worst),
    'passing',
  );
}

function isWorse(one: CheckStatus, other: CheckStatus): boolean {
  return CHECK_STATUSES.indexOf(one) > CHECK_STATUSES.indexOf(other);
}

export function isSameService(one: ServiceDefinition, other: ServiceDefinition): boolean {
  return (
    one.id === other.id &&
    one.service === other.service &&
    one.address === other.address &&
    one.port === other.port &&
    isSameList(one.tags, other.tags) &&
    isSameList(one.meta.flat(), other.meta.flat())
  );
}

function isSameList(one: readonly string[], other: readonly string[]): boolean {
  return one.length === other.length && one.every((value, at) => value === other[at]);
}

/**
 * Output is part of what a check is, unless the caller says not; its type is not
 * (`consul:agent/structs/structs.go (HealthCheck.IsSame)`).
 */
export function isSameCheck(
  one: CheckDefinition,
  other: CheckDefinition,
  withOutput = true,
): boolean {
  return (
    one.id === other.id &&
    one.name === other.name &&
    one.status === other.status &&
    one.serviceId === other.serviceId &&
    (!withOutput || one.output === other.output)
  );
}
