/** Coordinates on their way into the catalog: who tells them when, what waits, and what Raft is given. */
import { describe, expect, test } from 'vitest';
import { Recording } from '../../../sim/core/recording.ts';
import { coordinateMachine } from '../../../sim/consul/coordinate/machine.ts';
import { sendIntervalMicros } from '../../../sim/consul/coordinate/own.ts';
import {
  ANSWERED,
  CoordinateNote,
  FLUSH_TIMER,
  SEND_TIMER,
  UPDATE,
} from '../../../sim/consul/coordinate/vocabulary.ts';
import { COORDINATE_TIMER } from '../../../sim/consul/agent/inputs.ts';
import { COORDINATE_UPDATE } from '../../../sim/consul/requests/endpoints.ts';
import { RPC_WRITE } from '../../../sim/consul/requests/inputs.ts';
import { request } from '../../../sim/consul/requests/request.ts';
import type { ServerRequest } from '../../../sim/consul/requests/request.ts';
import type { CoordinatesCommand } from '../../../sim/consul/state/commands.ts';
import type { Coordinate } from '../../../sim/consul/state/rows.ts';
import { Coordinates } from '../../../sim/protocol/coordinate/coordinates.ts';
import { GOSSIP_MACHINE } from '../../../sim/protocol/gossip/vocabulary.ts';
import { ApplyError, proposerNumber } from '../../../sim/protocol/raft/types.ts';
import type { Proposal } from '../../../sim/protocol/raft/types.ts';
import { APPLY } from '../../../sim/protocol/raft/vocabulary.ts';
import { ref } from '../../support/reference.ts';
import { agentOf } from '../agent/kit.ts';
import { SECOND, follower, raftState, replies, serverOf } from '../support/server.ts';

/** A member of a pool that knows so many. */
function memberOf(count: number) {
  return { pool: { coordinates: new Coordinates(1) }, index: 0, application: { count } };
}

function gatherer({ sends = true, count = 3 } = {}) {
  const server = new Recording(coordinateMachine, { node: 's1', formed: false, sends });
  server.siblings.set(GOSSIP_MACHINE, memberOf(count));
  server.start();
  return server;
}

type Gatherer = ReturnType<typeof gatherer>;

function at(node: string, x = 0): Coordinate {
  const vector = [x, 0, 0, 0, 0, 0, 0, 0];
  return { node, segment: '', vector, error: 1, adjustment: 0, height: 0.001 };
}

function proposals(server: Gatherer): Proposal[] {
  const posts = server.of('post').filter(({ input }) => input === APPLY);
  return posts.map(({ body }) => body as Proposal);
}

const sizes = (server: Gatherer): number[] =>
  proposals(server).map(({ data }) => (data as CoordinatesCommand).updates.length);

function answer(server: Gatherer, error: ApplyError = ApplyError.none): void {
  const { tag } = proposals(server).at(-1)!;
  server.deliver(ANSWERED, proposerNumber(tag), { error, index: 9, value: null });
}

describe('who tells', () => {
  test(
    ref('gossip 3.4 #1', 'each 15 s and up to as much again, more slowly in a large pool'),
    () => {
      expect([1, 960, 961, 6400].map(sendIntervalMicros)).toEqual([
        15 * SECOND,
        15 * SECOND,
        15_015_625,
        100 * SECOND,
      ]);
      const server = gatherer({ count: 6400 });
      server.script('coordinate', 0.5, 0);
      server.fire(SEND_TIMER);
      const [sent] = server.of('post').filter(({ input }) => input === RPC_WRITE);
      expect(sent!.body).toMatchObject({ endpoint: COORDINATE_UPDATE, input: { node: 's1' } });
      expect((sent!.body as ServerRequest).input).toMatchObject({ vector: Array(8).fill(0) });
      expect(server.due(SEND_TIMER)! - server.now).toBe(150 * SECOND);
      expect(gatherer({ sends: false }).due(SEND_TIMER)).toBeUndefined();
    },
  );

  test('an agent asks a server, and waits anew when it has its answer', () => {
    const agent = agentOf({ hasPool: false });
    expect(agent.due(COORDINATE_TIMER)).toBeUndefined();
    const member = new Map([[GOSSIP_MACHINE, memberOf(4)]]);
    const calls = (one: typeof agent) =>
      one.of('call').filter(({ body }) => (body as ServerRequest).endpoint === COORDINATE_UPDATE);
    const inPool = agentOf({}, member);
    expect(inPool.due(COORDINATE_TIMER)).toBe(15 * SECOND);
    inPool.fire(COORDINATE_TIMER);
    expect(calls(inPool)).toHaveLength(1);
    expect(inPool.due(COORDINATE_TIMER)).toBeUndefined();
    expect(agentOf({ sendsCoordinates: false }, member).due(COORDINATE_TIMER)).toBeUndefined();
  });
});

describe('the leader', () => {
  test(ref('gossip 3.4 #2', 'takes no coordinate that is none, or of other dimensions'), () => {
    const ask = (coordinate: Coordinate, raft = raftState()) => {
      const server = serverOf(raft);
      const exchange = server.ask(RPC_WRITE, 9, request(COORDINATE_UPDATE, coordinate));
      return { server, answers: replies(server, exchange) };
    };
    const [good, bad] = [ask(at('a', 0.5)), ask(at('a', NaN))];
    expect(good.answers).toMatchObject([{ value: null, applied: true }]);
    expect(good.server.of('post')).toMatchObject([{ input: UPDATE, body: { node: 'a' } }]);
    expect(bad.answers).toMatchObject([{ error: 'invalid coordinate' }]);
    const flat = ask({ ...at('a'), vector: [0, 0] });
    expect(flat.answers).toMatchObject([{ error: 'incompatible coordinate' }]);
    expect(flat.server.of('post')).toEqual([]);
    // Others send it on to the leader.
    expect(ask(at('a'), follower()).server.of('request')).toHaveLength(1);
  });

  test(
    ref('gossip 3.4 #3', 'keeps the latest of each node and gives Raft what waits every 5 s'),
    () => {
      const server = gatherer();
      expect(server.due(FLUSH_TIMER)).toBeUndefined();
      server.now = 6 * SECOND;
      server.deliver(UPDATE, 0, at('a', 0.1));
      server.deliver(UPDATE, 0, at('b', 0.2));
      server.deliver(UPDATE, 0, at('a', 0.3));
      expect(server.due(FLUSH_TIMER)).toBe(10 * SECOND);
      server.fire(FLUSH_TIMER);
      const [{ data }] = proposals(server);
      expect(data).toMatchObject({ op: 'coordinates', updates: [at('a', 0.3), at('b', 0.2)] });
      server.now = 12 * SECOND;
      server.deliver(UPDATE, 0, at('a', 0.4));
      // It waits for Raft, and for 5 s after that.
      expect(server.due(FLUSH_TIMER)).toBeUndefined();
      answer(server);
      expect(server.due(FLUSH_TIMER)).toBe(17 * SECOND);
    },
  );

  test(ref('gossip 3.4 #4', 'applies five batches of 128, and forgets the rest'), () => {
    const server = gatherer();
    for (let i = 0; i < 700; i++) server.deliver(UPDATE, 0, at(`n${i}`));
    server.fire(FLUSH_TIMER);
    for (let batch = 0; batch < 5; batch++) answer(server);
    expect(sizes(server)).toEqual([128, 128, 128, 128, 128]);
    expect(server.of('note')).toContainEqual(
      expect.objectContaining({ note: CoordinateNote.dropped, a: 60 }),
    );
  });

  test(ref('gossip 3.4 #5', 'drops the other batches too when Raft fails one'), () => {
    const server = gatherer();
    for (let i = 0; i < 300; i++) server.deliver(UPDATE, 0, at(`n${i}`));
    server.fire(FLUSH_TIMER);
    answer(server);
    answer(server, ApplyError.notLeader);
    expect(sizes(server)).toEqual([128, 128]);
    expect(server.due(FLUSH_TIMER)).toBeUndefined();
  });
});
