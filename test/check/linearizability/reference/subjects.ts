/** The objects whose random histories are compared with the brute force, one for each model. */
import type { Value } from '../../../../sim/check/linearizability/operation.ts';
import { ConsulThing } from './consul.ts';
import type { Request } from './objects.ts';
import { CounterThing, LockThing, QueueThing, RegisterThing, SetThing } from './objects.ts';
import type { Random, Subject, Values } from './random-history.ts';

type Drawn = Partial<Request> & { readonly f: string };

const register: Subject = {
  model: 'register',
  keys: 1,
  create: () => new RegisterThing(),
  draw: (random, values) =>
    random.chance(0.5) ? { f: 'read' } : { f: 'write', input: values.fresh() },
};

const casRegister: Subject = {
  ...register,
  model: 'cas-register',
  draw: (random, values) =>
    random.chance(0.4)
      ? { f: 'cas', input: [random.chance(0.2) ? null : values.old(), values.fresh()] }
      : register.draw(random, values, register.create()),
};

const kv: Subject = {
  ...register,
  model: 'kv',
  keys: 2,
  draw(random, values): Drawn {
    const f = random.pick(['get', 'get', 'put', 'append', 'delete', 'cas']);
    if (f === 'cas')
      return { f, input: [`${values.old() as number}`, `${values.fresh() as number}`] };
    return f === 'put' || f === 'append' ? { f, input: `${values.fresh() as number}` } : { f };
  },
};

/** Without appends, so that the fast path has its say. */
const kvWithoutAppend: Subject = {
  ...kv,
  title: 'kv, without appends',
  draw(random, values): Drawn {
    const f = random.pick(['get', 'get', 'put', 'put', 'delete']);
    return f === 'put' ? { f, input: values.fresh() } : { f };
  },
};

const counter: Subject = {
  model: 'counter',
  keys: 1,
  create: () => new CounterThing(),
  draw(random, values): Drawn {
    const f = random.pick(['read', 'read', 'add', 'inc', 'dec', 'add-and-get']);
    return f === 'read' || f === 'inc' ? { f } : { f, input: values.old() };
  },
};

const set: Subject = {
  model: 'set',
  keys: 1,
  create: () => new SetThing(),
  draw(random, values): Drawn {
    const f = random.pick(['read', 'read', 'add', 'add', 'remove']);
    if (f === 'read') return { f };
    return { f, input: f === 'add' ? values.fresh() : values.old() };
  },
};

const queue: Subject = {
  model: 'queue',
  keys: 1,
  create: () => new QueueThing(),
  draw: (random, values) =>
    random.chance(0.5) ? { f: 'dequeue' } : { f: 'enqueue', input: values.fresh() },
};

const lock: Subject = {
  model: 'lock',
  keys: 1,
  create: () => new LockThing(),
  draw(random): Drawn {
    const f = random.pick(['acquire', 'acquire', 'release', 'release', 'read', 'write', 'destroy']);
    const session = random.pick(['a', 'b']);
    if (f === 'read') return { f };
    return f === 'write' ? { f, input: [random.below(4) * 10] } : { f, session };
  },
  indexOf: (_, { index }, wrote) => (wrote ? index : 0),
};

const consul: Subject = {
  model: 'consul-kv',
  keys: 2,
  create: () => new ConsulThing(),
  draw: drawConsul,
  indexOf: consulIndex,
};

/** Keys that only see puts, deletes, gets and compare-and-sets: what the fast path can judge. */
const consulPlain: Subject = {
  ...consul,
  title: 'consul-kv, without locks and transactions',
  draw(random, values, thing): Drawn {
    const rows = (thing as ConsulThing).rows;
    const key = `k${random.below(2)}`;
    const f = random.pick(['get', 'get', 'put', 'put', 'cas', 'delete']);
    if (f === 'put') return { f, key, input: values.fresh() };
    if (f !== 'cas') return { f, key };
    return {
      f,
      key,
      input: values.fresh(),
      expected: indexToCompare(random, rows.get(key)?.index),
    };
  },
};

function indexToCompare(random: Random, current = 0): number {
  return random.chance(0.7) ? current : random.pick([0, 10, 20]);
}

function drawConsul(random: Random, values: Values, thing: unknown): Drawn {
  const { rows } = thing as ConsulThing;
  const key = `k${random.below(2)}`;
  const session = random.pick(['a', 'b']);
  const f = random.pick(
    'get get put cas delete delete-cas acquire acquire release session-destroy txn'.split(' '),
  );
  const expected = indexToCompare(random, rows.get(key)?.index);
  switch (f) {
    case 'get':
    case 'delete':
      return { f, key };
    case 'put':
      return { f, key, input: values.fresh() };
    case 'cas':
      return { f, key, input: values.fresh(), expected };
    case 'delete-cas':
      return { f, key, expected };
    case 'acquire':
    case 'release':
      return { f, key, session, input: values.fresh() };
    case 'session-destroy':
      return { f, key: '', session };
    default:
      return { f, key: '', input: drawTransaction(random, values, expected) };
  }
}

function drawTransaction(random: Random, values: Values, expected: number): Value {
  const parts: Value[] = [];
  for (let i = 0; i <= random.below(2); i++) {
    const key = `k${random.below(2)}`;
    const verb = random.pick(['set', 'get', 'get-or-empty', 'cas']);
    if (verb === 'set') parts.push([verb, key, values.fresh()]);
    else if (verb === 'cas') parts.push([verb, key, values.fresh(), expected]);
    else parts.push([verb, key]);
  }
  return parts;
}

function consulIndex(thing: unknown, request: Request, wrote: boolean): number {
  const { rows } = thing as ConsulThing;
  if (request.f === 'get') return rows.get(request.key)?.index ?? 0;
  return wrote ? request.index : 0;
}

export const SUBJECTS: readonly Subject[] = [
  register,
  casRegister,
  kv,
  kvWithoutAppend,
  counter,
  set,
  queue,
  lock,
  consul,
  consulPlain,
];
