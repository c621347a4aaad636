/**
 * "The next message from here to there": a rule that lasts exactly until that message has been sent.
 * What is next is found by going forward under the rule until it has touched something; then the
 * rule is written down with that duration, and the run goes on from where it was. So it is an
 * ordinary fault, which a scenario file can hold too.
 */
import type { DistributionSpec, FaultAction } from '../../../scenarios/scenario.ts';
import type { Session } from '../session.ts';

/** Events that are looked at. */
const EVENTS_MAX = 50_000;

export interface NextMessage {
  readonly from: string;
  readonly to: string;
  /** How long it is late; null: it is lost. */
  readonly lateMicros: number | null;
}

/** Returns for how long the rule lasts, or null where no message comes. The session has edited. */
export function touchNext(session: Session, message: NextMessage, atMicros: number): number | null {
  const action = actionOf(message);
  const { trigger } = session.inject(action, null, atMicros).fault;
  const begin = trigger.kind === 'at' ? trigger.atMicros : atMicros;
  const number = session.edits.at(-1)!.fault.number;
  const touched = (): boolean => {
    const effects = session.run.faults.effects();
    return (effects.find((effect) => effect.number === number)?.affected ?? 0) > 0;
  };
  for (let looked = 0; looked < EVENTS_MAX && session.step(); looked++) {
    if (!touched()) continue;
    // It is to end right behind the message.
    const lasts = session.nowMicros - begin + 1;
    session.undo();
    session.inject(action, lasts, begin);
    return lasts;
  }
  session.undo();
  return null;
}

function actionOf({ from, to, lateMicros }: NextMessage): FaultAction {
  const host = (name: string) => ({ kind: 'hosts', text: name, hosts: [name] }) as const;
  const links = {
    from: host(from),
    to: host(to),
    bothWays: false,
    only: null,
    transport: 'all',
  } as const;
  if (lateMicros === null) return { kind: 'loss', links, probability: 1 };
  const delay: DistributionSpec = { kind: 'constant', micros: lateMicros };
  return { kind: 'delay', links, delay };
}
