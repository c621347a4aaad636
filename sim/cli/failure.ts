/** Errors that a command ends with: a sentence for people and an exit code. */
import { EXIT } from '../run/result.ts';
import type { ExitCode } from '../run/result.ts';

/** `Cannot <verb> <object>: <reason>. <what to do>.` */
export class Failure extends Error {
  override readonly name = 'Failure';
  readonly exitCode: ExitCode;

  constructor(message: string, exitCode: ExitCode) {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The command line itself is wrong: exit code 64. */
export function usageError(message: string): Failure {
  return new Failure(message, EXIT.usage);
}

/** What to say and return for anything that was thrown. */
export function describeError(error: unknown): {
  readonly text: string;
  readonly exitCode: number;
} {
  if (error instanceof Failure) return { text: error.message, exitCode: error.exitCode };
  if (error instanceof Error && error.name === 'WriteError') {
    return { text: error.message, exitCode: EXIT.io };
  }
  const stack = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return { text: `Internal error, which is a bug in lictor. ${stack}`, exitCode: EXIT.internal };
}
