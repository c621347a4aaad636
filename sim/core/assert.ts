/**
 * Stops a run whose code is wrong: a broken precondition is never the user's fault.
 *
 * Hot paths test the condition themselves and call `fail`, so that no message is built.
 */
export function assert(condition: unknown, message: string): asserts condition {
  if (!condition) fail(message);
}

/** Throws an `AssertionError`. */
export function fail(message: string): never {
  throw new AssertionError(message);
}

/** An error of the program, as opposed to one of its input. */
export class AssertionError extends Error {
  override readonly name = 'AssertionError';
}
