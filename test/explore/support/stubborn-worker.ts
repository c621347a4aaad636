/** A worker that never comes to an end with job 2, and takes too much memory for job 3. */
export default function work({ index }: { readonly index: number }): number {
  const kept: number[][] = [];
  if (index === 2) for (;;);
  if (index === 3) for (;;) kept.push(Array.from({ length: 100_000 }, (_, at) => at + kept.length));
  return index;
}
