/**
 * The service mesh as proxies know it: certificates, whom they trust, who may call whom; and the
 * handshake of two of them (reference: agents §5; RFC 8446, §4.4).
 *
 * Known deviations: a proxy lives and dies with the program beside it. Every call is a connection of
 * its own, whose handshake costs no round trip; so certificates that expire end no connection, and
 * intentions are looked at for each call. Certificates of roots do not expire.
 */

/** A leaf certificate; times by the wall clock of the server that signed it. */
export interface Leaf {
  readonly service: string;
  /** Root that signed it, and those that have cross-signed this root. */
  readonly root: string;
  readonly crossSigned: readonly string[];
  readonly notBeforeMicros: number;
  readonly notAfterMicros: number;
  /** Raft index under which it was issued. */
  readonly index: number;
}

/** `hashicorp/consul:agent/structs/intention.go`. */
export interface Intention {
  /** Names of services; `*`: any. */
  readonly source: string;
  readonly destination: string;
  readonly action: 'allow' | 'deny';
}

/** What a proxy has been told, all at once. */
export interface ProxyConfig {
  /** Counted by the agent that told it. */
  readonly version: number;
  readonly leaf: Leaf;
  /** Ids of roots. */
  readonly trusted: readonly string[];
  /** Those about its service, highest precedence first. */
  readonly intentions: readonly Intention[];
  readonly allowsByDefault: boolean;
}

/** What a calling proxy brings to a handshake. */
export interface Hello {
  readonly leaf: Leaf;
  readonly trusted: readonly string[];
  /** Its wall clock, by which it judges the other's certificate. */
  readonly wallMicros: number;
}

/** `hashicorp/consul:agent/structs/intention.go (UpdatePrecedence)`: the destination counts first. */
export function precedenceOf({ source, destination }: Intention): number {
  if (destination === '*') return source === '*' ? 5 : 6;
  return source === '*' ? 8 : 9;
}

/** The first that fits decides. */
export function mayCall(
  intentions: readonly Intention[],
  source: string,
  allowsByDefault: boolean,
): boolean {
  const found = intentions.find((one) => one.source === '*' || one.source === source);
  return found === undefined ? allowsByDefault : found.action === 'allow';
}

export type HandshakeError =
  'none' | 'no-certificate' | 'certificate-expired' | 'certificate-unknown' | 'intention-denied';

/** Why a certificate does not do for somebody with this clock who trusts these roots. */
function judge(leaf: Leaf, trusted: readonly string[], wallMicros: number): HandshakeError {
  const { root, crossSigned } = leaf;
  if (!trusted.includes(root) && !crossSigned.some((one) => trusted.includes(one))) {
    return 'certificate-unknown';
  }
  // That it is not valid yet is the same error.
  const valid = wallMicros >= leaf.notBeforeMicros && wallMicros <= leaf.notAfterMicros;
  return valid ? 'none' : 'certificate-expired';
}

/** The caller judges the server's certificate, then the server the caller's and its right to call. */
export function handshake(
  hello: Hello,
  own: ProxyConfig | null,
  wallMicros: number,
): HandshakeError {
  if (own === null) return 'no-certificate';
  const callers = judge(own.leaf, hello.trusted, hello.wallMicros);
  if (callers !== 'none') return callers;
  const servers = judge(hello.leaf, own.trusted, wallMicros);
  if (servers !== 'none') return servers;
  const may = mayCall(own.intentions, hello.leaf.service, own.allowsByDefault);
  return may ? 'none' : 'intention-denied';
}
