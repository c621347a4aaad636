/**
 * The history of clients as Jepsen writes it: one EDN map a line, nanoseconds, values as
 * `[key value]` as its `independent` workloads do (`lictor check --independent` reads it again).
 *
 * A process of Jepsen does one thing at a time and is not heard of again once an outcome is
 * unknown. Clients with an open loop are several such processes, whose numbers are given here.
 */
import type { HistoryRecord } from '../../sim/client/history.ts';

/** As Jepsen's register workloads call them; our cas compares an index, which is none of theirs. */
const FUNCTIONS: Readonly<Record<string, string>> = {
  get: 'read',
  put: 'write',
  cas: 'cas-index',
};

export function toJepsen(history: readonly string[]): string {
  const processes = new Processes();
  const lines = history.map((line, index) => {
    const record = JSON.parse(line) as HistoryRecord;
    const { type, f, key, value, time, error, host, event } = record;
    const fields = [
      `:index ${index}`,
      `:type :${type}`,
      `:process ${processes.of(record)}`,
      `:f :${FUNCTIONS[f] ?? f}`,
      `:value [${text(key)} ${value === null ? 'nil' : text(typeof value === 'string' ? value : JSON.stringify(value))}]`,
      `:time ${time * 1000}`,
      `:node ${text(host)}`,
      `:event ${event}`,
      ...(error === undefined ? [] : [`:error ${text(error)}`]),
    ];
    return `{${fields.join(', ')}}\n`;
  });
  return lines.join('');
}

class Processes {
  private next = 0;
  /** By operation that is under way. */
  private readonly taken = new Map<number, number>();
  private readonly free: number[] = [];

  of({ type, op }: HistoryRecord): number {
    if (type === 'invoke') {
      const process = this.free.shift() ?? this.next++;
      this.taken.set(op, process);
      return process;
    }
    const process = this.taken.get(op)!;
    this.taken.delete(op);
    if (type !== 'info') this.free.push(process);
    return process;
  }
}

/** A string of EDN. */
function text(value: string): string {
  return JSON.stringify(value);
}
