/** The port between the watch loop and whatever tells changes of the file system. */

/** What is to be watched; absolute paths. */
export interface WatchSet {
  /** Single files; they need not be there. */
  readonly files: ReadonlySet<string>;
  /** Folders of which everything below counts; they need not be there. */
  readonly trees: ReadonlySet<string>;
  /** Folders in which nothing counts that is not named itself: caches, logs. */
  readonly ignored: readonly string[];
}

/** Tells changes. */
export interface Watcher {
  /**
   * From now on this is watched, and nothing else. Resolves when it is: a change that happens later is told.
   *
   * @throws when it cannot be watched in any way.
   */
  watch(set: WatchSet): Promise<void>;
  /** Stops watching. */
  close(): Promise<void>;
}

/**
 * Makes a watcher; `changed` is given absolute paths that were created, modified or removed, as often as that happens. `lost`
 * says that so much happened at once that other changes may not have been told.
 */
export type MakeWatcher = (
  changed: (paths: readonly string[], lost?: boolean) => void,
  /** Is told what a user should know: that changes are polled for, for one. */
  warn: (text: string) => void,
) => Watcher;
