import { createHmac } from 'node:crypto';
import { connect } from 'node:net';
import { API_KEY, API_SECRET, type SimulatorProcess } from './simulator-process.ts';

/** What came over the wire, down to the end of the connection. */
export interface RawReply {
  /** Zero when not even a status line came. */
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  /** `whole`: all that was announced; `cut`: the connection ended before; `open`: nothing more comes and it stands. */
  readonly end: 'whole' | 'cut' | 'open';
}

type Params = Readonly<Record<string, string | number | boolean>>;

/** How long a connection that says nothing is listened to. */
const SILENCE_MS = 400;

const parse = (bytes: Buffer, end: 'closed' | 'open'): RawReply => {
  const text = bytes.toString('latin1');
  const border = text.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = border < 0 ? [] : text.slice(0, border).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  const body = border < 0 ? Buffer.alloc(0) : bytes.subarray(border + 4);
  const isWhole = border >= 0 && body.length === Number(headers['content-length']);
  return {
    status: Number(statusLine.split(' ')[1] ?? 0),
    headers,
    body: body.toString('utf8'),
    end: isWhole ? 'whole' : end === 'closed' ? 'cut' : 'open',
  };
};

/** A client that signs as any other and then looks at the bytes. One connection for each request. */
export class RawClient {
  readonly #simulator: SimulatorProcess;
  readonly #credentials: { readonly key: string; readonly secret: string };

  constructor(simulator: SimulatorProcess, credentials = { key: API_KEY, secret: API_SECRET }) {
    this.#simulator = simulator;
    this.#credentials = credentials;
  }

  /** Sends a signed request at the venue's own time, unless `timestamp` is given. */
  async signed(method: string, path: string, params: Params = {}): Promise<RawReply> {
    const timestamp = params['timestamp'] ?? (await this.#simulator.state()).timeMs;
    const query = new URLSearchParams(
      Object.entries({ ...params, timestamp }).map(([name, value]): [string, string] => [name, String(value)]),
    ).toString();
    const signature = createHmac('sha256', this.#credentials.secret).update(query).digest('hex');
    return this.send(method, `${path}?${query}&signature=${signature}`, { 'X-MBX-APIKEY': this.#credentials.key });
  }

  send(method: string, pathAndQuery: string, headers: Readonly<Record<string, string>> = {}): Promise<RawReply> {
    const { hostname, port } = new URL(this.#simulator.url);
    const lines = Object.entries({ host: `${hostname}:${port}`, ...headers }).map(
      ([name, value]) => `${name}: ${value}`,
    );
    return new Promise((resolve) => {
      const chunks: Buffer[] = [];
      const socket = connect(Number(port), hostname);
      const finish = (end: 'closed' | 'open'): void => {
        clearTimeout(timer);
        socket.destroy();
        resolve(parse(Buffer.concat(chunks), end));
      };
      const timer = setTimeout(() => finish('open'), SILENCE_MS);
      socket.on('data', (chunk: Buffer) => {
        chunks.push(chunk);
        if (parse(Buffer.concat(chunks), 'open').end === 'whole') finish('open');
      });
      socket.on('error', () => finish('closed'));
      socket.on('close', () => finish('closed'));
      socket.write(`${method} ${pathAndQuery} HTTP/1.1\r\n${lines.join('\r\n')}\r\n\r\n`);
    });
  }
}
