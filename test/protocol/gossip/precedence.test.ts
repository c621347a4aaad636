/**
 * The table of precedence: every message against every state, for an incarnation below, at and above
 * the stored one. Node 1 is spoken of, 5 accuses; the stored incarnation is 4.
 */
import { describe, expect, test } from 'vitest';
import { ref } from '../../support/reference.ts';
import { Alone, SECOND } from './kit.ts';
import * as Kind from '../../../sim/protocol/gossip/vocabulary.ts';

const X = 1;

/** held | message -> held afterwards | what is queued | notes; `-`: nothing. */
const TABLE = `
alive 4   | alive 3   -> alive 4   | -
alive 4   | alive 4   -> alive 4   | -
alive 4   | alive 5   -> alive 5   | alive 5
suspect 4 | alive 3   -> suspect 4 | -
suspect 4 | alive 4   -> suspect 4 | -
suspect 4 | alive 5   -> alive 5   | alive 5       | cleared
dead 4    | alive 4   -> dead 4    | -
dead 4    | alive 5   -> alive 5   | alive 5       | joined
left 4    | alive 4   -> left 4    | -
left 4    | alive 5   -> alive 5   | alive 5       | joined
unknown   | alive 1   -> alive 1   | alive 1       | joined
unknown   | alive 0   -> dead 0    | -
alive 4   | suspect 3 -> alive 4   | -
alive 4   | suspect 4 -> suspect 4 | suspect 4 by 5 | suspected
alive 4   | suspect 6 -> suspect 6 | suspect 6 by 5 | suspected
suspect 4 | suspect 3 -> suspect 4 | -
suspect 4 | suspect 4 -> suspect 4 | suspect 4 by 5 | confirmed
suspect 4 | suspect 6 -> suspect 4 | suspect 6 by 5 | confirmed
dead 4    | suspect 3 -> dead 4    | -
dead 4    | suspect 4 -> dead 4    | -
dead 4    | suspect 6 -> dead 4    | -             | witnessed
left 4    | suspect 4 -> left 4    | -
left 4    | suspect 6 -> left 4    | -             | witnessed
unknown   | suspect 4 -> unknown   | -
alive 4   | dead 3    -> alive 4   | -
alive 4   | dead 4    -> dead 4    | dead 4 by 5   | died
alive 4   | dead 6    -> dead 6    | dead 6 by 5   | died
suspect 4 | dead 3    -> suspect 4 | -
suspect 4 | dead 4    -> dead 4    | dead 4 by 5   | died
suspect 4 | dead 6    -> dead 6    | dead 6 by 5   | died
dead 4    | dead 3    -> dead 4    | -
dead 4    | dead 4    -> dead 4    | -
dead 4    | dead 6    -> dead 4    | -             | witnessed
left 4    | dead 4    -> left 4    | -
left 4    | dead 6    -> left 4    | -             | witnessed
unknown   | dead 4    -> unknown   | -
alive 4   | leave 3   -> alive 4   | -
alive 4   | leave 4   -> left 4    | dead 4 by 1   | left
alive 4   | leave 6   -> left 6    | dead 6 by 1   | left
suspect 4 | leave 4   -> left 4    | dead 4 by 1   | left
dead 4    | leave 4   -> dead 4    | -
dead 4    | leave 6   -> dead 4    | -             | witnessed
left 4    | leave 6   -> left 4    | -             | witnessed
unknown   | leave 4   -> unknown   | -
`;

interface Row {
  readonly held: string;
  readonly message: string;
  readonly becomes: string;
  readonly queued: string;
  readonly note: string;
}

const ROWS: Row[] = TABLE.trim()
  .split('\n')
  .map((line) => {
    const [held, rest, queued, note] = line.split('|').map((part) => part.trim());
    const [message, becomes] = rest!.split('->').map((part) => part.trim());
    return {
      held: held!,
      message: message!,
      becomes: becomes!,
      queued: queued!,
      note: note ?? '-',
    };
  });

function after(row: Row, fixed = false): Row {
  const config = fixed ? { bugs: { ...new Alone().member.config.bugs, G5: false } } : {};
  const alone = new Alone({ unknown: [X], config });
  alone.bring(X, row.held);
  const [type, incarnation] = row.message.split(' ');
  if (type === 'leave') alone.hear(`dead ${incarnation}`, X, X);
  else alone.hear(row.message, X);
  const told = alone.queue().map((text) => text.replace(' of 1', '').replace(' from ', ' by '));
  const noted = alone.notes().map((text) => text.split(' ')[0]!);
  return { ...row, becomes: alone.view(X), queued: told[0] ?? '-', note: noted[0] ?? '-' };
}

describe(ref('gossip 1.7 #1', 'the table of messages and states'), () => {
  test.each(ROWS.map((row) => [`${row.held} + ${row.message}`, row] as const))('%s', (_, row) => {
    expect(after(row)).toEqual(row);
  });

  test('has a row for each pair', () => {
    const pairs = new Set(
      ROWS.map(({ held, message }) => [held, message].join(' ').replace(/ \d/g, '')),
    );
    expect(pairs.size).toBe(5 * 4);
  });
});

describe('with its fix', () => {
  test(ref('gossip 1.7 #10', 'evidence that changes no state raises the incarnation'), () => {
    const changed = ROWS.filter((row) => after(row, true).becomes !== row.becomes);
    const lines = changed.map(
      (row) => `${row.held} + ${row.message} -> ${after(row, true).becomes}`,
    );
    expect(lines).toEqual([
      'suspect 4 + suspect 6 -> suspect 6',
      'dead 4 + suspect 6 -> dead 6',
      'left 4 + suspect 6 -> left 6',
      'dead 4 + dead 6 -> dead 6',
      'left 4 + dead 6 -> left 6',
      'dead 4 + leave 6 -> dead 6',
      'left 4 + leave 6 -> left 6',
    ]);
  });

  test(ref('gossip 1.7 #10', 'without it a late alive raises the dead'), () => {
    for (const fixed of [false, true]) {
      const config = { bugs: { ...new Alone().member.config.bugs, G5: !fixed } };
      const alone = new Alone({ unknown: [X], config });
      alone.bring(X, 'dead 4');
      alone.hear('dead 9', X);
      alone.hear('alive 6', X);
      expect(alone.view(X)).toBe(fixed ? 'dead 9' : 'alive 6');
      expect(alone.recording.marks.has('G5')).toBe(!fixed);
    }
  });
});

describe('about itself', () => {
  const self = (message: string, aux = 5): Alone => {
    const alone = new Alone();
    alone.hear(message, 0, aux);
    return alone;
  };

  test(ref('gossip 1.7 #2', 'an accusation is refuted with a higher incarnation'), () => {
    for (const message of ['suspect 1', 'dead 1', 'suspect 7', 'dead 7']) {
      const alone = self(message);
      const incarnation = message.endsWith('7') ? 8 : 2;
      expect(alone.view(0)).toBe(`alive ${incarnation}`);
      expect(alone.queue()).toEqual([`refutation ${incarnation} of 0`]);
      expect(alone.member.health).toBe(1);
    }
  });

  test(ref('gossip 1.7 #2', 'an old accusation is none'), () => {
    const alone = self('suspect 7');
    alone.forget();
    alone.hear('suspect 3', 0);
    alone.hear('dead 3', 0);
    expect(alone.queue()).toEqual([]);
    expect(alone.member.health).toBe(1);
  });

  test(ref('gossip 1.7 #3', 'an alive that it did not say is refuted, what it said is not'), () => {
    expect(self('alive 1').queue()).toEqual([]);
    expect(self('alive 6').queue()).toEqual(['refutation 7 of 0']);
    const alone = new Alone();
    const other = alone.pool.announce(0, 0, 1, 3);
    alone.hear('alive 1', 0, other);
    expect(alone.queue()).toEqual(['refutation 2 of 0']);
    alone.forget();
    alone.hear('alive 1', 0);
    expect(alone.queue()).toEqual([]);
  });

  test(ref('gossip 1.7 #4', 'a refutation does not replace an alive under its own name'), () => {
    const alone = new Alone();
    alone.recording.deliver(Kind.UPDATE, 0, null);
    alone.hear('suspect 2', 0);
    expect(alone.queue().toSorted()).toEqual(['alive 2 of 0', 'refutation 3 of 0']);
  });

  test(ref('gossip 1.7 #5', 'who leaves does not refute, but is gone'), () => {
    const alone = new Alone();
    alone.recording.deliver(Kind.LEAVE, 0, null);
    expect(alone.view(0)).toBe('left 1');
    alone.forget();
    alone.hear('alive 9', 0);
    alone.hear('suspect 9', 0);
    alone.hear('dead 9', 0);
    expect(alone.view(0)).toBe('left 1');
    expect(alone.queue()).toEqual([]);
  });
});

describe('another address', () => {
  /** Member 6 claims the name of node 1. */
  const claim = (held: string, incarnation: number, seconds = 0, reclaim = 30): Alone => {
    const alone = new Alone({
      nameOf: { 6: 1 },
      unknown: [1],
      config: { deadNodeReclaimMicros: reclaim * SECOND },
    });
    alone.bring(X, held);
    alone.recording.now += seconds * SECOND;
    const other = alone.pool.announce(6, X, incarnation, 0);
    alone.hear(`alive ${incarnation}`, X, other);
    return alone;
  };

  test(ref('gossip 1.7 #6', 'conflicts with a living or lately dead node of the name'), () => {
    for (const [held, seconds] of [
      ['alive 4', 99],
      ['suspect 4', 1],
      ['dead 4', 30],
    ] as const) {
      const alone = claim(held, 9, seconds);
      expect(alone.view(X)).toBe(held);
      expect(alone.notes().filter((note) => note.startsWith('conflict'))).toEqual([
        'conflict 1 6 0',
      ]);
      expect(alone.pool.addressOf(0, X)).toBe(1);
    }
  });

  test(ref('gossip 1.7 #7', 'takes the name of one long dead, whatever the incarnation'), () => {
    const alone = claim('dead 4', 1, 31);
    expect(alone.view(X)).toBe('alive 1');
    expect(alone.pool.addressOf(0, X)).toBe(6);
    expect(claim('dead 4', 1, 9999, 0).view(X)).toBe('dead 4');
  });

  test(ref('gossip 1.7 #7', 'takes the name of one that left at once'), () => {
    expect(claim('left 4', 1).view(X)).toBe('alive 1');
  });

  test(ref('gossip 1.7 #6', 'of itself is a conflict too, which it ignores'), () => {
    const alone = new Alone({ nameOf: { 6: 0 } });
    const other = alone.pool.announce(6, 0, 9, 0);
    alone.hear('alive 9', 0, other);
    expect(alone.view(0)).toBe('alive 1');
    expect(alone.queue()).toEqual([]);
  });
});

describe('entries of an exchange', () => {
  const merged = (held: string, theirs: string): string => {
    const alone = new Alone({ unknown: [X] });
    alone.bring(X, held);
    const [state, incarnation] = theirs.split(' ');
    const code = { alive: 1, suspect: 2, dead: 4, left: 5 }[state!]!;
    const entries = [X, (Number(incarnation) << 3) | code, 0];
    const { defaults } = alone.pool.views;
    const snapshot = { member: 7, join: false, bytes: 1, defaults, entries, version: 0 };
    alone.recording.ask(Kind.PUSH_PULL, 7, snapshot);
    return [alone.view(X), ...alone.queue()].join(', ');
  };

  test(ref('gossip 1.7 #8', 'dead and suspect make a suspect, accused by the receiver'), () => {
    expect(merged('alive 4', 'dead 4')).toBe('suspect 4, suspect 4 of 1 from 0');
    expect(merged('alive 4', 'suspect 5')).toBe('suspect 5, suspect 5 of 1 from 0');
    expect(merged('alive 4', 'dead 3')).toBe('alive 4');
    expect(merged('unknown', 'dead 4')).toBe('unknown');
  });

  test(ref('gossip 1.7 #8', 'alive and left are as told by the node itself'), () => {
    expect(merged('alive 4', 'left 4')).toBe('left 4, dead 4 of 1 from 1');
    expect(merged('dead 4', 'alive 5')).toBe('alive 5, alive 5 of 1');
    expect(merged('unknown', 'alive 5')).toBe('alive 5, alive 5 of 1');
  });
});

describe('other rules', () => {
  test(ref('gossip 1.7 #9', 'the application may refuse an alive'), () => {
    const alone = new Alone({ unknown: [X], delegate: { allows: (_, node) => node !== X } });
    alone.hear('alive 1', X);
    expect(alone.view(X)).toBe('unknown');
  });

  test(ref('gossip 1.7 #11', 'joins and leaves are told, a suspicion is not'), () => {
    const told: string[] = [];
    const delegate = { onEvent: (_: unknown, event: string) => void told.push(event) };
    const alone = new Alone({ unknown: [X], delegate });
    for (const message of ['alive 1', 'suspect 1', 'alive 2', 'dead 2', 'alive 3']) {
      alone.hear(message, X);
    }
    alone.hear('alive 4', X, alone.pool.announce(X, X, 4, 1));
    alone.hear('dead 4', X, X);
    expect(told).toEqual(['join', 'leave', 'join', 'update', 'leave']);
  });

  test(ref('gossip 1.7 #12', 'an incarnation beyond what is kept ends the run as unknown'), () => {
    const alone = new Alone();
    expect(() => alone.hear('suspect 8191', 0)).toThrow('limit on incarnation');
  });
});
