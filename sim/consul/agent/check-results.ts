/**
 * What the answer of a target says of its status, and the output that goes with it (reference: agents
 * §2.1; `consul:agent/checks/check.go`).
 *
 * Known deviations: a check is answered by the process of its instance, without DNS, TLS or HTTP in
 * between. UDP goes over a connection of its own, which on one host differs in nothing that a check
 * sees. Outputs name errors in fewer words than Go does.
 */
import { ERROR_NAMES, ErrorCause } from '../../core/machine.ts';
import type { CheckStatus } from '../state/rows.ts';
import type { HealthAnswer } from '../../service/vocabulary.ts';
import type { CheckSpec } from './state.ts';

export interface CheckResult {
  readonly status: CheckStatus;
  readonly output: string;
}

const TOO_MANY_REQUESTS = 429;

const REASONS: Readonly<Partial<Record<number, string>>> = {
  200: 'OK',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
};

/** Null: the run never ends, since nothing will come and nothing bounds the wait (H8). */
export function resultOf(
  spec: CheckSpec,
  answer: HealthAnswer | undefined,
  cause: ErrorCause,
): CheckResult | null {
  const { kind, at } = spec;
  if (cause !== ErrorCause.none) return failed(spec, cause);
  switch (kind) {
    case 'tcp':
      return { status: 'passing', output: `TCP connect ${at}: Success` };
    case 'udp':
      return { status: 'passing', output: `UDP connect ${at}: Success` };
    case 'h2ping':
      return { status: 'passing', output: 'HTTP2 ping was successful' };
    case 'grpc':
      return grpcResult(at, answer!);
    case 'http':
      return httpResult(spec, answer!);
    default:
      return scriptResult(answer!);
  }
}

function failed(
  { kind, at, path, timeoutMicros }: CheckSpec,
  cause: ErrorCause,
): CheckResult | null {
  const why = ERROR_NAMES[cause];
  const broken = cause === ErrorCause.eof || cause === ErrorCause.reset;
  if (kind === 'udp' && (broken || cause === ErrorCause.timeout)) return null;
  const late = cause === ErrorCause.timeout;
  if (kind === 'script' && late) {
    const output = `Timed out (${timeoutMicros / 1e6}s) running check`;
    return { status: 'critical', output };
  }
  const output = {
    http: `Get "http://${at}${path}": ${why}`,
    h2ping: late ? `HTTP2 ping failed: ${why}` : `Failed to dial to ${at}: ${why}`,
    tcp: `dial tcp ${at}: ${why}`,
    udp: `dial udp ${at}: ${why}`,
  }[kind as string];
  return { status: 'critical', output: output ?? `${kind} check ${at}: ${why}` };
}

function isFine(code: number): boolean {
  return code >= 200 && code < 300;
}

function httpResult({ at, path }: CheckSpec, { code, text }: HealthAnswer): CheckResult {
  const status = isFine(code) ? 'passing' : code === TOO_MANY_REQUESTS ? 'warning' : 'critical';
  const line = `${code} ${REASONS[code] ?? ''}`.trim();
  return { status, output: `HTTP GET http://${at}${path}: ${line} Output: ${text}` };
}

function grpcResult(at: string, { code }: HealthAnswer): CheckResult {
  return isFine(code)
    ? { status: 'passing', output: `gRPC check ${at}: success` }
    : { status: 'critical', output: `gRPC check ${at}: not serving` };
}

/** A program that finds its instance overloaded exits with 1, for other troubles with 2. */
function scriptResult({ code, text }: HealthAnswer): CheckResult {
  const status = isFine(code) ? 'passing' : code === TOO_MANY_REQUESTS ? 'warning' : 'critical';
  return { status, output: text };
}
