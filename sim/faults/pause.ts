/** Pause and resume: a program stands still, its host is suspended, or it neither sends nor hears. */
import type { PauseKind } from '../core/power.ts';
import type { ActionOf, Verb } from './verb.ts';

interface Paused {
  readonly process: number;
  /** The life of the process that was paused: a restart forgets the pause. */
  readonly generation: number;
}

export interface PauseHeld {
  readonly kind: 'pause';
  readonly mode: PauseKind;
  readonly paused: readonly Paused[];
}

export const pause: Verb<ActionOf<'pause'>, PauseHeld> = {
  begin(action, aim, { context }) {
    const { power, processes } = context.world;
    const paused: Paused[] = [];
    const targets = aim.get(action.hosts)!;
    const suspends = action.mode === 'suspend';
    const groups = suspends
      ? context.hostsOf(targets).map((host) => context.processesOf(host))
      : [targets.flatMap((one) => (action.agent === true ? context.agentsOf(one) : [one]))];
    for (const group of groups) {
      const running = [...new Set(group)]
        .map((index) => processes[index])
        .filter(({ status }) => status !== 'down');
      // A suspension concerns the host as a whole, so it is asked for once.
      const asked = suspends ? running.slice(0, 1) : running;
      for (const process of asked) power.pause(process, action.mode);
      for (const { index, generation } of asked) paused.push({ process: index, generation });
    }
    return { held: { kind: 'pause', mode: action.mode, paused } };
  },
  affected: ({ paused }) => paused.length,
  end({ mode, paused }, { context }) {
    const { power, processes } = context.world;
    for (const { process, generation } of paused) {
      if (processes[process].generation === generation) power.resume(processes[process], mode);
    }
    return paused.length;
  },
};
