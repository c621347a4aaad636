/** Streams of changes that servers give to agents. */
import { describe, expect, test } from 'vitest';
import {
  NEXT_EVENT,
  SERVER_MACHINE,
  STREAM_TIMER,
  SUBSCRIBE,
  WOKEN,
} from '../../sim/consul/requests/inputs.ts';
import type { RequestBugs } from '../../sim/consul/requests/state.ts';
import type { StreamEvent } from '../../sim/consul/requests/streams.ts';
import { deregisterCommand, registerCommand } from '../../sim/consul/state/commands.ts';
import { storeFsm } from '../../sim/consul/state/fsm.ts';
import type { CheckStatus } from '../../sim/consul/state/rows.ts';
import type { Command } from '../../sim/protocol/raft/types.ts';
import { EntryType } from '../../sim/protocol/raft/types.ts';
import { ref } from '../support/reference.ts';
import { SECOND, follower, replies, serverOf } from './support/server.ts';

const FSM = storeFsm(
  { queries: SERVER_MACHINE, woken: WOKEN, timers: 0, tombstones: 0 },
  { B19: false, B31: false },
);
const AGENT = 9;

function register(id: string, status: CheckStatus = 'passing', service = 'web'): Command {
  const check = { id: `service:${id}`, name: '', status, output: '', type: 'http', serviceId: id };
  return registerCommand(
    { id: `${id}-id`, node: `n-${id}`, address: '10.0.0.1', meta: [] },
    false,
    { id, service, tags: [], address: '', port: 80, meta: [] },
    [{ ...check, sessionName: '' }],
  );
}

/** A follower whose catalog has web-1 at index 10, and an agent that streams it. */
function streaming(bugs: Partial<RequestBugs> = {}) {
  const raft = follower();
  const server = serverOf(raft, {
    bugs: { B13: false, B14: false, P10: false, P11: false, P12: false, ...bugs },
  });
  const out = {
    sibling: () => server.state,
    post: (input: number, _key: number, from: number, body: unknown) => {
      server.deliver(input, from, body);
      return true;
    },
  };
  const apply = (index: number, data: Command): void => {
    FSM.apply(raft.fsm, { index, term: 1, type: EntryType.command, data, prefix: 0 });
    FSM.onApplied!(raft.fsm, out as never);
  };
  const restore = (): void => FSM.onRestored!(out as never);
  const subscribe = (index = 0, service = 'web'): number =>
    server.ask(SUBSCRIBE, AGENT, { service, index });
  const next = (subscription: number): number => server.ask(NEXT_EVENT, AGENT, subscription);
  /** What an exchange was told; instances by their status, or gone. */
  const told = (exchange: number): unknown => {
    const [answer] = replies(server, exchange);
    if (answer === undefined || !('updates' in (answer as object))) return answer;
    const { updates, index, snapshot } = answer as StreamEvent;
    const texts = updates.map(({ key, instance }) => {
      const status = instance === null ? 'gone' : instance.checks[0]!.status;
      return `${key.split('\0')[1]} ${status}`;
    });
    return { index, snapshot, texts };
  };
  apply(10, register('web-1'));
  return { server, apply, restore, subscribe, next, told };
}

describe('a stream', () => {
  test(
    ref(
      'agents 3.3 #11',
      'begins with a snapshot, of whatever server is asked, then brings changes',
    ),
    () => {
      const { apply, subscribe, next, told } = streaming();
      expect(told(subscribe())).toEqual({ index: 10, snapshot: true, texts: ['web-1 passing'] });
      const waiting = next(1);
      expect(told(waiting)).toBeUndefined();
      apply(12, register('web-2', 'critical'));
      expect(told(waiting)).toEqual({ index: 12, snapshot: false, texts: ['web-2 critical'] });
      const after = next(1);
      apply(13, deregisterCommand('n-web-1', 'web-1', ''));
      expect(told(after)).toEqual({ index: 13, snapshot: false, texts: ['web-1 gone'] });
    },
  );

  test('says nothing of other services', () => {
    const { apply, subscribe, next, told } = streaming();
    subscribe();
    const waiting = next(1);
    apply(12, register('db-1', 'passing', 'db'));
    expect(told(waiting)).toBeUndefined();
  });

  test('keeps what changes while the agent is about to ask', () => {
    const { apply, subscribe, next, told } = streaming();
    subscribe();
    apply(12, register('web-1', 'critical'));
    apply(13, register('web-1', 'passing'));
    expect(told(next(1))).toMatchObject({ index: 12, texts: ['web-1 critical'] });
    expect(told(next(1))).toMatchObject({ index: 13, texts: ['web-1 passing'] });
  });

  test('goes on without a snapshot where nothing has changed since', () => {
    const { subscribe, told } = streaming();
    expect(told(subscribe(10))).toEqual({ index: 10, snapshot: false, texts: [] });
    expect(told(subscribe(9))).toMatchObject({ snapshot: true, texts: ['web-1 passing'] });
  });

  test(ref('agents 3.3 #12', 'is aborted when a snapshot replaces the store'), () => {
    const { restore, subscribe, next, told } = streaming();
    subscribe();
    const waiting = next(1);
    restore();
    expect(told(waiting)).toMatchObject({ aborted: true });
    expect(told(next(1))).toMatchObject({ aborted: true });
  });

  test('gives a sign of life every 30 s, and forgets who asks no more', () => {
    const { server, subscribe, next, told } = streaming();
    subscribe();
    const waiting = next(1);
    server.advance(30 * SECOND);
    expect(told(waiting)).toEqual({ index: 10, snapshot: false, texts: [] });
    server.advance(30 * SECOND);
    expect(server.state.streams.subscriptions.size).toBe(0);
    expect(server.state.watches.waiting.size).toBe(0);
    expect(server.due(STREAM_TIMER, 1)).toBeUndefined();
  });
});

test('P11: what changes before the agent asks on is lost', () => {
  const { apply, subscribe, next, told } = streaming({ P11: true });
  subscribe();
  apply(12, register('web-1', 'critical'));
  const waiting = next(1);
  expect(told(waiting)).toBeUndefined();
  apply(13, register('web-2'));
  expect(told(waiting)).toMatchObject({ texts: ['web-2 passing'] });
});

test('P12: a stream of a store that is no more says nothing ever again', () => {
  const { apply, restore, subscribe, next, told } = streaming({ P12: true });
  subscribe();
  const waiting = next(1);
  restore();
  apply(12, register('web-1', 'critical'));
  expect(told(waiting)).toBeUndefined();
});
