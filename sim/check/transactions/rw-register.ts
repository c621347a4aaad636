/**
 * Registers that transactions read and replace by unique values. Which of two values came first is
 * only known where a transaction read one and wrote the other, for the initial value, and, if the
 * keys are taken to be linearizable, from real time.
 */
import type { Scalar } from '../linearizability/operation.ts';
import { canonical, valueText } from '../linearizability/operation.ts';
import { components } from './components.ts';
import { EDGE, GraphBuilder } from './graph.ts';
import type { Inference } from './inference.ts';
import { Findings } from './inference.ts';
import type { Step, Transaction } from './transaction.ts';
import { isRead, isWrite } from './transaction.ts';

/** A value that a key had. */
interface Version {
  readonly key: Scalar;
  readonly value: Scalar;
  /** -1 for the initial value. */
  readonly writer: number;
  /** False when its writer replaced it itself. */
  final: boolean;
  readonly readers: number[];
  /** Versions that are known to come later, most of them directly after. */
  readonly later: Set<number>;
  hasEarlier: boolean;
}

export class RwRegister implements Inference {
  readonly findings: Findings;
  reason = '';
  readonly #transactions: readonly Transaction[];
  readonly #versions: Version[] = [];
  readonly #numbers = new Map<Scalar, Map<Scalar, number>>();
  /** First transaction that read a version and replaced it. */
  readonly #updaters = new Map<number, number>();

  /** @param linearizableKeys writes of a key take effect in the order of real time */
  constructor(transactions: readonly Transaction[], linearizableKeys: boolean) {
    this.#transactions = transactions;
    this.findings = new Findings(transactions);
    for (const transaction of transactions) this.#collectWrites(transaction);
    if (this.reason !== '') return;
    for (const transaction of transactions) {
      if (transaction.status === 'committed') this.#collectReads(transaction);
    }
    if (linearizableKeys) this.#orderByTime();
    this.#orderInitial();
    this.#checkVersions();
  }

  addEdges(builder: GraphBuilder): void {
    this.#versions.forEach((version, number) => {
      const { writer, readers, later } = version;
      for (const reader of readers) {
        if (writer >= 0) builder.add(writer, reader, EDGE.wr, number, number);
      }
      for (const next of later) {
        const after = this.#versions[next]!.writer;
        if (writer >= 0) builder.add(writer, after, EDGE.ww, number, next);
        for (const reader of readers) builder.add(reader, after, EDGE.rw, number, next);
      }
    });
  }

  describe(kind: number, key: number, version: number, from: string, to: string): string {
    const before = this.#versions[key]!;
    const after = this.#versions[version]!;
    const name = valueText(before.key);
    const value = valueText(before.value);
    if (kind === EDGE.wr) return `${to} read ${name} = ${value}, which ${from} wrote`;
    const next = `${to} wrote ${name} = ${valueText(after.value)}`;
    return kind === EDGE.ww
      ? `${next} after ${from} wrote ${value}`
      : `${from} read ${name} = ${value}, which came before ${next}`;
  }

  #collectWrites({ id, steps, operation }: Transaction): void {
    const last = new Map<Scalar, number>();
    for (const [verb, key, raw] of steps) {
      if (!isWrite(verb)) continue;
      const value = canonical(raw);
      const values = this.#valuesOf(key);
      if (values.has(value) && this.reason === '') {
        const where = operation.callLine > 0 ? `line ${operation.callLine}: ` : '';
        this.reason = `${where}${valueText(raw)} is written to ${valueText(key)} twice`;
      }
      const number = this.#versions.length;
      values.set(value, number);
      this.#versions.push(createVersion(key, value, id));
      const before = last.get(key);
      if (before !== undefined) this.#versions[before]!.final = false;
      last.set(key, number);
    }
  }

  /** The initial value of a key is there from the start. */
  #valuesOf(key: Scalar): Map<Scalar, number> {
    let values = this.#numbers.get(key);
    if (values === undefined) {
      values = new Map([[null, this.#versions.length]]);
      this.#versions.push(createVersion(key, null, -1));
      this.#numbers.set(key, values);
    }
    return values;
  }

  #collectReads({ id, steps }: Transaction): void {
    const current = new Map<Scalar, Scalar>();
    const external = new Map<Scalar, number>();
    for (const [verb, key, raw] of steps) {
      const value = canonical(raw);
      if (isRead(verb)) {
        const own = current.get(key);
        if (own !== undefined && own !== value) {
          const text = `T1 read ${valueText(key)} = ${valueText(raw)} after ${valueText(own)} of its own`;
          this.findings.add('internal', text, [id]);
        } else if (own === undefined) {
          const seen = this.#read(id, key, value);
          if (seen !== undefined) external.set(key, seen);
        }
      }
      current.set(key, value);
    }
    this.#followReads(id, steps, external);
  }

  /** Notes an external read; the version, unless it must not be read. */
  #read(reader: number, key: Scalar, value: Scalar): number | undefined {
    const number = this.#valuesOf(key).get(value);
    if (number === undefined) {
      this.findings.garbage(reader, key, value);
      return undefined;
    }
    const version = this.#versions[number]!;
    const { writer, final } = version;
    if (writer === reader) return undefined;
    version.readers.push(reader);
    if (writer >= 0 && this.#transactions[writer]!.status === 'aborted') {
      this.findings.abortedRead(reader, writer, key, value);
    } else if (!final) {
      this.findings.intermediateRead(reader, writer, key, value);
    }
    return number;
  }

  /** What a transaction wrote to a key comes after what it had read there. */
  #followReads(id: number, steps: readonly Step[], external: ReadonlyMap<Scalar, number>): void {
    for (const [verb, key, raw] of steps) {
      const seen = external.get(key);
      if (!isWrite(verb) || seen === undefined) continue;
      const written = this.#valuesOf(key).get(canonical(raw))!;
      if (!this.#versions[written]!.final) continue;
      this.#precede(seen, written);
      const other = this.#updaters.get(seen);
      if (other === undefined) this.#updaters.set(seen, id);
      else if (other !== id) this.findings.lostUpdate([other, id], key);
    }
  }

  #precede(earlier: number, later: number): void {
    this.#versions[earlier]!.later.add(later);
    this.#versions[later]!.hasEarlier = true;
  }

  /** Final committed writes of a key, in order of real time where that orders them. */
  #orderByTime(): void {
    for (const values of this.#numbers.values()) {
      const certain = [...values.values()].filter((number) => {
        const { writer, final } = this.#versions[number]!;
        return final && writer >= 0 && this.#transactions[writer]!.status === 'committed';
      });
      const end = (number: number): number => this.#operation(number).return;
      const byEnd = certain.toSorted((left, right) => end(left) - end(right) || left - right);
      const byCall = certain.toSorted(
        (left, right) => this.#operation(left).call - this.#operation(right).call || left - right,
      );
      let frontier: number[] = [];
      let ended = 0;
      for (const number of byCall) {
        const { call } = this.#operation(number);
        while (ended < byEnd.length && end(byEnd[ended]!) < call) {
          const latest = byEnd[ended++]!;
          const since = this.#operation(latest).call;
          frontier = frontier.filter((other) => end(other) >= since);
          frontier.push(latest);
        }
        for (const before of frontier) this.#precede(before, number);
      }
    }
  }

  #operation(version: number): Transaction['operation'] {
    return this.#transactions[this.#versions[version]!.writer]!.operation;
  }

  /** The initial value comes before all that nothing else is known to come before. */
  #orderInitial(): void {
    for (const values of this.#numbers.values()) {
      const initial = values.get(null)!;
      if (this.#versions[initial]!.readers.length === 0) continue;
      for (const number of values.values()) {
        const { writer, final, hasEarlier, readers } = this.#versions[number]!;
        if (number === initial || hasEarlier || !final) continue;
        const happened = this.#transactions[writer]!.status === 'committed' || readers.length > 0;
        if (happened) this.#precede(initial, number);
      }
    }
  }

  #checkVersions(): void {
    const builder = new GraphBuilder();
    this.#versions.forEach(({ later }, number) => {
      for (const next of later) builder.add(number, next, EDGE.ww);
    });
    for (const component of components(builder.build(this.#versions.length), 1)) {
      const involved = component.map((number) => this.#versions[number]!);
      const values = involved.map(({ value }) => valueText(value)).join(', ');
      const text = `${values} of ${valueText(involved[0]!.key)} each came before the others`;
      const writers = involved.map(({ writer }) => writer).filter((writer) => writer >= 0);
      this.findings.add('cyclic-versions', text, writers);
    }
  }
}

function createVersion(key: Scalar, value: Scalar, writer: number): Version {
  return { key, value, writer, final: true, readers: [], later: new Set(), hasEarlier: false };
}
