import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { AppError, messageOf } from '@qt/kernel';
import type { Component, ComponentCheck, Logger } from '@qt/service-kit';
import type { ComponentLook, LookedAt } from '../components/component-registry.ts';
import { isHot, type RegimeSettings } from './settings.ts';
import { readDocument, readSettings, type ReadSettings, sentencesOf, type Violation } from './settings-text.ts';
import { changesBetween, merged, type SettingsChange, type SettingsTree, withValue } from './settings-tree.ts';

const LOOK_EVERY_MS = 500;
const LATEST_CHANGES = 20;
const MAX_FILE_BYTES = 1_000_000;

export type SettingsOutcome =
  | { readonly kind: 'applied'; readonly changes: readonly SettingsChange[]; readonly restartNeeded: readonly string[] }
  | { readonly kind: 'invalid'; readonly violations: readonly Violation[] }
  /** The file cannot be used; the settings stay as they are. */
  | { readonly kind: 'file_fault'; readonly sentences: readonly string[] }
  /** Nothing was applied: these parameters are read at start only. */
  | { readonly kind: 'restart_needed'; readonly paths: readonly string[] };

export type SettingsListener = (settings: RegimeSettings, changes: readonly SettingsChange[]) => void;

interface FileFault {
  readonly code: 'CONFIG_INVALID' | 'CONFIG_UNREADABLE';
  readonly sentences: readonly string[];
}

/** Of a file: anything else, a pipe for example, could keep the process waiting for ever. */
const textOf = (path: string): string => {
  const found = statSync(path);
  if (!found.isFile()) throw new Error('it is no file');
  if (found.size > MAX_FILE_BYTES) throw new Error(`it has ${found.size} bytes, at most ${MAX_FILE_BYTES} are read`);
  return readFileSync(path, 'utf8');
};

/** Reads the settings of a file. Throws: CONFIG_UNREADABLE, CONFIG_INVALID with everything that is wrong. */
export const readSettingsFile = (path: string): { readonly settings: RegimeSettings; readonly text: string } => {
  let text: string;
  try {
    text = textOf(path);
  } catch (error) {
    throw new AppError('CONFIG_UNREADABLE', `the configuration ${path} cannot be read: ${messageOf(error)}`, {
      retryable: false,
      cause: error,
    });
  }
  const read = readSettings(text);
  if (read.kind === 'valid') return { settings: read.settings, text };
  const sentences = sentencesOf(read.violations);
  const message = `the configuration ${path} has ${sentences.length} fault${sentences.length === 1 ? '' : 's'}:\n${sentences.map((one) => `  - ${one}`).join('\n')}`;
  throw new AppError('CONFIG_INVALID', message, { retryable: false });
};

export interface LiveConfigurationOptions {
  readonly path: string;
  readonly logger: Logger;
}

/**
 * Holds the settings: read at start, again on SIGHUP and whenever the file changes, hot ones also set over HTTP. A file that is broken
 * or gone changes nothing; the component says so until a good one is there.
 */
export class LiveConfiguration implements Component, LookedAt {
  readonly name = 'configuration_manager';
  readonly isCritical = false;
  readonly path: string;
  readonly #logger: Logger;
  readonly #listeners: SettingsListener[] = [];
  #settings: RegimeSettings;
  #textDigest: string;
  #seen: string;
  #isChanging = false;
  #fault: FileFault | null = null;
  #restartNeeded: readonly string[] = [];
  #reloads = 0;
  #loadedAt = new Date().toISOString();
  #overrides: readonly string[] = [];
  #latestChanges: readonly (SettingsChange & { readonly time: string; readonly by: string })[] = [];
  #timer: NodeJS.Timeout | undefined;

  /** Throws: CONFIG_UNREADABLE, CONFIG_INVALID. */
  constructor({ path, logger }: LiveConfigurationOptions) {
    this.path = path;
    this.#logger = logger;
    const { settings, text } = readSettingsFile(path);
    this.#settings = settings;
    this.#textDigest = digestOf(text);
    this.#seen = this.#fingerprint();
  }

  get settings(): RegimeSettings {
    return this.#settings;
  }

  /** Paths whose value in the file waits for a restart. */
  get restartNeeded(): readonly string[] {
    return this.#restartNeeded;
  }

  /** Tells `listener` of each change, and at once of what is set now. */
  onChange(listener: SettingsListener): void {
    this.#listeners.push(listener);
    listener(this.#settings, []);
  }

  async start(): Promise<void> {
    this.#timer = setInterval(() => this.#look(), LOOK_EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
  }

  /** Says what a document would do, without doing it. */
  judge(document: unknown): ReadSettings & { readonly restartNeeded?: readonly string[] } {
    const read = readDocument(document);
    if (read.kind === 'invalid') return read;
    const changes = changesBetween(this.#settings, read.settings);
    return { ...read, restartNeeded: changes.map(({ path }) => path).filter((path) => !isHot(path)) };
  }

  /** Reads the file again. `by` says who wanted it. */
  reload(by: string): SettingsOutcome {
    try {
      const { settings, text } = readSettingsFile(this.path);
      this.#textDigest = digestOf(text);
      this.#fault = null;
      const cold = changesBetween(this.#settings, settings).filter(({ path }) => !isHot(path));
      this.#restartNeeded = cold.map(({ path }) => path);
      // What needs a restart keeps the value it has until then.
      const next = cold.reduce<SettingsTree>((tree, { path, from }) => withValue(tree, path, from), settings);
      this.#overrides = [];
      const changes = this.#apply(next as RegimeSettings, by);
      this.#reloads += 1;
      this.#loadedAt = new Date().toISOString();
      for (const path of this.#restartNeeded)
        this.#logger.warn(`restart needed: ${path}`, { by, keeps: cold.find((one) => one.path === path)?.from });
      this.#logger.info('configuration reloaded', {
        by,
        changes: changes.length,
        restartNeeded: this.#restartNeeded.length,
      });
      return { kind: 'applied', changes, restartNeeded: this.#restartNeeded };
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      const code = error.code === 'CONFIG_INVALID' ? error.code : 'CONFIG_UNREADABLE';
      const sentences = error.message.split('\n').map((line) => line.replace(/^ {2}- /, '').replace(/:$/, ''));
      this.#fault = { code, sentences };
      this.#logger.error('configuration not taken, the one before stays', { code, by, reason: sentences.join('; ') });
      return { kind: 'file_fault', sentences };
    }
  }

  /** Sets hot parameters until the file is read again or the process ends. All of them, or none. */
  put(patch: SettingsTree, by: string): SettingsOutcome {
    const read = readDocument(merged(this.#settings, patch));
    if (read.kind === 'invalid') return read;
    const wanted = changesBetween(this.#settings, read.settings);
    const paths = wanted.map(({ path }) => path).filter((path) => !isHot(path));
    if (paths.length > 0) return { kind: 'restart_needed', paths };
    this.#overrides = [...new Set([...this.#overrides, ...wanted.map(({ path }) => path)])];
    return { kind: 'applied', changes: this.#apply(read.settings, by), restartNeeded: this.#restartNeeded };
  }

  look(): ComponentLook {
    return {
      state: this.#fault === null ? 'running' : 'degraded',
      ...(this.#fault === null ? {} : { detail: this.#fault.sentences.join('; ') }),
      metrics: {
        file: this.path,
        loaded_at: this.#loadedAt,
        reloads_total: this.#reloads,
        restart_needed: this.#restartNeeded.join(', ') || null,
        overrides: this.#overrides.join(', ') || null,
      },
    };
  }

  debug(): object {
    return {
      settings: this.#settings,
      file_fault: this.#fault,
      restart_needed: this.#restartNeeded,
      overrides: this.#overrides,
      latest_changes: this.#latestChanges,
    };
  }

  check(): ComponentCheck {
    return this.#fault === null ? { status: 'up' } : { status: 'degraded', detail: this.#fault.sentences.join('; ') };
  }

  /** A file that has just changed is left alone until it has stayed the same from one look to the next: its writer may not be done. */
  #look(): void {
    const seen = this.#fingerprint();
    if (seen !== this.#seen) {
      this.#seen = seen;
      this.#isChanging = true;
      return;
    }
    if (!this.#isChanging) return;
    this.#isChanging = false;
    if (seen !== MISSING && this.#fault === null && this.#isSameText()) return;
    this.reload('file change');
  }

  /** Follows links, so that a changed link is a change: that is how orchestrators replace mounted files. */
  #fingerprint(): string {
    try {
      const { ino, size, mtimeMs } = statSync(this.path);
      return `${ino}/${size}/${mtimeMs}`;
    } catch {
      return MISSING; // reading it then says why
    }
  }

  #isSameText(): boolean {
    try {
      return digestOf(textOf(this.path)) === this.#textDigest;
    } catch {
      return false; // the reload that follows says why
    }
  }

  #apply(next: RegimeSettings, by: string): readonly SettingsChange[] {
    const changes = changesBetween(this.#settings, next);
    this.#settings = next;
    const time = new Date().toISOString();
    this.#latestChanges = [...changes.map((change) => ({ ...change, time, by })), ...this.#latestChanges].slice(
      0,
      LATEST_CHANGES,
    );
    if (changes.length > 0) this.#logger.info('Configuration changed', { audit: true, by, changes });
    for (const listener of this.#listeners) listener(next, changes);
    return changes;
  }
}

const MISSING = 'missing';

const digestOf = (text: string): string => createHash('sha256').update(text).digest('hex');
