/** Which write of a process a crash or a clean exit waits for. */
import { AFTER_PROGRAM } from '../core/process.ts';
import type { CrashPoint, Process } from '../core/process.ts';
import type { FaultSpec } from '../../scenarios/scenario.ts';
import { isDown } from './crash.ts';
import { isSignal } from './departure.ts';
import type { Occurrence } from './occurrence.ts';
import { leavingProcesses } from './restart.ts';
import type { Held } from './verb.ts';

/**
 * A process has one crash point, and loses it when it ends; so after every act each one gets the
 * first that it is due. A clean exit goes before crashes that wait for a certain write.
 */
export function setCrashPoints(
  active: readonly Occurrence[],
  specOf: (fault: number) => FaultSpec,
  processes: readonly Process[],
): void {
  const exits = new Map<number, CrashPoint>();
  const crashes = new Map<number, CrashPoint>();
  for (const { id, held, phase, fault, process } of active) {
    for (const leaving of leavingIn(held)) {
      // Whoever has been ended by something else meanwhile has left, too.
      if (exits.has(leaving) || isDown(processes[leaving])) continue;
      exits.set(leaving, { write: AFTER_PROGRAM, how: 'exit', tag: id });
    }
    const { action } = specOf(fault);
    if (phase !== 'armed' || action.kind !== 'crash' || crashes.has(process)) continue;
    const how = isSignal(action.how) ? 'exit' : action.how;
    crashes.set(process, { write: action.atWrite!, how, tag: id });
  }
  for (const process of processes) {
    const point = exits.get(process.index) ?? crashes.get(process.index) ?? null;
    if (process.crashPoint?.tag !== point?.tag) process.crashPoint = point;
  }
}

function leavingIn(held: Held | null): number[] {
  if (held?.kind === 'restart') return leavingProcesses(held);
  if (held?.kind !== 'crash') return [];
  return held.victims.filter(({ state }) => state === 'leaving').map(({ process }) => process);
}
