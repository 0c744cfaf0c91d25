import { spawn } from 'node:child_process';

const main = new URL('../src/main.ts', import.meta.url).pathname;

/** Runs `qt` to its end and returns its exit code and what it wrote. */
export const runQt = async (...args: readonly string[]) => {
  const child = spawn(process.execPath, [main, ...args], {
    env: { PATH: process.env['PATH'] },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let error = '';
  child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (error += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, out, error };
};
