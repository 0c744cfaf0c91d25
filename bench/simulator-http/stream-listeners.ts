import { setTimeout as sleep } from 'node:timers/promises';
import { WebSocket } from 'ws';

/** What the listeners are told to do: that many sockets, each on all of these streams. */
export interface ListenTask {
  readonly socketUrl: string;
  readonly sockets: number;
  readonly streams: readonly string[];
  readonly warmUpMs: number;
  readonly measureMs: number;
}

export interface ListenResult {
  readonly messages: number;
  readonly bytes: number;
  readonly seconds: number;
  /** Sockets that were cut before the end. */
  readonly lost: number;
}

/** Opens the sockets, lets them settle, and counts what comes. */
export const listenToStreams = async (task: ListenTask): Promise<ListenResult> => {
  let messages = 0;
  let bytes = 0;
  const url = `${task.socketUrl}/stream?streams=${task.streams.join('/')}`;
  const sockets = await Promise.all(
    Array.from({ length: task.sockets }, async () => {
      const socket = new WebSocket(url, { perMessageDeflate: false, skipUTF8Validation: true });
      socket.on('message', (data: Buffer) => {
        messages += 1;
        bytes += data.length;
      });
      await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject));
      return socket;
    }),
  );
  await sleep(task.warmUpMs);
  messages = 0;
  bytes = 0;
  const startedMs = performance.now();
  await sleep(task.measureMs);
  const result = { messages, bytes, seconds: (performance.now() - startedMs) / 1_000 };
  const lost = sockets.filter((socket) => socket.readyState !== socket.OPEN).length;
  for (const socket of sockets) socket.terminate();
  return { ...result, lost };
};
