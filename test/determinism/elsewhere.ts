/** The same runs in other threads and in another process. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import type { Done, Job } from './worker.ts';

const PROGRAM = new URL('./worker.ts', import.meta.url);

/** Every job in some thread: each takes the next one as soon as it is free. */
export async function inThreads(jobs: readonly Job[], threads: number): Promise<Done[]> {
  const waiting = jobs.slice();
  const done: Done[] = [];
  const thread = async (): Promise<void> => {
    const worker = new Worker(PROGRAM);
    try {
      for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) {
        done.push(await answerTo(worker, job));
      }
    } finally {
      await worker.terminate();
    }
  };
  await Promise.all(Array.from({ length: threads }, thread));
  return done;
}

function answerTo(worker: Worker, job: Job): Promise<Done> {
  return new Promise((resolve, reject) => {
    worker.once('error', reject);
    worker.once('message', (done: Done) => {
      worker.off('error', reject);
      resolve(done);
    });
    worker.postMessage(job);
  });
}

/** All jobs in one new process, in the given order. */
export function inProcess(jobs: readonly Job[]): Promise<Done[]> {
  return new Promise((resolve, reject) => {
    const command = [fileURLToPath(PROGRAM), JSON.stringify(jobs)];
    const options = { maxBuffer: 64 * 1024 * 1024, env: { ...process.env, TZ: 'Asia/Kolkata' } };
    execFile(process.execPath, command, options, (error, stdout) => {
      if (error) reject(error);
      else resolve(JSON.parse(stdout) as Done[]);
    });
  });
}
