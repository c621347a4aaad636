/**
 * The `lictor` program. This is where everything is put together: the command line, the verbs, and
 * the exit codes of the contract. It imports only what `--help` needs.
 */
import { CommanderError } from 'commander';
import { EXIT } from '../run/result.ts';
import { tuneEngine } from './engine.ts';
import { describeError } from './failure.ts';
import { processHost } from './host.ts';
import type { Host } from './host.ts';
import { createProgram } from './program.ts';

/** Runs one command line and returns the exit code; it neither throws nor ends the process. */
export async function main(commandLine: readonly string[], host?: Host): Promise<number> {
  // A host that is given shares its process with others.
  if (host === undefined) tuneEngine();
  const machine = host ?? processHost();
  let exitCode: number = EXIT.pass;
  const program = createProgram(machine, (code) => {
    exitCode = code;
  });
  const verbs = program.commands.map((command) => command.name());
  try {
    await program.parseAsync(withVerb(commandLine, verbs), { from: 'user' });
    return exitCode;
  } catch (error) {
    // Commander has said what is wrong; its own exit code would read as a violation.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.pass : EXIT.usage;
    const { text, exitCode: code } = describeError(error);
    machine.stderr.write(`${text}\n`);
    return code;
  }
}

/** A bare file means `run`: `lictor x.yaml`, `lictor --seed 7 x.yaml`. */
export function withVerb(words: readonly string[], verbs: readonly string[]): readonly string[] {
  const [first] = words;
  if (first === undefined || verbs.includes(first) || first === 'help') return words;
  const asksForHelp = ['-h', '--help', '--version'].includes(first);
  const namesFile = words.some((word) => !word.startsWith('-') && looksLikeFile(word));
  const optionFirst = first.startsWith('-');
  if (asksForHelp || !namesFile || !(optionFirst || looksLikeFile(first))) return words;
  return ['run', ...words];
}

function looksLikeFile(word: string): boolean {
  return /\.ya?ml$/i.test(word) || /[\\/]/.test(word);
}
