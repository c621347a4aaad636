/** Bugs of agents that this model can show; true: the bug is there (design §6). */
export interface AgentBugs {
  /** plant: the first error ends a push, and what comes after it waits. */
  readonly P1: boolean;
  /** open: the state is locked while a push waits for its servers. */
  readonly P2: boolean;
  /** plant: registering a service again makes its checks critical. */
  readonly P3: boolean;
  /** open: registering the same again after a failed push passes for in sync. */
  readonly P4: boolean;
  /** plant: what programs register or take back after the start is not kept on disk. */
  readonly P5: boolean;
  /** plant: a service and its checks are pushed one by one. */
  readonly P6: boolean;
  /** plant: a new output is pushed at once. */
  readonly P7: boolean;
  /** plant: the patience for a blocking query leaves out the jitter of servers. */
  readonly P14: boolean;
  /** plant: runners of checks that are no longer registered run on. */
  readonly P21: boolean;
}

/** Open bugs are present unless fixed, plants absent unless planted. */
export function agentBugs(plant: ReadonlySet<string>, fix: ReadonlySet<string>): AgentBugs {
  return {
    P1: plant.has('P1'),
    P2: !fix.has('P2'),
    P3: plant.has('P3'),
    P4: !fix.has('P4'),
    P5: plant.has('P5'),
    P6: plant.has('P6'),
    P7: plant.has('P7'),
    P14: plant.has('P14'),
    P21: plant.has('P21'),
  };
}
