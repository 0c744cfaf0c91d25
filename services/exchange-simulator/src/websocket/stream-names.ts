/** The three bases of 2026 and the old one without a route. Each routed base carries only its own streams; the others stay silent on it. */
export type StreamBase = 'any' | 'public' | 'market' | 'private';

const PUBLIC_KINDS = /@(bookTicker|depth|rpiDepth)|^!bookTicker/;

/** Returns whether a market stream is carried on a base. User data streams are decided by their listen key. */
export function isCarriedOn(stream: string, base: StreamBase): boolean {
  if (base === 'any') return true;
  if (base === 'private') return false;
  return PUBLIC_KINDS.test(stream) ? base === 'public' : base === 'market';
}

/** What a socket's address asks for. */
export interface SocketAddress {
  readonly base: StreamBase;
  /** Whether each message is wrapped as `{"stream":…,"data":…}`. */
  readonly isCombined: boolean;
  readonly streams: readonly string[];
}

const ADDRESS = /^(?:\/(public|market|private))?\/(ws|stream)(?:\/([^/]+))?\/?$/;

/** Returns what an upgrade request asks for, undefined when no socket is served there. */
export function parseSocketAddress(url: string): SocketAddress | undefined {
  const question = url.indexOf('?');
  const match = ADDRESS.exec(question < 0 ? url : url.slice(0, question));
  if (match === null) return undefined;
  const query = new URLSearchParams(question < 0 ? '' : url.slice(question + 1));
  const named = [match[3], query.get('streams'), query.get('listenKey')];
  const streams = named.flatMap((text) => (text ? text.split('/') : [])).filter((stream) => stream !== '');
  const base = (match[1] ?? 'any') as StreamBase;
  return { base, isCombined: match[2] === 'stream', streams: streams.map(decodeStream) };
}

function decodeStream(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
