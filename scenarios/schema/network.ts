/** `network:`: delays and losses by class of link, exceptions for pairs, and TCP. */
import type * as z from 'zod';
import type { DistributionSpec } from '../distribution.ts';
import { choice, fields, flag, isPlainMap, list, pair } from './kit.ts';
import { bandwidth, distribution, duration, percent, selector } from './values.ts';

export interface LinkClassSettings {
  readonly latency: DistributionSpec;
  readonly loss: number;
  readonly bandwidth?: number | undefined;
}

const latencyText = 'One-way time of a message between two such hosts.';
const lossText =
  'Share of packets lost. A datagram is gone; on a TCP stream the segment is sent again after ' +
  '`tcp.retransmit`, and what is behind it waits.';

const bandwidthText =
  'Bytes that one stream moves in a second; without it there is no limit. Snapshots are what is ' +
  'large enough to feel it.';

function link(latency: unknown): z.ZodPrefault<z.ZodType<LinkClassSettings>> {
  return fields({
    latency: distribution().prefault(latency).describe(latencyText),
    loss: percent().prefault('0%').describe(lossText),
    bandwidth: bandwidth().optional().describe(bandwidthText),
  }).prefault({});
}

const linkOverride = {
  latency: distribution().optional().describe(latencyText),
  loss: percent().optional().describe(lossText),
  bandwidth: bandwidth().optional().describe(bandwidthText),
};

const between = fields({
  between: pair(selector('host'), 'selectors').describe(
    'Both directions between any host of the first and any of the second.',
  ),
  ...linkOverride,
});
const oneWay = fields({
  from: selector('host').describe('Hosts that send.'),
  to: selector('host').describe('Hosts that receive.'),
  ...linkOverride,
});

const links = list(
  choice(
    [
      { name: 'between', schema: between },
      { name: 'from, to', schema: oneWay },
    ],
    (raw) => {
      if (!isPlainMap(raw)) return { message: 'expected a link such as { between: [s1, s2] }' };
      if ('between' in raw && ('from' in raw || 'to' in raw)) {
        return { message: 'has both between and from/to; keep one of them' };
      }
      return 'from' in raw || 'to' in raw ? oneWay : between;
    },
  ),
  'links',
);

const realTcp = fields({
  retransmit: duration({ minimum: 1 })
    .prefault('200ms')
    .describe('Time until a lost or held segment is sent again the first time; doubles each time.'),
  retransmit_max: duration({ minimum: 1 })
    .prefault('2m')
    .describe(
      'The longest such time. After a long cut a stream resumes at its next retransmission.',
    ),
  syn: duration({ minimum: 1 })
    .prefault('1s')
    .describe(
      'Time until a dial is tried again the first time; doubles each time: 1, 3, 7, 15, 31 s.',
    ),
});
const idealTcp = fields({
  ideal: flag().describe(
    'Streams resume at the moment of the heal, as published experiments assume.',
  ),
});

export const network = fields(
  {
    loopback: link('20us').describe('Two processes of one host.'),
    zone: link({ median: '250us', p99: '1ms' }).describe('Two hosts of one zone.'),
    lan: link({ median: '500us', p99: '2ms' }).describe(
      'Two hosts of one datacenter in different zones, or without zones; load clients have none.',
    ),
    wan: link('30ms..40ms').describe('Two hosts of different datacenters.'),
    tcp: choice(
      [
        { name: 'retransmit', schema: realTcp },
        { name: 'ideal', schema: idealTcp },
      ],
      (raw) => (isPlainMap(raw) && 'ideal' in raw ? idealTcp : realTcp),
    )
      .prefault({})
      .describe('How streams come back after a cut.'),
    links: links
      .prefault([])
      .describe('Exceptions for pairs of hosts; where several match, later ones win.'),
  },
  { bandwidth: 'write it under a class of links, such as lan' },
)
  .prefault({})
  .describe('The network between hosts.');
