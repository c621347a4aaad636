/** Metrics of the service mesh: certificates, and how soon rotations and intentions arrive. */
import { MeshNote } from '../consul/agent/mesh/vocabulary.ts';
import { CaNote } from '../consul/connect/vocabulary.ts';
import type { NoteKind, ProcessIndex } from '../core/machine.ts';
import type { Observer } from '../core/observer.ts';
import type { World } from '../core/world.ts';
import { ProxyNote } from '../service/proxy.ts';

interface Saved {
  readonly certificates: number;
  readonly refusals: number;
  readonly rotatedMicros: number;
  readonly changedMicros: number;
  readonly renewed: readonly string[];
  readonly configured: readonly ProcessIndex[];
}

export class MeshMeasure implements Observer {
  readonly wants: readonly NoteKind[] = [
    CaNote.issued,
    CaNote.refused,
    CaNote.rotated,
    CaNote.changed,
    MeshNote.renewed,
    ProxyNote.configured,
  ];
  private certificates = 0;
  private refusals = 0;
  /** Of the last rotation and the last intention; -1: there was none. */
  private rotatedMicros = -1;
  private changedMicros = -1;
  /** Who has followed them: services of agents, and proxies. */
  private renewed = new Set<string>();
  private configured = new Set<ProcessIndex>();
  private readonly world: World;
  private readonly rotation: number;
  private readonly lag: number;

  constructor(world: World) {
    this.world = world;
    this.rotation = world.metrics.id('mesh.rotation', 'time');
    this.lag = world.metrics.id('mesh.intention-lag', 'time');
  }

  onNote(kind: NoteKind, process: ProcessIndex, a: number): void {
    const { now, metrics } = this.world;
    switch (kind) {
      case CaNote.issued:
        this.certificates++;
        return;
      case CaNote.refused:
        this.refusals++;
        return;
      case CaNote.rotated:
        this.rotatedMicros = now;
        this.renewed.clear();
        return;
      case CaNote.changed:
        this.changedMicros = now;
        this.configured.clear();
        return;
      case MeshNote.renewed: {
        const who = `${process}/${a}`;
        if (this.rotatedMicros < 0 || this.renewed.has(who)) return;
        this.renewed.add(who);
        metrics.record(this.rotation, now - this.rotatedMicros);
        return;
      }
      default:
        if (this.changedMicros < 0 || this.configured.has(process)) return;
        this.configured.add(process);
        metrics.record(this.lag, now - this.changedMicros);
    }
  }

  finish(): void {
    const { metrics } = this.world;
    metrics.set(metrics.id('mesh.certificates', 'counter'), this.certificates);
    metrics.set(metrics.id('mesh.refusals', 'counter'), this.refusals);
  }

  save(): unknown {
    const { certificates, refusals, rotatedMicros, changedMicros } = this;
    const renewed = [...this.renewed];
    const configured = [...this.configured];
    const saved: Saved = {
      certificates,
      refusals,
      rotatedMicros,
      changedMicros,
      renewed,
      configured,
    };
    return saved;
  }

  restore(state: unknown): void {
    const saved = state as Saved;
    this.certificates = saved.certificates;
    this.refusals = saved.refusals;
    this.rotatedMicros = saved.rotatedMicros;
    this.changedMicros = saved.changedMicros;
    this.renewed = new Set(saved.renewed);
    this.configured = new Set(saved.configured);
  }
}
