import type { FaultKind } from './fault-kinds.ts';
import type { Answer, Reply } from './reply.ts';

/** What the texts of a broken answer need to know of the request. */
interface Struck {
  /** The path, as the gateway repeats it. */
  readonly path: string;
  /** Server time. */
  readonly serverTimeMs: number;
}

const refusal = (status: number, code: number, msg: string): Answer => ({
  kind: 'answer',
  status,
  body: { code, msg },
});

/** Answers of the gateway itself carry no code. */
const gateway = ({ path, serverTimeMs }: Struck, msg: string): Answer => ({
  kind: 'answer',
  status: 503,
  body: { timestamp: serverTimeMs, path, msg },
});

const page = (status: number, text: string): Reply => ({ kind: 'page', status, contentType: 'text/html', text });

const proxyPage = (title: string): string =>
  `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${title}</h1></center>\r\n<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n`;

const FIREWALL_PAGE = `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">
<HTML><HEAD><META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=iso-8859-1">
<TITLE>ERROR: The request could not be satisfied</TITLE>
</HEAD><BODY>
<H1>403 ERROR</H1>
<H2>The request could not be satisfied.</H2>
<HR noshade size="1px">
Request blocked.
<BR clear="all">
<HR noshade size="1px">
</BODY></HTML>
`;

/** Returns the answer of a venue that is down as a whole. */
export const serviceUnavailable = (struck: Struck): Answer => gateway(struck, 'Service Unavailable.');

/** Returns 429: the address has used up its minute. */
export const tooManyRequests = (retryAfterSeconds: number): Answer => ({
  ...refusal(
    429,
    -1003,
    'Too many requests; current limit of IP(127.0.0.1) is 2400 requests per minute. Please use the websocket for live updates to avoid polling the API.',
  ),
  headers: { 'retry-after': String(retryAfterSeconds) },
});

/** Returns 418: the address is banned. */
export const banned = (untilMs: number, retryAfterSeconds: number): Answer => ({
  ...refusal(
    418,
    -1003,
    `Way too many requests; IP(127.0.0.1) banned until ${untilMs}. Please use the websocket for live updates to avoid bans.`,
  ),
  headers: { 'retry-after': String(retryAfterSeconds) },
});

/** Answers that put themselves in the place of the real one, whether or not the request was carried out. */
const REPLACEMENTS: Partial<Readonly<Record<FaultKind, (struck: Struck) => Reply>>> = {
  error_1000: () => refusal(500, -1000, 'An unknown error occurred while processing the request.'),
  error_1001: () => refusal(503, -1001, 'Internal error; unable to process your request. Please try again.'),
  error_1006: () =>
    refusal(500, -1006, 'An unexpected response was received from the message bus. Execution status unknown.'),
  error_1007: () =>
    refusal(
      408,
      -1007,
      'Timeout waiting for response from backend server. Send status unknown; execution status unknown.',
    ),
  error_1008: () =>
    refusal(
      503,
      -1008,
      'Request throttled by system-level protection. Reduce-only/close-position orders are exempt. Please try again.',
    ),
  error_1021: () => refusal(400, -1021, 'Timestamp for this request is outside of the recvWindow.'),
  error_503: (struck) => gateway(struck, 'Unknown error, please check your request or try again later.'),
  error_503_unavailable: serviceUnavailable,
  error_403: () => page(403, FIREWALL_PAGE),
  error_502: () => page(502, proxyPage('502 Bad Gateway')),
  error_504: () => page(504, proxyPage('504 Gateway Time-out')),
  drop_reply: () => ({ kind: 'cut' }),
  reset: () => ({ kind: 'cut' }),
  never_answer: () => ({ kind: 'silence' }),
};

/**
 * Returns what stands in the place of the real answer; undefined for faults that only change the answer or its time.
 *
 * Source: USD-M general info and error codes; recorded bodies of 503, 408, 418, 429, 403; pages of nginx as quoted in public issues.
 */
export const replacementFor = (kind: FaultKind, struck: Struck): Reply | undefined => REPLACEMENTS[kind]?.(struck);

/** Returns the answer as a client gets it whose JSON ends in the middle: a whole HTTP answer with half a body. */
export const halved = ({ status, body }: Answer): Reply => {
  const text = JSON.stringify(body);
  return {
    kind: 'page',
    status,
    contentType: 'application/json;charset=UTF-8',
    text: text.slice(0, Math.ceil(text.length / 2)),
  };
};

/** Returns an answer that says that all went well, and nothing else. */
export const emptied = ({ status }: Answer): Reply => ({
  kind: 'page',
  status,
  contentType: 'application/json;charset=UTF-8',
  text: '',
});
