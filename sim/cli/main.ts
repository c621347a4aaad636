/**
 * The `lictor` program: its verbs, options and exit codes.
 *
 * Verbs are added one by one; this entry point only knows how to answer `--help` and `--version`
 * and how to turn commander's errors into the exit codes of the contract.
 */
import { Command, CommanderError } from 'commander';
import { VERSION } from './version.ts';

/** Exit code for a bad command line. */
const EXIT_USAGE = 64;

/** Builds the program without running it, so that tests and documentation can read it. */
export function createProgram(): Command {
  const program = new Command('lictor');
  program
    .description('A deterministic simulator of Consul-style clusters.')
    .version(VERSION, '--version')
    .showHelpAfterError('(run "lictor --help" for the list of verbs)')
    .exitOverride();
  return program;
}

/** Runs one command line and returns the exit code; never calls process.exit. */
export async function main(commandLine: readonly string[]): Promise<number> {
  try {
    await createProgram().parseAsync(commandLine, { from: 'user' });
    return 0;
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return error.exitCode === 0 ? 0 : EXIT_USAGE;
  }
}
