/** The Outbox of a machine alone: puts what is asked for into the recording's list. */
import { assert } from './assert.ts';
import { Draws } from './draws.ts';
import type { Sampler } from './distribution.ts';
import { CONNECTION_LANE, ErrorCause } from './machine.ts';
import type { InputKind, NoteKind, Outbox, ProcessIndex, Write } from './machine.ts';
import type { RecordedLane, Recording } from './recording.ts';

/** Gives the numbers of a script, one after the other; afterwards always 0, the shortest delay. */
export class ScriptedDraws extends Draws {
  readonly script: number[] = [];

  constructor(name: string) {
    super(name, { numbers: new Float64Array(4) }, 0);
  }

  override unit(): number {
    return this.script.shift() ?? 0;
  }
}

/** What the Outbox needs of its recording, whatever machine that is for. */
type Recorder = Pick<
  Recording<never, never>,
  | 'self'
  | 'now'
  | 'wallOffset'
  | 'effects'
  | 'marks'
  | 'siblings'
  | 'passPreemptions'
  | 'ioPaused'
  | 'runningLane'
  | 'owns'
  | 'peerOf'
  | 'block'
  | 'resume'
  | 'find'
  | 'spawn'
  | 'remove'
  | 'offer'
  | 'setTimer'
  | 'cancelTimer'
  | 'crash'
>;

export class RecordingOutbox implements Outbox {
  lane = 0;
  key = 0;
  error: ErrorCause = ErrorCause.none;
  private readonly recording: Recorder;
  private readonly streams = new Map<string, ScriptedDraws>();

  constructor(recording: Recorder) {
    this.recording = recording;
  }

  enter(lane: RecordedLane, error: ErrorCause): void {
    this.lane = lane.spec;
    this.key = lane.spec === CONNECTION_LANE ? 0 : lane.key;
    this.error = error;
  }

  get self(): ProcessIndex {
    return this.recording.self;
  }

  get blocked(): boolean {
    return this.recording.runningLane.wait !== null;
  }

  get heldBack(): boolean {
    return this.recording.ioPaused;
  }

  now(): number {
    return this.recording.now;
  }

  wall(): number {
    return this.recording.now + this.recording.wallOffset;
  }

  private asked(): { lane: number; key: number; time: number } {
    return { lane: this.lane, key: this.key, time: this.recording.now };
  }

  datagram(to: ProcessIndex, input: InputKind, body: unknown): void {
    this.recording.effects.push({ kind: 'datagram', ...this.asked(), to, input, body });
  }

  request(
    to: ProcessIndex,
    input: InputKind,
    body: unknown,
    timeoutMicros: number,
    answer: InputKind,
    tag: number,
    answerKey = 0,
  ): void {
    const sent = { to, input, body, timeoutMicros, answer, tag, answerKey };
    this.recording.effects.push({ kind: 'request', ...this.asked(), ...sent });
  }

  call(
    to: ProcessIndex,
    input: InputKind,
    body: unknown,
    timeoutMicros: number,
    step: number,
    argument: number,
  ): void {
    const sent = { to, input, body, timeoutMicros };
    this.recording.block({ kind: 'call', ...this.asked(), step, argument, ...sent });
  }

  reply(exchange: number, body: unknown): void {
    this.recording.effects.push({ kind: 'reply', ...this.asked(), exchange, body, failed: false });
  }

  fail(exchange: number, body: unknown): void {
    this.recording.effects.push({ kind: 'reply', ...this.asked(), exchange, body, failed: true });
  }

  peerOf(exchange: number): ProcessIndex {
    return this.recording.peerOf(exchange);
  }

  openPipeline(to: ProcessIndex, input: InputKind, timeoutMicros: number, step: number): void {
    const wait = { step, argument: 0, to, input, timeoutMicros };
    this.recording.block({ kind: 'open-pipeline', ...this.asked(), ...wait });
  }

  pipeline(
    connection: number,
    input: InputKind,
    body: unknown,
    timeoutMicros: number,
    answer: InputKind,
    tag: number,
    answerKey: number,
  ): void {
    const sent = { to: -1, connection, input, body, timeoutMicros, answer, tag, answerKey };
    this.recording.effects.push({ kind: 'pipeline', ...this.asked(), ...sent });
  }

  closePipeline(connection: number): void {
    this.recording.effects.push({ kind: 'close-pipeline', ...this.asked(), connection });
  }

  sendPart(
    connection: number,
    input: InputKind,
    body: unknown,
    step: number,
    argument: number,
  ): void {
    const wait = { step, argument, connection, input, body };
    this.recording.block({ kind: 'send-part', ...this.asked(), ...wait });
  }

  readPart(exchange: number, silenceMicros: number, step: number, argument: number): void {
    const wait = { step, argument, exchange, silenceMicros };
    this.recording.block({ kind: 'read-part', ...this.asked(), ...wait });
  }

  write(writes: readonly Write[], step: number, argument: number): void {
    this.recording.block({ kind: 'write', ...this.asked(), step, argument, writes });
  }

  sleep(delayMicros: number, step: number, argument: number): void {
    const until = this.recording.now + delayMicros;
    this.recording.block({ kind: 'sleep', ...this.asked(), step, argument, until });
  }

  work(micros: number): number {
    return micros;
  }

  park(step: number, argument: number): void {
    this.recording.block({ kind: 'park', ...this.asked(), step, argument });
  }

  unpark(target: number, targetKey: number): void {
    this.recording.effects.push({ kind: 'unpark', ...this.asked(), target, targetKey });
    const lane = this.recording.find(target, targetKey);
    if (lane?.wait?.kind === 'park') this.recording.resume(lane, undefined, ErrorCause.none);
  }

  preempt(step: number, argument: number): void {
    const { recording } = this;
    recording.block({ kind: 'preempt', ...this.asked(), step, argument });
    if (!recording.passPreemptions) return;
    recording.resume(recording.runningLane, undefined, ErrorCause.none);
  }

  post(input: InputKind, target: number, from: number, body: unknown): boolean {
    const { recording } = this;
    const taken =
      !recording.owns(input) || recording.offer(input, target, from, body, ErrorCause.none);
    recording.effects.push({ kind: 'post', ...this.asked(), input, target, from, body, taken });
    return taken;
  }

  receive(input: InputKind): unknown {
    const { waiting } = this.recording.runningLane;
    const at = waiting.findIndex((item) => item.input === input);
    return at < 0 ? undefined : waiting.splice(at, 1)[0].body;
  }

  sibling(machine: number): unknown {
    return this.recording.siblings.get(machine);
  }

  spawn(target: number, targetKey: number): void {
    const { recording } = this;
    recording.effects.push({ kind: 'spawn', ...this.asked(), target, targetKey });
    assert(
      recording.find(target, targetKey) === undefined,
      `lane ${target}/${targetKey} runs already`,
    );
    recording.spawn(target, targetKey);
  }

  exit(): void {
    const { lane: target, key: targetKey } = this;
    this.recording.effects.push({ kind: 'exit', ...this.asked(), target, targetKey });
    this.recording.remove(this.recording.runningLane);
  }

  reap(target: number, targetKey: number): void {
    this.recording.effects.push({ kind: 'reap', ...this.asked(), target, targetKey });
    const lane = this.recording.find(target, targetKey);
    if (lane !== undefined) this.recording.remove(lane);
  }

  timer(input: InputKind, timerKey: number, delayMicros: number): void {
    this.recording.setTimer(input, timerKey, delayMicros);
    this.recording.effects.push({ kind: 'timer', ...this.asked(), input, timerKey, delayMicros });
  }

  cancel(input: InputKind, timerKey: number): void {
    this.recording.cancelTimer(input, timerKey);
    this.recording.effects.push({ kind: 'cancel', ...this.asked(), input, timerKey });
  }

  draw(purpose: string): ScriptedDraws {
    let draws = this.streams.get(purpose);
    if (draws === undefined) this.streams.set(purpose, (draws = new ScriptedDraws(purpose)));
    return draws;
  }

  sample(purpose: string, sampler: Sampler): number {
    return this.draw(purpose).sample(sampler);
  }

  note(note: NoteKind, a: number, b: number, c: number): void {
    this.recording.effects.push({ kind: 'note', ...this.asked(), note, a, b, c });
  }

  mark(bug: string): void {
    this.recording.marks.add(bug);
    this.recording.effects.push({ kind: 'mark', ...this.asked(), text: bug });
  }

  panic(reason: string): void {
    this.recording.effects.push({ kind: 'panic', ...this.asked(), text: reason });
    this.recording.crash();
  }
}
