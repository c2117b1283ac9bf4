/** Ends jobs on other hosts, those of a host together: each connection takes its time. */
import { setImmediate } from "node:timers";

/** Marks in one command. */
const AT_ONCE = 100;

/** Ends the jobs of some marks on a host; gives whether that host was reached. */
type StopAll = (host: string, marks: readonly string[]) => Promise<boolean>;

/** Makes a function that ends a job by its mark on a host, and gives whether the host was reached. */
export function stopper(stopAll: StopAll): (host: string, mark: string) => Promise<boolean> {
  const queues = new Map<string, { readonly mark: string; readonly told: (reached: boolean) => void }[]>();

  const work = async (host: string): Promise<void> => {
    const queue = queues.get(host)!;
    while (queue.length > 0) {
      const now = queue.splice(0, AT_ONCE);
      const reached = await stopAll(host, now.map(({ mark }) => mark));
      for (const { told } of now) told(reached);
    }
    queues.delete(host);
  };

  return (host, mark) =>
    new Promise((told) => {
      const queue = queues.get(host);
      if (queue !== undefined) return void queue.push({ mark, told });
      queues.set(host, [{ mark, told }]);
      setImmediate(() => void work(host));
    });
}
