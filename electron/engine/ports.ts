import type { AppEvent, AppInfo } from '../../shared/contract/app.ts';

/** What the engine needs from the program around it. Each host (desktop, browser, command line) brings its own. */
export type EnginePorts = {
  /** `HOWDAH_HOME` or the platform's application-data folder. */
  homeDirectory: string;
  /** Where passwords are kept. */
  secrets: SecretStore;
  host: HostPort;
  log: Log;
  /** Milliseconds since 1970, UTC. */
  clock: () => number;
};

/** Keeps passwords by profile id. Throws HowdahError SECRET_STORE_FAILED. */
export type SecretStore = {
  kind: AppInfo['secrets']['store'];
  /** Shown to the user as it is; null where the store is the system's keychain. */
  warning: string | null;
  get(profileId: string): Promise<string | null>;
  set(profileId: string, password: string): Promise<void>;
  remove(profileId: string): Promise<void>;
};

/** The program's own log file. Messages are redacted before they come here. */
export type Log = {
  info(message: string): void;
  warn(message: string): void;
  error(message: string, thrown?: unknown): void;
};

/** What only the host can do. */
export type HostPort = {
  kind: AppInfo['host'];
  version: string;
  /** A host that cannot: null. */
  chooseDirectory(): Promise<string | null>;
  chooseDumpFile(): Promise<string | null>;
  /** A host that cannot: false. */
  showFolder(path: string): Promise<boolean>;
  answerQuit(answer: 'stay' | 'cancelJobsAndQuit'): void;
  /** Shows a desktop notification; a click opens that page of the window. A host that cannot: null. */
  notify: ((message: { title: string; body: string; page: 'schedules' | 'retention'; id: string | null }) => Promise<void>) | null;
  /** Keeps the computer from sleeping until the returned function is called. */
  keepAwake(why: string): () => void;
  /** Starts the program at login, into the tray, or no longer. A host that cannot: null. */
  startAtLogin: { get(): boolean; set(on: boolean): Promise<void> } | null;
};

/** Pushes an event to every page that listens (`app.events`). */
export type AppEvents = {
  emit(event: AppEvent): void;
  listen(signal: AbortSignal | undefined): AsyncIterable<AppEvent>;
  /** Looks on without being a page: what no page heard is still kept for the first one. The returned function ends it. */
  watch(watcher: (event: AppEvent) => void): () => void;
};
