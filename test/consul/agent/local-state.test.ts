/** An agent's local state: what makes an entry dirty, and what the catalog's answer does to it. */
import { beforeEach, describe, expect, test } from 'vitest';
import {
  NOT_CRITICAL,
  addCheck,
  addService,
  checksToPush,
  compare,
  createLocalState,
  endDeferral,
  isDue,
  onPushed,
  removeCheck,
  removeService,
  updateCheck,
} from '../../../sim/consul/agent/local-state.ts';
import type { CheckUpdate, LocalState } from '../../../sim/consul/agent/local-state.ts';
import type { CheckStatus } from '../../../sim/consul/state/rows.ts';
import { ref } from '../../support/reference.ts';
import { REAL_BUGS, check, service } from './kit.ts';

let state: LocalState;

/** Registers a service with one check. */
function register(id = 'web', fields = {}): boolean {
  return addService(state, service(id, fields), [check(id)], REAL_BUGS);
}

/** Everything has been pushed. */
function pushed(): void {
  for (const id of state.services.keys())
    onPushed(state, { kind: 'service', id }, state.services.get(id)!.service, []);
  for (const [id, entry] of state.checks) {
    onPushed(state, { kind: 'check', id }, null, [entry.check!]);
  }
}

function update(status: CheckStatus, output = '', now = 0, defers = true): CheckUpdate {
  return updateCheck(state, 'service:web', status, output, now, defers);
}

const entry = () => state.services.get('web')!;
const checkEntry = () => state.checks.get('service:web')!;

beforeEach(() => {
  state = createLocalState();
});

describe('a registration', () => {
  test(ref('agents 1.7 #1', 'adds a service and its checks at a stroke, to be pushed'), () => {
    register();
    expect(isDue(state, 'service', 'web')).toEqual({ kind: 'service', id: 'web' });
    expect(isDue(state, 'check', 'service:web')).toEqual({ kind: 'check', id: 'service:web' });
  });

  test(ref('agents 1.7 #2', 'again keeps status and output, and restarts the clock'), () => {
    register();
    update('critical', '', 1);
    update('critical', 'refused', 5);
    expect(checkEntry().criticalMicros).toBe(1);
    register();
    expect(checkEntry()).toMatchObject({
      check: { status: 'critical', output: 'refused' },
      criticalMicros: NOT_CRITICAL,
    });
  });

  test('again makes it critical where that is planted (P3)', () => {
    register();
    update('passing');
    addService(state, service('web'), [check('web')], { ...REAL_BUGS, P3: true });
    expect(checkEntry().check!.status).toBe('critical');
  });

  test(ref('agents 1.12 H1', 'of the same passes for in sync although nothing was pushed'), () => {
    register();
    register();
    expect(entry().inSync).toBe(true);
    expect(isDue(state, 'service', 'web')).toBeNull();
  });

  test('of the same is pushed once that is fixed (P4)', () => {
    register();
    addService(state, service('web'), [check('web')], { ...REAL_BUGS, P4: false });
    expect(entry().inSync).toBe(false);
  });

  test('of something else is pushed', () => {
    register();
    pushed();
    register('web', { port: 9090 });
    expect(entry().inSync).toBe(false);
  });

  test(ref('agents 1.12 H2', 'of what is to be removed from the catalog panics'), () => {
    compare(state, { services: [service('web')], checks: [], isSame: true }, false);
    expect(register()).toBe(false);
    onPushed(state, { kind: 'remove-service', id: 'web' }, null, []);
    expect(register()).toBe(true);
  });

  test(ref('agents 1.7 #3', 'carries an old timer over, and the check is dirty'), () => {
    register();
    pushed();
    update('critical', 'other');
    expect(checkEntry()).toMatchObject({ deferred: true, inSync: true });
    register();
    expect(checkEntry()).toMatchObject({ deferred: true, inSync: false });
  });
});

describe('a deregistration', () => {
  test('marks the service and its checks, until the catalog has forgotten them', () => {
    register();
    register('db');
    pushed();
    expect(removeService(state, 'web')).toBe(true);
    expect(isDue(state, 'service', 'web')).toEqual({ kind: 'remove-service', id: 'web' });
    expect(isDue(state, 'check', 'service:web')?.kind).toBe('remove-check');
    expect(isDue(state, 'service', 'db')).toBeNull();
  });

  test(ref('agents 1.5 #4', 'of a service takes its checks along without more RPCs'), () => {
    register();
    removeService(state, 'web');
    onPushed(state, { kind: 'remove-service', id: 'web' }, null, []);
    expect([...state.services.keys(), ...state.checks.keys()]).toEqual([]);
  });

  test('of what is unknown, or twice, is an error', () => {
    register();
    expect(removeService(state, 'db')).toBe(false);
    removeService(state, 'web');
    expect(removeService(state, 'web')).toBe(false);
    expect(removeCheck(state, 'service:db')).toBe(false);
  });

  test(ref('agents 1.5 #5', 'is tried at every push until it is done'), () => {
    register();
    pushed();
    removeService(state, 'web');
    expect(entry().deleted).toBe(true);
    compare(state, { services: [service('web')], checks: [check('web')], isSame: true }, false);
    expect(isDue(state, 'service', 'web')?.kind).toBe('remove-service');
  });
});

describe('a result', () => {
  beforeEach(() => {
    register();
    pushed();
  });

  test(ref('agents 1.6 #1', 'of an unknown or deleted check is nothing'), () => {
    expect(updateCheck(state, 'service:db', 'passing', '', 0, true)).toBe('nothing');
    removeCheck(state, 'service:web');
    expect(update('passing')).toBe('nothing');
  });

  test(ref('agents 1.6 #2', 'starts the clock when it becomes critical, whatever else'), () => {
    // Critical when registered, and never run: the clock does not stand yet.
    expect(checkEntry().criticalMicros).toBe(NOT_CRITICAL);
    expect(update('critical', '', 7)).toBe('nothing');
    expect(checkEntry().criticalMicros).toBe(7);
    update('critical', '', 9);
    expect(checkEntry().criticalMicros).toBe(7);
    update('warning', '', 11);
    expect(checkEntry().criticalMicros).toBe(NOT_CRITICAL);
  });

  test(ref('agents 1.6 #3', 'of the same status and output is nothing'), () => {
    expect(update('passing', 'fine')).toBe('changed');
    pushed();
    expect(update('passing', 'fine')).toBe('nothing');
    expect(checkEntry().inSync).toBe(true);
  });

  test(ref('agents 1.6 #4', 'with another output waits for one timer'), () => {
    expect(update('critical', 'a')).toBe('defer');
    expect(update('critical', 'b')).toBe('nothing');
    expect(checkEntry()).toMatchObject({ inSync: true, check: { output: 'b' } });
    expect(endDeferral(state, 'service:web')).toBe(true);
    expect(checkEntry()).toMatchObject({ inSync: false, deferred: false });
  });

  test(ref('agents 1.6 #5', 'with another status is pushed at once'), () => {
    expect(update('passing')).toBe('changed');
    expect(checkEntry().inSync).toBe(false);
  });

  test('with another output is pushed at once without an interval', () => {
    expect(update('critical', 'a', 0, false)).toBe('changed');
  });
});

describe('a comparison with the catalog', () => {
  test(ref('agents 1.4 #1', 'marks the node where the catalog lacks it or has another'), () => {
    state.nodeInSync = true;
    compare(state, null, false);
    expect(state.nodeInSync).toBe(false);
    compare(state, { services: [], checks: [], isSame: true }, false);
    expect(state.nodeInSync).toBe(true);
    compare(state, { services: [], checks: [], isSame: false }, false);
    expect(state.nodeInSync).toBe(false);
  });

  test(ref('agents 1.4 #2', 'marks what the catalog lacks or has otherwise'), () => {
    register();
    register('db');
    register('api');
    pushed();
    const services = [service('web'), service('db', { port: 1 })];
    const checks = [check('web'), check('db', { status: 'passing' })];
    compare(state, { services, checks, isSame: true }, false);
    const dirty = ['web', 'db', 'api'].filter((id) => isDue(state, 'service', id) !== null);
    expect(dirty).toEqual(['db', 'api']);
    expect(isDue(state, 'check', 'service:web')).toBeNull();
    expect(isDue(state, 'check', 'service:db')?.kind).toBe('check');
  });

  test(ref('agents 1.4 #3', 'has removed what only the catalog knows, but for its own'), () => {
    const services = [service('old'), service('consul')];
    const checks = [check('old'), check('', { id: 'serfHealth' })];
    compare(state, { services, checks, isSame: true }, false);
    expect([...state.services.keys()]).toEqual(['old']);
    expect([...state.checks.keys()]).toEqual(['service:old']);
    expect(isDue(state, 'service', 'old')?.kind).toBe('remove-service');
  });

  test(ref('agents 1.4 #4', 'finds what was marked by mistake'), () => {
    register();
    register();
    expect(isDue(state, 'service', 'web')).toBeNull();
    compare(state, { services: [], checks: [], isSame: true }, false);
    expect(isDue(state, 'service', 'web')?.kind).toBe('service');
  });

  test(ref('agents 1.4 #5', 'leaves an output alone while its timer runs'), () => {
    register();
    pushed();
    update('critical', 'new');
    const remote = { services: [service('web')], checks: [check('web')], isSame: true };
    compare(state, remote, false);
    expect(isDue(state, 'check', 'service:web')).toBeNull();
    endDeferral(state, 'service:web');
    compare(state, remote, false);
    expect(isDue(state, 'check', 'service:web')?.kind).toBe('check');
  });
});

describe('a push', () => {
  test(ref('agents 1.5 #2', 'of a service takes its dirty checks along'), () => {
    addService(state, service('web'), [check('web'), check('web', { id: 'second' })], REAL_BUGS);
    register('db');
    onPushed(state, { kind: 'check', id: 'second' }, null, [state.checks.get('second')!.check!]);
    expect(checksToPush(state, 'web').map(({ id }) => id)).toEqual(['service:web']);
    onPushed(
      state,
      { kind: 'service', id: 'web' },
      state.services.get('web')!.service,
      checksToPush(state, 'web'),
    );
    expect(isDue(state, 'check', 'service:web')).toBeNull();
    expect(isDue(state, 'check', 'service:db')).not.toBeNull();
  });

  test(ref('agents 1.5 #3', 'of whatever is registered brings the node along'), () => {
    register();
    onPushed(state, { kind: 'service', id: 'web' }, state.services.get('web')!.service, []);
    expect(state.nodeInSync).toBe(true);
    state.nodeInSync = false;
    removeCheck(state, 'service:web');
    onPushed(state, { kind: 'remove-check', id: 'service:web' }, null, []);
    expect(state.nodeInSync).toBe(false);
  });

  test('of one check adds it where it is new', () => {
    expect(addCheck(state, check('', { id: 'disk' }), REAL_BUGS)).toBe(true);
    expect(isDue(state, 'check', 'disk')?.kind).toBe('check');
    expect(isDue(state, 'check', 'unknown')).toBeNull();
  });
});
