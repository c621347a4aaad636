/** `mesh.follows-root`: in the end every certificate is one of the active root. */
import { CaNote } from '../../consul/connect/vocabulary.ts';
import { activeRoot, listRoots } from '../../consul/state/connect.ts';
import { leadersStore } from '../leader.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind } from '../invariant.ts';
import { meshAgents, meshAt } from './members.ts';

class FollowsRoot implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [CaNote.rotated];
  /** Rotations. */
  exercised = 0;
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(): void {
    this.exercised++;
  }

  pending(): string | null {
    const { world } = this.context;
    const agents = meshAgents(world);
    const store = agents.length === 0 ? null : leadersStore(this.context);
    if (store === null) return null;
    const active = activeRoot(listRoots(store, null).roots)?.id;
    const behind = agents.flatMap((agent) => {
      const services = meshAt(world, agent)?.services ?? [];
      return services
        .filter(({ leaf }) => leaf?.root !== active)
        .map(({ leaf, name }) => `${world.processes[agent].name} has ${leaf?.root} for ${name}`);
    });
    if (behind.length === 0) return null;
    const more = behind.length > 2 ? ` and ${behind.length - 2} more` : '';
    return `${active} signs, but ${behind.slice(0, 2).join(', ')}${more}`;
  }

  save(): unknown {
    return this.exercised;
  }

  restore(state: unknown): void {
    this.exercised = state as number;
  }
}

export const followsRoot: Invariant = {
  name: 'mesh.follows-root',
  expectation: 'eventually',
  occasional: true,
  statement: 'In the end every agent that runs has certificates of the root that signs.',
  source: 'hashicorp/consul:agent/leafcert/generate.go (attemptLeafRefresh)',
  create: (context) => new FollowsRoot(context),
};
