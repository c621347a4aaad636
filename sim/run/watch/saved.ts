/** A watched run as a scenario file that does the same. */
import type { Config } from '../../../scenarios/load.ts';
import type { FaultSpec } from '../../../scenarios/scenario.ts';
import { savedScenario } from '../../explore/saved-scenario.ts';
import type { Session } from '../session.ts';

export interface SavedRun {
  readonly config: Config;
  readonly session: Session;
  /** Name of the scenario that is written. */
  readonly name: string;
  /** The file as the command of its first line names it. */
  readonly file: string;
}

/** Every edit that was made, those behind the present too; the first lines say how to run it. */
export function savedRun({ config, session, name, file }: SavedRun): string {
  const { seed, ended } = session;
  const text = savedScenario({ ...config, name }, planOf(session));
  const end = ended ? `, which ends with fingerprint ${session.fingerprint}` : '';
  return `# lictor run ${file} --seed ${seed}${end}\n${text}`;
}

function planOf(session: Session): FaultSpec[] {
  const made = session.edits.map(({ fault }) => fault);
  const planned = session.run.faults.plan();
  return [...planned.slice(0, planned.length - session.editsApplied), ...made];
}
