import { readFileSync } from 'node:fs';

/** Returns what tells this process from a later one with the same id, or null when there is none. */
export const identityOf = (pid: number): string | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // Field 3 is the state (Z: dead, not yet collected), field 22 the start time. Source: proc(5).
    return fields[0] === 'Z' ? null : (fields[19] ?? null);
  } catch {
    return process.platform === 'linux' ? null : aliveAs(pid);
  }
};

const aliveAs = (pid: number): string | null => {
  try {
    process.kill(pid, 0);
    return 'alive';
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? 'alive' : null;
  }
};
