/**
 * First in, first out over a plain array. Taking the only element with `pop` keeps the array's room,
 * where `shift` gives it back and the next `push` has to ask for it again; most queues hold one.
 */
export function takeFirst<T>(queue: T[]): T | undefined {
  return queue.length === 1 ? queue.pop() : queue.shift();
}

/** Removes one occurrence, most often the first element. */
export function removeOne(queue: number[], value: number): void {
  if (queue[0] === value) {
    takeFirst(queue);
    return;
  }
  const at = queue.indexOf(value);
  if (at >= 0) queue.splice(at, 1);
}

/** Takes everything out. Setting the length calls into the engine; most lists hold one element. */
export function clear(list: unknown[]): void {
  while (list.length > 0) list.pop();
}
