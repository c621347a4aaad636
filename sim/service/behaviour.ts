/** What is wrong with one instance, as a function of its local time: no timers, nothing to save. */
import type { Sampler } from '../core/distribution.ts';

export type Behaviour = {
  /** Local time in microseconds, [from, until). */
  readonly fromMicros: number;
  readonly untilMicros: number;
} & (
  | { readonly kind: 'slow'; readonly factor: number }
  /** Work takes this long, whatever the service's own time is. */
  | { readonly kind: 'time'; readonly time: Sampler }
  /** Takes requests and never answers. */
  | { readonly kind: 'hung' }
  /** Turns everything away at once. */
  | { readonly kind: 'refusing' }
  /** Errors instead of answers; `after` is the time that takes, null: as much as an answer. */
  | { readonly kind: 'failing'; readonly share: number; readonly after: Sampler | null }
  /** Refuses during `down` after each `up`. */
  | { readonly kind: 'flapping'; readonly upMicros: number; readonly downMicros: number }
);

export type BehaviourKind = Behaviour['kind'];

function isNow(behaviour: Behaviour, now: number): boolean {
  if (now < behaviour.fromMicros || now >= behaviour.untilMicros) return false;
  if (behaviour.kind !== 'flapping') return true;
  const { upMicros, downMicros, fromMicros } = behaviour;
  return (now - fromMicros) % (upMicros + downMicros) >= upMicros;
}

/** The last of that kind which is in force. */
export function inForce<K extends BehaviourKind>(
  behaviours: readonly Behaviour[],
  kind: K,
  now: number,
): Extract<Behaviour, { kind: K }> | undefined {
  for (let i = behaviours.length - 1; i >= 0; i--) {
    const one = behaviours[i];
    if (one.kind === kind && isNow(one, now)) return one as Extract<Behaviour, { kind: K }>;
  }
  return undefined;
}

/** All slowness there is, multiplied. */
export function slowness(behaviours: readonly Behaviour[], now: number): number {
  let factor = 1;
  for (let i = 0; i < behaviours.length; i++) {
    const one = behaviours[i];
    if (one.kind === 'slow' && isNow(one, now)) factor *= one.factor;
  }
  return factor;
}

export function refuses(behaviours: readonly Behaviour[], now: number): boolean {
  return (
    inForce(behaviours, 'refusing', now) !== undefined ||
    inForce(behaviours, 'flapping', now) !== undefined
  );
}
