import { digestOf } from "../../src/model/digest.ts";
import { MemoryCache } from "../../src/store/memory_cache.ts";
import { cacheContract } from "../support/cache_contract.ts";
import { diskPlace } from "../support/store.ts";

cacheContract("disk", diskPlace);

cacheContract("memory", () => {
  const cache = new MemoryCache();
  return {
    cache,
    reopen: () => cache,
    put: (task, key, validity, bytes, kind = 0) =>
      cache.add(task, key, validity, {
        digest: digestOf(bytes),
        kind,
        signature: "",
        bytes,
        stamp: undefined,
      }),
    [Symbol.dispose]: () => {},
  };
});
