/** Lanes, inputs and notes of the agent's part in the service mesh. */
import type { InputSpec, LaneSpec, NoteSpec } from '../../../core/machine.ts';

export const MESH_MACHINE = 0x1d;

/** A proxy asks for what is newer than the version that it has; body: a ProxyWatch. */
export const WATCH = 0x1d01;
/** The agent's own reads have an answer, or an error; by number of the subject. */
export const LEARNT = 0x1d02;
export const START = 0x1d03;
/** By number of the service: time to look at its certificate, to ask again, to tell its proxies. */
export const LEAF_TIMER = 0x1d04;
export const BACKOFF_TIMER = 0x1d05;
export const COALESCE_TIMER = 0x1d06;

export const MAIN_LANE = 0;
export const GOROUTINE_LANE = 1;

/** What a proxy asks of its agent. */
export interface ProxyWatch {
  readonly service: string;
  /** 0: it has nothing yet. */
  readonly version: number;
}

export const MESH_LANES: readonly LaneSpec[] = [
  { name: 'mesh', channels: [{ name: 'events', capacity: 0 }] },
  { name: 'signing', channels: [{ name: 'start', capacity: 0 }], keyed: true },
];

const timer = (name: string): InputSpec => ({ name, lane: MAIN_LANE, channel: 0 });

/** Certificate, key, two roots and some rules, as xDS tells them. */
const CONFIG_BYTES = 6000;

export const MESH_INPUTS: readonly (InputSpec | undefined)[] = [
  undefined,
  {
    ...timer('proxy watch'),
    messageClass: 'http.api',
    pool: 'multiplexed',
    size: 200,
    answerSize: CONFIG_BYTES,
  },
  timer('learnt'),
  { name: 'start', lane: GOROUTINE_LANE, channel: 0 },
  timer('certificate'),
  timer('signing backoff'),
  timer('coalesce'),
];

/** a: number of the service. */
export const MeshNote = {
  /** A certificate is asked for; b: refusals in a row before. */
  requested: 0x1d01,
  /** It is there; b: its index. */
  renewed: 0x1d02,
  /** It was refused; b: 1 if too many came, c: wait in microseconds. */
  refused: 0x1d03,
  /** Another root signs now: a new certificate is due in b microseconds. */
  rotating: 0x1d04,
  /** Proxies are told; b: version. */
  told: 0x1d05,
} as const;

export const MESH_NOTES: readonly (NoteSpec | undefined)[] = [
  undefined,
  {
    name: 'certificate wanted',
    detail: 1,
    text: (service, n) => `service=${service} refused=${n}`,
  },
  { name: 'certificate renewed', text: (service, index) => `service=${service} index=${index}` },
  {
    name: 'certificate refused',
    text: (service, limited, wait) => `service=${service} limited=${limited === 1} wait=${wait}`,
  },
  { name: 'root has changed', text: (service, wait) => `service=${service} wait=${wait}` },
  {
    name: 'proxies told',
    detail: 1,
    text: (service, version) => `service=${service} v=${version}`,
  },
];
