/** The endpoints of the service mesh (`consul:agent/consul/connect_ca_endpoint.go`; agents §5). */
import { SIGN } from '../connect/vocabulary.ts';
import { listRoots, matchIntentions } from '../state/connect.ts';
import type { CaRoot, IntentionRow } from '../state/connect.ts';
import type { Store } from '../state/store.ts';
import type { HandedEndpoint, ReadEndpoint } from './endpoint.ts';

/** PEM of a request and of a certificate on a P-256 key, with what goes around them. */
const REQUEST_BYTES = 800;
const CERTIFICATE_BYTES = 1500;
const INTENTION_BYTES = 150;

export const connectSign: HandedEndpoint = {
  name: 'ConnectCA.Sign',
  kind: 'handed',
  bytes: REQUEST_BYTES,
  answerBytes: CERTIFICATE_BYTES,
  input: SIGN,
};

export const connectRoots: ReadEndpoint = {
  name: 'ConnectCA.Roots',
  kind: 'read',
  bytes: 250,
  answerBytes: (roots: readonly CaRoot[]) => 100 + CERTIFICATE_BYTES * roots.length,
  boundsStaleness: false,
  query: (store: Store, _input: object, set) => {
    const { index, roots } = listRoots(store, set);
    return { value: roots, index, notFound: false };
  },
};

export interface MatchInput {
  readonly destination: string;
}

export const intentionMatch: ReadEndpoint = {
  name: 'Intention.Match',
  kind: 'read',
  bytes: 300,
  answerBytes: (rows: readonly IntentionRow[]) => 100 + INTENTION_BYTES * rows.length,
  boundsStaleness: false,
  query: (store: Store, { destination }: MatchInput, set) => {
    const { index, intentions } = matchIntentions(store, destination, set);
    return { value: intentions, index, notFound: false };
  },
};
