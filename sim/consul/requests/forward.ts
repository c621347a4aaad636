/** A request goes on to another server, of this datacenter or of another one. */
import { ERROR_NAMES, ErrorCause } from '../../core/machine.ts';
import type { InputKind, Outbox, ProcessIndex } from '../../core/machine.ts';
import type { Endpoint } from './endpoint.ts';
import { ENDPOINTS } from './endpoints.ts';
import { RPC_BLOCKING, RPC_READ, RPC_WRITE } from './inputs.ts';
import type { ServerError, ServerRequest } from './request.ts';
import { JITTER_FRACTION, queryMicros } from './state.ts';
import type { RequestState, ServerConfig } from './state.ts';

/** Retried as a read: it changes nothing. */
export function readsOnly(endpoint: Endpoint): boolean {
  if (endpoint.kind === 'leader') return endpoint.reads;
  return endpoint.kind !== 'write' && endpoint.kind !== 'handed';
}

/** The answer comes as `answered`, with this tag. */
export function forwardTo(
  { config }: RequestState,
  server: ProcessIndex,
  request: ServerRequest,
  answered: InputKind,
  tag: number,
  out: Outbox,
): void {
  const reads = readsOnly(ENDPOINTS[request.endpoint]);
  if (request.minIndex === 0) {
    const input = reads ? RPC_READ : RPC_WRITE;
    out.request(server, input, request, config.forwardMicros, answered, tag);
  } else {
    const waitMicros = longestWait(config, request) + config.holdMicros;
    out.request(server, RPC_BLOCKING, request, waitMicros, answered, tag);
  }
}

/** With all the jitter that whoever answers may add. */
export function longestWait(config: ServerConfig, request: ServerRequest): number {
  const micros = queryMicros(config, request);
  return micros + Math.floor(micros / JITTER_FRACTION);
}

/** Only what was never sent is definite; only what had a stream may be asked again, by reads. */
export function streamError(cause: ErrorCause): ServerError {
  const { refused, dialTimeout, unreachable, eof, reset } = ErrorCause;
  return {
    error: `rpc error making call: ${ERROR_NAMES[cause]}`,
    indefinite: cause !== refused && cause !== dialTimeout && cause !== unreachable,
    retry: cause === eof || cause === reset ? 'stream' : '',
  };
}
