/** The local health score (`hashicorp/memberlist:awareness.go`): 0 is healthy. */
import type { Outbox } from '../../core/machine.ts';
import type { Member } from './member.ts';
import { GossipNote } from './vocabulary.ts';

export function applyHealth(member: Member, delta: number, out: Outbox): void {
  const { healthMax } = member.config.lifeguard;
  const before = member.health;
  if (member.config.bugs.G12) return;
  member.health = Math.max(0, Math.min(healthMax, before + delta));
  if (member.health !== before) out.note(GossipNote.health, member.health, before, 0);
}

/** What a failed probe says of the prober itself. */
export function failureDelta(member: Member): number {
  const { expectedNacks, nacks } = member.probe;
  const missed = Math.max(0, expectedNacks - nacks);
  if (member.config.lifeguard.failureCounts) return 1 + Number(missed > 0);
  return expectedNacks > 0 ? missed : 1;
}
