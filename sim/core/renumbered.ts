/**
 * The same machine a second time in one process, under another number: its inputs, notes and draws are
 * told apart from those of the first by the number, or by a prefix, and nothing else about it changes.
 */
import type { InputKind, Machine, NoteKind, Outbox } from './machine.ts';

/** `prefix` is that of the purposes it draws for. */
export function renumbered<State, Durable>(
  machine: Machine<State, Durable>,
  number: number,
  name: string,
  prefix: string,
): Machine<State, Durable> {
  const out = new RenumberedOutbox(machine.number, number, prefix);
  return {
    ...machine,
    name,
    number,
    onStart: (state, inner) => machine.onStart(state, out.over(inner)),
    onInput: (state, input, from, body, inner) =>
      machine.onInput(state, (machine.number << 8) | (input & 0xff), from, body, out.over(inner)),
    onResume: (state, step, argument, body, inner) =>
      machine.onResume(state, step, argument, body, out.over(inner)),
  };
}

/** Speaks of the machine's own numbers to the machine, and of the new ones to the kernel. */
class RenumberedOutbox implements Outbox {
  private inner!: Outbox;
  private readonly old: number;
  private readonly number: number;
  private readonly prefix: string;

  constructor(old: number, number: number, prefix: string) {
    this.old = old;
    this.number = number;
    this.prefix = prefix;
  }

  /** There is one Outbox in a world, so that it may as well be kept until the next call. */
  over(inner: Outbox): Outbox {
    this.inner = inner;
    return this;
  }

  private kind(kind: InputKind | NoteKind): number {
    return kind >>> 8 === this.old ? (this.number << 8) | (kind & 0xff) : kind;
  }

  get self() {
    return this.inner.self;
  }

  get lane() {
    return this.inner.lane;
  }

  get key() {
    return this.inner.key;
  }

  get blocked() {
    return this.inner.blocked;
  }

  get heldBack() {
    return this.inner.heldBack;
  }

  get error() {
    return this.inner.error;
  }

  now: Outbox['now'] = () => this.inner.now();
  wall: Outbox['wall'] = () => this.inner.wall();

  datagram: Outbox['datagram'] = (to, input, body) =>
    this.inner.datagram(to, this.kind(input), body);

  request: Outbox['request'] = (to, input, body, timeoutMicros, answer, tag, answerKey) =>
    this.inner.request(
      to,
      this.kind(input),
      body,
      timeoutMicros,
      this.kind(answer),
      tag,
      answerKey,
    );

  call: Outbox['call'] = (to, input, body, timeoutMicros, step, argument) =>
    this.inner.call(to, this.kind(input), body, timeoutMicros, step, argument);

  reply: Outbox['reply'] = (exchange, body) => this.inner.reply(exchange, body);
  fail: Outbox['fail'] = (exchange, body) => this.inner.fail(exchange, body);
  peerOf: Outbox['peerOf'] = (exchange) => this.inner.peerOf(exchange);

  openPipeline: Outbox['openPipeline'] = (to, input, timeoutMicros, step) =>
    this.inner.openPipeline(to, this.kind(input), timeoutMicros, step);

  pipeline: Outbox['pipeline'] = (connection, input, body, timeout, answer, tag, answerKey) =>
    this.inner.pipeline(
      connection,
      this.kind(input),
      body,
      timeout,
      this.kind(answer),
      tag,
      answerKey,
    );

  closePipeline: Outbox['closePipeline'] = (connection) => this.inner.closePipeline(connection);

  sendPart: Outbox['sendPart'] = (connection, input, body, step, argument) =>
    this.inner.sendPart(connection, this.kind(input), body, step, argument);

  readPart: Outbox['readPart'] = (exchange, silenceMicros, step, argument) =>
    this.inner.readPart(exchange, silenceMicros, step, argument);

  write: Outbox['write'] = (writes, step, argument) => this.inner.write(writes, step, argument);
  sleep: Outbox['sleep'] = (micros, step, argument) => this.inner.sleep(micros, step, argument);
  work: Outbox['work'] = (micros) => this.inner.work(micros);
  park: Outbox['park'] = (step, argument) => this.inner.park(step, argument);
  unpark: Outbox['unpark'] = (lane, key) => this.inner.unpark(lane, key);
  preempt: Outbox['preempt'] = (step, argument) => this.inner.preempt(step, argument);

  post: Outbox['post'] = (input, key, from, body) =>
    this.inner.post(this.kind(input), key, from, body);

  receive: Outbox['receive'] = (input) => this.inner.receive(this.kind(input));

  sibling: Outbox['sibling'] = (machine) =>
    this.inner.sibling(machine === this.old ? this.number : machine);

  spawn: Outbox['spawn'] = (lane, key) => this.inner.spawn(lane, key);
  exit: Outbox['exit'] = () => this.inner.exit();
  reap: Outbox['reap'] = (lane, key) => this.inner.reap(lane, key);

  timer: Outbox['timer'] = (input, key, delayMicros) =>
    this.inner.timer(this.kind(input), key, delayMicros);

  cancel: Outbox['cancel'] = (input, key) => this.inner.cancel(this.kind(input), key);
  draw: Outbox['draw'] = (purpose) => this.inner.draw(`${this.prefix}${purpose}`);

  sample: Outbox['sample'] = (purpose, sampler) =>
    this.inner.sample(`${this.prefix}${purpose}`, sampler);

  note: Outbox['note'] = (kind, a, b, c) => this.inner.note(this.kind(kind), a, b, c);
  mark: Outbox['mark'] = (bug) => this.inner.mark(bug);
  panic: Outbox['panic'] = (reason) => this.inner.panic(reason);
}
