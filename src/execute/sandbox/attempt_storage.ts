/** The storage as it is for one sandboxed attempt: its folder was made before, and what has changed was noticed elsewhere too. */
import type { ResultStorage } from "../../model/storage.ts";

/** What is different for one attempt. */
export interface AttemptPlace {
  readonly directory: () => string;
  /** Files that are not as the attempt saw them, besides those that can still be told. */
  readonly outdated: () => readonly string[];
}

/** The storage for one attempt. */
export function attemptStorage(storage: ResultStorage, place: AttemptPlace): ResultStorage {
  const { files } = storage;
  return {
    files: {
      changed: (seen, trigger) => [...new Set([...files.changed(seen, trigger), ...place.outdated()])],
      later: (seen, moment, rules) => files.later(seen, moment, rules),
      see: (paths, trigger) => files.see(paths, trigger),
      whole: (folders, seen, rules) => files.whole(folders, seen, rules),
      prepare: (rules, earlier, spared, left) => files.prepare(rules, earlier, spared, left),
      leftBy: (rules, prior) => files.leftBy(rules, prior),
      collect: (rules, compression, prior) => files.collect(rules, compression, prior),
    },
    preparePatterns: () => storage.preparePatterns(),
    absolute: (path) => storage.absolute(path),
    latest: (task, key) => storage.latest(task, key),
    earlierUpstreams: (task, key) => storage.earlierUpstreams(task, key),
    earlierOutputs: (task, key) => storage.earlierOutputs(task, key),
    leftovers: (task, key) => storage.leftovers(task, key),
    noteLeftovers: (task, key, left) => storage.noteLeftovers(task, key, left),
    putTrace: (task, key, validity, trace) => storage.putTrace(task, key, validity, trace),
    read: (file, digest) => storage.read(file, digest),
    publish: (request) => storage.publish(request),
    spill: (key, bytes) => storage.spill(key, bytes),
    directory: place.directory,
    discard: (directory) => storage.discard(directory),
  };
}
