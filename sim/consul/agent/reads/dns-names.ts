/** Names that the agent's DNS server knows (reference: agents §3.5; `consul:agent/dns.go (dispatch)`). */
import type { RecordType } from './vocabulary.ts';

/** What a name asks for; null: nothing of ours. */
export type Lookup =
  | { readonly kind: 'service'; readonly service: string; readonly tag: string }
  | { readonly kind: 'node'; readonly node: string }
  | { readonly kind: 'address'; readonly address: string }
  | { readonly kind: 'query'; readonly query: string }
  | { readonly kind: 'unknown' }
  /** A datacenter that nobody knows. */
  | { readonly kind: 'elsewhere' }
  /** Not below our domain: for recursors, of which there are none. */
  | { readonly kind: 'foreign' };

const DOMAIN = 'consul';
const TYPES = ['service', 'node', 'query', 'addr'] as const;
type NameType = (typeof TYPES)[number];

const UNKNOWN: Lookup = { kind: 'unknown' };

/** `datacenter` is the agent's own. Labels are compared without regard to case. */
export function parseName(name: string, type: RecordType, datacenter: string): Lookup {
  const labels = name.toLowerCase().replace(/\.$/, '').split('.');
  if (labels.pop() !== DOMAIN) return { kind: 'foreign' };
  const at = labels.findLastIndex((label) => TYPES.includes(label as NameType));
  // `_web._tcp` may do without the word `service` in a question for SRV records.
  if (at < 0) {
    const isShort = type === 'SRV' && labels.length === 2 && isUnderscored(labels);
    return isShort ? underscored(labels) : UNKNOWN;
  }
  const rest = labels.slice(at + 1);
  if (rest.length > 1 || labels.length === rest.length + 1) return UNKNOWN;
  if (rest.length === 1 && rest[0] !== datacenter) return { kind: 'elsewhere' };
  return ofType(labels[at] as NameType, labels.slice(0, at));
}

function ofType(type: NameType, labels: readonly string[]): Lookup {
  if (labels.length === 0) return UNKNOWN;
  switch (type) {
    case 'service':
      if (labels.length === 2 && isUnderscored(labels)) return underscored(labels);
      if (labels.length > 2) return UNKNOWN;
      return {
        kind: 'service',
        service: labels.at(-1)!,
        tag: labels.length === 2 ? labels[0] : '',
      };
    case 'node':
      return { kind: 'node', node: labels.join('.') };
    case 'query':
      return { kind: 'query', query: labels.join('.') };
    default:
      return labels.length === 1 ? encoded(labels[0]) : UNKNOWN;
  }
}

function isUnderscored([service, tag]: readonly string[]): boolean {
  return service.startsWith('_') && tag.startsWith('_');
}

/** RFC 2782; `_tcp` stands for no tag. */
function underscored([service, tag]: readonly string[]): Lookup {
  return { kind: 'service', service: service.slice(1), tag: tag === '_tcp' ? '' : tag.slice(1) };
}

/** Eight hexadecimal digits are an address of version 4. */
function encoded(label: string): Lookup {
  if (!/^[0-9a-f]{8}$/.test(label)) return UNKNOWN;
  const bytes = [0, 2, 4, 6].map((at) => parseInt(label.slice(at, at + 2), 16));
  return { kind: 'address', address: bytes.join('.') };
}

/** The name under which `encoded` finds an address. */
export function encodedName(address: string, datacenter: string): string {
  const digits = address.split('.').map((byte) => Number(byte).toString(16).padStart(2, '0'));
  return `${digits.join('')}.addr.${datacenter}.${DOMAIN}`;
}

export function nodeName(node: string, datacenter: string): string {
  return `${node}.node.${datacenter}.${DOMAIN}`;
}
