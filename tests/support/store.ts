/** A cache folder as runs use it: hosts publish, the main thread looks up. */
import { digestOf } from "../../src/model/digest.ts";
import type { PublishRequest, ResultStorage } from "../../src/model/storage.ts";
import { DiskCache } from "../../src/store/disk_cache.ts";
import { openStorage } from "../../src/store/storage.ts";
import type { CacheUnderTest } from "./cache_contract.ts";
import { tempFolder } from "./temp.ts";

/** A result to publish, complete but for what a test says. */
export function request(
  part: Partial<PublishRequest> & {
    readonly key: string;
    readonly validity: string;
    readonly bytes: Uint8Array;
  },
): PublishRequest {
  return {
    task: "t",
    digest: digestOf(part.bytes),
    kind: 0,
    fields: undefined,
    files: [],
    found: [],
    params: {},
    calls: [],
    compression: 6,
    input: "{}",
    upstreams: [],
    code: { digest: "c0de", parts: {} },
    env: [],
    run: "run",
    attempt: 1,
    started: 0,
    millis: 1,
    stdout: undefined,
    stderr: undefined,
    directory: undefined,
    ...part,
  };
}

/** A disk cache in a folder of its own. */
export interface DiskPlace extends CacheUnderTest {
  readonly folder: string;
  readonly storage: ResultStorage;
  /** The storage of another host. */
  host(number: number): ResultStorage;
  readonly cache: DiskCache;
  reopen(): DiskCache;
}

/** Makes a disk cache in a folder of its own. */
export function diskPlace(): DiskPlace {
  const temp = tempFolder();
  const folder = `${temp.path}/cache`;
  const cache = new DiskCache(folder);
  const host = (number: number): ResultStorage =>
    openStorage({ cache: folder, spill: `${temp.path}/spill`, host: number, run: "run", cwd: temp.path });
  const storage = host(1);
  return {
    folder,
    cache,
    storage,
    host,
    reopen: () => new DiskCache(folder),
    put: (task, key, validity, bytes, kind = 0) => {
      const digest = digestOf(bytes);
      const { stamp } = storage.publish(request({ task, key, validity, bytes, digest, kind }));
      cache.add(task, key, validity, { digest, kind, signature: "", bytes, stamp });
    },
    [Symbol.dispose]: () => temp[Symbol.dispose](),
  };
}
