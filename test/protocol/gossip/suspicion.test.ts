/** Suspicions in time: confirmations, the end, and what ends them before. */
import { describe, expect, test } from 'vitest';
import * as Kind from '../../../sim/protocol/gossip/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import { Alone, MS, SECOND } from './kit.ts';

const X = 1;

function suspecting(options: ConstructorParameters<typeof Alone>[0] = {}): Alone {
  const alone = new Alone(options);
  alone.hear('suspect 1', X, 2);
  return alone;
}

/** How long after `begun` the suspicion ends. */
const left = (alone: Alone, begun: number): number =>
  alone.recording.due(Kind.SUSPICION_TIMER, alone.pool.views.slotOf[X]!)! - begun;

describe('a suspicion', () => {
  test(ref('gossip 1.7 #14', 'starts at its longest, and is shortened by new accusers'), () => {
    const alone = suspecting();
    const begun = alone.now;
    expect(left(alone, begun)).toBe(24 * SECOND);
    alone.recording.now += SECOND;
    alone.hear('suspect 1', X, 3);
    expect(left(alone, begun)).toBe(11_381 * MS);
    alone.hear('suspect 1', X, 4);
    expect(left(alone, begun)).toBe(4 * SECOND);
  });

  test(
    ref('gossip 1.7 #15', 'is not shortened by whom it knows, nor by more than it waits for'),
    () => {
      const alone = suspecting();
      const begun = alone.now;
      alone.hear('suspect 1', X, 2);
      alone.hear('suspect 1', X, 3);
      alone.hear('suspect 1', X, 3);
      expect(left(alone, begun)).toBe(11_381 * MS);
      alone.hear('suspect 1', X, 4);
      alone.forget();
      alone.hear('suspect 1', X, 6);
      expect(left(alone, begun)).toBe(4 * SECOND);
      expect(alone.queue()).toEqual([]);
    },
  );

  test(ref('gossip 1.7 #14', 'in a small cluster waits for nobody'), () => {
    const alone = suspecting({ members: 3 });
    expect(left(alone, alone.now)).toBe(4 * SECOND);
  });

  test(ref('gossip 1.7 #16', 'ends in death at the stored incarnation'), () => {
    const alone = suspecting();
    alone.hear('suspect 5', X, 3);
    alone.forget();
    alone.recording.fire(Kind.SUSPICION_TIMER, alone.pool.views.slotOf[X]!);
    expect(alone.view(X)).toBe('dead 1');
    expect(alone.queue()).toEqual(['dead 1 of 1 from 0']);
  });

  test(ref('gossip 1.7 #14', 'ends at once when a confirmation comes too late'), () => {
    const alone = suspecting();
    alone.recording.now += 20 * SECOND;
    alone.hear('suspect 1', X, 3);
    alone.recording.advance(0);
    expect(alone.view(X)).toBe('dead 1');
  });

  test(ref('gossip 1.7 #16', 'is over when the node is alive, dead or gone'), () => {
    for (const end of ['alive 2', 'dead 1']) {
      const alone = suspecting();
      const slot = alone.pool.views.slotOf[X]!;
      alone.hear(end, X);
      expect(alone.recording.due(Kind.SUSPICION_TIMER, slot)).toBeUndefined();
    }
  });

  test(ref('gossip 1.7 #8', 'from an exchange counts the receiver as its accuser'), () => {
    const alone = new Alone();
    const entries = [X, (1 << 3) | 4, 0];
    const { defaults } = alone.pool.views;
    const snapshot = { member: 7, join: false, bytes: 1, defaults, entries, version: 0 };
    alone.recording.ask(Kind.PUSH_PULL, 7, snapshot);
    const begun = alone.now;
    alone.hear('suspect 1', X, 0);
    expect(left(alone, begun)).toBe(24 * SECOND);
    alone.hear('suspect 1', X, 7);
    expect(left(alone, begun)).toBe(11_381 * MS);
  });

  test(ref('gossip 1.2 #4', 'keeps the size of the cluster at its beginning'), () => {
    const alone = new Alone({ members: 50, unknown: [48, 49] });
    alone.hear('suspect 1', X, 2);
    const begun = alone.now;
    const longest = left(alone, begun);
    alone.member.listed = 10;
    alone.hear('suspect 1', X, 3);
    alone.hear('suspect 1', X, 4);
    expect(left(alone, begun)).toBe(longest / 6);
  });
});
