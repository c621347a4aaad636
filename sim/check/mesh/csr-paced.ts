/**
 * `mesh.csr-paced`: whoever is refused does not ask again and again. Waits are drawn from 30 s, and
 * after errors there are three attempts at once and then pauses: more than 15 in 30 s are not chance.
 */
import { MeshNote } from '../../consul/agent/mesh/vocabulary.ts';
import type { CheckContext, Invariant, InvariantCheck } from '../invariant.ts';
import type { NoteKind, ProcessIndex } from '../invariant.ts';

const WINDOW_MICROS = 30_000_000;
const REQUESTS_MAX = 15;

type Asked = readonly (readonly [string, readonly number[]])[];

class CsrPaced implements InvariantCheck {
  readonly wants: readonly NoteKind[] = [MeshNote.requested];
  /** Requests for certificates. */
  exercised = 0;
  /** Times of the last requests, by agent and service. */
  private asked = new Map<string, readonly number[]>();
  private readonly context: CheckContext;

  constructor(context: CheckContext) {
    this.context = context;
  }

  onNote(_kind: NoteKind, process: ProcessIndex, service: number): void {
    this.exercised++;
    const { world, report } = this.context;
    const key = `${process}/${service}`;
    const since = world.now - WINDOW_MICROS;
    const times = [...(this.asked.get(key) ?? []).filter((one) => one > since), world.now];
    // Told once, and then of the next so many.
    this.asked.set(key, times.length > REQUESTS_MAX ? [] : times);
    if (times.length <= REQUESTS_MAX) return;
    const who = world.processes[process].name;
    report(`${who} asked for one certificate ${times.length} times within 30 s`, [process]);
  }

  save(): unknown {
    return { exercised: this.exercised, asked: [...this.asked] satisfies Asked };
  }

  restore(state: unknown): void {
    const { exercised, asked } = state as { readonly exercised: number; readonly asked: Asked };
    this.exercised = exercised;
    this.asked = new Map(asked);
  }
}

export const csrPaced: Invariant = {
  name: 'mesh.csr-paced',
  expectation: 'always',
  occasional: true,
  statement: 'An agent asks for one certificate at most 15 times in 30 s.',
  source: 'hashicorp/consul:agent/leafcert/generate.go (caChangeJitterWindow)',
  create: (context) => new CsrPaced(context),
};
