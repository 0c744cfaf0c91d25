/** The three bases of 2026 and the old one without a route. Each routed base carries only its own streams; the others stay silent on it. */
export type StreamBase = 'any' | 'public' | 'market' | 'private';

const PUBLIC_KINDS = /@(bookTicker|depth|rpiDepth)|^!bookTicker/;
/** Single trades are not documented any more, so it is not known which base carries them: both do. */
const BOTH_KINDS = /@trade$/;

/** Returns whether a market stream is carried on a base. User data streams are decided by their listen key. */
export function isCarriedOn(stream: string, base: StreamBase): boolean {
  if (base === 'any') return true;
  if (base === 'private') return false;
  if (BOTH_KINDS.test(stream)) return true;
  return PUBLIC_KINDS.test(stream) ? base === 'public' : base === 'market';
}

/** A listen key, and which of its events are wanted; undefined for all. */
export interface FeedName {
  readonly listenKey: string;
  readonly events: readonly string[] | undefined;
}

/** What a socket's address asks for. */
export interface SocketAddress {
  readonly base: StreamBase;
  /** Whether each message is wrapped as `{"stream":…,"data":…}`. */
  readonly isCombined: boolean;
  /** Market streams, or listen keys in their place. */
  readonly streams: readonly string[];
  /** User data asked for by name. */
  readonly feeds: readonly FeedName[];
}

const ADDRESS = /^(?:\/(public|market|private))?\/(ws|stream)(?:\/(.*))?$/;

/** Returns what an upgrade request asks for, undefined when no socket is served there. */
export function parseSocketAddress(url: string): SocketAddress | undefined {
  const question = url.indexOf('?');
  const match = ADDRESS.exec(question < 0 ? url : url.slice(0, question));
  if (match === null) return undefined;
  const query = new URLSearchParams(question < 0 ? '' : url.slice(question + 1));
  const streams = [decodeStream(match[3] ?? ''), ...query.getAll('streams')].flatMap((text) => text.split('/'));
  return {
    base: (match[1] ?? 'any') as StreamBase,
    isCombined: match[2] === 'stream',
    streams: streams.filter((stream) => stream !== ''),
    feeds: feedsOf(query),
  };
}

/** Reads `listenKey=A&events=X/Y&listenKey=B&events=Z`: events belong to the key before them. */
function feedsOf(query: URLSearchParams): FeedName[] {
  const feeds: FeedName[] = [];
  for (const [name, value] of query) {
    const last = feeds.at(-1);
    if (name === 'listenKey' && value !== '') feeds.push({ listenKey: value, events: undefined });
    if (name === 'events' && last !== undefined) {
      feeds[feeds.length - 1] = { listenKey: last.listenKey, events: value.split('/').filter((event) => event !== '') };
    }
  }
  return feeds;
}

/** Returns the listen key and the event in a name such as `<listenKey>@ORDER_TRADE_UPDATE`, or the whole name as key. */
export function parseFeedName(name: string): FeedName {
  const at = name.indexOf('@');
  if (at < 0) return { listenKey: name, events: undefined };
  return { listenKey: name.slice(0, at), events: [name.slice(at + 1)] };
}

function decodeStream(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
