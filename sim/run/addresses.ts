/** Addresses of hosts, and of instances that share one: 10.1.0.0 and up, agents 10.2.0.0 and up. */

/** Of a host by its index, or of an instance by that of its process. */
export function ownAddress(index: number): string {
  // The first 65 536 lie below the agents, later ones above them.
  const block = index < 65_536 ? 1 : 2 + (index >> 16);
  return `10.${block}.${(index >> 8) & 255}.${index & 255}`;
}

export function agentAddress(host: number): string {
  return `10.2.${(host >> 8) & 255}.${host & 255}`;
}
