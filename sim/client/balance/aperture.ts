/**
 * Aperture: a client uses a window of the instances only, beginning at a coordinate of its own, with
 * power of two choices inside. The window widens when the load per instance, smoothed, reaches the
 * upper edge of its band, and narrows at the lower one; so a client that asks little has few
 * connections.
 */
import { exp } from '../../core/math.ts';
import { pickOfTwo } from './p2c.ts';
import type { Picking, Policy } from './policy.ts';

export interface Window {
  readonly coordinate: number;
  width: number;
  /** Smoothed number of requests under way. */
  load: number;
  stamp: number;
}

/** One more or one less, by the load per instance of the window. */
export function adjust(window: Window, active: number, size: number, picking: Picking): void {
  const { now, settings } = picking;
  const { smoothMicros, low, high, min } = settings.aperture;
  const kept = exp(-Math.max(0, now - window.stamp) / smoothMicros);
  window.load = window.load * kept + active * (1 - kept);
  window.stamp = now;
  const perInstance = window.load / window.width;
  if (perInstance >= high && window.width < size) window.width++;
  else if (perInstance <= low && window.width > Math.min(min, size)) window.width--;
}

export const aperture: Policy<Window> = {
  source:
    'twitter/finagle:finagle-core/src/main/scala/com/twitter/finagle/loadbalancer/aperture/LoadBand.scala, Aperture.scala',
  seesHealth: true,
  create: ({ aperture: { min } }, endpoints, draws) => ({
    coordinate: draws.below(Math.max(1, endpoints.length)),
    width: Math.max(1, Math.min(min, endpoints.length)),
    load: 0,
    stamp: 0,
  }),
  pick(window, picking) {
    const { candidates, activeTotal, active } = picking;
    const size = candidates.length;
    adjust(window, activeTotal + 1, size, picking);
    window.width = Math.min(window.width, size);
    const inside: number[] = [];
    for (let i = 0; i < window.width; i++) {
      inside.push(candidates[(window.coordinate + i) % size]);
    }
    return pickOfTwo({ ...picking, candidates: inside }, (one) => active[one]);
  },
  onEnd(window, _sample, picking) {
    adjust(window, picking.activeTotal, picking.endpoints.length, picking);
  },
  save: (window) => ({ ...window }),
};
