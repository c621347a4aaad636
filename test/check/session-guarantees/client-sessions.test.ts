import { expect, test } from 'vitest';
import type { RunRecord } from '../../../sim/check/linearizability/operation-log.ts';
import { ClientSessions } from '../../../sim/check/session-guarantees/client-sessions.ts';

/** Sessions, and what their listener was told: `verb index after read/write when it began`. */
function watched() {
  const sessions = new ClientSessions();
  const told: string[] = [];
  sessions.listen({
    onRead: (_, index, { read, write }) => void told.push(`read ${index} after ${read}/${write}`),
    onWrite: (_, index, { read, write }) => void told.push(`write ${index} after ${read}/${write}`),
  });
  const tell = (fields: Partial<RunRecord>): void =>
    sessions.onRecord({
      process: 0,
      type: 'ok',
      f: 'put',
      key: 'k',
      value: 'v',
      time: 0,
      op: 0,
      ...fields,
    });
  const whole = (fields: Partial<RunRecord>): void => {
    tell({ ...fields, type: 'invoke' });
    tell(fields);
  };
  return { sessions, told, tell, whole };
}

test('reads are compared within the key, writes within the client', () => {
  const { told, whole } = watched();
  whole({ op: 1, key: 'a', index: 5 });
  whole({ op: 2, f: 'get', key: 'b', index: 3 });
  whole({ op: 3, f: 'get', key: 'a', index: 5 });
  whole({ op: 4, key: 'c', index: 7 });
  whole({ op: 5, f: 'get', key: 'a', index: 5 });
  whole({ op: 6, process: 1, key: 'a', index: 9 });
  expect(told).toEqual(['read 5 after -1/5', 'write 7 after 5/5', 'read 5 after 5/5']);
});

test('what happens while an operation is under way is not before it', () => {
  const { told, tell, whole } = watched();
  whole({ op: 1, index: 5 });
  tell({ op: 2, type: 'invoke' });
  whole({ op: 3, index: 6 });
  tell({ op: 2, index: 7 });
  whole({ op: 4, index: 8 });
  expect(told).toEqual(['write 6 after -1/5', 'write 7 after -1/5', 'write 8 after -1/7']);
});

test('operations under way, and what was seen, are restored', () => {
  const { sessions, told, tell, whole } = watched();
  whole({ op: 1, index: 5 });
  tell({ op: 2, type: 'invoke' });
  const saved = sessions.save();
  for (let times = 0; times < 2; times++) {
    tell({ op: 2, index: 6 });
    whole({ op: 3, index: 7 });
    sessions.restore(saved);
  }
  expect(told.slice(0, 2)).toEqual(['write 6 after -1/5', 'write 7 after -1/6']);
  expect(told.slice(2)).toEqual(told.slice(0, 2));
});
