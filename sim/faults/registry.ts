/** Every kind of fault and the code behind it; the compiler finds a missing one. */
import { crash } from './crash.ts';
import { delay } from './delay.ts';
import { disk } from './disk.ts';
import { duplicate } from './duplicate.ts';
import { heal } from './heal.ts';
import { hold } from './hold.ts';
import { forceLeave, join, leave } from './leave.ts';
import { loss } from './loss.ts';
import { add, demote, remove, transfer } from './membership.ts';
import { maintenance } from './maintenance.ts';
import { caOutage, intention, rotateCa } from './mesh.ts';
import { partition } from './partition.ts';
import { pause } from './pause.ts';
import { reorder } from './reorder.ts';
import { recover, restart, upgrade } from './restart.ts';
import { skew } from './skew.ts';
import { slow } from './slow.ts';
import type { ActionKind, ActionOf, Held, Verb } from './verb.ts';
import type { FaultAction } from '../../scenarios/scenario.ts';

export const VERBS: { readonly [K in ActionKind]: Verb<ActionOf<K>, Held> } = {
  crash,
  restart,
  pause,
  partition,
  loss,
  delay,
  duplicate,
  reorder,
  hold,
  slow,
  skew,
  disk,
  add,
  remove,
  demote,
  transfer,
  leave,
  force_leave: forceLeave,
  join,
  recover,
  upgrade,
  maintenance,
  rotate_ca: rotateCa,
  ca_outage: caOutage,
  intention,
  heal,
};

/** The verb of an action; what it holds comes back to it, and to nobody else. */
export function verbOf(action: FaultAction): Verb<FaultAction, Held> {
  return VERBS[action.kind] as Verb<FaultAction, Held>;
}
