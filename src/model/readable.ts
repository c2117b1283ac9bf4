/** Values as short readable text, for names of calls, entries and reports. */

/**
 * Renders a value on one line.
 *
 * @param limit the most characters the text may have.
 */
export function readable(value: unknown, limit = 120): string {
  const text = render(value, limit, new Set());
  return text.length > limit ? `${text.slice(0, Math.max(0, limit - 1))}…` : text;
}

/** A value within `room` characters or a little more. */
function render(value: unknown, room: number, above: Set<unknown>): string {
  if (room <= 0) return "…";
  switch (typeof value) {
    case "string":
      return JSON.stringify(value.length > room ? `${value.slice(0, room)}…` : value);
    case "bigint":
      return value.toString().length > room ? "…n" : `${value}n`;
    case "number":
      return Object.is(value, -0) ? "-0" : String(value);
    case "function":
      return `function ${value.name}`;
    case "object":
      if (value === null) return "null";
      break;
    default:
      return String(value);
  }
  if (above.has(value)) return "[circular]";
  above.add(value);
  const text = renderObject(value, room, above);
  above.delete(value);
  return text;
}

/** An object of any kind. */
function renderObject(value: object, room: number, above: Set<unknown>): string {
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "Invalid Date" : value.toISOString();
  if (value instanceof RegExp) return String(value);
  if (value instanceof Error) return `${value.name}(${JSON.stringify(value.message)})`;
  if (ArrayBuffer.isView(value)) return `${value.constructor.name}(${value.byteLength} bytes)`;
  if (value instanceof ArrayBuffer) return `ArrayBuffer(${value.byteLength} bytes)`;
  if (value instanceof Reference) return value.text;
  const part = (item: unknown, used: number) => render(item, room - used, above);
  if (Array.isArray(value)) return list("[", "]", value, room, part);
  if (value instanceof Set) return list("Set {", "}", value, room, part);
  if (value instanceof Map) {
    return list(
      "Map {",
      "}",
      value,
      room,
      ([key, item], used) => `${part(key, used)} => ${part(item, used)}`,
    );
  }
  const entry = ([key, item]: [string, unknown], used: number) =>
    `${/^[A-Za-z_$][\w$]*$/.test(key) ? key : JSON.stringify(key)}: ${part(item, used)}`;
  const text = list("{ ", " }", Object.entries(value), room, entry);
  return text === "{  }" ? "{}" : text;
}

/** Items between brackets, as many as fit. */
function list<Item>(
  open: string,
  close: string,
  items: Iterable<Item>,
  room: number,
  render: (item: Item, used: number) => string,
): string {
  let text = "";
  for (const item of items) {
    if (text.length > room) return `${open}${text}, …${close}`;
    text += (text === "" ? "" : ", ") + render(item, text.length + open.length);
  }
  return open + text + close;
}

/** Stands in a value for something that is shown by a text of its own, such as an upstream call. */
export class Reference {
  /** Takes the text to show. */
  constructor(readonly text: string) {}
}

/** The text of a call: `train({ rate: 0.1 })`, or `main` when the input is `undefined`. */
export function readableCall(name: string, input: unknown, limit = 120): string {
  return input === undefined ? name : `${name}(${readable(input, Math.max(20, limit - name.length - 2))})`;
}
