/** Renders the steps of a path inside a value: `.name`, `["odd key"]`, `[3]`, `.get("k")`. */

/** The step to a property. */
export function propertyStep(key: string): string {
  return /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(key) ? `.${key}` : `[${quote(key)}]`;
}

/** The step to an array element. */
export function elementStep(index: number | string): string {
  return `[${index}]`;
}

/** The step to the value that a Map holds under `key`, its `position`-th key. */
export function mapValueStep(key: unknown, position: number): string {
  return `.get(${describeKey(key, position)})`;
}

/** The step to the key itself of a Map. */
export function mapKeyStep(key: unknown, position: number): string {
  return ` Map key ${describeKey(key, position)}`;
}

/** The step to a member of a Set. */
export function setStep(position: number): string {
  return ` Set value #${position}`;
}

function describeKey(key: unknown, position: number): string {
  switch (typeof key) {
    case "string":
      return quote(key);
    case "bigint":
      return `${key}n`;
    case "object":
      return key === null ? "null" : `#${position}`;
    case "function":
      return `#${position}`;
    default:
      return String(key);
  }
}

function quote(text: string): string {
  // A path is for reading: a key of a megabyte would bury it.
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}
