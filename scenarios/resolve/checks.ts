/** Checks and registrations of services, with every default filled in. */
import type { ScenarioDraft } from '../schema.ts';
import { CHECK_KINDS } from '../services.ts';
import type { CheckSpec, RegistrationSpec } from '../services.ts';

type ServiceDraft = ScenarioDraft['services'][string];
type CheckDraft = Exclude<NonNullable<ServiceDraft['check']>, readonly unknown[]>;

/** Interval where none is given, and timeouts of agents (`consul:agent/checks/check.go`). */
const INTERVAL_MICROS = 10_000_000;
const TIMEOUT_MICROS = 10_000_000;
const SCRIPT_TIMEOUT_MICROS = 30_000_000;

export function resolveChecks(written: ServiceDraft['check']): CheckSpec[] {
  return [written ?? []].flat().map(resolveCheck);
}

function resolveCheck(one: CheckDraft): CheckSpec {
  const { script, failures_before_critical: critical = 0, ttl = 0 } = one;
  return {
    kind: CHECK_KINDS.find((kind) => one[kind] !== undefined)!,
    ofNode: one.of === 'node',
    path: one.http ?? '',
    ttlMicros: ttl,
    heartbeatMicros: one.heartbeat ?? Math.max(1, Math.floor(ttl / 2)),
    intervalMicros: one.interval ?? INTERVAL_MICROS,
    timeoutMicros: one.timeout ?? (script ? SCRIPT_TIMEOUT_MICROS : TIMEOUT_MICROS),
    status: one.status,
    successBeforePassing: one.success_before_passing ?? 0,
    failuresBeforeWarning: one.failures_before_warning ?? critical,
    failuresBeforeCritical: critical,
    deregisterAfterMicros: one.deregister_critical_service_after,
    dependencies: one.dependencies,
  };
}

export function resolveRegistration(one: ServiceDraft): RegistrationSpec {
  const { register, names, denied, sidecar, shutdown } = one;
  return {
    api: register
      ? {
          againMicros: register.again ?? null,
          lookMicros: register.look ?? null,
          persists: register.data_dir,
        }
      : null,
    names,
    denied,
    sidecar,
    shutdown: shutdown
      ? {
          deregister: shutdown.deregister,
          drainMicros: shutdown.drain,
          graceMicros: shutdown.grace,
        }
      : null,
  };
}
