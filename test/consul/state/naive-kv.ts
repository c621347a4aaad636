/** Keys, sessions and tombstones in plain maps: what the state store is compared with. */
import type { KvCommand, StoreCommand } from '../../../sim/consul/state/commands.ts';
import type { KvEntry, SessionDefinition } from '../../../sim/consul/state/rows.ts';

export class NaiveKv {
  private readonly entries = new Map<string, KvEntry>();
  private readonly tombstones = new Map<string, number>();
  private readonly sessions = new Map<string, SessionDefinition>();
  private last = 0;
  /** Keys whose lock-delay the last command armed. */
  delayed: string[] = [];

  sorted(): KvEntry[] {
    return [...this.entries.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  }

  prefixIndex(prefix: string): number {
    const below = [...this.entries.values()].filter(({ key }) => key.startsWith(prefix));
    const graves = [...this.tombstones].filter(([key]) => key.startsWith(prefix));
    const found = [...below.map(({ modifyIndex }) => modifyIndex), ...graves.map(([, at]) => at)];
    return found.length > 0 ? Math.max(...found) : this.last;
  }

  apply(command: StoreCommand, index: number): unknown {
    this.delayed = [];
    if (command.op === 'session-create') {
      this.sessions.set(command.session.id, command.session);
      return command.session.id;
    }
    if (command.op === 'session-destroy') return this.destroy(command.id, index);
    return this.write(command as KvCommand, index);
  }

  private destroy(id: string, index: number): null {
    const session = this.sessions.get(id);
    this.sessions.delete(id);
    for (const entry of this.sorted()) {
      if (session === undefined || entry.session !== id) continue;
      this.delayed.push(entry.key);
      if (session.behavior === 'delete') this.remove(entry.key, index, entry.key);
      else this.set({ ...entry, session: '' }, index);
    }
    return null;
  }

  private set(entry: Omit<KvEntry, 'createIndex' | 'modifyIndex'>, index: number): unknown {
    const known = this.entries.get(entry.key);
    const createIndex = known?.createIndex ?? index;
    const after = { ...entry, createIndex, modifyIndex: known?.modifyIndex ?? index };
    const same = JSON.stringify(sortedFields(known)) === JSON.stringify(sortedFields(after));
    if (!same) {
      this.entries.set(entry.key, { ...after, modifyIndex: index });
      this.last = index;
    }
    return { applied: true, modifyIndex: this.entries.get(entry.key)!.modifyIndex };
  }

  private remove(key: string, index: number, grave: string): void {
    this.entries.delete(key);
    if (grave !== '') this.tombstones.set(grave, index);
    this.last = index;
  }

  private write(command: KvCommand, index: number): unknown {
    const { op, key, value, flags, session, compareIndex } = command;
    const known = this.entries.get(key);
    const no = { applied: false, modifyIndex: known?.modifyIndex ?? 0 };
    const deleted = { applied: true, modifyIndex: 0 };
    const plain = { key, value, flags, session: known?.session ?? '', lockIndex: 0 };
    if (op === 'put') return this.set(plain, index);
    if (op === 'cas') return no.modifyIndex === compareIndex ? this.set(plain, index) : no;
    if (op === 'delete-tree') {
      const below = this.sorted().filter((entry) => entry.key.startsWith(key));
      for (const entry of below) this.remove(entry.key, index, key);
      return deleted;
    }
    if (op === 'delete' || op === 'delete-cas') {
      if (known === undefined) return deleted;
      if (op === 'delete-cas' && known.modifyIndex !== compareIndex) return no;
      this.remove(key, index, key);
      return deleted;
    }
    if (session === '') return { error: 'missing session' };
    if (op === 'unlock') {
      if (known?.session !== session) return no;
      return this.set({ ...known, value, flags, session: '' }, index);
    }
    if (!this.sessions.has(session)) return { error: `invalid session "${session}"` };
    const holder = known?.session ?? '';
    if (holder !== '' && holder !== session) return no;
    const lockIndex = (known?.lockIndex ?? 0) + (holder === '' ? 1 : 0);
    return this.set({ key, value, flags, session, lockIndex }, index);
  }
}

function sortedFields(entry: KvEntry | undefined): unknown {
  return entry && Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1));
}
