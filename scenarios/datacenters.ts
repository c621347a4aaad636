/** Names of datacenters, and of the hosts in them. */

/** In their order; hosts of the first one have plain names, the others' end in `.dc2` and so on. */
export const DATACENTERS = ['dc1', 'dc2', 'dc3', 'dc4', 'dc5', 'dc6', 'dc7', 'dc8'] as const;
export type DatacenterName = (typeof DATACENTERS)[number];

/** `s1` in dc1, `s1.dc2` in dc2; zones likewise. */
export function nameIn(datacenter: string, name: string): string {
  return datacenter === DATACENTERS[0] ? name : `${name}.${datacenter}`;
}

/** Of a host by its name; that of a load client is in the settings of its load. */
export function datacenterOf(name: string): string {
  const dot = name.lastIndexOf('.');
  return dot < 0 ? DATACENTERS[0] : name.slice(dot + 1);
}
