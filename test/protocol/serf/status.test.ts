/** Status by intents and by memberlist's events, as a table; Lamport clocks; buffered intents. */
import { describe, expect, test } from 'vitest';
import { REAP_TICK, REFUTE_LEAVE, SerfNote } from '../../../sim/protocol/serf/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import { AloneSerf, SECOND } from './kit.ts';

interface Row {
  readonly status: string;
  readonly input: string;
  readonly becomes: string;
  readonly event: string | null;
  readonly goesOn: boolean;
}

/** Node 3 at time 1, or 5 once an intent was accepted. `same`: nothing changes. */
const TABLE: readonly Row[] = [
  ['alive', 'leave 7', 'leaving 7', null, true],
  ['alive', 'leave 1', 'same', null, false],
  ['alive', 'join 7', 'alive 7', null, true],
  ['alive', 'join 1', 'same', null, false],
  ['alive', 'dead 1', 'failed 1', 'failed 3', false],
  ['alive', 'left 1', 'failed 1', 'failed 3', false],
  ['leaving', 'leave 7', 'leaving 7', null, true],
  ['leaving', 'leave 5', 'same', null, false],
  ['leaving', 'join 7', 'alive 7', null, true],
  ['leaving', 'join 5', 'same', null, false],
  ['leaving', 'dead 1', 'left 5', 'leave 3', false],
  ['leaving', 'left 1', 'left 5', 'leave 3', false],
  ['failed', 'leave 7', 'left 7', 'leave 3', true],
  ['failed', 'leave 1', 'same', null, false],
  ['failed', 'join 7', 'failed 7', null, true],
  ['failed', 'alive 2', 'alive 1', 'join 3', false],
  ['left', 'leave 7', 'left 7', null, true],
  ['left', 'leave 5', 'same', null, false],
  ['left', 'join 7', 'left 7', null, true],
  ['left', 'alive 2', 'alive 5', 'join 3', false],
].map(
  ([status, input, becomes, event, goesOn]) => ({ status, input, becomes, event, goesOn }) as Row,
);

function apply(row: Row): { alone: AloneSerf; before: string } {
  const alone = new AloneSerf();
  alone.bring(3, row.status);
  const before = alone.holds(3);
  if (/^(leave|join) /.test(row.input)) alone.intend(row.input, 3);
  else alone.learn(row.input, 3);
  return { alone, before };
}

describe(ref('serf 2.1 #1', 'status by its own intents, whatever memberlist calls it'), () => {
  test.each(TABLE)('$status, $input: $becomes', (row) => {
    const { alone, before } = apply(row);
    expect(alone.holds(3)).toBe(row.becomes === 'same' ? before : row.becomes);
    expect(alone.events).toEqual(row.event === null ? [] : [row.event]);
    expect(alone.queue()).toEqual(row.goesOn ? [`${row.input} of 3`] : []);
  });
});

describe('intents', () => {
  test(ref('serf 2.1 #2', 'about a member that is unknown wait until it is there'), () => {
    const alone = new AloneSerf({ unknown: [3] });
    alone.intend('leave 7', 3);
    alone.intend('join 6', 3);
    expect(alone.queue()).toEqual(['leave 7 of 3']);
    alone.learn('alive 1', 3);
    expect(alone.holds(3)).toBe('leaving 7');
    const other = new AloneSerf({ unknown: [3] });
    other.intend('leave 6', 3);
    other.intend('join 7', 3);
    other.learn('alive 1', 3);
    expect(other.holds(3)).toBe('alive 7');
    expect(other.queue()).toEqual(['leave 6 of 3', 'join 7 of 3']);
  });

  test(ref('serf 2.1 #3', 'that nobody came for are forgotten after five minutes'), () => {
    const alone = new AloneSerf({ unknown: [3] });
    alone.intend('leave 7', 3);
    alone.recording.advance(299 * SECOND);
    expect(alone.serf.intents.size).toBe(1);
    alone.recording.advance(20 * SECOND);
    expect(alone.serf.intents.size).toBe(0);
    expect(alone.recording.due(REAP_TICK)).toBeUndefined();
  });

  test(
    ref('serf 2.1 #4', 'to leave, about itself, are answered by a join with a newer time'),
    () => {
      const alone = new AloneSerf();
      alone.intend('leave 9', 0);
      expect(alone.holds(0)).toBe('alive 10');
      expect(alone.queue()).toEqual(['join 10 of 0']);
      expect(alone.serf.clock).toBe(11);
      const notes = alone.recording.of('note').map(({ note }) => note);
      expect(notes).toContain(SerfNote.refutedLeave);
      expect(alone.recording.of('post').some(({ input }) => input === REFUTE_LEAVE)).toBe(true);
    },
  );

  test(
    ref('serf 2.1 #5', 'with prune erase who is gone at once, and who leaves after its leave'),
    () => {
      for (const [status, gone] of [
        ['failed', 0],
        ['left', 0],
        ['alive', 8],
        ['leaving', 8],
      ] as const) {
        const alone = new AloneSerf();
        alone.bring(3, status);
        alone.intend('leave 7', 3, true);
        alone.recording.advance(gone * SECOND - 1);
        expect(alone.holds(3)).toBe(gone === 0 ? 'none 0' : 'leaving 7');
        alone.recording.advance(1);
        expect(alone.holds(3)).toBe('none 0');
        expect(alone.events.at(-1)).toBe('reap 3');
      }
    },
  );

  test(ref('serf 6 #2', 'with the plant a second leave is news each time it comes'), () => {
    const alone = new AloneSerf({ config: { bugs: { G2: true } } });
    alone.bring(3, 'left');
    alone.intend('leave 7', 3);
    alone.intend('leave 7', 3);
    expect(alone.queue()).toEqual(['leave 7 of 3', 'leave 7 of 3']);
    expect(alone.holds(3)).toBe('left 5');
    expect([...alone.recording.marks]).toEqual(['G2']);
  });
});

describe('Lamport clocks', () => {
  test(ref('serf 2.2 #1', 'start at 1, and pass every time they see'), () => {
    const alone = new AloneSerf({ formed: false, config: { hasSnapshot: false } });
    expect([alone.serf.clock, alone.serf.eventClock, alone.serf.queryClock]).toEqual([1, 1, 1]);
    alone.intend('join 9', 3);
    expect(alone.serf.clock).toBe(10);
    alone.intend('join 4', 3);
    expect(alone.serf.clock).toBe(10);
    alone.intend('join 10', 3);
    expect(alone.serf.clock).toBe(11);
  });
});

describe('members that are gone', () => {
  test(
    ref(
      'serf 2.4 #1',
      'are forgotten: failed ones after their time, and those that left after theirs',
    ),
    () => {
      const config = { reconnectTimeoutMicros: 40 * SECOND, tombstoneMicros: 70 * SECOND };
      const alone = new AloneSerf({ config });
      alone.bring(2, 'failed');
      alone.bring(3, 'left');
      alone.recording.advance(40 * SECOND);
      expect([alone.holds(2), alone.holds(3)]).toEqual(['failed 1', 'left 5']);
      alone.recording.advance(16 * SECOND);
      expect([alone.holds(2), alone.holds(3)]).toEqual(['none 0', 'left 5']);
      alone.recording.advance(30 * SECOND);
      expect(alone.holds(3)).toBe('none 0');
      expect(alone.events).toEqual(['reap 2', 'reap 3']);
      expect(alone.serf.count).toBe(3);
    },
  );

  test('are forgotten once their time is over, not when it ends with a tick', () => {
    const alone = new AloneSerf({ config: { reconnectTimeoutMicros: 30 * SECOND } });
    alone.bring(2, 'failed');
    alone.recording.advance(30 * SECOND);
    expect(alone.holds(2)).toBe('failed 1');
    alone.recording.advance(15 * SECOND);
    expect(alone.holds(2)).toBe('none 0');
  });

  test(ref('serf 2.1 #6', 'and let go keep the time of their failure, and so go with it'), () => {
    const alone = new AloneSerf({ config: { tombstoneMicros: 40 * SECOND } });
    alone.bring(3, 'failed');
    alone.recording.advance(39 * SECOND);
    alone.intend('leave 7', 3);
    expect(alone.holds(3)).toBe('left 7');
    alone.recording.advance(17 * SECOND);
    expect(alone.holds(3)).toBe('none 0');
  });
});
