/** `mesh.intention-obeyed`: a proxy lets in whom the intentions of the leader's store let in. */
import { CaNote } from '../../consul/connect/vocabulary.ts';
import { matchIntentions } from '../../consul/state/connect.ts';
import type { Intention } from '../../service/mesh.ts';
import type { ProxyState } from '../../service/proxy.ts';
import { QUIET_NOTES, Quiet } from '../catalog/quiet.ts';
import type { QuietState } from '../catalog/quiet.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import { inSeconds } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';
import { isCalm, meshProxies, proxyAt } from './members.ts';

/** A blocking query, what is told together, and the way; far less in a network that is at rest. */
const LAG_MICROS = 5_000_000;

interface Saved {
  readonly exercised: number;
  readonly differs: readonly (readonly [ProcessIndex, number])[];
  readonly reported: readonly ProcessIndex[];
  readonly quiet: QuietState;
}

class IntentionObeyed implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [...QUIET_NOTES, CaNote.changed];
  /** Intentions that were changed. */
  exercised = 0;
  /** Since when the proxy of a program has gone by others than the store's. */
  private differs = new Map<ProcessIndex, number>();
  private reported = new Set<ProcessIndex>();
  private readonly quiet: Quiet;
  private readonly proxies: readonly ProcessIndex[];
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
    this.quiet = new Quiet(context);
    this.proxies = meshProxies(context.world);
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number, b: number, c: number): void {
    if (kind === CaNote.changed) this.exercised++;
    else this.quiet.onNote(kind, process, a, b, c);
  }

  onSecond(): void {
    this.quiet.look();
    const { world } = this.context;
    for (const process of this.proxies) {
      const proxy = proxyAt(world, process);
      if (proxy === undefined || this.agrees(proxy)) {
        this.differs.delete(process);
        this.reported.delete(process);
        continue;
      }
      const since = this.differs.get(process) ?? world.now;
      this.differs.set(process, since);
      const { agent } = proxy.settings;
      if (isCalm(this.quiet, agent, world.now)) this.tell(process, world.now - since);
    }
  }

  private tell(process: ProcessIndex, micros: number): void {
    if (micros <= LAG_MICROS || this.reported.has(process)) return;
    this.reported.add(process);
    const { world, report } = this.context;
    const who = world.processes[process].name;
    report(`the proxy of ${who} has gone by other intentions for ${inSeconds(micros)}`, [process]);
  }

  /** Also where nobody can tell. */
  private agrees({ config, settings }: ProxyState): boolean {
    const { store } = this.quiet;
    if (store === null || config === null) return true;
    const { intentions } = matchIntentions(store, settings.service, null);
    return textOf(intentions) === textOf(config.intentions);
  }

  save(): unknown {
    return {
      exercised: this.exercised,
      differs: [...this.differs],
      reported: [...this.reported],
      quiet: this.quiet.save(),
    } satisfies Saved;
  }

  restore(state: unknown): void {
    const { exercised, differs, reported, quiet } = state as Saved;
    this.exercised = exercised;
    this.differs = new Map(differs);
    this.reported = new Set(reported);
    this.quiet.restore(quiet);
  }
}

function textOf(intentions: readonly Intention[]): string {
  return intentions
    .map(({ source, destination, action }) => `${source} ${destination} ${action}`)
    .join('\n');
}

export const intentionObeyed: Invariant = {
  name: 'mesh.intention-obeyed',
  expectation: 'always',
  occasional: true,
  statement: 'A change of intentions reaches every proxy within 5 s where nothing is in the way.',
  source: 'hashicorp/consul:agent/proxycfg/state.go; agent/structs/intention.go (UpdatePrecedence)',
  create: (context) => new IntentionObeyed(context),
};
