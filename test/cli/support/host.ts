/** A machine for tests of the command line: what it printed, in a folder of its own. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { main } from '../../../sim/cli/main.ts';
import type { Host } from '../../../sim/cli/host.ts';

export interface Answer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface HostOptions {
  readonly variables?: Readonly<Record<string, string>>;
  readonly cores?: number;
  /** Called before each run in this thread, with a way to press Ctrl-C. */
  readonly onBreath?: (press: () => void, breath: number) => void;
}

export class Desk {
  readonly folder = mkdtempSync(join(tmpdir(), 'lictor-'));
  exitCode: number | null = null;

  /** Runs one command line in this folder. */
  async run(words: readonly string[], options: HostOptions = {}): Promise<Answer> {
    let stdout = '';
    let stderr = '';
    let breath = 0;
    let handlers: (() => void)[] = [];
    const host: Host = {
      stdout: { write: (text) => void (stdout += text) },
      stderr: { write: (text) => void (stderr += text) },
      variables: options.variables ?? {},
      folder: this.folder,
      cores: options.cores ?? 1,
      now: () => performance.now() / 1000,
      breathe: () => {
        options.onBreath?.(() => handlers.forEach((handler) => handler()), ++breath);
        return Promise.resolve();
      },
      onInterrupt: (handler) => {
        handlers.push(handler);
        return () => {
          handlers = handlers.filter((other) => other !== handler);
        };
      },
      stop: () => Promise.resolve(),
      exit: (code) => {
        this.exitCode = code;
      },
    };
    const code = await main(words, host);
    return { code, stdout, stderr };
  }

  write(name: string, text: string): void {
    writeFileSync(join(this.folder, name), text);
  }

  clear(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Two seconds of a quiet cluster: the quickest scenario that says something. */
export const SHORT = `
duration: 2s
settle: 1s
load: { kv: { kind: kv, clients: 2, rate: 20/s, keys: 2, mix: { put: 50%, get: 50% } } }
known_issues: fix
`;
