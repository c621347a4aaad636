/**
 * A call of the agent to its servers (reference: agents §4.3; `consul:agent/consul/client.go (RPC)`,
 * `consul:agent/consul/rpc.go (canRetry, getWaitTime)`): the first of the list is asked, every error
 * sends it to the end, and some are followed by another attempt.
 */
import { ERROR_NAMES, ErrorCause } from '../../core/machine.ts';
import type { Outbox } from '../../core/machine.ts';
import { RPC_BLOCKING, RPC_READ, RPC_WRITE } from '../requests/inputs.ts';
import { definite } from '../requests/request.ts';
import type { ServerAnswer, ServerError, ServerRequest } from '../requests/request.ts';
import { Step } from './inputs.ts';
import { frontServer, notifyFailedServer } from './servers.ts';
import type { AgentState, RpcCall } from './state.ts';

/** `consul:agent/structs/structs.go (JitterFraction)`. */
const JITTER_FRACTION = 16;

export const NO_SERVERS = definite('No known Consul servers');

/** What came of a call; null: the goroutine waits. */
export type RpcResult = { readonly answer: ServerAnswer } | { readonly error: ServerError } | null;

export function beginCall(request: ServerRequest, writes: boolean, out: Outbox): RpcCall {
  const startedMicros = out.now();
  return { request, writes, startedMicros, attempts: 0, waitedMicros: 0, server: -1 };
}

/** Asks; where no server is known that is an error at once, which nothing retries. */
export function attempt(state: AgentState, call: RpcCall, out: Outbox): RpcResult {
  const front = frontServer(state.servers);
  if (front === undefined) return { error: NO_SERVERS };
  call.server = front.process;
  const blocks = call.request.minIndex > 0;
  const input = call.writes ? RPC_WRITE : blocks ? RPC_BLOCKING : RPC_READ;
  out.call(front.process, input, call.request, deadlineMicros(state, call), Step.answered, 0);
  return null;
}

/** Read deadline of one attempt: `rpc_client_timeout`, or what a blocking query may take. */
function deadlineMicros({ config }: AgentState, { request }: RpcCall): number {
  if (request.minIndex === 0) return config.rpcMicros;
  // P14 (consul#13695): without the time that the server adds.
  const longest = config.bugs.P14 ? waitMicros(request) : longestMicros(request);
  return longest + config.rpcHoldMicros;
}

/** `default_query_time` and `max_query_time` as agents know them. */
const QUERY_MICROS = 300_000_000;
const QUERY_MICROS_MAX = 600_000_000;

function waitMicros({ waitMicros: asked }: ServerRequest): number {
  return asked === 0 ? QUERY_MICROS : Math.min(asked, QUERY_MICROS_MAX);
}

/** How long a server may take for an answer to a blocking query. */
export function longestMicros(request: ServerRequest): number {
  if (request.minIndex === 0) return 0;
  const micros = waitMicros(request);
  return micros + Math.floor(micros / JITTER_FRACTION);
}

/** The server has answered, or the call has failed. */
export function onAnswered(
  state: AgentState,
  call: RpcCall,
  body: unknown,
  out: Outbox,
): RpcResult {
  if (out.error === ErrorCause.none) return { answer: body as ServerAnswer };
  notifyFailedServer(state.servers, call.server);
  const error = out.error === ErrorCause.remote ? (body as ServerError) : streamError(out.error);
  if (!mayRetry(state, call, error, out.now())) return { error };
  const stepMillis = Math.floor(state.config.rpcHoldMicros / 1000 / JITTER_FRACTION);
  const limitMicros = stepMillis * 1000 * (1 << call.attempts);
  call.attempts++;
  call.waitedMicros = out.draw('rpc-retry').between(call.waitedMicros, limitMicros);
  out.sleep(call.waitedMicros, Step.retried, 0);
  return null;
}

/** The limit is looked at after a failed attempt only, and waits are not cut short for it. */
function mayRetry(
  { config }: AgentState,
  { request, writes, startedMicros }: RpcCall,
  { retry }: ServerError,
  now: number,
): boolean {
  if (config.rpcHoldMicros === 0) return false;
  if (now - startedMicros > config.rpcHoldMicros + longestMicros(request)) return false;
  if (retry === 'stream') return !writes;
  return retry === 'no leader' || retry === 'elsewhere';
}

/** What was never sent has done nothing; what has lost its stream may have. */
function streamError(cause: ErrorCause): ServerError {
  const { refused, dialTimeout, unreachable, eof, reset } = ErrorCause;
  const unsent = cause === refused || cause === dialTimeout || cause === unreachable;
  const verb = unsent ? 'getting client: failed to get conn' : 'making call';
  return {
    error: `rpc error ${verb}: ${ERROR_NAMES[cause]}`,
    indefinite: !unsent,
    retry: cause === eof || cause === reset ? 'stream' : '',
  };
}
