/**
 * Requests whose body is a long stream: the head goes to its handler at once, which then reads the
 * rest part by part while its lane waits, as a program that copies from a socket does. Parts nobody
 * reads are thrown away.
 */
import type { Connection } from './connection.ts';
import { REQUEST } from './events.ts';
import { takeFirst } from './fifo.ts';
import { ErrorCause } from './machine.ts';
import type { InputKind } from './machine.ts';
import { Blocked } from './process.ts';
import type { Lane } from './process.ts';
import type { World } from './world.ts';

/** Stands for the number of a call: a part belongs to the request before it. */
export const PART_CALL = 0;

/** For how long so many bytes keep the link busy, one way or the other. */
export function transmission(world: World, { client, server }: Connection, bytes: number): number {
  const source = world.processes[client].host.index;
  const target = world.processes[server].host.index;
  return world.network.transmissionMicros(source, target, bytes);
}

/** Returns for how long the sender's bytes keep the link busy, or -1 where the stream is over. */
export function sendPart(
  world: World,
  connection: Connection | undefined,
  input: InputKind,
  body: unknown,
): number {
  if (connection === undefined || !connection.clientOpen) return -1;
  if (connection.clientEnd !== ErrorCause.none) return -1;
  const route = world.route(connection.server, input);
  const { messageClass } = route;
  const bytes = route.bytes(body);
  world.countMessage(messageClass, bytes);
  const micros = transmission(world, connection, bytes);
  // The last of its bytes leaves that much later.
  const { sendDelay } = world;
  world.sendDelay = sendDelay + micros;
  const { connections } = world;
  connections.send(connection, true, REQUEST, input, PART_CALL, body, messageClass);
  world.sendDelay = sendDelay;
  return micros;
}

/** A part has come: to the lane that waits for it, or behind those before it. */
export function onPart(world: World, connection: Connection, input: InputKind, body: unknown) {
  if (connection.exchange === 0) return;
  if (connection.reader !== 0) wakeReader(world, connection, body, ErrorCause.none);
  else connection.inbox.push({ input, call: PART_CALL, body, cause: world.cause });
}

/** The running lane waits for the next part; nothing for so long means that the sender is gone. */
export function readPart(world: World, lane: Lane, exchange: number, silenceMicros: number): void {
  const { connection: handle } = world.rpc.exchanges.get(exchange) ?? { connection: 0 };
  const connection = world.connections.pool.get(handle);
  if (connection === undefined) {
    world.lanes.resume(lane, undefined, ErrorCause.eof);
    return;
  }
  const next = takeFirst(connection.inbox);
  if (next !== undefined) {
    world.lanes.resume(lane, next.body, ErrorCause.none);
  } else if (connection.serverEnd) {
    world.lanes.resume(lane, undefined, ErrorCause.eof);
  } else {
    connection.reader = lane.handle;
    world.lanes.armWake(lane, world.now + world.realDelay(lane.process, silenceMicros));
  }
}

export function wakeReader(
  world: World,
  connection: Connection,
  body: unknown,
  error: ErrorCause,
): void {
  const lane = world.lanes.pool.get(connection.reader);
  connection.reader = 0;
  if (lane === undefined || lane.blocked !== Blocked.read) return;
  if (lane.wakeSlot >= 0) world.queue.cancel(lane.wakeSlot);
  lane.wakeSlot = -1;
  world.resumeLane(lane.handle, lane.process, lane.process.generation, body, error);
}

/** The silence has lasted: the operating system gives the stream up. */
export function onSilence(world: World, lane: Lane): void {
  world.connections.pool.forEach((connection) => {
    if (connection.reader === lane.handle) connection.reader = 0;
  });
  world.lanes.resume(lane, undefined, ErrorCause.timeout);
}
