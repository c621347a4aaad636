/** The end of a read: its answer goes to the program, to another part of the agent, or into the answer to a DNS question. */
import type { Outbox } from '../../../core/machine.ts';
import { answerLookup } from './dns-answer.ts';
import type { Outcome, Reader, ReadsState } from './state.ts';
import { ReadNote } from './vocabulary.ts';
import type { AgentAnswer } from './vocabulary.ts';

export function deliver(state: ReadsState, reader: Reader, outcome: Outcome, out: Outbox): void {
  if (reader.kind === 'dns') {
    answerLookup(state, reader.asked, outcome, out);
    return;
  }
  if (reader.kind === 'local') {
    out.post(reader.answer, 0, reader.tag, outcome);
    return;
  }
  const { answer, error, hit, ageMicros } = outcome;
  if (answer === null) {
    out.fail(reader.exchange, error);
    return;
  }
  out.note(ReadNote.answered, hit === null ? -1 : hit ? 1 : 0, answer.index, 0);
  out.reply(reader.exchange, { ...answer, hit, ageMicros } satisfies AgentAnswer);
}
