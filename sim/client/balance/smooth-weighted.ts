/**
 * Smooth weighted round robin, as nginx does it: everybody gains its weight, the richest is picked and
 * pays the sum. After a failure a peer's effective weight drops and recovers by one a pick; with as
 * many failures as `max_fails` it is skipped for `fail_timeout`, whole seconds, and then gets one
 * request per such time until one succeeds. A single peer is never skipped.
 */
import type { Endpoint } from '../../service/vocabulary.ts';
import type { Policy } from './policy.ts';

const MAX_FAILS = 1;
const FAIL_TIMEOUT_SECONDS = 10;

interface Peer {
  current: number;
  effective: number;
  fails: number;
  /** Whole seconds: of its last failure or trial. */
  accessed: number;
  checked: number;
}

function newPeer({ weight }: Endpoint): Peer {
  return { current: 0, effective: weight, fails: 0, accessed: 0, checked: 0 };
}

export const smoothWeighted: Policy<{ peers: Peer[] }> = {
  source:
    'nginx:src/http/ngx_http_upstream_round_robin.c (ngx_http_upstream_get_peer, ngx_http_upstream_free_round_robin_peer)',
  create: (_, endpoints) => ({
    peers: endpoints.map(newPeer),
  }),
  grow({ peers }, endpoints) {
    for (const endpoint of endpoints.slice(peers.length)) peers.push(newPeer(endpoint));
  },
  pick({ peers }, { candidates, weights, now }) {
    const second = Math.floor(now / 1e6);
    let best = -1;
    let total = 0;
    for (const one of candidates) {
      const peer = peers[one];
      const isSingle = candidates.length === 1;
      const isDown = peer.fails >= MAX_FAILS && second - peer.checked <= FAIL_TIMEOUT_SECONDS;
      if (isDown && !isSingle) continue;
      peer.current += peer.effective;
      total += peer.effective;
      if (peer.effective < weights[one]) peer.effective++;
      if (best < 0 || peer.current > peers[best].current) best = one;
    }
    if (best < 0) return -1;
    peers[best].current -= total;
    if (second - peers[best].checked > FAIL_TIMEOUT_SECONDS) peers[best].checked = second;
    return best;
  },
  onEnd({ peers }, { endpoint, ok, now }, { weights }) {
    const peer = peers[endpoint];
    if (!ok) {
      peer.fails++;
      peer.accessed = peer.checked = Math.floor(now / 1e6);
      peer.effective -= Math.floor(weights[endpoint] / MAX_FAILS);
      if (peer.effective < 0) peer.effective = 0;
    } else if (peer.accessed < peer.checked) {
      // Only a trial after the time-out clears the count.
      peer.fails = 0;
    }
  },
  save: ({ peers }) => ({ peers: peers.map((peer) => ({ ...peer })) }),
};
