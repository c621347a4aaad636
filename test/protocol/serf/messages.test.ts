/** User events, queries, votes on names: what is told on, delivered once, and answered. */
import { describe, expect, test } from 'vitest';
import { GOSSIP, PING } from '../../../sim/protocol/gossip/vocabulary.ts';
import type { Packet } from '../../../sim/protocol/gossip/packets.ts';
import { CONFLICT } from '../../../sim/protocol/serf/conflict.ts';
import { answer, query, userEvent } from '../../../sim/protocol/serf/messages.ts';
import type { Query, SerfMessage } from '../../../sim/protocol/serf/messages.ts';
import * as Kind from '../../../sim/protocol/serf/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import { AloneSerf, SECOND } from './kit.ts';

const ASKED: Omit<Query, 'kind' | 'bytes'> = {
  time: 5,
  id: 77,
  address: 4,
  source: 4,
  name: 'who',
  payload: '',
  nodes: null,
  wantsAck: false,
  isBroadcast: true,
  relayFactor: 0,
  timeoutMicros: 3 * SECOND,
};
const asked = (fields: Partial<Query> = {}): Query => query({ ...ASKED, ...fields }, 2);

/** Messages of serf that were sent to one member alone. */
function direct(alone: AloneSerf): [to: number, message: SerfMessage][] {
  return alone.recording
    .of('datagram')
    .filter(({ input }) => input === Kind.USER_MESSAGE)
    .map(({ to, body }) => [to, (body as Packet).user![0] as SerfMessage]);
}

describe('user events', () => {
  test(
    ref('serf 2.3 #1', 'are delivered once and told on, and again if the payload differs'),
    () => {
      const alone = new AloneSerf();
      alone.hear(userEvent(4, 'deploy', 'a'), userEvent(4, 'deploy', 'a'));
      expect(alone.events).toEqual(['deploy']);
      alone.hear(userEvent(4, 'deploy', 'b'));
      expect(alone.events).toEqual(['deploy', 'deploy']);
      expect(alone.queue()).toEqual(['event deploy', 'event deploy']);
      expect(alone.serf.eventClock).toBe(5);
    },
  );

  test(ref('serf 2.3 #2', 'older than the buffer, or than the least time, are dropped'), () => {
    const alone = new AloneSerf();
    alone.hear(userEvent(1000, 'new', ''));
    alone.hear(userEvent(488, 'old', ''), userEvent(489, 'edge', ''));
    expect(alone.events).toEqual(['new', 'edge']);
    alone.serf.eventTimeMin = 600;
    alone.hear(userEvent(599, 'before', ''), userEvent(600, 'after', ''));
    expect(alone.events).toEqual(['new', 'edge', 'after']);
  });

  test(ref('serf 2.2 #2', 'carry the present time, which is then past'), () => {
    const alone = new AloneSerf();
    alone.recording.deliver(Kind.FIRE_EVENT, 0, { name: 'one', payload: '' });
    alone.recording.deliver(Kind.FIRE_EVENT, 0, { name: 'one', payload: '' });
    expect(alone.events).toEqual(['one', 'one']);
    expect(alone.serf.eventClock).toBe(3);
  });
});

describe('packets', () => {
  test(
    ref('serf 2.0 #1', 'carry what memberlist leaves of them: intents, then queries, then events'),
    () => {
      const alone = new AloneSerf();
      alone.recording.deliver(Kind.FIRE_EVENT, 0, { name: 'one', payload: '' });
      alone.recording.deliver(Kind.ASK_QUERY, 0, { name: 'who', payload: '' });
      alone.intend('leave 7', 3);
      alone.learn('dead 1', 4);
      alone.recording.effects.length = 0;
      alone.recording.deliver(PING, 1, (9 << 8) | 60);
      const { messages, user } = alone.recording.of('datagram')[0]!.body as Packet;
      expect(messages).toHaveLength(2);
      expect(user!.map((one) => (one as SerfMessage).kind)).toEqual(['leave', 'query', 'event']);
    },
  );

  test(ref('serf 2.0 #2', 'are told four times each by a member of a small pool'), () => {
    const alone = new AloneSerf();
    alone.intend('leave 7', 3);
    alone.recording.advance(5 * SECOND);
    const told = alone.recording.of('datagram').filter(({ input }) => input === GOSSIP);
    expect(told).toHaveLength(4);
    expect(alone.member.userQueued).toBe(0);
    expect(alone.serf.outgoing.messages.size).toBe(0);
  });
});

describe('a queue that is too long', () => {
  test(ref('serf 2.4 #3', 'is cut at the next check, half a minute apart'), () => {
    const alone = new AloneSerf({ config: { queueDepthMin: 3 } });
    for (let time = 1; time <= 12; time++) alone.hear(userEvent(time, `e${time}`, ''));
    const stopped = { ...alone.member.config, gossipNodes: 0 };
    Object.assign(alone.member, { config: stopped });
    expect(alone.queue()).toHaveLength(12);
    alone.recording.fire(Kind.QUEUE_TICK);
    // Twice the five members.
    expect(alone.queue()).toHaveLength(10);
    expect(alone.member.userQueued).toBe(10);
    expect(alone.recording.of('note').some(({ note }) => note === Kind.SerfNote.pruned)).toBe(true);
  });
});

describe('queries', () => {
  test(
    ref(
      'serf 2.3 #3',
      'are told on once, also by who is not meant; those who are asked for it say so',
    ),
    () => {
      const alone = new AloneSerf();
      alone.hear(
        asked({ wantsAck: true, nodes: [1, 2] }),
        asked({ wantsAck: true, nodes: [1, 2] }),
      );
      expect(alone.queue()).toEqual(['query who']);
      expect(direct(alone)).toEqual([]);
      alone.hear(asked({ id: 78, wantsAck: true, isBroadcast: false }));
      expect(alone.queue()).toEqual(['query who']);
      expect(direct(alone)).toMatchObject([[4, { kind: 'answer', id: 78, isAck: true, from: 0 }]]);
    },
  );

  test(ref('serf 2.3 #4', 'are answered through others too, where there are enough'), () => {
    const alone = new AloneSerf();
    alone.recording.script('query', 0.3, 0, 0.3, 0.7);
    alone.hear(asked({ wantsAck: true, relayFactor: 2 }));
    const [own, ...relays] = direct(alone);
    expect(own![0]).toBe(4);
    expect(relays).toHaveLength(2);
    for (const [to, message] of relays) {
      expect(to).not.toBe(0);
      expect(message).toMatchObject({ kind: 'relayed', to: 4, answer: { isAck: true } });
    }
    alone.forget();
    alone.hear(asked({ id: 79, wantsAck: true, relayFactor: 5 }));
    expect(direct(alone)).toHaveLength(1);
    alone.forget();
    alone.hear(relays[0]![1]);
    expect(direct(alone)).toMatchObject([[4, { kind: 'answer' }]]);
  });

  test(
    ref('serf 2.3 #5', 'end after their time, 3.2 s in a pool of five; answers count once'),
    () => {
      const alone = new AloneSerf();
      alone.recording.deliver(Kind.ASK_QUERY, 0, { name: 'who', payload: '' });
      const [time, open] = [...alone.serf.open][0]!;
      expect(alone.recording.due(Kind.QUERY_ENDS, time)).toBe(alone.recording.now + 3.2 * SECOND);
      const { query: own } = open;
      const said = answer(own, 2, false, 'me', 2);
      alone.hear(said, said, answer(own, 3, false, 'me', 2), { ...said, id: own.id + 1, from: 1 });
      alone.recording.advance(3.2 * SECOND);
      const notes = alone.recording
        .of('note')
        .filter(({ note }) => note === Kind.SerfNote.queryEnded);
      expect(notes).toMatchObject([{ a: time, b: 2, c: 0 }]);
      expect(alone.serf.open.size).toBe(0);
    },
  );
});

describe('a name that another claims', () => {
  const vote = (addresses: readonly number[]): AloneSerf => {
    const alone = new AloneSerf();
    alone.recording.deliver(Kind.RESOLVE_CONFLICT, 0, null);
    const { query: own } = [...alone.serf.open.values()][0]!;
    expect(own).toMatchObject({ name: CONFLICT, payload: '0' });
    alone.hear(...addresses.map((address, at) => answer(own, at + 1, false, `${address}`, 2)));
    alone.recording.advance(4 * SECOND);
    return alone;
  };

  test(
    ref('serf 2.3 #6', 'is kept by whom most of the answers mean, and by nobody without answers'),
    () => {
      expect(vote([0, 0, 3]).serf.state).toBe('alive');
      expect(vote([0, 3]).serf.state).toBe('shutdown');
      expect(vote([0, 3, 3]).serf.state).toBe('shutdown');
      expect(vote([]).serf.state).toBe('shutdown');
    },
  );

  test('silences who loses it, and is told to who asks, but not about itself', () => {
    const lost = vote([]);
    lost.forget();
    lost.recording.deliver(PING, 1, (9 << 8) | 60);
    expect(lost.recording.of('datagram')).toEqual([]);
    const alone = new AloneSerf();
    alone.hear(
      asked({ name: CONFLICT, payload: '3' }),
      asked({ id: 5, name: CONFLICT, payload: '0' }),
    );
    expect(direct(alone)).toMatchObject([[4, { isAck: false, payload: '3' }]]);
  });
});
