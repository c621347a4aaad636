/** One agent: its pushes, its checks, what it removes. Its servers and instances are the test's. */
import { describe, expect, test } from 'vitest';
import { CATALOG_DEREGISTER } from '../../../sim/consul/requests/endpoints.ts';
import * as Input from '../../../sim/consul/agent/inputs.ts';
import { LEADER_NOT_TRACKED, NO_LEADER } from '../../../sim/consul/requests/request.ts';
import { ErrorCause } from '../../../sim/core/machine.ts';
import { ref } from '../../support/reference.ts';
import {
  MINUTE,
  REAL_BUGS,
  SECOND,
  agentOf,
  answer,
  answerAll,
  answerReads,
  asked,
  calls,
  check,
  checking,
  definition,
  httpCheck,
  refuse,
  respond,
  service,
  statusOf,
} from './kit.ts';
import type { Agent } from './kit.ts';

/** What a registration carries. */
interface Registration {
  readonly skipNodeUpdate: boolean;
  readonly service: { readonly id: string } | null;
  readonly checks: readonly { readonly id: string; readonly status: string }[];
}

const inputs = (requests: readonly { readonly input: unknown }[]) =>
  requests.map(({ input }) => input as Registration);

/** An agent with one checked service, all of it in the catalog; the first run is due. */
function checked(fields = {}, ...checks: Parameters<typeof httpCheck>): Agent {
  const agent = agentOf({ services: [definition('web', httpCheck(...checks))], ...fields });
  answerAll(agent);
  return agent;
}

/** Lets time pass until the next run of the check has asked its target. */
function untilAsked(agent: Agent): void {
  for (let i = 0; i < 100 && checking(agent) === undefined; i++) agent.advance(SECOND / 2);
}

/** Runs the check once with this answer, and lets it be pushed. */
function run(agent: Agent, code: number, text = ''): void {
  untilAsked(agent);
  respond(agent, code, text);
  answerAll(agent);
}

describe('a push', () => {
  test(
    ref('agents 1.5 #1', 'is the node, services, checks; an error ends only that of the node'),
    () => {
      const services = ['a', 'b', 'c'].map((id) => definition(id));
      const agent = agentOf({ services });
      answerReads(agent);
      expect(inputs(calls(agent).map(({ request }) => request))[0].service).not.toBeNull();
      refuse(agent, ErrorCause.timeout);
      const rest = answerAll(agent);
      expect(rest).toHaveLength(2);
      const unknown = agentOf({ services });
      answer(unknown, null);
      answer(unknown, []);
      expect(inputs(calls(unknown).map(({ request }) => request))[0].service).toBeNull();
      refuse(unknown, ErrorCause.timeout);
      expect(asked(unknown)).toEqual([]);
    },
  );

  test('ends with the first error where that is planted (P1)', () => {
    const services = ['a', 'b', 'c'].map((id) => definition(id));
    const agent = agentOf({ services, bugs: { ...REAL_BUGS, P1: true } });
    answerReads(agent);
    refuse(agent, ErrorCause.timeout);
    expect(asked(agent)).toEqual([]);
  });

  test('carries a service and its check in one entry; apart where that is planted (P6)', () => {
    const push = (P6: boolean): Registration[] => {
      const services = [definition('web', httpCheck())];
      const agent = agentOf({ services, bugs: { ...REAL_BUGS, P6 } });
      return inputs(answerAll(agent));
    };
    expect(push(false)).toMatchObject([
      { service: { id: 'web' }, checks: [{ id: 'service:web' }] },
    ]);
    expect(push(true)).toMatchObject([
      { service: { id: 'web' }, checks: [] },
      { service: { id: 'web' }, checks: [{ id: 'service:web' }] },
    ]);
  });

  test('leaves the node alone when the catalog has it', () => {
    const agent = agentOf({ services: [definition('web'), definition('db')] });
    answer(agent, null);
    answer(agent, []);
    expect(inputs([answer(agent)])[0]).toMatchObject({ service: null, skipNodeUpdate: false });
    expect(inputs(answerAll(agent)).map(({ skipNodeUpdate }) => skipNodeUpdate)).toEqual([
      true,
      true,
    ]);
  });

  test('removes what only the catalog has; what it has forgotten is no error', () => {
    const agent = agentOf();
    answerReads(agent, [service('old')], [check('old')]);
    expect(calls(agent)[0].request).toMatchObject({
      endpoint: CATALOG_DEREGISTER,
      input: { node: 'a1', serviceId: 'old' },
    });
    refuse(agent, { error: 'Unknown service "old"', indefinite: false, retry: '' });
    refuse(agent, { error: 'Unknown check "service:old"', indefinite: false, retry: '' });
    expect(agent.state.syncer.phase).toBe('partial');
    expect(agent.state.local.services.size + agent.state.local.checks.size).toBe(0);
  });

  test(ref('agents 1.5 #6', 'keeps everybody else from the local state'), () => {
    const results = (P2: boolean): string | undefined => {
      const agent = checked({ bugs: { ...REAL_BUGS, P2 } });
      agent.deliver(Input.REGISTER_SERVICE, 1, definition('db'));
      expect(asked(agent)).toHaveLength(1);
      untilAsked(agent);
      respond(agent, 200);
      return statusOf(agent);
    };
    expect(results(true)).toBe('critical');
    expect(results(false)).toBe('passing');
  });

  test('lets go of the state when its server has answered at last', () => {
    const agent = checked();
    agent.deliver(Input.REGISTER_SERVICE, 1, definition('db'));
    untilAsked(agent);
    respond(agent, 200);
    answerAll(agent);
    expect(statusOf(agent)).toBe('passing');
    expect(agent.state.lock.heldBy).toBe(0);
  });
});

describe('a call to the servers', () => {
  test(ref('agents 4.3 #1', 'fails at once where none is known'), () => {
    const agent = agentOf({ servers: [] });
    expect(asked(agent)).toEqual([]);
    expect(agent.state.syncer.phase).toBe('retry');
  });

  test(ref('agents 4.3 #2', 'is tried again without a leader, until one fails after 7 s'), () => {
    const agent = agentOf();
    agent.script('rpc-retry', 0.5, 0.5, 0.5, 0.5, 0.5);
    const waits: number[] = [];
    for (;;) {
      refuse(agent, NO_LEADER);
      const [sleep] = agent.waits('sleep');
      if (sleep === undefined) break;
      waits.push(sleep.until - agent.now);
      agent.advance(sleep.until - agent.now);
    }
    // U[previous, 437 ms x 2^(n-1)), at its middle.
    expect(waits.map((micros) => Math.round(micros / 1000))).toEqual([219, 546, 1147, 2322, 4657]);
    expect(agent.state.syncer.phase).toBe('retry');
  });

  test(
    ref('agents 4.3 #3', 'is tried again as a read whose stream has ended, not as a write'),
    () => {
      const agent = agentOf({ services: [definition('web')] });
      refuse(agent, ErrorCause.eof);
      expect(agent.waits('sleep')).toHaveLength(1);
      agent.advance(0);
      answerReads(agent);
      refuse(agent, ErrorCause.eof);
      expect(agent.waits('sleep')).toEqual([]);
      expect(agent.state.syncer.phase).toBe('retry');
    },
  );

  test(ref('agents 4.3 #4', 'that was refused, or found no tracked leader, fails at once'), () => {
    for (const error of [ErrorCause.refused, ErrorCause.timeout, LEADER_NOT_TRACKED]) {
      const agent = agentOf();
      refuse(agent, error);
      expect(agent.waits('sleep')).toEqual([]);
      expect(agent.state.syncer.phase).toBe('retry');
    }
  });

  test('is not tried again where `rpc_hold_timeout` is 0', () => {
    const agent = agentOf({ rpcHoldMicros: 0 });
    refuse(agent, NO_LEADER);
    expect(agent.waits('sleep')).toEqual([]);
  });

  test('asks the next server after any error', () => {
    const agent = agentOf();
    expect(calls(agent)[0].effect.to).toBe(0);
    refuse(agent, NO_LEADER);
    agent.advance(0);
    expect(calls(agent)[0].effect.to).toBe(1);
  });
});

describe('checks', () => {
  test(ref('agents 1.7 #4', 'are named after their service'), () => {
    const one = checked();
    expect([...one.state.local.checks.keys()]).toEqual(['service:web']);
    const two = agentOf({ services: [definition('web', httpCheck(), httpCheck())] });
    expect([...two.state.local.checks.keys()]).toEqual(['service:web:1', 'service:web:2']);
  });

  test(
    ref('agents 2.2 #1', 'run first after a part of their interval, then with it in between'),
    () => {
      const agent = agentOf();
      answerAll(agent);
      agent.script('check-stagger', 0.25);
      agent.deliver(Input.REGISTER_SERVICE, 1, definition('web', httpCheck()));
      answerAll(agent);
      agent.advance(2.5 * SECOND - 1);
      expect(checking(agent)).toBeUndefined();
      agent.advance(1);
      expect(checking(agent)).toMatchObject({ to: 77, timeoutMicros: 2 * SECOND });
      // The run takes its two seconds.
      agent.advance(2 * SECOND);
      agent.answer(checking(agent)!, undefined, ErrorCause.timeout);
      agent.advance(10 * SECOND - 1);
      expect(checking(agent)).toBeUndefined();
      agent.advance(1);
      expect(checking(agent)).toBeDefined();
    },
  );

  test(ref('agents 2.2 #2', 'run once a second at most'), () => {
    const agent = checked({}, { intervalMicros: 1_000 });
    untilAsked(agent);
    respond(agent, 200);
    agent.advance(SECOND - 1);
    expect(checking(agent)).toBeUndefined();
    agent.advance(1);
    expect(checking(agent)).toBeDefined();
  });

  test.each([
    [200, 'passing'],
    [299, 'passing'],
    [429, 'warning'],
    [301, 'critical'],
    [503, 'critical'],
  ])('by HTTP make of %i %s', (code, status) => {
    const agent = checked();
    run(agent, code);
    expect(statusOf(agent)).toBe(status);
  });

  test('push a new status at once', () => {
    const agent = checked();
    untilAsked(agent);
    respond(agent, 200, 'fine');
    const [{ checks }] = inputs(answerAll(agent));
    expect(checks).toMatchObject([{ id: 'service:web', status: 'passing' }]);
  });

  test('push a new output alone when its timer fires; at once where that is planted (P7)', () => {
    const pushes = (P7: boolean): number => {
      const agent = checked({ bugs: { ...REAL_BUGS, P7 } });
      run(agent, 200, '1');
      untilAsked(agent);
      respond(agent, 200, '2');
      return answerAll(agent).length;
    };
    expect(pushes(false)).toBe(0);
    expect(pushes(true)).toBe(1);
    const agent = checked();
    run(agent, 200, '1');
    agent.script('output-deferral', 0.5);
    run(agent, 200, '2');
    const due = agent.due(Input.DEFER_TIMER);
    expect(due).toBe(agent.now + 5 * MINUTE);
    agent.fire(Input.DEFER_TIMER);
    expect(inputs(answerAll(agent))[0].checks).toMatchObject([{ id: 'service:web' }]);
  });

  test('that were registered anew run anew, and the old runner is gone', () => {
    const agent = checked();
    agent.deliver(Input.REGISTER_SERVICE, 1, definition('web', httpCheck()));
    answerAll(agent);
    expect(agent.waits('sleep')).toHaveLength(1);
    expect(agent.state.runs.size).toBe(1);
    agent.deliver(Input.DEREGISTER_SERVICE, 1, 'web');
    answerAll(agent);
    expect(agent.waits('sleep')).toHaveLength(0);
    expect(agent.state.runs.size).toBe(0);
  });
});

describe('a TTL', () => {
  const ttl = { kind: 'ttl', ttlMicros: 15 * SECOND } as const;

  function say(agent: Agent, status: string, output = ''): void {
    agent.deliver(Input.UPDATE_CHECK, 1, { check: 'service:web', status, output });
    answerAll(agent);
  }

  test(ref('agents 2.2 #3', 'starts anew with every update and expires once'), () => {
    const agent = checked({}, ttl);
    agent.advance(10 * SECOND);
    say(agent, 'passing', 'fine');
    expect(statusOf(agent)).toBe('passing');
    expect(agent.due(Input.TTL_TIMER)).toBe(25 * SECOND);
    agent.fire(Input.TTL_TIMER);
    answerAll(agent);
    expect(agent.state.local.checks.get('service:web')!.check).toMatchObject({
      status: 'critical',
      output: 'TTL expired (last output before timeout follows): fine',
    });
    expect(agent.due(Input.TTL_TIMER)).toBeUndefined();
    say(agent, 'warning');
    expect(statusOf(agent)).toBe('warning');
    expect(agent.due(Input.TTL_TIMER)).toBeDefined();
  });

  test('of a check that is asked is no TTL', () => {
    const agent = checked();
    const exchange = agent.ask(Input.UPDATE_CHECK, 5, {
      check: 'service:web',
      status: 'passing',
      output: '',
    });
    expect(agent.answerOf(exchange)).toMatchObject({ status: 404 });
  });
});

describe('an alias', () => {
  test(ref('agents 2.2 #4', 'follows the checks of its service at once'), () => {
    const alias = httpCheck({ id: 'alias', kind: 'alias', alias: 'web' });
    const agent = agentOf({
      services: [definition('web', httpCheck()), definition('proxy', alias)],
    });
    answerAll(agent);
    expect(statusOf(agent, 'alias')).toBe('critical');
    run(agent, 200);
    expect(statusOf(agent, 'alias')).toBe('passing');
    run(agent, 429);
    expect(statusOf(agent, 'alias')).toBe('warning');
    agent.deliver(Input.DEREGISTER_SERVICE, 1, 'web');
    answerAll(agent);
    expect(statusOf(agent, 'alias')).toBe('critical');
  });
});

describe('deregister_critical_service_after', () => {
  /** When the service has gone, in seconds after it became critical. */
  function secondsToReap(afterMicros: number): number {
    const agent = checked({}, { deregisterAfterMicros: afterMicros });
    run(agent, 200);
    untilAsked(agent);
    respond(agent, 500);
    answerAll(agent);
    const since = agent.now;
    while (agent.state.local.services.has('web')) {
      agent.advance(SECOND / 2);
      if (checking(agent) !== undefined) respond(agent, 500);
      answerAll(agent);
      expect(agent.now - since).toBeLessThan(10 * MINUTE);
    }
    return (agent.now - since) / SECOND;
  }

  test(ref('agents 2.5 #1', 'of less than a minute is a minute'), () => {
    expect(secondsToReap(10 * SECOND)).toBe(secondsToReap(MINUTE));
  });

  test(ref('agents 2.5 #2', 'takes the service within 30 s of its time'), () => {
    for (const seconds of [60, 75, 120]) {
      const taken = secondsToReap(seconds * SECOND);
      expect(taken).toBeGreaterThan(seconds);
      expect(taken).toBeLessThanOrEqual(seconds + 30.5);
    }
  });

  test(ref('agents 2.5 #3', 'does not count from a registration that nobody has checked'), () => {
    const hour = 3_600 * SECOND;
    const agent = checked({}, { deregisterAfterMicros: MINUTE, intervalMicros: hour });
    agent.script('check-stagger', 0.99);
    agent.deliver(
      Input.REGISTER_SERVICE,
      1,
      definition(
        'web',
        httpCheck({
          deregisterAfterMicros: MINUTE,
          intervalMicros: hour,
        }),
      ),
    );
    answerAll(agent);
    for (let i = 0; i < 300; i++) {
      agent.advance(SECOND);
      answerAll(agent);
    }
    expect(agent.state.local.services.has('web')).toBe(true);
  });

  test('ends with one good result', () => {
    const agent = checked({}, { deregisterAfterMicros: MINUTE });
    for (let i = 0; i < 30; i++) run(agent, i % 5 === 4 ? 200 : 500);
    expect(agent.state.local.services.has('web')).toBe(true);
  });
});
