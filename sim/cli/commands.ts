/** What the commands of the program are made with. */
import type { Command } from 'commander';
import type { Host } from './host.ts';

/** Options that all verbs share. */
export interface CommonOptions {
  readonly color?: string;
}

/** A verb's work: returns the exit code. */
export type Verb<Options> = (
  host: Host,
  operands: readonly string[],
  options: Options,
) => number | Promise<number>;

export type OnExitCode = (code: number) => void;

export function collect(value: string, before: readonly string[]): string[] {
  return [...before, value];
}

/** Connects a commander command to a verb that is loaded when it is called. */
export function acts<Options>(
  command: Command,
  host: Host,
  onExitCode: OnExitCode,
  load: () => Promise<Verb<Options>>,
): Command {
  command.showHelpAfterError(`(run "lictor ${command.name()} --help" for its options)`);
  return command.action(async () => {
    const verb = await load();
    onExitCode(await verb(host, command.args, command.opts() as Options));
  });
}

export function examples(
  ...lines: readonly (readonly [command: string, meaning: string])[]
): string {
  const width = Math.max(...lines.map(([command]) => command.length));
  const rows = lines.map(([command, meaning]) => `  ${command.padEnd(width)}  ${meaning}`);
  return `Examples:\n${rows.join('\n')}\n`;
}
