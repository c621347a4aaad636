/**
 * The WAN pool of a server (`consul:agent/consul/server_serf.go (setupSerf, wanEventHandler)`; reference:
 * gossip §4.1): all servers of all datacenters, each by its name and datacenter, as in s1.dc2. It is
 * Serf a second time beside that of the LAN, with the settings of the WAN and a flooder of its own.
 *
 * Known deviations: there is no WAN pool where there is one datacenter. Nobody but servers of the
 * scenario knows its addresses, so that the merge filter has nobody to refuse.
 */
import type { Machine, Outbox } from '../../core/machine.ts';
import { renumbered } from '../../core/renumbered.ts';
import type { Member } from '../../protocol/gossip/member.ts';
import type { Snapshot } from '../../protocol/gossip/push-pull.ts';
import type { SerfApplication } from '../../protocol/serf/config.ts';
import type { SerfDurable } from '../../protocol/serf/durable.ts';
import { serfMachine } from '../../protocol/serf/machine.ts';
import type { SerfMachineConfig } from '../../protocol/serf/state.ts';
import { POOL_LEFT } from '../leader/vocabulary.ts';
import { flood, onFlooded } from './flood.ts';
import * as Kind from './vocabulary.ts';

/** Every minute, whatever happens (`consul:agent/consul/server.go (serfFloodInterval)`). */
const FLOOD_MICROS = 60_000_000;
const FORMED_MICROS = 1_000_000;

/** Those who knew each other before the run have flooded before it, too. */
function onStart(member: Member, out: Outbox): void {
  serfMachine.onStart(member, out);
  const wasFormed = out.now() < FORMED_MICROS && member.listed > 1;
  const first = wasFormed ? 1 + out.draw('flood').below(FLOOD_MICROS) : FLOOD_MICROS;
  out.timer(Kind.FLOOD_TICK, 0, first);
}

function onInput(member: Member, input: number, from: number, body: unknown, out: Outbox): void {
  if (input === Kind.FLOOD_TICK) {
    out.timer(Kind.FLOOD_TICK, 0, FLOOD_MICROS);
    flood(member, 0, out);
  } else if (input === Kind.FLOOD) {
    flood(member, 0, out);
  } else {
    serfMachine.onInput(member, input, from, body, out);
  }
}

function onResume(
  member: Member,
  step: number,
  argument: number,
  body: unknown,
  out: Outbox,
): void {
  if (step === Kind.FLOODED) onFlooded(member, argument, body as Snapshot | undefined, out);
  else serfMachine.onResume(member, step, argument, body, out);
}

const flooding: Machine<Member, SerfDurable> = {
  ...serfMachine,
  lanes: Kind.WAN_LANES,
  inputs: Kind.WAN_INPUTS,
  create: (config: SerfMachineConfig, self, disk) =>
    serfMachine.create(config as never, self, disk),
  onStart,
  onInput,
  onResume,
};

export const wanMachine = renumbered(flooding, Kind.WAN_MACHINE, 'serf-wan', 'wan-');

/** What the rest of the server hears of it. */
export const wanApplication: SerfApplication = {
  onEvent: (node, event, out) => {
    out.post(Kind.ROUTER_EVENT, 0, node, event);
  },
  onLeft: (_member, out) => {
    out.post(POOL_LEFT, 0, 0, null);
  },
};
