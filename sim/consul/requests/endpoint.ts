/**
 * What one endpoint of a server is: a row of the table in `endpoints.ts`. The path of a request
 * (forwarding, retries, read modes, limits, blocking) is the same for all of them.
 */
import type { InputKind, Outbox, Size } from '../../core/machine.ts';
import type { Command } from '../../protocol/raft/types.ts';
import type { WatchSet } from '../state/watches.ts';
import type { ServerAnswer, ServerError } from './request.ts';

/** What a query found; the path adds what the server knows of the leader. */
export interface QueryResult {
  readonly value: unknown;
  /** `X-Consul-Index`; the path makes it 1 at least. */
  readonly index: number;
  /** ErrNotFound or ErrNotChanged of the real query: unrelated changes need not wake the client. */
  readonly notFound: boolean;
}

/** What a write returned from the FSM, as its endpoint answers it. */
export type WriteResult = Pick<ServerAnswer, 'value' | 'applied' | 'index'>;

interface EndpointBase {
  /** As the RPC is called, such as `KVS.Apply`. */
  readonly name: string;
  /** Bytes on the wire, the request's input or the answer's value given. */
  readonly bytes: Size;
  readonly answerBytes: Size;
}

/** Goes through Raft on the leader. */
export interface WriteEndpoint extends EndpointBase {
  readonly kind: 'write';
  /**
   * What the leader puts into the log. It fixes here what must not differ between servers (ids, lock
   * delays), or answers without Raft.
   */
  command(input: never, out: Outbox): Prepared;
  result(value: never, input: never, out: Outbox): WriteResult | ServerError;
}

export type Prepared =
  | { readonly command: Command }
  | { readonly answer: WriteResult }
  | { readonly error: ServerError };

/** Is answered from the state store: on the leader, or anywhere if it may be stale. */
export interface ReadEndpoint extends EndpointBase {
  readonly kind: 'read';
  /** Names in `set` what the result depends on, where the query may block. */
  query(store: never, input: never, set: WatchSet | null): QueryResult;
  /** The handler asks again without `stale` where the answer is older than `max_stale`. */
  readonly boundsStaleness: boolean;
}

/** Is answered from the memory of the leader; what counts as a read is retried as one. */
export interface LeaderEndpoint extends EndpointBase {
  readonly kind: 'leader';
  readonly reads: boolean;
  /** A stale request is answered by whoever is asked. */
  readonly answersStale: boolean;
  answer(input: never, out: Outbox): WriteResult | ServerError;
}

/** Is answered by whoever is asked. */
export interface LocalEndpoint extends EndpointBase {
  readonly kind: 'local';
  answer(input: never, out: Outbox): WriteResult | ServerError;
}

/** Another machine of the leader serves it, by this input, in its own time. */
export interface HandedEndpoint extends EndpointBase {
  readonly kind: 'handed';
  readonly input: InputKind;
}

export type Endpoint =
  WriteEndpoint | ReadEndpoint | LeaderEndpoint | LocalEndpoint | HandedEndpoint;

export function sizeOf(size: Size, content: unknown): number {
  return typeof size === 'number' ? size : size(content as never);
}

export function isError(result: WriteResult | ServerError): result is ServerError {
  return 'error' in result;
}
