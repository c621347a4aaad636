/** What a machine asked of its Outbox, as data: the recording Outbox keeps a list of these. */
import type { InputKind, NoteKind, ProcessIndex, Write } from './machine.ts';

/** Where and when: lane and key as the Outbox names them, time of the local monotonic clock. */
interface Asked {
  readonly lane: number;
  readonly key: number;
  readonly time: number;
}

interface Sent extends Asked {
  readonly to: ProcessIndex;
  readonly input: InputKind;
  readonly body: unknown;
}

export interface DatagramEffect extends Sent {
  readonly kind: 'datagram';
}

export interface RequestEffect extends Sent {
  readonly kind: 'request';
  readonly timeoutMicros: number;
  readonly answer: InputKind;
  readonly tag: number;
  readonly answerKey: number;
}

/** A request on a pipeline; its answer comes to the lane `answerKey` of `answer`. */
export interface PipelineEffect extends Sent {
  readonly kind: 'pipeline';
  readonly connection: number;
  readonly timeoutMicros: number;
  readonly answer: InputKind;
  readonly tag: number;
  readonly answerKey: number;
}

interface Waits extends Asked {
  readonly step: number;
  readonly argument: number;
}

export interface CallEffect extends Waits {
  readonly kind: 'call';
  readonly to: ProcessIndex;
  readonly input: InputKind;
  readonly body: unknown;
  readonly timeoutMicros: number;
}

export interface OpenPipelineEffect extends Waits {
  readonly kind: 'open-pipeline';
  readonly to: ProcessIndex;
  readonly input: InputKind;
  readonly timeoutMicros: number;
}

export interface WriteEffect extends Waits {
  readonly kind: 'write';
  readonly writes: readonly Write[];
}

export interface SleepEffect extends Waits {
  readonly kind: 'sleep';
  readonly until: number;
}

export interface ParkEffect extends Waits {
  readonly kind: 'park' | 'preempt';
}

/** A part of a long body goes out on a pipeline. */
export interface SendPartEffect extends Waits {
  readonly kind: 'send-part';
  readonly connection: number;
  readonly input: InputKind;
  readonly body: unknown;
}

export interface ReadPartEffect extends Waits {
  readonly kind: 'read-part';
  readonly exchange: number;
  readonly silenceMicros: number;
}

/** Effects that block their lane until the test says how they end. */
export type WaitEffect =
  | CallEffect
  | OpenPipelineEffect
  | WriteEffect
  | SleepEffect
  | ParkEffect
  | SendPartEffect
  | ReadPartEffect;

export type WaitKind = WaitEffect['kind'];

export interface ReplyEffect extends Asked {
  readonly kind: 'reply';
  readonly exchange: number;
  readonly body: unknown;
  readonly failed: boolean;
}

export interface PostEffect extends Asked {
  readonly kind: 'post';
  readonly input: InputKind;
  readonly target: number;
  readonly from: number;
  readonly body: unknown;
  readonly taken: boolean;
}

export interface TimerEffect extends Asked {
  readonly kind: 'timer';
  readonly input: InputKind;
  readonly timerKey: number;
  readonly delayMicros: number;
}

export interface CancelEffect extends Asked {
  readonly kind: 'cancel';
  readonly input: InputKind;
  readonly timerKey: number;
}

export interface NoteEffect extends Asked {
  readonly kind: 'note';
  readonly note: NoteKind;
  readonly a: number;
  readonly b: number;
  readonly c: number;
}

/** A lane begins, ends itself, is ended, or is woken from `park`. */
export interface LaneEffect extends Asked {
  readonly kind: 'spawn' | 'exit' | 'reap' | 'unpark';
  readonly target: number;
  readonly targetKey: number;
}

export interface ClosePipelineEffect extends Asked {
  readonly kind: 'close-pipeline';
  readonly connection: number;
}

export interface TextEffect extends Asked {
  readonly kind: 'mark' | 'panic';
  readonly text: string;
}

export type Effect =
  | DatagramEffect
  | RequestEffect
  | PipelineEffect
  | WaitEffect
  | ReplyEffect
  | PostEffect
  | TimerEffect
  | CancelEffect
  | NoteEffect
  | LaneEffect
  | ClosePipelineEffect
  | TextEffect;

export type EffectKind = Effect['kind'];
/** The effect of that kind. */
export type EffectOf<K extends EffectKind> = Extract<Effect, { readonly kind: K }>;
