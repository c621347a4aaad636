/** The models by name. */
import type { Model } from '../model.ts';
import type { Scalar } from '../operation.ts';
import { createConsulKv } from './consul/model.ts';
import { createCounter } from './counter.ts';
import { createKv } from './kv.ts';
import { createLock } from './lock.ts';
import { createQueue } from './queue.ts';
import { createCasRegister, createRegister } from './register.ts';
import { createSet } from './set.ts';

export interface ModelOptions {
  /** What a register or counter holds at first. */
  readonly initial?: Scalar;
}

type Factory = (options: ModelOptions) => Model;

/** Every model, in the order in which the help lists them. */
export const MODELS: Readonly<Record<string, Factory>> = {
  register: ({ initial }) => createRegister(initial ?? null) as Model,
  'cas-register': ({ initial }) => createCasRegister(initial ?? null) as Model,
  kv: () => createKv() as Model,
  'consul-kv': () => createConsulKv() as Model,
  counter: ({ initial }) => createCounter(typeof initial === 'number' ? initial : 0) as Model,
  set: () => createSet() as Model,
  lock: () => createLock() as Model,
  queue: () => createQueue() as Model,
};

/** The model of that name, or undefined. */
export function createModel(name: string, options: ModelOptions = {}): Model | undefined {
  return Object.hasOwn(MODELS, name) ? MODELS[name]!(options) : undefined;
}
