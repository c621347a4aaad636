/** Traffic by message class, as the kernel counts it. */
import type { World } from '../core/world.ts';

/** Writes messages and bytes sent so far, of every class that was used. */
export function measureNetwork(world: World): void {
  const { metrics, classes, messageCounts, messageBytes } = world;
  classes.forEach((name, index) => {
    if (messageCounts[index] === 0) return;
    metrics.set(metrics.id(`network.messages{${name}}`, 'counter'), messageCounts[index]);
    metrics.set(metrics.id(`network.bytes{${name}}`, 'counter', 'By'), messageBytes[index]);
  });
}
