import { createHmac } from 'node:crypto';
import { connect } from 'node:net';

/** What a load client is told to do: signed orders over keep-alive connections, each with one request under way. */
export interface LoadTask {
  readonly port: number;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly timestampMs: number;
  readonly connections: number;
  readonly requests: number;
  /** Makes the client order ids of this run different from those of others. */
  readonly run: string;
  /** Parameters of the orders, taken in turn. */
  readonly orders: readonly string[];
}

export interface LoadResult {
  readonly seconds: number;
  readonly accepted: number;
  readonly firstRefusal: string;
}

const HEADERS_END = Buffer.from('\r\n\r\n');

/** Requests are signed before the clock starts: the client must not be what is measured. */
const signedRequests = ({ apiKey, apiSecret, timestampMs, requests, run, orders }: LoadTask): readonly Buffer[] =>
  Array.from({ length: requests }, (_, index) => {
    const order = orders[index % orders.length] ?? '';
    const query = `${order}&newClientOrderId=${run}-${index}&recvWindow=60000&timestamp=${timestampMs}`;
    const signature = createHmac('sha256', apiSecret).update(query).digest('hex');
    const line = `POST /fapi/v1/order?${query}&signature=${signature} HTTP/1.1`;
    return Buffer.from(`${line}\r\nHost: 127.0.0.1\r\nX-MBX-APIKEY: ${apiKey}\r\nContent-Length: 0\r\n\r\n`);
  });

/** Sends the orders and resolves when all are answered. A bare socket spends less on a request than any HTTP client. */
export const runLoad = async (task: LoadTask): Promise<LoadResult> => {
  const requests = signedRequests(task);
  let next = 0;
  let accepted = 0;
  let firstRefusal = '';
  const serveConnection = (): Promise<void> =>
    new Promise((resolve, reject) => {
      const socket = connect({ port: task.port, host: '127.0.0.1', noDelay: true });
      let received: Buffer = Buffer.alloc(0);
      const sendNext = (): void => {
        const request = requests[next];
        next += 1;
        if (request === undefined) socket.end(resolve);
        else socket.write(request);
      };
      socket.on('connect', sendNext).on('error', reject);
      socket.on('data', (chunk: Buffer) => {
        received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
        const headersEnd = received.indexOf(HEADERS_END);
        if (headersEnd < 0) return;
        const head = received.toString('latin1', 0, headersEnd);
        const length = Number(/content-length: (\d+)/i.exec(head)?.[1] ?? 0);
        const end = headersEnd + HEADERS_END.length + length;
        if (received.length < end) return;
        if (head.startsWith('HTTP/1.1 200')) accepted += 1;
        else if (firstRefusal === '') firstRefusal = received.toString('utf8', 0, end);
        received = received.subarray(end);
        sendNext();
      });
    });
  const startedMs = performance.now();
  await Promise.all(Array.from({ length: task.connections }, serveConnection));
  return { seconds: (performance.now() - startedMs) / 1_000, accepted, firstRefusal };
};
