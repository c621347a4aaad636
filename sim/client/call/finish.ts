/** The end of a call: whoever ordered it is told, and its slot is free again. */
import type { Outbox } from '../../core/machine.ts';
import { CALL_ERRORS, CallNote } from '../../service/vocabulary.ts';
import type { CallOutcome } from '../../service/vocabulary.ts';
import { CallerInput } from './state.ts';
import type { CallerState } from './state.ts';

const OUTCOMES: readonly CallOutcome[] = CALL_ERRORS.map((_, error) => ({ error }));

export function finish(state: CallerState, slot: number, error: number, out: Outbox): void {
  const call = state.calls[slot]!;
  const upstream = state.upstreams[call.upstream];
  const { hedge, retry } = upstream.config.settings;
  const micros = out.now() - call.startedMicros;
  if (error === 0) out.note(CallNote.succeeded, slot, micros, 0);
  else out.note(CallNote.failed, slot, micros, error);
  if (hedge !== null) out.cancel(CallerInput.hedge, slot);
  if (retry !== null) out.cancel(CallerInput.retry, slot);
  state.calls[slot] = null;
  state.freeCalls.push(slot);
  upstream.calls--;
  out.post(call.done, 0, call.tag, OUTCOMES[error]);
}
