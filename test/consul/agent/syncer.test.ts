/** When an agent syncs: one whole agent, its servers in the test's hands. */
import { describe, expect, test } from 'vitest';
import {
  CATALOG_NODE_SERVICES,
  CATALOG_REGISTER,
  HEALTH_NODE_CHECKS,
} from '../../../sim/consul/requests/endpoints.ts';
import * as Input from '../../../sim/consul/agent/inputs.ts';
import { NO_LEADER } from '../../../sim/consul/requests/request.ts';
import { ErrorCause } from '../../../sim/core/machine.ts';
import { ref } from '../../support/reference.ts';
import {
  MINUTE,
  SECOND,
  agentOf,
  answer,
  answerAll,
  answerReads,
  asked,
  calls,
  definition,
  refuse,
} from './kit.ts';
import type { Agent } from './kit.ts';

/** An agent whose first full sync has failed. */
function retrying(): Agent {
  const agent = agentOf();
  refuse(agent, ErrorCause.refused);
  return agent;
}

function triggerFull(agent: Agent): void {
  agent.deliver(Input.TRIGGER, Input.SYNC_FULL, null);
}

function triggerChanges(agent: Agent): void {
  agent.deliver(Input.TRIGGER, Input.SYNC_CHANGES, null);
}

describe('a full sync', () => {
  test(ref('agents 1.3 #1', 'comes at once, and again after a minute and its stagger'), () => {
    const agent = agentOf();
    expect(asked(agent)).toEqual([CATALOG_NODE_SERVICES]);
    expect(agent.due(Input.NEXT_FULL_TIMER)).toBe(MINUTE);
    answerAll(agent);
    agent.script('anti-entropy', 0.5);
    agent.fire(Input.NEXT_FULL_TIMER);
    expect(asked(agent)).toEqual([CATALOG_NODE_SERVICES]);
    expect(agent.due(Input.NEXT_FULL_TIMER)).toBe(2 * MINUTE + 30 * SECOND);
  });

  test(ref('agents 1.4 #6', 'reads services, then checks, both as stale as they may be'), () => {
    const agent = agentOf();
    expect(calls(agent)[0].request).toMatchObject({ mode: 'stale', input: { node: 'a1' } });
    answer(agent, {
      node: { id: 'a1-id', node: 'a1', address: '10.0.0.7', meta: [] },
      services: [],
    });
    expect(asked(agent)).toEqual([HEALTH_NODE_CHECKS]);
    refuse(agent, ErrorCause.timeout);
    expect(asked(agent)).toEqual([]);
    expect(agent.state.syncer.phase).toBe('retry');
  });

  test(ref('agents 1.3 #2', 'that failed is tried again after 15 s and their stagger'), () => {
    const agent = agentOf();
    agent.script('anti-entropy', 0.5);
    refuse(agent, ErrorCause.refused);
    expect(agent.due(Input.RETRY_TIMER)).toBe(22.5 * SECOND);
    agent.fire(Input.RETRY_TIMER);
    expect(asked(agent)).toEqual([CATALOG_NODE_SERVICES]);
    // The timer of the next one begins anew.
    expect(agent.due(Input.NEXT_FULL_TIMER)).toBe(agent.now + MINUTE);
  });

  test('fails with one failed push', () => {
    const agent = agentOf({ services: [definition('web')] });
    answerReads(agent);
    refuse(agent, ErrorCause.timeout);
    expect(agent.state.syncer.phase).toBe('retry');
  });

  test('takes 2 s of 4 096 members where it takes 1 s of 128', () => {
    const agent = agentOf({ poolNodes: 4_096 });
    agent.script('anti-entropy', 0.5);
    refuse(agent, ErrorCause.refused);
    expect(agent.due(Input.RETRY_TIMER)).toBe((15 + 6 * 7.5) * SECOND);
  });
});

describe('a trigger of a full sync', () => {
  test(ref('agents 1.3 #3', 'waits its stagger; a retried one leaves the next timer alone'), () => {
    const agent = retrying();
    agent.advance(10 * SECOND);
    agent.script('anti-entropy', 0.5);
    triggerFull(agent);
    expect(agent.due(Input.SPREAD_TIMER)).toBe(11.5 * SECOND);
    agent.fire(Input.SPREAD_TIMER);
    expect(asked(agent)).toEqual([CATALOG_NODE_SERVICES]);
    expect(agent.due(Input.NEXT_FULL_TIMER)).toBe(MINUTE);
    expect(agent.due(Input.RETRY_TIMER)).toBeUndefined();
  });

  test('in a quiet agent arms the timer of the next one anew', () => {
    const agent = agentOf();
    answerAll(agent);
    agent.advance(10 * SECOND);
    triggerFull(agent);
    agent.fire(Input.SPREAD_TIMER);
    expect(agent.due(Input.NEXT_FULL_TIMER)).toBe(10 * SECOND + MINUTE);
  });

  test(ref('agents 1.3 #7', 'is one, however often it comes meanwhile'), () => {
    const agent = agentOf();
    for (let i = 0; i < 5; i++) triggerFull(agent);
    answerAll(agent);
    agent.fire(Input.SPREAD_TIMER);
    answerAll(agent);
    expect(agent.due(Input.SPREAD_TIMER)).toBeUndefined();
    expect(agent.state.syncer.phase).toBe('partial');
  });
});

describe('a trigger of changes', () => {
  test(ref('agents 1.3 #4', 'waits while a full sync is to be retried'), () => {
    const agent = retrying();
    agent.deliver(Input.REGISTER_SERVICE, 1, definition('web'));
    // The handler's own push, and none of the syncer.
    expect(asked(agent)).toEqual([CATALOG_REGISTER]);
    refuse(agent, ErrorCause.refused);
    expect(asked(agent)).toEqual([]);
    agent.fire(Input.RETRY_TIMER);
    answerAll(agent);
    expect(agent.state.local.services.get('web')!.inSync).toBe(true);
  });

  test(ref('agents 1.3 #5', 'whose push failed is not followed by another one'), () => {
    const agent = agentOf({ services: [definition('web')] });
    answerAll(agent);
    agent.state.local.services.set('db', {
      service: definition('db').service,
      inSync: false,
      deleted: false,
    });
    triggerChanges(agent);
    expect(asked(agent)).toEqual([CATALOG_REGISTER]);
    refuse(agent, ErrorCause.timeout);
    agent.advance(59 * SECOND);
    expect(asked(agent)).toEqual([]);
    // The next full sync brings it.
    agent.advance(2 * SECOND);
    expect(answerAll(agent)).toHaveLength(2);
  });

  test(
    ref('agents 1.3 #6', 'is forgotten by a paused agent, and comes anew when it resumes'),
    () => {
      const agent = agentOf();
      answerAll(agent);
      agent.state.syncer.paused = 1;
      triggerChanges(agent);
      expect(agent.state.syncer).toMatchObject({ phase: 'partial', changesTriggered: false });
      agent.state.local.nodeInSync = false;
      agent.state.syncer.paused = 0;
      expect(asked(agent)).toEqual([]);
      agent.deliver(Input.DEREGISTER_SERVICE, 1, 'unknown');
      expect(asked(agent)).toEqual([CATALOG_REGISTER]);
    },
  );
});

describe('a handler of the API', () => {
  test(ref('agents 1.3 #8', 'pushes by itself, and the syncer does once more'), () => {
    const agent = agentOf();
    answerAll(agent);
    const exchange = agent.ask(Input.REGISTER_SERVICE, 5, definition('web'));
    // Whoever comes first holds the lock.
    expect(asked(agent)).toEqual([CATALOG_REGISTER]);
    refuse(agent, NO_LEADER);
    agent.advance(30 * SECOND);
    while (calls(agent).length > 0) {
      refuse(agent, ErrorCause.refused);
    }
    expect(agent.answerOf(exchange)).toEqual({ status: 200 });
    const pushes = agent.of('call').filter(({ input }) => input === 0x201);
    expect(new Set(pushes.map(({ key }) => key)).size).toBe(2);
  });

  test('says that all is well though nothing was pushed', () => {
    const agent = agentOf();
    answerAll(agent);
    const exchange = agent.ask(Input.REGISTER_SERVICE, 5, definition('web'));
    refuse(agent, ErrorCause.refused);
    refuse(agent, ErrorCause.refused);
    expect(agent.answerOf(exchange)).toEqual({ status: 200 });
    expect(agent.state.local.services.get('web')!.inSync).toBe(false);
  });

  test('of what is unknown says so', () => {
    const agent = agentOf();
    answerAll(agent);
    const exchange = agent.ask(Input.DEREGISTER_SERVICE, 5, 'web');
    expect(agent.answerOf(exchange)).toMatchObject({ status: 404 });
  });
});
