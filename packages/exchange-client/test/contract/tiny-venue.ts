import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import { type WebSocket, WebSocketServer } from 'ws';

/** What one request gets: a status and a body, or something worse. */
export type Reply =
  | { readonly status: number; readonly body: string; readonly headers?: Readonly<Record<string, string>> }
  | 'never'
  | 'reset';

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly rawQuery: string;
  readonly apiKey: string | undefined;
}

/** A venue of a few lines that answers what a test scripts and remembers what it was asked. */
export interface TinyVenue {
  readonly restUrl: string;
  readonly wsUrl: string;
  readonly seen: SeenRequest[];
  readonly sockets: { readonly path: string; readonly socket: WebSocket }[];
  /** The replies to `METHOD /path`; the last one repeats. */
  script(route: string, ...replies: Reply[]): void;
  requests(route: string): readonly SeenRequest[];
  close(): Promise<void>;
}

export const json = (body: unknown, status = 200): Reply => ({ status, body: JSON.stringify(body) });
export const refusal = (status: number, code: number, msg: string): Reply => json({ code, msg }, status);

export const startTinyVenue = async (): Promise<TinyVenue> => {
  const seen: SeenRequest[] = [];
  const scripts = new Map<string, Reply[]>();
  const connections = new Set<Socket>();

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const [path = '', rawQuery = ''] = (request.url ?? '').split('?');
    const method = request.method ?? '';
    const apiKey = request.headers['x-mbx-apikey'];
    seen.push({ method, path, rawQuery, query: new URLSearchParams(rawQuery), apiKey: apiKey?.toString() });
    const replies = scripts.get(`${method} ${path}`) ?? [{ status: 404, body: '<html>nothing here</html>' }];
    const reply = replies.length > 1 ? replies.shift() : replies[0];
    if (reply === undefined || reply === 'never') return;
    if (reply === 'reset') {
      request.socket.resetAndDestroy();
      return;
    }
    response.writeHead(reply.status, { 'content-type': 'application/json', ...reply.headers }).end(reply.body);
  };

  const server = createServer(answer);
  server.on('connection', (socket) => {
    connections.add(socket);
    socket.on('close', () => connections.delete(socket));
  });
  const sockets: { path: string; socket: WebSocket }[] = [];
  const streams = new WebSocketServer({ server });
  streams.on('connection', (socket, request) => sockets.push({ path: request.url ?? '', socket }));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  scripts.set('GET /fapi/v1/time', [json({ serverTime: Date.now() })]);

  return {
    restUrl: `http://127.0.0.1:${port}`,
    wsUrl: `ws://127.0.0.1:${port}`,
    seen,
    sockets,
    script: (route, ...replies) => void scripts.set(route, replies),
    requests: (route) => seen.filter(({ method, path }) => `${method} ${path}` === route),
    close: async () => {
      streams.close();
      for (const socket of connections) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
};
