/**
 * The machine around the command, as an object: streams, environment, wall clock, signals. Tests
 * hand in their own; nothing else in `sim/cli` looks at the process.
 */
import { availableParallelism } from 'node:os';
import process from 'node:process';

export interface OutputStream {
  write(text: string): void;
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  readonly rows?: number | undefined;
}

export interface Host {
  /** The keyboard; left out: there is none. */
  readonly stdin?: NodeJS.ReadStream;
  /** The screen itself, for what draws on it; left out: there is none. */
  readonly screen?: NodeJS.WriteStream;
  /** The result. */
  readonly stdout: OutputStream;
  /** Progress, warnings and errors. */
  readonly stderr: OutputStream;
  readonly variables: Readonly<Record<string, string | undefined>>;
  /** The current folder. */
  readonly folder: string;
  readonly cores: number;
  /** Seconds of wall time from any origin. */
  now(): number;
  /** Lets signals and timers have their turn between two runs. */
  breathe(): Promise<void>;
  /** Calls `handler` at each Ctrl-C until the returned function is called. */
  onInterrupt(handler: () => void): () => void;
  /** Stops the program and its group, as Ctrl-Z at a shell does, until they are told to go on. */
  stop(): Promise<void>;
  /** Ends the program at once. */
  exit(code: number): void;
}

/** The real one. */
export function processHost(): Host {
  for (const stream of [process.stdout, process.stderr]) stream.on('error', ignoreBrokenPipe);
  return {
    stdin: process.stdin,
    screen: process.stdout,
    stdout: process.stdout,
    stderr: process.stderr,
    variables: process.env,
    folder: process.cwd(),
    cores: availableParallelism(),
    now: () => performance.now() / 1000,
    breathe: () => new Promise((resolve) => void setImmediate(resolve)),
    onInterrupt(handler) {
      process.on('SIGINT', handler);
      return () => void process.off('SIGINT', handler);
    },
    stop: stopGroup,
    exit: (code) => process.exit(code),
  };
}

/** Windows has no jobs. The group counts: what started this program waits for it. */
async function stopGroup(): Promise<void> {
  if (process.platform === 'win32') return;
  // A listener for a signal keeps no program alive.
  const alive = setInterval(() => {}, 1000);
  const goneOn = new Promise<void>((resolve) => void process.once('SIGCONT', resolve));
  process.kill(0, 'SIGTSTP');
  await goneOn;
  clearInterval(alive);
}

/** `lictor list | head -1`: the reader has seen enough, which is no reason to complain. */
function ignoreBrokenPipe(error: Error): void {
  if (!('code' in error) || error.code !== 'EPIPE') throw error;
}
