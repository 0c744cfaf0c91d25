import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** Who listens on a port, as far as this machine lets us see. */
export interface PortOwner {
  readonly pid: number;
  readonly command: string;
}

const LISTENING = '0A';

const listeningInodes = (port: number): Set<string> => {
  const inodes = new Set<string>();
  const hexPort = port.toString(16).toUpperCase().padStart(4, '0');
  for (const table of ['/proc/net/tcp', '/proc/net/tcp6']) {
    for (const line of readLines(table)) {
      const columns = line.trim().split(/\s+/);
      if (columns[1]?.endsWith(`:${hexPort}`) && columns[3] === LISTENING && columns[9] !== undefined) {
        inodes.add(`socket:[${columns[9]}]`);
      }
    }
  }
  return inodes;
};

const readLines = (path: string): string[] => {
  try {
    return readFileSync(path, 'utf8').split('\n');
  } catch {
    return []; // not Linux, or not ours to read: the owner stays unknown
  }
};

const namesIn = (path: string): string[] => {
  try {
    return readdirSync(path);
  } catch {
    return []; // the process has ended, or belongs to someone else
  }
};

const linkOf = (path: string): string => {
  try {
    return readlinkSync(path);
  } catch {
    return ''; // closed in the meantime
  }
};

/** Returns the process that listens on `port`, or null when there is none that this user may see. */
export const portOwner = (port: number): PortOwner | null => {
  const inodes = listeningInodes(port);
  if (inodes.size === 0) return null;
  for (const pid of namesIn('/proc').filter((name) => /^\d+$/.test(name))) {
    if (namesIn(`/proc/${pid}/fd`).some((fd) => inodes.has(linkOf(`/proc/${pid}/fd/${fd}`)))) {
      const command = readLines(`/proc/${pid}/cmdline`).join(' ').replaceAll('\0', ' ').trim();
      return { pid: Number(pid), command: command.slice(0, 160) };
    }
  }
  return null;
};

/** Returns a sentence that says who holds `port`. */
export const describePortOwner = (port: number): string => {
  const owner = portOwner(port);
  return owner === null
    ? `Port ${port} is taken by a process that cannot be seen from here (another user or container)`
    : `Port ${port} is taken by process ${owner.pid} (${owner.command})`;
};
