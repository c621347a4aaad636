/**
 * Plain objects that do what the models describe, written the other way round: they are asked and
 * they answer. The brute force compares answers with them, so that an error in a model is found
 * as well as one in a search.
 */
import type { Value } from '../../../../sim/check/linearizability/operation.ts';

export interface Request {
  readonly f: string;
  readonly process: string;
  readonly input: Value;
  readonly expected: number;
  readonly session: string;
  readonly key: string;
  /** Raft index or fencing token that the recorded answer carries; 0: none. */
  readonly index: number;
}

export interface Answer {
  readonly refused: boolean;
  readonly output: Value;
  /** It did something that Raft would give an index to. */
  readonly wrote: boolean;
  /** The recorded index cannot be. */
  readonly wrongIndex?: boolean;
}

export interface Thing {
  clone(): Thing;
  apply(request: Request): Answer;
}

export const done: Answer = { refused: false, output: null, wrote: true };
export const refused: Answer = { refused: true, output: null, wrote: false };

export function saw(output: Value): Answer {
  return { refused: false, output, wrote: false };
}

export class RegisterThing implements Thing {
  value: Value = null;

  clone(): Thing {
    return Object.assign(new RegisterThing(), this);
  }

  apply({ f, input }: Request): Answer {
    switch (f) {
      case 'read':
      case 'get':
        return saw(this.value);
      case 'append':
        this.value = String(this.value ?? '') + String(input);
        return done;
      case 'delete':
        this.value = null;
        return done;
      case 'cas': {
        const [from, to] = input as [Value, Value];
        if (this.value !== from) return refused;
        this.value = to;
        return done;
      }
      default:
        this.value = input;
        return done;
    }
  }
}

export class CounterThing implements Thing {
  sum = 0;

  clone(): Thing {
    return Object.assign(new CounterThing(), this);
  }

  apply({ f, input }: Request): Answer {
    if (f === 'read') return saw(this.sum);
    const size = (input ?? 1) as number;
    this.sum += f === 'dec' ? -size : size;
    return f === 'add-and-get' ? { ...done, output: this.sum } : done;
  }
}

export class SetThing implements Thing {
  members = new Set<Value>();

  clone(): Thing {
    return Object.assign(new SetThing(), { members: new Set(this.members) });
  }

  apply({ f, input }: Request): Answer {
    if (f === 'read') return saw([...this.members]);
    if (f === 'add') this.members.add(input);
    else this.members.delete(input);
    return done;
  }
}

export class QueueThing implements Thing {
  waiting: Value[] = [];

  clone(): Thing {
    return Object.assign(new QueueThing(), { waiting: [...this.waiting] });
  }

  apply({ f, input }: Request): Answer {
    if (f === 'enqueue') {
      this.waiting.push(input);
      return done;
    }
    return { ...done, output: this.waiting.shift() ?? null };
  }
}

/** The recorded index of an acquisition is its fencing token. */
export class LockThing implements Thing {
  holder: string | null = null;
  token = 0;
  written = 0;
  ended: readonly string[] = [];
  /** A refusal may be due to a lock-delay. */
  delayed = false;

  clone(): Thing {
    return Object.assign(new LockThing(), this);
  }

  apply({ f, session, input, index }: Request): Answer {
    switch (f) {
      case 'read':
        return saw(this.holder);
      case 'acquire':
        return this.acquire(session, index);
      case 'release':
        if (this.holder !== session) return refused;
        this.holder = null;
        return done;
      case 'destroy':
        if (this.holder === session) {
          this.holder = null;
          this.delayed = true;
        }
        this.ended = [...this.ended, session];
        return { ...done, wrote: false };
      default: {
        const [token] = input as [number];
        if (token < this.written) return refused;
        this.written = token;
        return { ...done, wrote: false };
      }
    }
  }

  private acquire(session: string, token: number): Answer {
    if (this.holder === session) {
      const wrongIndex = token > 0 && token < this.token;
      this.token = Math.max(token, this.token);
      return { ...saw(null), wrongIndex };
    }
    if (this.ended.includes(session) || this.holder !== null) return refused;
    const wrongIndex = token > 0 && token <= this.token;
    this.token = Math.max(token, this.token);
    this.holder = session;
    this.delayed = false;
    return { ...done, wrongIndex };
  }
}
