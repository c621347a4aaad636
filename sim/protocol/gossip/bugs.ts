/** Bugs of the reference that this machine can show; true: the bug is there (design §6). */
export interface GossipBugs {
  /** open: a relay's nack leaves only when the requester has stopped waiting for it. */
  readonly G1: boolean;
  /** plant: only dead entries are purged, those that left stay (memberlist#253). */
  readonly G3: boolean;
  /** open: evidence that changes no state does not raise the stored incarnation. */
  readonly G5: boolean;
  /** plant: the failure detector takes no account of its own health (before Lifeguard). */
  readonly G12: boolean;
  /** plant: no probe over TCP where UDP does not get through (memberlist#37). */
  readonly G15: boolean;
  /** plant: round trips by the wall clock, and nothing of a coordinate is checked (consul#3704). */
  readonly G16: boolean;
  /** plant: dead entries are purged at once, and nobody gossips to them (memberlist#99, #106). */
  readonly G21: boolean;
  /** open: peers are drawn with replacement, so that a small pool's may be missed (memberlist#350). */
  readonly G23: boolean;
  /** open: the random stagger of the loops has no effect. */
  readonly G25: boolean;
}

export const GOSSIP_OPEN_BUGS = ['G1', 'G5', 'G23', 'G25'] as const;
export const GOSSIP_PLANTS = ['G3', 'G12', 'G15', 'G16', 'G21'] as const;

/** Open bugs are present unless fixed, plants absent unless planted. */
export function gossipBugs(plant: ReadonlySet<string>, fix: ReadonlySet<string>): GossipBugs {
  return {
    G1: !fix.has('G1'),
    G3: plant.has('G3'),
    G5: !fix.has('G5'),
    G12: plant.has('G12'),
    G15: plant.has('G15'),
    G16: plant.has('G16'),
    G21: plant.has('G21'),
    G23: !fix.has('G23'),
    G25: !fix.has('G25'),
  };
}

/** What shipped. */
export const SHIPPED_BUGS: GossipBugs = gossipBugs(new Set(), new Set());
