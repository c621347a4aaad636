/** What a caller looks at now and then: outliers, and weights that grow with time. */
import type { Outbox } from '../../core/machine.ts';
import { CallNote } from '../../service/vocabulary.ts';
import { sweep } from '../health/outliers.ts';
import { CallerInput, SWEEP_MICROS } from './state.ts';
import type { CallerState } from './state.ts';
import { isWarming, onHealthChanged, refreshWeights } from './upstream.ts';

export function onSweep(state: CallerState, at: number, out: Outbox): void {
  const upstream = state.upstreams[at];
  const { outliers, endpoints } = upstream;
  const now = out.now();
  const wasWarming = !upstream.equalWeights;
  if (isWarming(upstream, now) || wasWarming) {
    refreshWeights(upstream, now);
    upstream.version++;
  }
  out.timer(CallerInput.sweep, at, outliers?.spec.intervalMicros ?? SWEEP_MICROS);
  if (outliers === null) return;
  const { ejected, readmitted } = sweep(outliers, now, out.draw('outliers'));
  if (ejected.length + readmitted.length === 0) return;
  for (const one of readmitted) upstream.listedSince[one] = now;
  refreshWeights(upstream, now);
  onHealthChanged(upstream);
  for (const one of ejected) {
    out.note(CallNote.ejected, at, endpoints[one].process, outliers.ejected);
  }
  for (const one of readmitted) {
    out.note(CallNote.readmitted, at, endpoints[one].process, outliers.ejected);
  }
}
