/** The JSON that lies beside a stored result. */
import type { PublishRequest } from "../model/storage.ts";
import { CALLS, OUTPUTS } from "../model/stored_kind.ts";
import { unwrapOutputs } from "../model/stored_outputs.ts";
import { program } from "../runtime/program.ts";
import { runtime } from "../runtime/runtime.ts";

const RUNTIME = `${runtime.name} ${runtime.version}`;

/** The JSON that lies beside a result, for people and for `explain`. */
export function describeEntry(request: PublishRequest): string {
  const {
    task,
    key,
    validity,
    digest,
    input,
    upstreams,
    code,
    env,
    run,
    attempt,
    started,
    millis,
    directory,
  } = request;
  const text = JSON.stringify(
    {
      task,
      key,
      validity,
      input,
      ...(request.fields && { fields: request.fields }),
      result: { digest, bytes: request.bytes.length, kind: request.kind & CALLS ? "calls" : "value" },
      ...(request.files.length > 0 &&
        { files: Object.fromEntries(request.files.map((file) => [file.path, file.mark])) }),
      ...(request.found.length > 0 && { found: request.found }),
      ...(request.kind & OUTPUTS && { outputs: unwrapOutputs(request.bytes).files }),
      ...(Object.keys(request.params).length > 0 && { params: request.params }),
      ...(request.calls.length > 0 && { calls: request.calls }),
      upstreams,
      code,
      env,
      directory: directory === undefined ? null : directory.slice(directory.lastIndexOf("/") + 1),
      run,
      attempt,
      started: new Date(started).toISOString(),
      millis: Math.round(millis * 1000) / 1000,
      host: program.hostname(),
      runtime: RUNTIME,
    },
    null,
    2,
  );
  return `${text}\n`;
}
